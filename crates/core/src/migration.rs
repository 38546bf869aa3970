//! A migration as a format's reader describes it: identity, order, scripts. The text itself stays in the tree, because
//! seed files of several gigabytes exist; a [`Script`] knows its path, size and checksum, and whoever runs it hashes what
//! it reads and compares.

use crate::checksum::Checksum;
use crate::diagnostic::Diagnostic;
use std::fmt;
use std::time::Duration;

/// The version of a migration as its file spells it: `001`, `20261121101500`, `1.2`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version(String);

impl Version {
    /// Takes a version as written.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The version as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a migration stands in the order. Two spellings of one number have the same key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OrderKey {
    /// Dotted numbers, compared number by number: `[3]` before `[10]`, `[1, 2]` before `[1, 10]`.
    Numbers(Vec<u128>),
    /// Bytes of a name.
    Text(String),
}

/// What a migration is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Runs once, in order.
    Versioned,
    /// Runs again whenever its checksum changes.
    Repeatable,
}

impl Kind {
    /// The name used in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Versioned => "versioned",
            Self::Repeatable => "repeatable",
        }
    }
}

/// The way a script runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Apply.
    Up,
    /// Roll back.
    Down,
}

impl Direction {
    /// The name used in JSON and in the journal.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// What a file asks for about transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TransactionMode {
    /// Decide from the statements: one transaction where possible, several where a statement cannot run in one.
    #[default]
    Auto,
    /// Every statement on its own (`-- shoring: no-transaction`).
    None,
    /// One transaction or refuse (`-- shoring: one-transaction`).
    One,
}

/// The oldest version a program may know and still work with the database after a migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompatibleWith {
    /// The version as written.
    pub version: Version,
    /// Where it stands.
    pub order: OrderKey,
}

/// What the directives of a file ask for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Directives {
    /// About transactions.
    pub transaction: TransactionMode,
    /// `-- shoring: lock-timeout 10s`: how long a statement may wait for a lock before it is tried again.
    pub lock_timeout: Option<Duration>,
    /// `-- shoring: statement-timeout 20min`: how long a statement may run. Without it, no limit.
    pub statement_timeout: Option<Duration>,
    /// `-- shoring: compatible-with 6`: programs that know this version still work after the migration.
    pub compatible_with: Option<CompatibleWith>,
}

impl Directives {
    /// What a line comment starts with to be a directive: `-- shoring: no-transaction`.
    pub const PREFIX: &'static str = "shoring:";

    /// If the text of a line comment (without `--`) is a directive, what stands after the prefix.
    pub fn in_comment(comment: &str) -> Option<&str> {
        comment.trim().strip_prefix(Self::PREFIX).map(str::trim)
    }
}

/// One file (or part of a file) to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Path in the tree.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// Our own checksum of the whole file, computed while reading.
    pub checksum: Checksum,
    /// What the directives at its head ask for.
    pub directives: Directives,
}

/// One migration of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// Version as the file spells it.
    pub version: Version,
    /// The words after the version: `create_users`.
    pub name: String,
    /// Where it stands.
    pub order: OrderKey,
    /// What it is for.
    pub kind: Kind,
    /// The script that applies it.
    pub up: Script,
    /// The script that rolls it back, if there is one.
    pub down: Option<Script>,
}

impl Migration {
    /// The full id for people: version and name as in the file name.
    pub fn id(&self) -> String {
        if self.name.is_empty() {
            self.version.to_string()
        } else {
            format!("{}_{}", self.version, self.name)
        }
    }

    /// The oldest version a program may know and still work after it, if its up file says so.
    pub fn compatible_with(&self) -> Option<&Version> {
        let compatible = self.up.directives.compatible_with.as_ref();
        compatible.map(|compatible| &compatible.version)
    }

    /// The script of a direction.
    pub const fn script(&self, direction: Direction) -> Option<&Script> {
        match direction {
            Direction::Up => Some(&self.up),
            Direction::Down => self.down.as_ref(),
        }
    }
}

/// Everything a reader found in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationSet {
    /// Name of the format.
    pub format: &'static str,
    /// The folder, relative to the project root.
    pub folder: String,
    /// The migrations, in order.
    pub migrations: Vec<Migration>,
    /// Files that look like SQL but are not migrations, with the reason: path, why.
    pub ignored: Vec<(String, &'static str)>,
    /// What is wrong or odd. Errors stop every command that would run something.
    pub diagnostics: Vec<Diagnostic>,
}

impl MigrationSet {
    /// The migration of this order key.
    pub fn by_order(&self, order: &OrderKey) -> Option<&Migration> {
        self.migrations
            .iter()
            .find(|migration| migration.order == *order)
    }
}
