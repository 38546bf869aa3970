//! What a driver has to do. The conformance suite in `crates/db/tests` checks every line of these comments on real servers.
//!
//! A session is owned by one task. No future of it may be dropped half-way: to stop a statement, use its
//! [`Canceller`] and wait for the error. All traits are object-safe; futures are boxed.

use crate::error::{DbError, StatementError};
use shoring_core::event::{Blocker, Progress};
use shoring_core::{Probe, Row, Server, TableName, TableShape, Target};
use shoring_sql::split::SplitOptions;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// A boxed future.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The server's id of a session, good enough to ask later whether it is still the same one:
/// PostgreSQL `pid:backend_start`, MySQL the connection id (with the server's start-up id), SQLite `pid:start-time` of the process.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BackendId(pub String);

/// Statements sent together. The driver chooses the cheapest way that keeps their order, stops at the first error and
/// tells which one failed: PostgreSQL joins them into one simple-query message, MySQL into one multi-statement packet,
/// SQLite prepares one after the other. A transaction left open by an earlier batch stays open.
///
/// No statement of a batch may be a `COPY … FROM stdin` or contain the join separator's meaning (each is exactly one
/// statement as the splitter cut it, without its terminator). The caller keeps batches under about 64 KiB
/// (a 100 MB message costs 900 MB in a PostgreSQL backend).
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    /// The statements, each without terminator.
    pub statements: &'a [&'a str],
}

/// One statement of a batch completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Completion {
    /// Index in the batch, from 0.
    pub index: usize,
    /// Rows changed, 0 for definitions.
    pub rows: u64,
}

/// Something the server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// `NOTICE`, `WARNING`, `INFO`, `Note`.
    pub severity: String,
    /// The text.
    pub message: String,
}

/// Data for `COPY … FROM stdin`, pulled chunk by chunk so that memory stays flat.
pub trait CopySource: Send {
    /// The next chunk of whole lines; `None` at the end. An error aborts the copy on the server.
    fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, String>;
}

/// What a try for a lock gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockAttempt {
    /// Ours until `unlock` or the end of the session.
    Acquired,
    /// Somebody else's. Who, when the server tells.
    Held(Option<Blocker>),
    /// This server has no sound session lock here (behind a transaction pooler, on Galera): use a lease.
    Unsupported,
}

/// What became of the locks of a session that was told to start over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionLocks {
    /// They are still held.
    Kept,
    /// They were given back.
    GivenBack,
}

/// What stands between us and the data, as far as it changes which locks are sound.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Topology {
    /// A pooler or proxy answers, with the evidence: the backend id of the handshake differs from the one the server reports.
    pub pooler: Option<String>,
    /// A multi-primary cluster (`wsrep_on`), with the evidence.
    pub galera: Option<String>,
    /// The server takes no writes (standby, `default_transaction_read_only`, `read_only`, file opened read-only), with the evidence.
    pub read_only: Option<String>,
}

/// What a session is doing right now, seen from another session.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Activity {
    /// Who blocks it. Empty when it does not wait for a lock.
    pub blockers: Vec<Blocker>,
    /// How far it is, where the server tells (`pg_stat_progress_*`, MariaDB's progress in the process list).
    pub progress: Option<Progress>,
    /// Why the server itself does not go on with it, in the server's words: MariaDB waits in the middle of a write until
    /// somebody frees room on its disk.
    pub stalled: Option<String>,
}

/// Stops the running statement of a session from outside. Cheap to clone into a signal handler.
pub trait Canceller: Send + Sync {
    /// Asks the server to stop what the session runs now (PostgreSQL cancel request with the session's own TLS mode,
    /// MySQL `KILL QUERY` on a fresh connection, `sqlite3_interrupt`). The statement then fails with
    /// [`crate::DbErrorKind::Cancelled`]; nothing happens when nothing runs.
    fn cancel(&self) -> BoxFuture<'_, Result<(), DbError>>;
}

/// One connection to one database.
pub trait Session: Send {
    /// Product and version. Asked once at connect.
    fn server(&self) -> &Server;

    /// How this session reads the text of a file at its beginning. A server, a database or a role can have settings that
    /// change where a string ends (`sql_mode`, `standard_conforming_strings`).
    fn split_options(&self) -> SplitOptions {
        SplitOptions::for_product(self.server().product)
    }

