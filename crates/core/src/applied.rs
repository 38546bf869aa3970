//! A row of a history table, decoded: what was applied, when and by whom, as far as the table knows.

use crate::checksum::Checksum;
use crate::migration::{Attributes, OrderKey, Version};

/// How a row came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AppliedKind {
    /// The migration ran.
    Applied,
    /// Taken as applied without running (`baseline`).
    Baseline,
    /// Marked by hand (`mark`).
    Marked,
    /// A program ran it, which is no file of migrations (a Java class, a Go function): that there is none is no wonder.
    ByProgram,
    /// It began and did not end well, says the table: a dirty flag, a row without success. What of it is in the database is
    /// for the journal to tell, or for a person.
    Failed,
}

impl AppliedKind {
    /// The name used in the native history table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Baseline => "baseline",
            Self::Marked => "marked",
            Self::ByProgram => "program",
            Self::Failed => "failed",
        }
    }
}

impl Applied {
    /// The attribute of a row whose migration stood for everything up to its version: see `Kind::Baseline`.
    pub const RAN_AS_BASELINE: &'static str = "ran-as-baseline";

    /// The attribute with its place in the order in which things were applied, a number.
    pub const SEQUENCE: &'static str = "sequence";

    /// The attribute with the tag that somebody gave the database when this was the last thing applied: a name for that place.
    pub const TAG: &'static str = "tag";

    /// Makes a row that says that a version is applied, and no more.
    pub const fn new(version: Version, order: OrderKey) -> Self {
        Self {
            version,
            order,
            name: None,
            kind: AppliedKind::Applied,
            checksum: None,
            applied_at: None,
            applied_by: None,
            milliseconds: None,
            attributes: Attributes::new(),
        }
    }
}

/// One applied migration according to the history table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// Version as the table spells it.
    pub version: Version,
    /// Where it stands; matches the key of the file with the same version in another spelling.
    pub order: OrderKey,
    /// The name, where the table has one.
    pub name: Option<String>,
    /// How the row came to be.
    pub kind: AppliedKind,
    /// The checksum of the file that ran, where the table has one.
    pub checksum: Option<Checksum>,
    /// When, RFC 3339 in UTC, where the table knows.
    pub applied_at: Option<String>,
    /// The database user or person, where the table knows.
    pub applied_by: Option<String>,
    /// How long it took, in milliseconds, where the table knows.
    pub milliseconds: Option<u64>,
    /// What else the row says that its format needs again to change it; each format documents its keys.
    pub attributes: Attributes,
}
