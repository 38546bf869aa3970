//! Tables and their columns, enough to recognise a history table.

use super::quote::{literal, optional};
use super::session::PostgresSession;
use crate::error::DbError;
use shoring_core::table::{ColumnShape, TableName, TableShape};

/// Schemas of the server: `pg_catalog`, `pg_toast`, other sessions' `pg_temp_…`, and the standard's.
const USER_SCHEMAS: &str = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')";

pub(super) async fn tables_named(
    session: &mut PostgresSession,
    names: &[&str],
) -> Result<Vec<TableShape>, DbError> {
    let names: Vec<String> = names.iter().map(|name| literal(name)).collect();
    let rows = session
        .rows(&format!(
            "SELECT n.nspname, c.relname, a.attname, \
             pg_catalog.lower(pg_catalog.format_type(a.atttypid, a.atttypmod)), a.attnotnull, \
             a.atthasdef OR a.attidentity <> '' OR a.attgenerated <> '' \
             FROM pg_catalog.pg_class c \
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
             WHERE c.relkind IN ('r', 'p') AND {USER_SCHEMAS} AND c.relname IN ({}) \
             ORDER BY n.nspname, c.relname, a.attnum",
            names.join(", ")
        ))
        .await?;
    let mut tables: Vec<TableShape> = Vec::new();
    for row in rows {
        let table = TableName::new(row.text(0), row.text(1).unwrap_or_default());
        if tables.last().is_none_or(|last| last.name != table) {
            tables.push(TableShape {
                name: table,
                columns: Vec::new(),
            });
        }
        if let (Some(last), Some(column)) = (tables.last_mut(), row.text(2)) {
            last.columns.push(ColumnShape {
                name: column,
                type_name: row.text(3).unwrap_or_default(),
                is_not_null: row.bool(4) == Some(true),
                has_default: row.bool(5) == Some(true),
            });
        }
    }
    Ok(tables)
}

pub(super) async fn tables_in(
    session: &mut PostgresSession,
    schema: Option<&str>,
) -> Result<Vec<TableName>, DbError> {
    let rows = session
        .rows(&format!(
            "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c \
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind IN ('r', 'p') AND n.nspname = coalesce({}, pg_catalog.current_schema()) \
             ORDER BY c.relname COLLATE \"C\"",
            optional(schema)
        ))
        .await?;
    Ok(rows
        .iter()
        .map(|row| TableName::new(row.text(0), row.text(1).unwrap_or_default()))
        .collect())
}
