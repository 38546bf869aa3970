//! The names of SQLite's extended result codes (`sqlite3.h`, <https://sqlite.org/rescode.html>).

/// Primary codes by number.
const PRIMARY: &[(i32, &str)] = &[
    (1, "ERROR"),
    (2, "INTERNAL"),
    (3, "PERM"),
    (4, "ABORT"),
    (5, "BUSY"),
    (6, "LOCKED"),
    (7, "NOMEM"),
    (8, "READONLY"),
    (9, "INTERRUPT"),
    (10, "IOERR"),
    (11, "CORRUPT"),
    (12, "NOTFOUND"),
    (13, "FULL"),
    (14, "CANTOPEN"),
    (15, "PROTOCOL"),
    (16, "EMPTY"),
    (17, "SCHEMA"),
    (18, "TOOBIG"),
    (19, "CONSTRAINT"),
    (20, "MISMATCH"),
    (21, "MISUSE"),
    (22, "NOLFS"),
    (23, "AUTH"),
    (24, "FORMAT"),
    (25, "RANGE"),
    (26, "NOTADB"),
];

/// For a primary code, the second half of the names of its extended codes 1, 2, 3, …
const EXTENDED: &[(i32, &[&str])] = &[
    (
        1,
        &[
            "MISSING_COLLSEQ",
            "RETRY",
            "SNAPSHOT",
            "RESERVESIZE",
            "KEY",
            "UNABLE",
        ],
    ),
    (4, &["", "ROLLBACK"]),
    (5, &["RECOVERY", "SNAPSHOT", "TIMEOUT"]),
    (6, &["SHAREDCACHE", "VTAB"]),
    (
        8,
        &[
            "RECOVERY",
            "CANTLOCK",
            "ROLLBACK",
            "DBMOVED",
            "CANTINIT",
            "DIRECTORY",
        ],
    ),
    (
        10,
        &[
            "READ",
            "SHORT_READ",
            "WRITE",
            "FSYNC",
            "DIR_FSYNC",
            "TRUNCATE",
            "FSTAT",
            "UNLOCK",
            "RDLOCK",
            "DELETE",
            "BLOCKED",
            "NOMEM",
            "ACCESS",
            "CHECKRESERVEDLOCK",
            "LOCK",
            "CLOSE",
            "DIR_CLOSE",
            "SHMOPEN",
            "SHMSIZE",
            "SHMLOCK",
            "SHMMAP",
            "SEEK",
            "DELETE_NOENT",
            "MMAP",
            "GETTEMPPATH",
            "CONVPATH",
            "VNODE",
            "AUTH",
            "BEGIN_ATOMIC",
            "COMMIT_ATOMIC",
            "ROLLBACK_ATOMIC",
            "DATA",
            "CORRUPTFS",
            "IN_PAGE",
        ],
    ),
    (11, &["VTAB", "SEQUENCE", "INDEX"]),
    (
        14,
        &[
            "NOTEMPDIR",
            "ISDIR",
            "FULLPATH",
            "CONVPATH",
            "DIRTYWAL",
            "SYMLINK",
        ],
    ),
    (
        19,
        &[
            "CHECK",
            "COMMITHOOK",
            "FOREIGNKEY",
            "FUNCTION",
            "NOTNULL",
            "PRIMARYKEY",
            "TRIGGER",
            "UNIQUE",
            "VTAB",
            "ROWID",
            "PINNED",
            "DATATYPE",
        ],
    ),
    (23, &["USER"]),
];

/// The name of an extended code: `SQLITE_CONSTRAINT_UNIQUE`, or `SQLITE_IOERR_99` for one that is newer than this list.
pub(super) fn name(code: i32) -> String {
    let (primary, number) = (code & 0xFF, code >> 8);
    let Some((_, first)) = PRIMARY.iter().find(|(value, _)| *value == primary) else {
        return format!("SQLITE_{code}");
    };
    if number == 0 {
        return format!("SQLITE_{first}");
    }
    let second = EXTENDED
        .iter()
        .find(|(value, _)| *value == primary)
        .and_then(|(_, names)| names.get(usize::try_from(number - 1).ok()?))
        .filter(|name| !name.is_empty());
    match second {
        Some(second) => format!("SQLITE_{first}_{second}"),
        None => format!("SQLITE_{first}_{number}"),
    }
}

#[cfg(test)]
mod tests {
    use super::name;
    use rusqlite::ffi;

    #[test]
    fn names_agree_with_the_librarys_numbers() {
        for (code, expected) in [
            (ffi::SQLITE_ERROR, "SQLITE_ERROR"),
            (ffi::SQLITE_BUSY, "SQLITE_BUSY"),
            (ffi::SQLITE_BUSY_SNAPSHOT, "SQLITE_BUSY_SNAPSHOT"),
            (ffi::SQLITE_LOCKED_SHAREDCACHE, "SQLITE_LOCKED_SHAREDCACHE"),
            (ffi::SQLITE_READONLY_DIRECTORY, "SQLITE_READONLY_DIRECTORY"),
            (ffi::SQLITE_IOERR_SHORT_READ, "SQLITE_IOERR_SHORT_READ"),
            (ffi::SQLITE_IOERR_CORRUPTFS, "SQLITE_IOERR_CORRUPTFS"),
            (ffi::SQLITE_CORRUPT_INDEX, "SQLITE_CORRUPT_INDEX"),
            (ffi::SQLITE_CANTOPEN_SYMLINK, "SQLITE_CANTOPEN_SYMLINK"),
            (ffi::SQLITE_CONSTRAINT_UNIQUE, "SQLITE_CONSTRAINT_UNIQUE"),
            (
                ffi::SQLITE_CONSTRAINT_DATATYPE,
                "SQLITE_CONSTRAINT_DATATYPE",
            ),
            (ffi::SQLITE_ABORT_ROLLBACK, "SQLITE_ABORT_ROLLBACK"),
            (ffi::SQLITE_AUTH_USER, "SQLITE_AUTH_USER"),
            (ffi::SQLITE_IOERR | (99 << 8), "SQLITE_IOERR_99"),
            (200, "SQLITE_200"),
        ] {
            assert_eq!(name(code), expected);
        }
    }
}
