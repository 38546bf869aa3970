//! What is known about one statement without asking a server.

use crate::target::Target;

/// How a statement behaves with respect to transactions on the server it was classified for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransactionRule {
    /// Runs inside a transaction and is rolled back with it.
    Allowed,
    /// Refused by the server inside a transaction block (PostgreSQL `CREATE INDEX CONCURRENTLY`, SQLite `VACUUM`), or
    /// silently without effect there (SQLite `PRAGMA foreign_keys`).
    Forbidden,
    /// Ends the open transaction by itself and cannot be rolled back (MySQL DDL).
    ImplicitCommit,
    /// Runs inside a transaction, but what it makes cannot be used before the commit
    /// (PostgreSQL 12+ `ALTER TYPE … ADD VALUE`): it must be the last of its transaction.
    CommitBeforeUse,
    /// Opens a transaction: `BEGIN`, `START TRANSACTION`.
    Begin,
    /// Commits: `COMMIT`, `END`.
    Commit,
    /// Rolls back: `ROLLBACK`, `ABORT`.
    Rollback,
    /// Only makes sense inside a transaction the file itself opened: `SAVEPOINT`, `RELEASE`, `ROLLBACK TO`, `SET TRANSACTION`.
    Inner,
    /// Takes the transaction, or the session, out of the hands of whoever opened it: `PREPARE TRANSACTION`, `XA`,
    /// `COMMIT AND CHAIN`, MySQL's `COMMIT RELEASE`. What a migration did could then not be recorded with it.
    Escapes,
}

/// What a statement does with a savepoint. The names are in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Savepoint {
    /// Sets it.
    Set(String),
    /// Needs it: `RELEASE`, `ROLLBACK TO`.
    Needed(String),
}

/// What is known about a statement from its text alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The leading words that name the statement, upper case, for people: `CREATE INDEX CONCURRENTLY`, `INSERT`.
    pub verb: String,
    /// How it behaves in transactions.
    pub transaction: TransactionRule,
    /// Whether it changes definitions rather than rows.
    pub is_ddl: bool,
    /// Whether it may change the session (role, search path, SQL mode, current database), so that the session must be
    /// put back before the next migration.
    pub changes_session: bool,
    /// The things it creates, changes or drops, most important first. Empty when not known.
    pub targets: Vec<Target>,
    /// Whether running it again after it has already taken effect is harmless
    /// (`IF NOT EXISTS`, `IF EXISTS`, `OR REPLACE`, `VACUUM`, `ANALYZE`, `SET`).
    pub is_idempotent: bool,
    /// The savepoint it sets or needs.
    pub savepoint: Option<Savepoint>,
}
