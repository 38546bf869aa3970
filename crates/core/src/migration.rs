//! A migration as a format's reader describes it: identity, order, scripts. The text itself stays in the tree, because
//! seed files of several gigabytes exist; a [`Script`] knows its path, size and checksum, and whoever runs it hashes what
//! it reads and compares.

use crate::checksum::Checksum;
use crate::diagnostic::Diagnostic;
use crate::edits::Edits;
use crate::placeholders::Placeholders;
use crate::span::{Position, Span};
use crate::terms::Terms;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
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
    /// After everything that has a place of its own, among themselves by bytes of a name: what runs again whenever it changes
    /// and is no step of the history.
    Last(String),
}

impl OrderKey {
    /// Whether it has a place of its own: whether one can be at it, before it, go back to it.
    pub const fn is_step(&self) -> bool {
        match self {
            Self::Numbers(_) | Self::Text(_) => true,
            Self::Last(_) => false,
        }
    }

    /// The first of its numbers: the only one, where versions are plain numbers.
    pub fn number(&self) -> Option<u128> {
        match self {
            Self::Numbers(numbers) => numbers.first().copied(),
            Self::Text(_) | Self::Last(_) => None,
        }
    }
}

/// What a migration is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Runs once, in order.
    Versioned,
    /// Runs once, in order, and also when later ones ran before it.
    Unordered,
    /// Runs again whenever its checksum changes.
    Repeatable,
    /// Runs on an empty history, in the place of everything up to its version; elsewhere it is not looked at. A versioned
    /// one may have the same version.
    Baseline,
}

impl Kind {
    /// The name used in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Versioned => "versioned",
            Self::Unordered => "unordered",
            Self::Repeatable => "repeatable",
            Self::Baseline => "baseline",
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
    /// `-- shoring: empty`: it does nothing, on purpose.
    pub is_empty: bool,
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

/// A stretch of a file, where one file holds several scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Its bytes. It begins at the start of a line.
    pub span: Span,
    /// Line and column of its first character.
    pub position: Position,
}

/// One file, or a part of one, to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Path in the tree.
    pub path: String,
    /// The part of the file that is meant; `None` for all of it.
    pub part: Option<Part>,
    /// Size in bytes.
    pub size: u64,
    /// Our own checksum of these bytes, computed while reading.
    pub checksum: Checksum,
    /// What the directives at its head ask for.
    pub directives: Directives,
    /// What is replaced in its text before it is cut into statements. Size and checksum are those of the text as written.
    pub placeholders: Option<Placeholders>,
    /// What else is sent otherwise than it is written; in the place of placeholders, not beside them.
    pub edits: Option<Edits>,
}

impl Script {
    /// A script that is known to be there and was not read: whoever compares or counts migrations need not read their ways
    /// back. It has a checksum that no file has, so that running it by mistake is refused.
    #[must_use]
    pub fn unread(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            part: None,
            size: 0,
            checksum: Checksum::from_text(""),
            directives: Directives::default(),
            placeholders: None,
            edits: None,
        }
    }

    /// Where its first byte stands in the file.
    pub const fn beginning(&self) -> (u64, Position) {
        match self.part {
            Some(part) => (part.span.start, part.position),
            None => (0, Position::START),
        }
    }

    /// Whether it is a [`Script::nothing_of`] another.
    pub fn is_nothing(&self) -> bool {
        let part = self.part.as_ref();
        self.size == 0 && part.is_some_and(|part| part.span.start == part.span.end)
    }

    /// A script of the same file without a statement, for a direction that is there and does nothing.
    #[must_use]
    pub fn nothing_of(&self) -> Self {
        let (start, position) = self.beginning();
        Self {
            path: self.path.clone(),
            part: Some(Part {
                span: Span::new(start, start),
                position,
            }),
            size: 0,
            checksum: Checksum::of(b""),
            directives: Directives::default(),
            placeholders: None,
            edits: None,
        }
    }
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
    /// Its checksum in the spelling of the format's history table. The first is the one to write; a row with any of them
    /// counts as unchanged. Empty where the table keeps none.
    pub checksums: Vec<Checksum>,
    /// What else the format's history rows say of it; each format documents its keys.
    pub attributes: Attributes,
    /// The language, where it is a program and not SQL: only its own tool can run it.
    pub program: Option<&'static str>,
    /// On what terms it runs.
    pub terms: Terms,
}