    /// Runs statements in order. `on_complete` is called once for each that completed, in order, before the future ends.
    /// Result rows are read and thrown away without buffering. On an error the rest is not run.
    /// The session is not wrapped in a transaction by the driver: PostgreSQL's implicit transaction around a
    /// multi-statement message applies when the caller opened none (callers that want autocommit send one statement).
    fn execute<'a>(
        &'a mut self,
        batch: Batch<'a>,
        on_complete: &'a mut (dyn FnMut(Completion) + Send),
    ) -> BoxFuture<'a, Result<(), StatementError>>;

    /// Runs one `COPY … FROM stdin` with its data; gives the rows copied. PostgreSQL only: others return
    /// [`crate::DbErrorKind::Statement`].
    fn copy_in<'a>(
        &'a mut self,
        statement: &'a str,
        data: &'a mut dyn CopySource,
    ) -> BoxFuture<'a, Result<u64, DbError>>;

    /// Runs one query and gives all its rows. Several statements separated by `;` are allowed on no driver.
    fn query<'a>(&'a mut self, sql: &'a str) -> BoxFuture<'a, Result<Vec<Row>, DbError>>;

    /// What the server said since the last call, oldest first.
    fn take_notices(&mut self) -> Vec<Notice>;

    /// The server's id of this session. Behind a transaction pooler it is that of the backend of the moment.
    fn backend(&self) -> BackendId;

    /// Whether a session with this id still exists on the server: the proof of death for a lease. `None` when this
    /// user may not see it or the id is not from this server; nothing may be concluded then.
    fn is_alive<'a>(
        &'a mut self,
        backend: &'a BackendId,
    ) -> BoxFuture<'a, Result<Option<bool>, DbError>>;

    /// What stands between us and the data. Asked once, on demand.
    fn topology(&mut self) -> BoxFuture<'_, Result<Topology, DbError>>;

    /// Tries to take a named lock, without waiting and without an open transaction or snapshot. PostgreSQL: session
    /// advisory lock on a 64-bit key derived from the name; MySQL: `GET_LOCK(name, 0)`; SQLite: an operating system lock on
    /// `<database>.shoring-lock`, gone with the process.
    fn try_lock<'a>(&'a mut self, name: &'a str) -> BoxFuture<'a, Result<LockAttempt, DbError>>;

    /// Gives a lock back. Not held: not an error.
    fn unlock<'a>(&'a mut self, name: &'a str) -> BoxFuture<'a, Result<(), DbError>>;

    /// The schema new tables go to: PostgreSQL `current_schema()`, MySQL `DATABASE()`, SQLite `None`.
    fn current_schema(&mut self) -> BoxFuture<'_, Result<Option<String>, DbError>>;

    /// Every ordinary table of this name that this user can see, in any schema but the system's (MySQL: only in the
    /// current database), with its columns.
    fn tables_named<'a>(
        &'a mut self,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Vec<TableShape>, DbError>>;

    /// As [`Session::tables_named`] for several names, in as few round trips as the server allows.
    fn tables_named_any<'a>(
        &'a mut self,
        names: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Vec<TableShape>, DbError>> {
        Box::pin(async move {
            let mut tables = Vec::new();
            for name in names {
                tables.extend(self.tables_named(name).await?);
            }
            Ok(tables)
        })
    }

    /// Every ordinary table name in one schema, sorted.
    fn tables_in<'a>(
        &'a mut self,
        schema: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Vec<TableName>, DbError>>;

    /// What the catalogue says about one thing. Unqualified names are looked up as the server would now.
    fn probe<'a>(&'a mut self, target: &'a Target) -> BoxFuture<'a, Result<Probe, DbError>>;

    /// What another session is doing: who blocks it, how far it is. Needs no rights beyond seeing one's own sessions;
    /// what may not be seen is left out.
    fn activity<'a>(
        &'a mut self,
        backend: &'a BackendId,
    ) -> BoxFuture<'a, Result<Activity, DbError>>;

    /// Puts the session back to how it was after connecting, keeping its locks: PostgreSQL `RESET ALL` and
    /// `RESET SESSION AUTHORIZATION`, MySQL the variables a dump changes (`sql_mode`, `foreign_key_checks`, `unique_checks`,
    /// `autocommit`, `time_zone`, character set) and the database, SQLite the pragmas `foreign_keys`, `legacy_alter_table`,
    /// `defer_foreign_keys`, `recursive_triggers`. A transaction left open is rolled back first.
    fn reset(&mut self) -> BoxFuture<'_, Result<(), DbError>>;

    /// As [`Session::reset`], and lets go of everything that lives only in the session: temporary tables, user variables,
    /// prepared statements. MySQL can do that only together with the session's locks (`COM_RESET_CONNECTION`).
    fn start_over(&mut self) -> BoxFuture<'_, Result<SessionLocks, DbError>> {
        Box::pin(async move {
            self.reset().await?;
            Ok(SessionLocks::Kept)
        })
    }

    /// A handle that stops the running statement.
    fn canceller(&self) -> Box<dyn Canceller>;

    /// Closes the session politely. Dropping it closes it too, less politely.
    fn close(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>>;
}

/// How to connect, apart from the URL.
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    /// How long to wait for a connection, in all.
    pub timeout: Duration,
    /// PostgreSQL `application_name`, MySQL `program_name` attribute: shown to whoever we block.
    pub application: String,
    /// SQLite: create the file if it is missing. Read-only commands say no.
    pub create: bool,
    /// Open for reading only (SQLite `mode=ro`, PostgreSQL `default_transaction_read_only=on`, MySQL `SET SESSION TRANSACTION READ ONLY`).
    pub read_only: bool,
}

/// One kind of database.
pub trait Driver: Sync {
    /// The name: `postgresql`, `mysql`, `sqlite`.
    fn name(&self) -> &'static str;

    /// The URL schemes it answers to, lower case: `postgres`, `postgresql`.
    fn schemes(&self) -> &'static [&'static str];

    /// Connects.
    fn connect<'a>(
        &'a self,
        url: &'a crate::url::DatabaseUrl,
        options: &'a ConnectOptions,
    ) -> BoxFuture<'a, Result<Box<dyn Session>, DbError>>;
}
