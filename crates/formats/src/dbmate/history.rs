//! The table `schema_migrations(version)`: one row for each applied version, and nothing else.

use crate::history::{At, Change, History, HistoryEntry, HistoryError};
use crate::one_row_each::{self, OneRowEach};
use crate::rows;
use crate::table_sql::{self, Cell};
use shoring_core::{
    Applied, MigrationSet, OrderKey, Product, Row, TableName, TableShape, Value, Version,
};
use shoring_sql::writer::SqlWriter;
use std::sync::Arc;

const COLUMNS: &[&str] = &["version"];

/// The history of dbmate.
#[derive(Debug, Clone, Copy)]
pub(super) struct DbmateHistory;

impl History for DbmateHistory {
    fn default_table(&self) -> &'static str {
        "schema_migrations"
    }

    fn create(&self, product: Product, table: &TableName) -> Vec<String> {
        let columns = match product {
            Product::Postgresql => " (version varchar primary key)",
            Product::Mysql | Product::Mariadb | Product::Sqlite => {
                " (version varchar(128) primary key)"
            }
        };
        vec![table_sql::create(product, table, columns)]
    }

    fn recognise(&self, table: &TableShape) -> Result<(), HistoryError> {
        rows::require_exactly(table, COLUMNS, "schema_migrations(version)")
    }

    fn select(&self, at: At<'_>) -> String {
        SqlWriter::new(at.product.dialect())
            .sql("SELECT version FROM ")
            .table(&at.table.name)
            .finish()
    }

    fn decode(
        &self,
        at: At<'_>,
        rows: &[Row],
        set: &MigrationSet,
    ) -> Result<Vec<Applied>, HistoryError> {
        let orders = set.orders_by_version();
        rows::decode_each(at.table, rows, |row| {
            let version = rows::version_of(row)?;
            let order = orders
                .get(version.as_str())
                .map_or_else(|| OrderKey::Text(version.clone()), |order| (*order).clone());
            Ok(Applied::new(Version::new(version), order))
        })
    }

    fn write(
        &self,
        at: At<'_>,
        existing: &[Arc<Applied>],
        change: Change<'_>,
    ) -> Result<Vec<String>, HistoryError> {
        one_row_each::write(self, at, existing, change)
    }

    fn keeps_checksums(&self) -> bool {
        false
    }

    fn shape(&self, table: &TableName) -> TableShape {
        rows::shape(table, COLUMNS)
    }
}

impl OneRowEach for DbmateHistory {
    fn insert(
        &self,
        at: At<'_>,
        _existing: &[Arc<Applied>],
        entry: &HistoryEntry,
    ) -> Result<String, HistoryError> {
        let cells = [("version", Cell::from(entry.version.as_str()))];
        Ok(table_sql::insert(at, &cells))
    }

    fn key(&self, _at: At<'_>, applied: &Applied) -> Result<(&'static str, Value), HistoryError> {
        Ok(("version", Value::from(applied.version.as_str())))
    }
}
