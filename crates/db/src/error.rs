//! What can go wrong between us and a server, sorted by what the caller has to do about it.

use std::fmt;

/// What the caller has to do about a [`DbError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DbErrorKind {
    /// No connection: name not found, refused, timed out, no such file. Worth another try later.
    Unreachable,
    /// The server refused us: wrong password, no such database, no right to connect. Another try will not help.
    Authentication,
    /// TLS was asked for and could not be had, or a certificate did not verify.
    Tls,
    /// The connection was lost while or after something was sent. What was sent may or may not have taken effect.
    ConnectionLost,
    /// A lock was not to be had in time: PostgreSQL 55P03, MySQL 1205 and 1099-type waits, SQLite `BUSY`/`LOCKED`.
    LockTimeout,
    /// The server broke a deadlock (PostgreSQL 40P01, MySQL 1213) or a serialization conflict (40001): try again.
    Conflict,
    /// The statement was cancelled (PostgreSQL 57014, MySQL 1317, SQLite `INTERRUPT`).
    Cancelled,
    /// The user may not do this (PostgreSQL 42501, MySQL 1044/1142/1227, SQLite `READONLY`, `PERM`).
    Permission,
    /// The server is read-only, a standby, or in recovery.
    ReadOnly,
    /// The database's disk is full or fails, or what stands on it is damaged (PostgreSQL 53100, 58030, MySQL 1021, 1114,
    /// SQLite `FULL`, `IOERR`, `CORRUPT`). Another try helps once somebody has seen to it.
    Storage,
    /// The statement is wrong or was refused: the server's message says why.
    Statement,
    /// The URL or an option is wrong. The message never repeats the URL.
    Configuration,
    /// Something of ours: a protocol surprise, a broken invariant.
    Internal,
}

impl DbErrorKind {
    /// Whether the same statement may go through a moment later, on the same session: somebody was in the way.
    pub const fn is_worth_another_try(self) -> bool {
        match self {
            Self::LockTimeout | Self::Conflict => true,
            Self::Unreachable
            | Self::Authentication
            | Self::Tls
            | Self::ConnectionLost
            | Self::Cancelled
            | Self::Permission
            | Self::ReadOnly
            | Self::Storage
            | Self::Statement
            | Self::Configuration
            | Self::Internal => false,
        }
    }
}

/// An error of a session. Its message never contains a password or a whole URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DbError {
    /// What to do about it.
    pub kind: DbErrorKind,
    /// The server's message, or ours. Control characters are kept; whoever prints escapes.
    pub message: String,
    /// The server's code: SQLSTATE (`42703`), MySQL number (`1064`), SQLite extended code name (`SQLITE_CONSTRAINT_UNIQUE`).
    pub code: Option<String>,
    /// The server's `DETAIL`.
    pub detail: Option<String>,
    /// The server's `HINT`.
    pub hint: Option<String>,
    /// Inner context, such as the PL/pgSQL function and line.
    pub context: Option<String>,
    /// Where in the statement's text, as a byte offset, when the server tells. MySQL tells a line and a fragment; the
    /// driver turns them into an offset.
    pub offset: Option<usize>,
}

impl DbError {
    /// An error with a message only.
    pub fn new(kind: DbErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            code: None,
            detail: None,
            hint: None,
            context: None,
            offset: None,
        }
    }
}

impl DbError {
    /// Whether the server refused to make something because it is there: a table, a column, an index, a routine of that name.
    /// Only codes that say exactly that.
    pub fn is_there_already(&self) -> bool {
        match self.code.as_deref() {
            // PostgreSQL: table, index or view; column; type, trigger or constraint; function; schema; database. MySQL: database,
            // table, column, key, routine, trigger, event, foreign key.
            Some(
                "42P07" | "42701" | "42710" | "42723" | "42P06" | "42P04" | "1007" | "1050"
                | "1060" | "1061" | "1304" | "1359" | "1537" | "1826",
            ) => true,
            // MariaDB says so of a foreign key's name.
            Some("1005") => self.message.contains("errno: 121"),
            // SQLite has one code for everything that is wrong with a statement.
            Some("SQLITE_ERROR") => {
                self.message.contains(" already exists")
                    || self.message.starts_with("there is already ")
                    || self.message.starts_with("duplicate column name: ")
            }
            Some(_) | None => false,
        }
    }
}

impl fmt::Display for DbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(code) = &self.code {
            write!(f, " ({code})")?;
        }
        Ok(())
    }
}

impl std::error::Error for DbError {}

/// The error of one statement of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementError {
    /// Index of the statement in the batch, from 0: all before it completed (and were reported). For a lost connection,
    /// the first statement without a completion. One exception: PostgreSQL parses a whole message before it runs any of
    /// it, so a syntax error names its statement although nothing ran and nothing was reported.
    pub index: usize,
    /// What happened. `offset` is relative to the statement at `index`.
    pub error: DbError,
}

impl fmt::Display for StatementError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "statement {}: {}", self.index + 1, self.error)
    }
}

impl std::error::Error for StatementError {}