/// Values that are made once and shared from then on: migrations, rows of a history.
pub fn shared<T>(values: impl IntoIterator<Item = T>) -> Vec<Arc<T>> {
    values.into_iter().map(Arc::new).collect()
}

/// Further values of a migration or a history row that only its format understands, by name.
pub type Attributes = BTreeMap<&'static str, String>;

impl Migration {
    /// The attribute with further spellings of its version that a user may type, one a line. They need not be unambiguous.
    pub const SPELLINGS: &'static str = "spellings";

    /// The full id for people: version and name as in the file name. The version of one that runs again and again is its
    /// name already.
    pub fn id(&self) -> String {
        if self.name.is_empty() || self.kind == Kind::Repeatable {
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

/// What a tool makes of a migration that is not applied while a later one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Late {
    /// An error, unless it is allowed for once.
    Refuse,
    /// Runs like any other.
    Run,
    /// Stays as it is and is never run.
    Ignore,
}

/// What a tool makes of an applied migration without a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Missing {
    /// An error.
    Refuse,
    /// Shown, and nothing else.
    Note,
}

/// What a tool makes of an applied file of which only the line ends are other than they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LineEnds {
    /// The same file.
    DoNotCount,
    /// Another file: the tool stops at it.
    Count,
}

/// How the tool of a format treats files and rows that do not match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Policy {
    /// About files below the newest applied one.
    pub late: Late,
    /// About rows without a file.
    pub missing: Missing,
    /// The same of rows that are no step of the history.
    pub missing_repeatable: Missing,
    /// About rows without a file that stand after the last file, an older checkout on a newer database, where that makes a
    /// difference.
    pub ahead: Option<Missing>,
    /// Whether a file that is not what was applied stops a run.
    pub refuses_changed: bool,
    /// Whether a file under another name counts as changed.
    pub compares_names: bool,
    /// About line ends. They never stop a run of ours.
    pub line_ends: LineEnds,
    /// About a `COMMIT` without a `BEGIN` in the file.
    pub lone_commit: LoneCommit,
    /// About a file of a single statement.
    pub lone_statement: LoneStatement,
    /// Whether a file without a statement may run.
    pub may_be_empty: bool,
    /// Whether `down` takes back what was applied last, and not what stands last; see [`Applied::SEQUENCE`]. It then passes
    /// over rows without a file.
    ///
    /// [`Applied::SEQUENCE`]: crate::Applied::SEQUENCE
    pub goes_back_as_applied: bool,
}

impl Policy {
    /// Everything that does not match stops a run.
    pub const STRICT: Self = Self {
        late: Late::Refuse,
        missing: Missing::Refuse,
        missing_repeatable: Missing::Refuse,
        ahead: None,
        refuses_changed: true,
        compares_names: false,
        line_ends: LineEnds::DoNotCount,
        lone_commit: LoneCommit::Ends,
        lone_statement: LoneStatement::InTransaction,
        may_be_empty: true,
        goes_back_as_applied: false,
    };
}

/// What is done about a `COMMIT` without a `BEGIN` in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LoneCommit {
    /// It is a mistake.
    Refuse,
    /// It ends what ran so far: the transaction of the tool that the file was written for.
    Ends,
}

/// How a file of a single statement runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LoneStatement {
    /// In a transaction, as any other file.
    InTransaction,
    /// The tool opens no transaction and PostgreSQL none around one statement: a procedure may commit.
    Alone,
}

/// Everything a reader found in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationSet {
    /// Name of the format.
    pub format: &'static str,
    /// How its tool treats what does not match.
    pub policy: Policy,
    /// The folder, relative to the project root.
    pub folder: String,
    /// The migrations, in order. Shared with what is made of them: there may be ten thousand.
    pub migrations: Vec<Arc<Migration>>,
    /// Files that look like SQL but are not migrations, with the reason: path, why.
    pub ignored: Vec<(String, &'static str)>,
    /// What is wrong or odd. Errors stop every command that would run something.
    pub diagnostics: Vec<Diagnostic>,
}

impl MigrationSet {
    /// Where each version stands, for history tables and journals that know only versions.
    pub fn orders_by_version(&self) -> BTreeMap<&str, &OrderKey> {
        self.migrations
            .iter()
            .map(|migration| (migration.version.as_str(), &migration.order))
            .collect()
    }

    /// The migration of this order key.
    pub fn by_order(&self, order: &OrderKey) -> Option<&Arc<Migration>> {
        self.migrations
            .iter()
            .find(|migration| migration.order == *order)
    }
}
