//! The table `__diesel_schema_migrations(version, run_on)`: one row for each applied version.

use crate::history::{At, Change, History, HistoryEntry, HistoryError};
use crate::one_row_each::{self, OneRowEach};
use crate::rows;
use crate::server_clock;
use crate::table_sql::{self, Cell};
use shoring_core::{
    Applied, MigrationSet, OrderKey, Product, Row, TableName, TableShape, Value, Version,
};
use shoring_sql::writer::SqlWriter;
use std::sync::Arc;

const COLUMNS: &[&str] = &["version", "run_on"];

/// The history of diesel.
#[derive(Debug, Clone, Copy)]
pub(super) struct DieselHistory;

impl History for DieselHistory {
    fn default_table(&self) -> &'static str {
        "__diesel_schema_migrations"
    }

    fn create(&self, product: Product, table: &TableName) -> Vec<String> {
        vec![table_sql::create(
            product,
            table,
            " (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)",
        )]
    }

    fn recognise(&self, table: &TableShape) -> Result<(), HistoryError> {
        rows::require_columns(table, COLUMNS, "__diesel_schema_migrations")
    }

    fn select(&self, at: At<'_>) -> String {
        let (before, after) = server_clock::foreign_as_text(at.product);
        SqlWriter::new(at.product.dialect())
            .sql("SELECT version, ")
            .sql(before)
            .sql("run_on")
            .sql(after)
            .sql(" FROM ")
            .table(&at.table.name)
            .finish()
    }

    fn decode(
        &self,
        at: At<'_>,
        rows: &[Row],
        _set: &MigrationSet,
    ) -> Result<Vec<Applied>, HistoryError> {
        rows::decode_each(at.table, rows, |row| {
            let version = rows::version_of(row)?;
            Ok(Applied {
                applied_at: row.text(1),
                ..Applied::new(Version::new(version.as_str()), OrderKey::Text(version))
            })
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

impl OneRowEach for DieselHistory {
    fn insert(
        &self,
        at: At<'_>,
        _existing: &[Arc<Applied>],
        entry: &HistoryEntry,
    ) -> Result<String, HistoryError> {
        let version = entry.version.as_str();
        if version.chars().count() > 50 {
            return Err(HistoryError::DoesNotFit {
                version: version.to_owned(),
                table: at.table.name.to_string(),
                type_name: "varchar(50)".to_owned(),
                reason: "it has more than 50 characters",
            });
        }
        let mut cells = vec![("version", Cell::from(version))];
        cells.extend(table_sql::recorded(at, "run_on", entry));
        Ok(table_sql::insert(at, &cells))
    }

    fn key(&self, _at: At<'_>, applied: &Applied) -> Result<(&'static str, Value), HistoryError> {
        Ok(("version", Value::from(applied.version.as_str())))
    }
}
