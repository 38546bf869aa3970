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
