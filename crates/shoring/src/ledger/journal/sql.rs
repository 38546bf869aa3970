//! The journal's tables in the SQL of one product.

use shoring_core::{Product, TableName};
use shoring_sql::writer::SqlWriter;

/// Builds the SQL of the journal.
#[derive(Debug, Clone)]
pub(crate) struct JournalSql {
    /// The product.
    pub(crate) product: Product,
    /// The history table, beside which the journal stands.
    pub(crate) history: TableName,
}

impl JournalSql {
    pub(super) fn writer(&self) -> SqlWriter {
        SqlWriter::new(self.product.dialect())
    }

    pub(super) fn table(&self, name: &str) -> TableName {
        self.history.sibling(name)
    }
}
