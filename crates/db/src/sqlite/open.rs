//! Opening a database file: what is refused before SQLite sees it, and with which words.
//!
//! SQLite itself says "unable to open database file" for a missing file, a folder and a missing right alike, and makes an
//! empty file where a name was misspelled.

use super::error::of_ours;
use crate::error::{DbError, DbErrorKind};
use rusqlite::{Connection, OpenFlags};
use std::io;
use std::path::{Path, PathBuf};

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Only for reading; never creates it.
    ReadOnly,
    /// Only for reading, and it is known that nobody writes: no lock, no `-shm` file (`immutable=1`).
    Immutable,
    /// For writing; it must exist.
    Existing,
    /// For writing; created when missing.
    Create,
}

/// Opens a private in-memory database.
pub(super) fn memory() -> Result<Connection, DbError> {
    Connection::open_in_memory().map_err(|error| of_ours(&error))
}

/// Opens a file; gives the connection and the path with symbolic links resolved, as SQLite resolves them.
pub(super) fn file(path: &Path, access: Access) -> Result<(Connection, PathBuf), DbError> {
    if path.as_os_str().is_empty() {
        return Err(DbError::new(
            DbErrorKind::Configuration,
            "the database file's path is empty",
        ));
    }
    check(path, access)?;
    // A name that starts with `:` or `file:` would mean something else to SQLite.
    let plain = if path.is_absolute() {
        path.to_owned()
    } else {
        Path::new(".").join(path)
    };
    let opened = match access {
        Access::ReadOnly => {
            Connection::open_with_flags(&plain, OpenFlags::SQLITE_OPEN_READ_ONLY | common())
        }
        Access::Immutable => Connection::open_with_flags(
            immutable_uri(&plain),
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | common(),
        ),
        Access::Existing => {
            Connection::open_with_flags(&plain, OpenFlags::SQLITE_OPEN_READ_WRITE | common())
        }
        Access::Create => Connection::open_with_flags(
            &plain,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | common(),
        ),
    };
    let connection = opened.map_err(|error| refused(path, of_ours(&error)))?;
    let resolved = std::fs::canonicalize(&plain).unwrap_or(plain);
    Ok((connection, resolved))
}

/// Whether reading will make the files of a write-ahead log, because nobody has the database open. SQLite leaves them behind
/// when a connection that may not write was the last one (3.50, `sqlite3WalClose` needs the exclusive lock).
pub(super) fn has_no_log(path: &Path) -> bool {
    ["-wal", "-shm"]
        .iter()
        .all(|suffix| !beside(path, suffix).exists())
}

/// Lets SQLite remove the files of a write-ahead log that reading made: the last connection that may write does, and
/// one that is not the last leaves them alone.
pub(super) fn remove_log(path: &Path) {
    if has_no_log(path) {
        return;
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | common();
    if let Ok(connection) = Connection::open_with_flags(path, flags) {
        // It does not know that the file has a log before it reads. A failure leaves two files, no harm.
        drop(read_header(&connection, path));
    }
}

/// The path with something added to its last part.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Reads the header, so that a file that is no database is refused now and not at the first statement.
pub(super) fn read_header(connection: &Connection, path: &Path) -> Result<(), DbError> {
    connection
        .query_row("PRAGMA schema_version", [], |_| Ok(()))
        .map_err(|error| refused(path, of_ours(&error)))
}

/// One thread owns the connection, so SQLite's own mutexes are not needed.
fn common() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE
}

fn check(path: &Path, access: Access) -> Result<(), DbError> {
    let shown = path.display();
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => Ok(()),
        Ok(metadata) if metadata.is_dir() => Err(DbError::new(
            DbErrorKind::Configuration,
            format!("`{shown}` is a folder, not a database file"),
        )),
        // Opening a named pipe would wait for ever.
        Ok(_) => Err(DbError::new(
            DbErrorKind::Configuration,
            format!("`{shown}` is not a regular file"),
        )),
        Err(error) if error.kind() == io::ErrorKind::NotFound && access == Access::Create => {
            check_folder(path)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(DbError::new(
            DbErrorKind::Unreachable,
            format!("database file `{shown}` does not exist"),
        )),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(DbError::new(
            DbErrorKind::Permission,
            format!("no right to open database file `{shown}`"),
        )),
        Err(error) => Err(DbError::new(
            DbErrorKind::Unreachable,
            format!("cannot open database file `{shown}`: {error}"),
        )),
    }
}

fn check_folder(path: &Path) -> Result<(), DbError> {
    let Some(folder) = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    else {
        return Ok(());
    };
    if folder.is_dir() {
        return Ok(());
    }
    Err(DbError::new(
        DbErrorKind::Unreachable,
        format!(
            "cannot create database file `{}`: folder `{}` does not exist",
            path.display(),
            folder.display()
        ),
    ))
}

/// The path as a `file:` URI (<https://sqlite.org/uri.html>).
fn immutable_uri(path: &Path) -> String {
    let text = path.to_string_lossy();
    let path = percent_encoding::utf8_percent_encode(&text, percent_encoding::NON_ALPHANUMERIC)
        .to_string()
        .replace("%2F", "/");
    format!("file:{path}?immutable=1")
}

/// Puts the path into SQLite's words, and the right words for a file that is no database.
fn refused(path: &Path, error: DbError) -> DbError {
    let shown = path.display();
    let message = match error.code.as_deref() {
        Some("SQLITE_NOTADB") => {
            format!("`{shown}` is not an SQLite database (or it is encrypted)")
        }
        _ => format!("cannot open database file `{shown}`: {}", error.message),
    };
    // The file is there and could be looked at, so what is missing is the right to open it.
    let kind = if error.kind == DbErrorKind::Unreachable && path.is_file() {
        DbErrorKind::Permission
    } else {
        error.kind
    };
    DbError {
        kind,
        message,
        ..error
    }
}
