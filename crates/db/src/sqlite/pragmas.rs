//! The settings a migration may leave changed, read at connect and put back by `reset`.

use rusqlite::Connection;

/// Settings with a number that can be read and set. Journal mode, page size and other settings of the file are not ours
/// to restore.
const SETTINGS: &[&str] = &[
    "foreign_keys",
    "legacy_alter_table",
    "defer_foreign_keys",
    "recursive_triggers",
    "ignore_check_constraints",
    "query_only",
    "reverse_unordered_selects",
    "trusted_schema",
];

/// The settings as they were.
#[derive(Debug, Clone)]
pub(super) struct Pragmas {
    values: Vec<(&'static str, i64)>,
}

impl Pragmas {
    /// Reads them. One that this library does not know is left out.
    pub(super) fn capture(connection: &Connection) -> rusqlite::Result<Self> {
        let mut values = Vec::new();
        for name in SETTINGS {
            let mut statement = connection.prepare(&format!("PRAGMA {name}"))?;
            let mut rows = statement.raw_query();
            if let Some(row) = rows.next()? {
                values.push((*name, row.get(0)?));
            }
        }
        Ok(Self { values })
    }

    /// Puts them back. Call it outside a transaction: `foreign_keys` does not change inside one.
    pub(super) fn restore(&self, connection: &Connection) -> rusqlite::Result<()> {
        // RESET also reads the schema again after someone wrote to `sqlite_schema`.
        connection.execute_batch("PRAGMA writable_schema = RESET")?;
        for (name, value) in &self.values {
            connection.execute_batch(&format!("PRAGMA {name} = {value}"))?;
        }
        Ok(())
    }
}

/// On a connection of ours: lets go of attached databases and temporary things, and of the settings that cannot be read.
pub(super) fn forget(connection: &Connection) -> rusqlite::Result<()> {
    let names = |sql: &str| -> rusqlite::Result<Vec<(String, String)>> {
        let mut statement = connection.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect()
    };
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    // Views and triggers first: they may need the tables.
    for (kind, name) in names(
        "SELECT type, name FROM sqlite_temp_schema WHERE type IN ('trigger', 'view', 'table') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type DESC",
    )? {
        connection.execute_batch(&format!("DROP {kind} IF EXISTS temp.{}", quoted(&name)))?;
    }
    for (name, _) in
        names("SELECT name, '' FROM pragma_database_list WHERE name NOT IN ('main', 'temp')")?
    {
        connection.execute_batch(&format!("DETACH {}", quoted(&name)))?;
    }
    connection.execute_batch("PRAGMA case_sensitive_like = OFF")
}
