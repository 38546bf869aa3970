//! Tables and columns of the main database.

use rusqlite::{Connection, params_from_iter};
use shoring_core::{ColumnShape, TableName, TableShape};

/// Ordinary tables only: no views, no virtual tables and their shadow tables, none of SQLite's own.
const ORDINARY: &str =
    "schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

/// See [`crate::Session::tables_named_any`]. SQLite compares names without case. Each name is the pragma's argument: as a
/// condition it would be looked for in a list of all tables, made anew for each question. All in one statement: each takes
/// the file's lock and looks for a journal.
pub(super) fn tables_named_any(
    connection: &Connection,
    names: &[String],
) -> rusqlite::Result<Vec<TableShape>> {
    let asked = vec!["(?)"; names.len()].join(", ");
    // The alias of the rowid gets a value when none is given.
    let mut statement = connection.prepare(&format!(
        "WITH asked (asked) AS (VALUES {asked}), \
              found AS (SELECT DISTINCT name, wr FROM asked CROSS JOIN pragma_table_list(asked) WHERE {ORDINARY}) \
         SELECT found.name, field.name, field.type, field.\"notnull\", \
                dflt_value IS NOT NULL OR hidden IN (2, 3) \
                OR (pk = 1 AND type = 'INTEGER' COLLATE NOCASE AND NOT wr \
                    AND count(nullif(pk, 0)) OVER (PARTITION BY found.name) = 1) \
         FROM found CROSS JOIN pragma_table_xinfo(found.name, 'main') AS field \
         WHERE hidden <> 1 ORDER BY found.name, cid",
    ))?;
    let mut rows = statement.query(params_from_iter(names))?;
    let mut tables: Vec<TableShape> = Vec::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let column = ColumnShape {
            name: row.get(1)?,
            type_name: row.get::<_, String>(2)?.to_lowercase(),
            is_not_null: row.get(3)?,
            has_default: row.get(4)?,
        };
        match tables.last_mut() {
            Some(table) if table.name.name == name => table.columns.push(column),
            _ => tables.push(TableShape {
                name: TableName::new(None, name),
                columns: vec![column],
            }),
        }
    }
    Ok(tables)
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
