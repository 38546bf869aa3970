//! What a format has to say about its history table: SQL text out, rows in.

use crate::tool_lock::ToolLock;
use shoring_core::{
    Applied, AppliedKind, Attributes, Checksum, MigrationSet, OrderKey, Product, Row, TableName,
    TableShape, Version,
};
use std::sync::Arc;

/// Why a history table cannot be used or understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HistoryError {
    /// A table of the right name has other columns.
    #[error("`{table}` has the columns ({found}), not those of {wanted}")]
    OtherTool {
        /// The table.
        table: String,
        /// Its columns.
        found: String,
        /// What was looked for.
        wanted: &'static str,
    },
    /// A row cannot be understood.
    #[error("row {row} of `{table}` cannot be read: {reason}")]
    BadRow {
        /// The table.
        table: String,
        /// Row number in version order, from 1.
        row: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The version does not fit the table's column.
    #[error(
        "version `{version}` does not fit the column `version` of `{table}` ({type_name}): {reason}"
    )]
    DoesNotFit {
        /// The version.
        version: String,
        /// The table.
        table: String,
        /// Type of the column.
        type_name: String,
        /// Why.
        reason: &'static str,
    },
    /// The table has no way to say it.
    #[error("`{table}` cannot say that: {reason}")]
    CannotSay {
        /// The table.
        table: String,
        /// Why not.
        reason: String,
    },
}

/// One migration as a history row is to tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Version as the file spells it.
    pub version: Version,
    /// Where it stands.
    pub order: OrderKey,
    /// The name.
    pub name: String,
    /// Checksums of the file in the table's spelling, the one to write first; see `Migration::checksums`.
    pub checksums: Vec<Checksum>,
    /// See `Migration::attributes`.
    pub attributes: Attributes,
    /// How the row comes to be.
    pub kind: AppliedKind,
    /// Who: used where the server has no users of its own (SQLite).
    pub os_user: String,
    /// Id of the attempt, a UUID.
    pub attempt: String,
    /// Id of the run, a UUID that begins with its time.
    pub run: String,
    /// Milliseconds, where known before the row is written; else the server computes them from the transaction's start.
    pub milliseconds: Option<u64>,
    /// When and by whom it was applied, where that was recorded elsewhere before; else the server says who writes, and when.
    pub recorded: Option<Recorded>,
}

/// What another history table says of a migration, to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    at: String,
    /// The database user or person.
    pub by: Option<String>,
}

impl Recorded {
    /// From what a row says; `None` when that is no time such as `2026-11-21T10:00:00.123Z`.
    pub fn of(row: &Applied) -> Option<Self> {
        let at = row.applied_at.as_deref()?;
        let seconds = at.get(..19)?;
        let fraction = at.get(19..)?.strip_suffix('Z')?;
        let fraction = fraction.strip_prefix('.').unwrap_or(fraction);
        let is_time = seconds
            .bytes()
            .zip("0000-00-00T00:00:00".bytes())
            .all(|(byte, pattern)| match pattern {
                b'0' => byte.is_ascii_digit(),
                _ => byte == pattern,
            });
        let is_fraction = fraction.bytes().all(|byte| byte.is_ascii_digit());
        (is_time && is_fraction).then(|| Self {
            at: at.to_owned(),
            by: row.applied_by.clone(),
        })
    }

    /// The time, RFC 3339 in UTC.
    pub fn at(&self) -> &str {
        &self.at
    }
}

