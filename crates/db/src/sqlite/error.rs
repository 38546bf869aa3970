//! From SQLite's result codes to what the caller has to do.

use super::{position, result_code};
use crate::error::{DbError, DbErrorKind};
use rusqlite::ffi;

/// What an error happened in, as far as it changes what the caller has to do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Circumstances<'a> {
    /// The statement that ran, for the place of the error in it.
    pub(super) statement: &'a str,
    /// The session was opened for reading only: a refused write is our own doing, not a missing right.
    pub(super) is_read_only: bool,
    /// The command was cancelled: a wait for a lock that was cut short is no lock timeout.
    pub(super) is_cancelled: bool,
}

/// An error of a statement.
pub(super) fn from_rusqlite(error: &rusqlite::Error, circumstances: Circumstances<'_>) -> DbError {
    let (code, message, offset) = match error {
        rusqlite::Error::SqliteFailure(error, message) => (
            error.extended_code,
            message.clone().unwrap_or_else(|| error.to_string()),
            None,
        ),
        // `Display` of this variant repeats the whole statement.
        rusqlite::Error::SqlInputError {
            error, msg, offset, ..
        } => (
            error.extended_code,
            msg.clone(),
            usize::try_from(*offset).ok(),
        ),
        rusqlite::Error::MultipleStatement => {
            return DbError::new(
                DbErrorKind::Statement,
                "several statements where one is expected",
            );
        }
        rusqlite::Error::NulError(error) => {
            return DbError {
                offset: Some(error.nul_position()),
                ..DbError::new(DbErrorKind::Statement, "NUL byte in the statement")
            };
        }
        other => return DbError::new(DbErrorKind::Internal, other.to_string()),
    };
    let offset = offset
        .filter(|offset| circumstances.statement.is_char_boundary(*offset))
        .or_else(|| position::guess(&message, circumstances.statement));
    DbError {
        code: Some(result_code::name(code)),
        offset,
        ..DbError::new(kind(code, circumstances), message)
    }
}

/// An error of a query of ours, or of opening.
pub(super) fn of_ours(error: &rusqlite::Error) -> DbError {
    from_rusqlite(
        error,
        Circumstances {
            statement: "",
            is_read_only: false,
            is_cancelled: false,
        },
    )
}

fn kind(code: i32, circumstances: Circumstances<'_>) -> DbErrorKind {
    match code & 0xFF {
        _ if code == ffi::SQLITE_BUSY_SNAPSHOT => DbErrorKind::Conflict,
        ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED if circumstances.is_cancelled => {
            DbErrorKind::Cancelled
        }
        ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED | ffi::SQLITE_PROTOCOL => DbErrorKind::LockTimeout,
        ffi::SQLITE_INTERRUPT => DbErrorKind::Cancelled,
        ffi::SQLITE_READONLY if circumstances.is_read_only => DbErrorKind::ReadOnly,
        ffi::SQLITE_READONLY | ffi::SQLITE_PERM | ffi::SQLITE_AUTH => DbErrorKind::Permission,
        // In a statement it is the journal beside the database that cannot be made.
        ffi::SQLITE_CANTOPEN if circumstances.statement.is_empty() => DbErrorKind::Unreachable,
        ffi::SQLITE_CANTOPEN | ffi::SQLITE_FULL | ffi::SQLITE_IOERR | ffi::SQLITE_CORRUPT => {
            DbErrorKind::Storage
        }
        ffi::SQLITE_NOTADB => DbErrorKind::Configuration,
        ffi::SQLITE_INTERNAL | ffi::SQLITE_MISUSE => DbErrorKind::Internal,
        _ => DbErrorKind::Statement,
    }
}
