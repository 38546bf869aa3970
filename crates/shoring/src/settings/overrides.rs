//! What the command line (or a library caller) says; it beats everything else.

use std::fmt;
use std::time::Duration;

/// Values that beat every other source. Fill in what is known, leave the rest at its default.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Database URL or path.
    pub database: Option<String>,
    /// Migrations folder, relative to the project root.
    pub dir: Option<String>,
    /// Name of the format.
    pub format: Option<String>,
    /// Name of the `[env.NAME]` section to use.
    pub environment: Option<String>,
    /// History table: `table` or `schema.table`.
    pub history_table: Option<String>,
    /// Write no journal.
    pub no_journal: bool,
    /// How long to wait for another run.
    pub lock_wait: Option<Duration>,
    /// How long one try of a statement waits for a lock.
    pub lock_timeout: Option<Duration>,
    /// How many tries a statement gets.
    pub lock_attempts: Option<u32>,
    /// How long connecting may take.
    pub connect_timeout: Option<Duration>,
    /// The role to become after connecting.
    pub role: Option<String>,
    /// Folder of the seed files.
    pub seeds: Option<String>,
}

impl fmt::Debug for Overrides {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            database,
            dir,
            format,
            environment,
            history_table,
            no_journal,
            lock_wait,
            lock_timeout,
            lock_attempts,
            connect_timeout,
            role,
            seeds,
        } = self;
        f.debug_struct("Overrides")
            .field("database", &database.as_ref().map(|_| "***"))
            .field("dir", dir)
            .field("format", format)
            .field("environment", environment)
            .field("history_table", history_table)
            .field("no_journal", no_journal)
            .field("lock_wait", lock_wait)
            .field("lock_timeout", lock_timeout)
            .field("lock_attempts", lock_attempts)
            .field("connect_timeout", connect_timeout)
            .field("role", role)
            .field("seeds", seeds)
            .finish()
    }
}
