//! What a format has to say about its history table: SQL text out, rows in.

use shoring_core::{
    Applied, AppliedKind, Checksum, OrderKey, Product, Row, TableName, TableShape, Version,
};

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
        /// The tool whose table it looks like, if any.
        looks_like: Option<&'static str>,
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
}

/// What is written when a migration was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Version as the file spells it.
    pub version: Version,
    /// Where it stands.
    pub order: OrderKey,
    /// The name.
    pub name: String,
    /// Checksum of the file, if there is one.
    pub checksum: Option<Checksum>,
    /// How the row comes to be.
    pub kind: AppliedKind,
    /// Who: used where the server has no users of its own (SQLite).
    pub os_user: String,
    /// Id of the attempt.
    pub attempt: String,
    /// Milliseconds, where known before the row is written; else the server computes them from the transaction's start.
    pub milliseconds: Option<u64>,
}

/// One tool's history table.
///
/// All SQL is one statement without a terminator, built with quoting, for the product given. `table` is the table that was
/// found (or the one to create); statements name it with its schema.
pub trait History: Sync {
    /// The table's usual name.
    fn default_table(&self) -> &'static str;

    /// Whether we may create it when it is missing.
    fn create(&self, product: Product, table: &TableName) -> String;

    /// Checks that a table found under this name is ours.
    fn recognise(&self, table: &TableShape) -> Result<(), HistoryError>;

    /// The query that reads all rows.
    fn select(&self, product: Product, table: &TableShape) -> String;

    /// Decodes the rows of [`History::select`], in order. Two rows of one version are an error.
    fn decode(&self, table: &TableShape, rows: &[Row]) -> Result<Vec<Applied>, HistoryError>;

    /// The statement that records one applied migration. `existing` are the rows read before, for tables whose style is
    /// to be kept.
    fn insert(
        &self,
        product: Product,
        table: &TableShape,
        existing: &[Applied],
        entry: &HistoryEntry,
    ) -> Result<String, HistoryError>;

    /// The statement that forgets one applied migration. `applied` is its row as read.
    fn delete(&self, product: Product, table: &TableShape, applied: &Applied) -> String;

    /// The statement that makes a row's checksum the given one; `None` where the table keeps no checksum.
    fn realign(
        &self,
        product: Product,
        table: &TableShape,
        applied: &Applied,
        checksum: &Checksum,
    ) -> Option<String>;

    /// The statement that keeps a row whose file is gone for good as history only; `None` where the table has no place to
    /// say so.
    fn retire(&self, product: Product, table: &TableShape, applied: &Applied) -> Option<String>;

    /// Whether rows carry a checksum and the way they came to be. Where not, the journal is asked.
    fn keeps_checksums(&self) -> bool;

    /// The query that tells whether an attempt is recorded here; `None` where the table does not keep attempts.
    fn select_attempt(&self, product: Product, table: &TableName, attempt: &str) -> Option<String>;

    /// The shape that [`History::create`] gives, for use before the catalogue is asked.
    fn shape(&self, table: &TableName) -> TableShape;
}
