//! What `sqlite_schema` says about one thing.

use rusqlite::{Connection, OptionalExtension, params};
use shoring_core::{Checksum, Probe, Target, TargetKind};

/// See [`crate::Session::probe`].
pub(super) fn probe(connection: &Connection, target: &Target) -> rusqlite::Result<Probe> {
    let kind = match target.kind {
        TargetKind::Table => "table",
        TargetKind::Index => "index",
        TargetKind::View => "view",
        TargetKind::Trigger => "trigger",
        TargetKind::Sequence
        | TargetKind::Type
        | TargetKind::Schema
        | TargetKind::Function
        | TargetKind::Procedure
        | TargetKind::Event
        | TargetKind::Database
        | TargetKind::Extension => return Ok(Probe::Unknown),
    };
    for schema in schemas(connection, target.schema.as_deref())? {
        if let Some(definition) = definition(connection, &schema, kind, &target.name)? {
            return Ok(Probe::Present {
                fingerprint: Checksum::of(definition.as_bytes()).to_string(),
                is_valid: true,
            });
        }
    }
    Ok(Probe::Absent)
}

/// The databases to look in, in the order of name resolution: temporary, main, attached ones as they were attached.
fn schemas(connection: &Connection, wanted: Option<&str>) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(
        "SELECT name FROM pragma_database_list WHERE ?1 IS NULL OR name = ?1 COLLATE NOCASE \
         ORDER BY seq = 1 DESC, seq",
    )?;
    statement
        .query_map(params![wanted], |row| row.get(0))?
        .collect()
}

/// The text of a definition; an index made by a constraint has none, its table and name stand for it.
fn definition(
    connection: &Connection,
    schema: &str,
    kind: &str,
    name: &str,
) -> rusqlite::Result<Option<String>> {
    let quoted = schema.replace('"', "\"\"");
    connection
        .query_row(
            &format!(
                "SELECT tbl_name || char(10) || coalesce(sql, name) FROM \"{quoted}\".sqlite_schema \
                 WHERE type = ?1 AND name = ?2 COLLATE NOCASE"
            ),
            params![kind, name],
            |row| row.get(0),
        )
        .optional()
}
