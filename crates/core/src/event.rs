//! What happens while a plan runs. The only way out of the executor: terminal, JSON lines and library observers all read these.

use crate::diagnostic::Diagnostic;
use crate::migration::Direction;

/// Who holds what a statement waits for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Blocker {
    /// The server's id of the session: backend pid, connection id.
    pub session: String,
    /// Application name, program or user, where known.
    pub application: Option<String>,
    /// What it is doing: `active`, `idle in transaction`.
    pub state: Option<String>,
    /// Seconds since its transaction (or statement) began.
    pub age_seconds: Option<u64>,
    /// Its current or last statement, cut to 200 characters.
    pub statement: Option<String>,
}

/// How far a long statement is, where the server tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// What is being done, in the server's words: `building index`.
    pub phase: String,
    /// Units done.
    pub done: u64,
    /// Units in all; 0 when not known.
    pub total: u64,
    /// `bytes`, `rows`, `blocks`, `statements`.
    pub unit: &'static str,
}

/// One thing that happened. Milliseconds are wall time on the client.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// Another run holds the migration lock.
    LockWaiting {
        /// The holder, for people.
        holder: String,
        /// Milliseconds waited so far.
        waited_ms: u64,
        /// The limit.
        limit_ms: u64,
    },
    /// The lock is ours.
    LockAcquired {
        /// Milliseconds waited.
        waited_ms: u64,
    },
    /// A dead run's lease was taken over.
    LockTakenOver {
        /// Who held it, for people.
        previous: String,
        /// Why it counts as dead.
        evidence: String,
    },
    /// The plan is made.
    PlanReady {
        /// How many migrations will run.
        migrations: usize,
        /// The folder they come from.
        folder: String,
        /// The format's name for people: `native format`.
        format: &'static str,
    },
    /// A migration starts.
    MigrationStarted {
        /// Its version.
        version: String,
        /// Its name.
        name: String,
        /// The way.
        direction: Direction,
        /// Statements in the file.
        statements: u64,
        /// First statement that will run; more than 1 when a half-done file goes on.
        first_statement: u64,
    },
    /// A statement starts, or a run of statements sent together starts.
    StatementStarted {
        /// Version of the migration.
        version: String,
        /// Number in the file, from 1.
        number: u64,
        /// What it is: `CREATE INDEX CONCURRENTLY`.
        verb: String,
    },
    /// A long statement tells how far it is, or the file does (`unit` is `bytes`).
    StatementProgress {
        /// Version of the migration.
        version: String,
        /// Number in the file.
        number: u64,
        /// What it is.
        verb: String,
        /// How far.
        progress: Progress,
        /// Milliseconds since the statement started.
        elapsed_ms: u64,
    },
    /// A statement waits for a lock.
    StatementWaiting {
        /// Version of the migration.
        version: String,
        /// Number in the file.
        number: u64,
        /// Who holds it.
        blockers: Vec<Blocker>,
        /// Milliseconds waited in this try.
        waited_ms: u64,
        /// The limit of one try.
        limit_ms: u64,
        /// Which try this is, from 1.
        attempt: u32,
        /// How many tries there are.
        attempts: u32,
    },
    /// The server itself does not go on with a statement: it waits for room on its disk.
    StatementStalled {
        /// Version of the migration.
        version: String,
        /// Number in the file.
        number: u64,
        /// The server's words: `Waiting for someone to free space`.
        reason: String,
        /// Milliseconds since the statement started.
        elapsed_ms: u64,
    },
    /// A try was given up because of a lock; the next comes after a pause.
    Retried {
        /// Version of the migration.
        version: String,
        /// Number in the file.
        number: u64,
        /// The try that failed, from 1.
        attempt: u32,
        /// How many tries there are.
        attempts: u32,
        /// Milliseconds until the next.
        pause_ms: u64,
        /// The server's message.
        reason: String,
    },
    /// The server said something.
    Notice {
        /// Version of the migration.
        version: String,
        /// `NOTICE`, `WARNING`.
        severity: String,
        /// The text.
        message: String,
    },
    /// A statement is done.
    StatementFinished {
        /// Version of the migration.
        version: String,
        /// Number in the file.
        number: u64,
        /// Rows changed, where the server tells.
        rows: Option<u64>,
        /// Milliseconds; `None` when it was sent together with others.
        ms: Option<u64>,
    },
    /// A migration is done and recorded.
    MigrationFinished {
        /// Its version.
        version: String,
        /// Its name.
        name: String,
        /// The way.
        direction: Direction,
        /// Milliseconds.
        ms: u64,
        /// Statements run now.
        statements: u64,
        /// Rows changed by its statements, where known.
        rows: u64,
    },
    /// A migration failed.
    MigrationFailed {
        /// Its version.
        version: String,
        /// Its name.
        name: String,
        /// The statement that failed, 0 if none.
        number: u64,
        /// Statements in the file.
        statements: u64,
    },
    /// Something worth telling that stops nothing.
    Warned {
        /// The message.
        diagnostic: Diagnostic,
    },
}

/// Receives events. Called from the task that runs the migrations: return quickly.
pub trait Observer: Send + Sync {
    /// One thing happened.
    fn observe(&self, event: &Event);
}

/// An observer that ignores everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn observe(&self, _event: &Event) {}
}
