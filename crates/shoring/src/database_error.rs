//! Errors of sessions as errors of the engine, where no statement of the user's is involved.

use crate::error::{Error, ErrorKind};
use shoring_db::{DbError, DbErrorKind};

/// A failure to connect.
pub(crate) fn connect_error(error: &DbError, url: &str) -> Error {
    let kind = kind_of(error);
    let mut result =
        Error::new(kind, code_of(error), error.to_string()).note(format!("database: {url}"));
    if let Some(hint) = &error.hint {
        result = result.note(format!("hint: {hint}"));
    }
    match error.kind {
        // Also one that was accepted and closed at once: the server goes down or comes up.
        DbErrorKind::Unreachable | DbErrorKind::ConnectionLost => {
            result.next("is the server running, and the URL right?  shoring config")
        }
        DbErrorKind::Authentication => {
            result.next("check user, password and database name:  shoring config")
        }
        DbErrorKind::Tls => result
            .next("check sslmode (PostgreSQL) or ssl-mode (MySQL) in the URL:  shoring help urls"),
        DbErrorKind::Configuration => result.next("see the accepted forms:  shoring help urls"),
        DbErrorKind::LockTimeout
        | DbErrorKind::Conflict
        | DbErrorKind::Cancelled
        | DbErrorKind::Permission
        | DbErrorKind::ReadOnly
        | DbErrorKind::Statement
        | DbErrorKind::Internal => result,
        DbErrorKind::Storage => result.next(STORAGE_NEXT),
    }
}

/// What to do about a disk.
pub(crate) const STORAGE_NEXT: &str =
    "make room on the database's disk, or mend it; then run the same command again";

/// A failure of a query or a write of ours.
pub(crate) fn query_error(error: &DbError) -> Error {
    let mut result = Error::new(kind_of(error), code_of(error), error.to_string());
    if let Some(detail) = &error.detail {
        result = result.note(detail.clone());
    }
    if let Some(hint) = &error.hint {
        result = result.note(format!("hint: {hint}"));
    }
    match error.kind {
        DbErrorKind::Permission => result
            .state("Nothing was run and nothing was changed.")
            .next("grant this user the right, or use another user"),
        DbErrorKind::ReadOnly => result
            .state("Nothing was run and nothing was changed.")
            .next("connect to the primary server"),
        DbErrorKind::ConnectionLost => {
            result.next("run the same command again: it finds the truth in the database")
        }
        DbErrorKind::Storage => result.next(STORAGE_NEXT),
        DbErrorKind::Unreachable => {
            result.next("when the database can be reached, run the same command again")
        }
        DbErrorKind::Authentication
        | DbErrorKind::Tls
        | DbErrorKind::LockTimeout
        | DbErrorKind::Conflict
        | DbErrorKind::Cancelled
        | DbErrorKind::Statement
        | DbErrorKind::Configuration
        | DbErrorKind::Internal => result,
    }
}

const fn kind_of(error: &DbError) -> ErrorKind {
    match error.kind {
        // A file or a server whose disk fails is as good as away until somebody has seen to it.
        DbErrorKind::Unreachable | DbErrorKind::ConnectionLost | DbErrorKind::Storage => {
            ErrorKind::Unreachable
        }
        DbErrorKind::Authentication | DbErrorKind::Tls | DbErrorKind::Permission => {
            ErrorKind::Authentication
        }
        DbErrorKind::LockTimeout | DbErrorKind::Conflict => ErrorKind::LockTimeout,
        DbErrorKind::Configuration | DbErrorKind::ReadOnly => ErrorKind::Usage,
        DbErrorKind::Cancelled | DbErrorKind::Statement | DbErrorKind::Internal => {
            ErrorKind::Internal
        }
    }
}

const fn code_of(error: &DbError) -> &'static str {
    match error.kind {
        DbErrorKind::Unreachable => "unreachable",
        DbErrorKind::Authentication => "authentication",
        DbErrorKind::Tls => "tls",
        DbErrorKind::ConnectionLost => "connection-lost",
        DbErrorKind::LockTimeout => "lock-timeout",
        DbErrorKind::Conflict => "conflict",
        DbErrorKind::Cancelled => "cancelled",
        DbErrorKind::Permission => "permission",
        DbErrorKind::ReadOnly => "read-only",
        DbErrorKind::Storage => "storage",
        DbErrorKind::Statement => "query-failed",
        DbErrorKind::Configuration => "bad-url",
        DbErrorKind::Internal => "internal",
    }
}
