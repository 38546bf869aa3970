//! The table `schema_migrations(version)`: one row for each applied version, and nothing else.

use crate::history::{At, Change, History, HistoryEntry, HistoryError};
use crate::rows;
use crate::table_sql::{self, Cell};
use shoring_core::{
    Applied, AppliedKind, Attributes, MigrationSet, OrderKey, Product, Row, TableName, TableShape,
    Value, Version,
};
use shoring_sql::writer::SqlWriter;

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
        vec![
            SqlWriter::new(product.dialect())
                .sql("CREATE TABLE ")
                .table(table)
                .sql(columns)
                .finish(),
        ]
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
        let mut decoded = Vec::with_capacity(rows.len());
        for (index, row) in rows.iter().enumerate() {
            let version = row
                .text(0)
                .ok_or_else(|| rows::bad_row(at.table, index, "version is NULL"))?;
            let order = orders
                .get(version.as_str())
                .map_or_else(|| OrderKey::Text(version.clone()), |order| (*order).clone());
            decoded.push(Applied {
                version: Version::new(version),
                order,
                name: None,
                kind: AppliedKind::Applied,
                checksum: None,
                applied_at: None,
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
            Change::Apply { entry, .. } | Change::Mark(entry) => vec![insert(at, entry)],
            Change::Baseline(entries) => entries.iter().map(|entry| insert(at, entry)).collect(),
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

fn insert(at: At<'_>, entry: &HistoryEntry) -> String {
    table_sql::insert(at, &[("version", Cell::from(entry.version.as_str()))])
}
