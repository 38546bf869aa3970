//! Tables and columns of the main database.

use rusqlite::{Connection, params};
use shoring_core::{ColumnShape, TableName, TableShape};

/// Ordinary tables only: no views, no virtual tables and their shadow tables, none of SQLite's own.
const ORDINARY: &str =
    "schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

/// See [`crate::Session::tables_named`]. SQLite compares names without case. The name is the pragma's argument: as a
/// condition it would be looked for in a list of all tables, made anew for each question.
pub(super) fn tables_named(
    connection: &Connection,
    name: &str,
) -> rusqlite::Result<Vec<TableShape>> {
    let mut statement = connection.prepare(&format!(
        "SELECT name FROM pragma_table_list(?1) WHERE {ORDINARY}"
    ))?;
    let names = statement
        .query_map([name], |row| row.get::<_, String>(0))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    names
        .into_iter()
        .map(|name| {
            Ok(TableShape {
                columns: columns(connection, &name)?,
                name: TableName::new(None, name),
            })
        })
        .collect()
}

/// See [`crate::Session::tables_in`].
pub(super) fn tables_in(connection: &Connection) -> rusqlite::Result<Vec<TableName>> {
    let mut statement = connection.prepare(&format!(
        "SELECT name FROM pragma_table_list WHERE {ORDINARY} ORDER BY name"
    ))?;
    statement
        .query_map([], |row| Ok(TableName::new(None, row.get::<_, String>(0)?)))?
        .collect()
}

fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<ColumnShape>> {
    let mut statement = connection.prepare(
        "SELECT name, type, \"notnull\", dflt_value IS NOT NULL OR hidden IN (2, 3), \
                pk = 1 AND type = 'INTEGER' COLLATE NOCASE \
                AND (SELECT max(pk) FROM pragma_table_xinfo(?1, 'main')) = 1 \
                AND NOT (SELECT wr FROM pragma_table_list(?1) WHERE schema = 'main') \
         FROM pragma_table_xinfo(?1, 'main') WHERE hidden <> 1 ORDER BY cid",
    )?;
    statement
        .query_map(params![table], |row| {
            // The alias of the rowid gets a value when none is given.
            let is_rowid: bool = row.get(4)?;
            Ok(ColumnShape {
                name: row.get(0)?,
                type_name: row.get::<_, String>(1)?.to_lowercase(),
                is_not_null: row.get(2)?,
                has_default: row.get::<_, bool>(3)? || is_rowid,
            })
        })?
        .collect()
}