/// A change of the history.
#[derive(Debug, Clone, Copy)]
pub enum Change<'a> {
    /// A migration that is not one transaction is about to run. Committed before its first statement, so that the tool
    /// itself would not take a half for nothing.
    Begin(&'a HistoryEntry),
    /// A migration ran.
    Apply {
        /// What to record.
        entry: &'a HistoryEntry,
        /// Whether [`Change::Begin`] was written before.
        has_begun: bool,
    },
    /// A migration that had begun stopped half-way.
    Fail {
        /// What to record.
        entry: &'a HistoryEntry,
        /// What the server said.
        error: &'a str,
    },
    /// A migration that had begun left nothing in the database: as if it had never begun.
    TakeBackBegin(&'a HistoryEntry),
    /// A migration that is not one transaction is about to be rolled back.
    BeginRollBack(&'a Applied),
    /// The rollback that had begun took nothing back.
    TakeBackBeginRollBack(&'a Applied),
    /// A migration was rolled back.
    RollBack(&'a Applied),
    /// These are taken as applied without running, in order; the history is empty.
    Baseline(&'a [HistoryEntry]),
    /// One is taken as applied without running.
    Mark(&'a HistoryEntry),
    /// A row goes, whatever it says.
    Forget(&'a Applied),
    /// The row shall have the checksum of the file as it is now.
    Realign {
        /// The row.
        applied: &'a Applied,
        /// The file.
        entry: &'a HistoryEntry,
    },
    /// A row whose file is gone for good is kept as history only.
    Retire(&'a Applied),
}

/// A row that is there before any migration.
#[derive(Debug, Clone, Copy)]
pub enum FirstRow<'a> {
    /// A baseline.
    Baseline(&'a Applied),
    /// These schemas were made.
    Schemas(&'a [String]),
}

/// The table a statement is for.
#[derive(Debug, Clone, Copy)]
pub struct At<'a> {
    /// The product.
    pub product: Product,
    /// The table that was found, or the shape of the one to create. Statements name it with its schema.
    pub table: &'a TableShape,
}

/// One tool's history table.
///
/// All SQL is one statement without a terminator, built with quoting.
pub trait History: Sync {
    /// The table's usual name.
    fn default_table(&self) -> &'static str;

    /// The names that a table called `name` may have on a product, the one to create first: some tools leave their names to
    /// the server's rules of case.
    fn table_names(&self, name: &str, _product: Product) -> Vec<String> {
        vec![name.to_owned()]
    }

    /// The statements that create it when it is missing, with the rows its tool puts in at once.
    fn create(&self, product: Product, table: &TableName) -> Vec<String>;

    /// What is written with the table, when its first run finds a baseline to begin at or has to make the schema.
    fn write_first(&self, _at: At<'_>, _first: FirstRow<'_>) -> Vec<String> {
        Vec::new()
    }

    /// Checks that a table found under this name is ours.
    fn recognise(&self, table: &TableShape) -> Result<(), HistoryError>;

    /// The query that reads all rows.
    fn select(&self, at: At<'_>) -> String;

    /// Decodes the rows of [`History::select`] into what is applied, in order. `set` are the project's files, for tables
    /// that only keep the newest version. Two rows of one migration that cannot both be true are an error.
    fn decode(
        &self,
        at: At<'_>,
        rows: &[Row],
        set: &MigrationSet,
    ) -> Result<Vec<Applied>, HistoryError>;

    /// The statements that make a change, to be run in one transaction. `existing` are the rows as they are now, in order.
    /// Empty where the table has no place to say it.
    fn write(
        &self,
        at: At<'_>,
        existing: &[Arc<Applied>],
        change: Change<'_>,
    ) -> Result<Vec<String>, HistoryError>;

    /// Whether it says no more than the newest version, and all before it are taken as applied.
    fn keeps_only_newest(&self) -> bool {
        false
    }

    /// Whether rows carry a checksum. Where not, the journal is asked.
    fn keeps_checksums(&self) -> bool;

    /// The query that tells whether an attempt is recorded here; `None` where the table does not keep attempts.
    fn select_attempt(&self, _at: At<'_>, _attempt: &str) -> Option<String> {
        None
    }

    /// The locks the tool itself takes on this table in this database, in the order it takes them.
    fn locks(&self, _at: At<'_>, _database: &str) -> Vec<ToolLock> {
        Vec::new()
    }

    /// The shape that [`History::create`] gives, for use before the catalogue is asked.
    fn shape(&self, table: &TableName) -> TableShape;
}
