//! The table `__diesel_schema_migrations(version, run_on)`: one row for each applied version.

use crate::history::{At, Change, History, HistoryEntry, HistoryError};
use crate::rows;
use crate::server_clock;
use crate::table_sql::{self, Cell};
use shoring_core::{
    Applied, AppliedKind, Attributes, MigrationSet, OrderKey, Product, Row, TableName, TableShape,
    Value, Version,
};
use shoring_sql::writer::SqlWriter;

const COLUMNS: &[&str] = &["version", "run_on"];

/// The history of diesel.
#[derive(Debug, Clone, Copy)]
pub(super) struct DieselHistory;

impl History for DieselHistory {
    fn default_table(&self) -> &'static str {
        "__diesel_schema_migrations"
    }

    fn create(&self, product: Product, table: &TableName) -> Vec<String> {
        vec![
            SqlWriter::new(product.dialect())
                .sql("CREATE TABLE ")
                .table(table)
                .sql(" (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)")
                .finish(),
        ]
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
        let mut decoded = Vec::with_capacity(rows.len());
        for (index, row) in rows.iter().enumerate() {
            let version = row
                .text(0)
                .ok_or_else(|| rows::bad_row(at.table, index, "version is NULL"))?;
            decoded.push(Applied {
                order: OrderKey::Text(version.clone()),
                version: Version::new(version),
                name: None,
                kind: AppliedKind::Applied,
                checksum: None,
                applied_at: row.text(1),
                applied_by: None,
                milliseconds: None,
                attributes: Attributes::new(),
            });
        }
        rows::in_order(at.table, decoded)
    }

    fn write(
        &self,
        at: At<'_>,
        _existing: &[Applied],
        change: Change<'_>,
    ) -> Result<Vec<String>, HistoryError> {
        Ok(match change {
            Change::Begin(_)
            | Change::TakeBackBegin(_)
            | Change::Fail { .. }
            | Change::BeginRollBack(_)
            | Change::TakeBackBeginRollBack(_)
            | Change::Realign { .. }
            | Change::Retire(_) => Vec::new(),
            Change::Apply { entry, .. } | Change::Mark(entry) => vec![insert(at, entry)?],
            Change::Baseline(entries) => entries
                .iter()
                .map(|entry| insert(at, entry))
                .collect::<Result<_, _>>()?,
            Change::RollBack(applied) | Change::Forget(applied) => vec![table_sql::delete(
                at,
                &[("version", Value::from(applied.version.as_str()))],
            )],
        })
    }

    fn keeps_checksums(&self) -> bool {
        false
    }

    fn shape(&self, table: &TableName) -> TableShape {
        rows::shape(table, COLUMNS)
    }
}

fn insert(at: At<'_>, entry: &HistoryEntry) -> Result<String, HistoryError> {
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
