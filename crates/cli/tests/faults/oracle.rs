//! The judge: reads witness rows, history and schema straight from the database.

use crate::tool_projects::HistoryRows;
use shoring_db::{Batch, Session};
use shoring_testkit::Engine;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Reads one database.
pub(crate) struct Oracle {
    engine: Engine,
    history: HistoryRows,
    pub(crate) session: Box<dyn Session>,
}

/// What a database looks like.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Picture {
    /// How often each statement that leaves a witness has run.
    pub(crate) witnesses: BTreeMap<String, i64>,
    /// The versions of the history, each as often as it stands there.
    pub(crate) history: Vec<String>,
    /// Tables, columns, indexes, triggers and routines, but not those of Shoring.
    pub(crate) schema: Vec<String>,
}

impl Oracle {
    pub(crate) fn new(engine: Engine, session: Box<dyn Session>) -> Self {
        Self {
            engine,
            history: HistoryRows::NATIVE,
            session,
        }
    }

    /// Where the history is.
    pub(crate) fn reading(mut self, history: HistoryRows) -> Self {
        self.history = history;
        self
    }

    pub(crate) async fn execute(&mut self, sql: &str) {
        self.session
            .execute(Batch { statements: &[sql] }, &mut |_| {})
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    pub(crate) async fn rows(&mut self, sql: &str) -> Vec<String> {
        let rows = self
            .session
            .query(sql)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
        rows.iter()
            .map(|row| {
                (0..row.values.len())
                    .map(|column| row.text(column).unwrap_or_else(|| "NULL".to_owned()))
                    .collect::<Vec<_>>()
                    .join("|")
            })
            .collect()
    }

    pub(crate) async fn number(&mut self, sql: &str) -> i64 {
        let rows = self
            .session
            .query(sql)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
        rows[0].int(0).unwrap()
    }

    /// PostgreSQL: ends the sessions of this database that meet a condition, and waits until they are gone. The function
    /// that waits itself is of version 14.
    pub(crate) async fn end_sessions(&mut self, condition: &str) {
        let of = format!(
            "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND {condition}"
        );
        self.rows(&format!("SELECT pg_terminate_backend(pid) {of}"))
            .await;
        let began = Instant::now();
        while self.number(&format!("SELECT count(*) {of}")).await > 0 {
            assert!(began.elapsed() < Duration::from_secs(10), "{condition}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) async fn has_table(&mut self, name: &str) -> bool {
        !self.session.tables_named(name).await.unwrap().is_empty()
    }

    pub(crate) async fn wipe(&mut self, database: &str) {
        match self.engine {
            Engine::Postgresql => {
                self.execute("DROP SCHEMA public CASCADE").await;
                self.execute("CREATE SCHEMA public").await;
            }
            Engine::Mariadb | Engine::Mysql => {
                self.execute(&format!("DROP DATABASE {database}")).await;
                self.execute(&format!("CREATE DATABASE {database} CHARACTER SET utf8mb4"))
                    .await;
            }
            Engine::Sqlite => panic!("an SQLite file is removed, not wiped"),
        }
    }

    /// Everything that a disturbed run must leave as an undisturbed one does.
    pub(crate) async fn picture(&mut self) -> Picture {
        let mut picture = Picture::default();
        if self.has_table("witness").await {
            for row in self
                .session
                .query("SELECT step, count(*) FROM witness GROUP BY step ORDER BY step")
                .await
                .unwrap()
            {
                picture
                    .witnesses
                    .insert(row.text(0).unwrap(), row.int(1).unwrap());
            }
        }
        if self.has_table(self.history.table).await {
            picture.history = self.rows(&self.history.select()).await;
        }
        for sql in self.schema_queries() {
            picture.schema.extend(self.rows(sql).await);
        }
        picture
    }

    fn schema_queries(&self) -> &'static [&'static str] {
        match self.engine {
            Engine::Postgresql => &[
                "SELECT 'column', table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns \
                 WHERE table_schema = 'public' AND table_name NOT LIKE 'shoring%' ORDER BY 2, 3",
                "SELECT 'index', c.relname, pg_get_indexdef(i.indexrelid), i.indisvalid FROM pg_index i \
                 JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
                 WHERE n.nspname = 'public' AND c.relname NOT LIKE 'shoring%' ORDER BY 2",
                "SELECT 'enum', t.typname, e.enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid ORDER BY 2, e.enumsortorder",
                "SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 2",
            ],
            Engine::Mariadb | Engine::Mysql => &[
                "SELECT 'column', TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT FROM information_schema.COLUMNS \
                 WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME NOT LIKE 'shoring%' ORDER BY 2, 3",
                "SELECT 'index', TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX, COLUMN_NAME FROM information_schema.STATISTICS \
                 WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME NOT LIKE 'shoring%' ORDER BY 2, 3, 4",
                "SELECT 'routine', ROUTINE_NAME, ROUTINE_DEFINITION FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() ORDER BY 2",
                "SELECT 'trigger', TRIGGER_NAME, ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE() ORDER BY 2",
            ],
            Engine::Sqlite => &[
                "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'shoring%' AND name NOT LIKE 'sqlite_autoindex_shoring%' ORDER BY 1, 2",
                "PRAGMA foreign_key_check",
                "PRAGMA integrity_check",
            ],
        }
    }

    /// Makes a lease that decides by itself expire, so that a test need not wait for it.
    pub(crate) async fn age_lease(&mut self) {
        if self.engine != Engine::Sqlite && self.has_table("shoring_lock").await {
            let hour = self.engine.pick("interval '1 hour'", "INTERVAL 1 HOUR", "");
            self.execute(&format!(
                "UPDATE shoring_lock SET heartbeat_at = heartbeat_at - {hour} WHERE kind = 'lease'"
            ))
            .await;
        }
    }

    /// Nobody holds a lock of ours any more. A session whose link was cut has it until the server takes notice.
    pub(crate) async fn assert_no_locks(&mut self) {
        if self.engine != Engine::Postgresql {
            return;
        }
        let began = Instant::now();
        loop {
            let held = self
                .rows("SELECT pid, objid FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
                .await;
            if held.is_empty() {
                return;
            }
            assert!(
                began.elapsed() < Duration::from_secs(10),
                "advisory locks are left: {held:?}"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Nor does anybody hold the row that the tool of the project locks: it would wait for the dead.
    pub(crate) async fn assert_lock_row_is_free(&mut self) {
        let Some((table, held)) = self.history.lock else {
            return;
        };
        if self.has_table(table).await {
            let held = self
                .rows(&format!("SELECT lockedby FROM {table} WHERE {held}"))
                .await;
            assert_eq!(held, Vec::<String>::new(), "the tool's lock is left");
        }
    }

    /// Nor does the lease name anybody. The row of a dead run stays until a run has something to do and takes over.
    pub(crate) async fn assert_lease_is_free(&mut self) {
        if self.has_table("shoring_lock").await {
            let owners = self
                .rows("SELECT owner FROM shoring_lock WHERE owner IS NOT NULL")
                .await;
            assert_eq!(owners, Vec::<String>::new(), "the lease is still taken");
        }
    }
}
