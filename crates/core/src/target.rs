//! The things a statement touches, and what the catalogue says about one of them.

use std::fmt;

/// What kind of thing a [`Target`] names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TargetKind {
    /// A table.
    Table,
    /// An index. In MySQL it lives in the table named by [`Target::table`].
    Index,
    /// A view or materialized view.
    View,
    /// A sequence.
    Sequence,
    /// A type, domain or enum.
    Type,
    /// A schema (in MySQL: a database).
    Schema,
    /// A function.
    Function,
    /// A procedure.
    Procedure,
    /// A trigger.
    Trigger,
    /// A scheduled event (MySQL, MariaDB).
    Event,
    /// A database.
    Database,
    /// An extension (PostgreSQL).
    Extension,
}

impl TargetKind {
    /// The word for people, as in "table orders".
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Index => "index",
            Self::View => "view",
            Self::Sequence => "sequence",
            Self::Type => "type",
            Self::Schema => "schema",
            Self::Function => "function",
            Self::Procedure => "procedure",
            Self::Trigger => "trigger",
            Self::Event => "event",
            Self::Database => "database",
            Self::Extension => "extension",
        }
    }
}

/// Something in the database that a statement creates, changes or drops. Names are as stored: unquoted, and folded the
/// way the dialect folds unquoted names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Target {
    /// What it is.
    pub kind: TargetKind,
    /// The schema (MySQL: database) written before the name, if any.
    pub schema: Option<String>,
    /// The name.
    pub name: String,
    /// The table it belongs to, for an index or a trigger when the statement names it.
    pub table: Option<String>,
}

impl Target {
    /// A target without a schema or a table.
    pub fn new(kind: TargetKind, name: impl Into<String>) -> Self {
        Self {
            kind,
            schema: None,
            name: name.into(),
            table: None,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.kind.name())?;
        if let Some(schema) = &self.schema {
            write!(f, "{schema}.")?;
        }
        f.write_str(&self.name)
    }
}

/// What the catalogue says about a [`Target`] right now. Comparing the probe taken before a statement with one taken
/// after a crash tells whether the statement took effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe {
    /// It does not exist.
    Absent,
    /// It exists. The fingerprint changes when its definition changes; `is_valid` is false for an index whose
    /// concurrent build did not finish.
    Present {
        /// Hexadecimal hash of the definition as the catalogue shows it.
        fingerprint: String,
        /// False for an invalid index.
        is_valid: bool,
    },
    /// This server cannot be asked about this kind of thing; nothing may be concluded.
    Unknown,
}

impl Probe {
    /// The form kept in the journal: `absent`, `present:<hash>`, `invalid:<hash>`, `unknown`.
    pub fn encode(&self) -> String {
        match self {
            Self::Absent => "absent".to_owned(),
            Self::Present {
                fingerprint,
                is_valid: true,
            } => format!("present:{fingerprint}"),
            Self::Present {
                fingerprint,
                is_valid: false,
            } => format!("invalid:{fingerprint}"),
            Self::Unknown => "unknown".to_owned(),
        }
    }

    /// Reads what [`Probe::encode`] wrote; anything else is [`Probe::Unknown`].
    pub fn decode(text: &str) -> Self {
        if text == "absent" {
            return Self::Absent;
        }
        for (prefix, is_valid) in [("present:", true), ("invalid:", false)] {
            if let Some(fingerprint) = text.strip_prefix(prefix) {
                return Self::Present {
                    fingerprint: fingerprint.to_owned(),
                    is_valid,
                };
            }
        }
        Self::Unknown
    }
}
