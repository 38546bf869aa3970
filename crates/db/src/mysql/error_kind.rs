//! From a server's error number to what the caller has to do (MySQL "Server Error Message Reference", MariaDB "Error Codes").

use crate::error::DbErrorKind;

/// The kind of an error that answered a statement.
pub(super) fn of_statement(code: u16, message: &str) -> DbErrorKind {
    match code {
        // `lock_wait_timeout` and `innodb_lock_wait_timeout` share 1205; 3572 is `NOWAIT` in MySQL 8.
        1205 | 3572 => DbErrorKind::LockTimeout,
        // Deadlock; MariaDB 11's "Record has changed since last read"; user lock deadlock; group replication certification.
        1213 | 1020 | 3058 | 3101 => DbErrorKind::Conflict,
        // KILL QUERY, `max_execution_time`, MariaDB's `max_statement_time` and its row limit.
        1317 | 3024 | 1968 | 1969 => DbErrorKind::Cancelled,
        // 1290 names the option that forbids the statement; only some of them make the server read-only.
        1290 if is_read_only(message) => DbErrorKind::ReadOnly,
        1044 | 1095 | 1142 | 1143 | 1227 | 1290 | 1370 | 1410 | 1419 => DbErrorKind::Permission,
        1792 | 1836 | 1874 | 3906 => DbErrorKind::ReadOnly,
        1040 | 1203 | 1226 => DbErrorKind::Unreachable,
        // Errors of files, "table is full", and MySQL's "Temporary file write failure."; others carry the system's error number
        // in their text.
        3 | 20 | 1021 | 1024 | 1026 | 1114 | 1878 => DbErrorKind::Storage,
        _ if is_disk_trouble(message) => DbErrorKind::Storage,
        // "WSREP has not yet prepared node for application use".
        1047 if message.contains("WSREP") => DbErrorKind::Unreachable,
        // Shutdown, aborted or killed connection, idle timeout, client-side numbers that proxies pass on.
        1053 | 1152 | 1158..=1161 | 1927 | 2006 | 2013 | 3169 | 4031 => DbErrorKind::ConnectionLost,
        _ => DbErrorKind::Statement,
    }
}

/// The kind of an error that answered a connect.
pub(super) fn of_connect(code: u16, message: &str) -> DbErrorKind {
    match code {
        // Wrong password or plugin, unknown or forbidden database, host or account refused, password expired.
        1044 | 1045 | 1049 | 1129 | 1130 | 1251 | 1275 | 1396 | 1524 | 1698 | 1820 | 1862
        | 3118 | 3955 | 4151 => DbErrorKind::Authentication,
        // "Connections using insecure transport are prohibited while --require_secure_transport=ON."
        3159 => DbErrorKind::Tls,
        1053 => DbErrorKind::Unreachable,
        _ => of_statement(code, message),
    }
}

/// `errno: 28 "No space left on device"`, `Errcode: 5 "Input/output error"`, `Got error 28 … from storage engine`,
/// `Got error 59 'Temp file write failure' from InnoDB` (MariaDB 10.11: an `ALTER TABLE` that sorts).
fn is_disk_trouble(message: &str) -> bool {
    [
        "No space left on device",
        "Disk quota exceeded",
        "Input/output error",
        "Got error 28 ",
        "Temp file write failure",
    ]
    .iter()
    .any(|words| message.contains(words))
}

fn is_read_only(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("read-only") || message.contains("read_only")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_number_means_different_things() {
        let read_only = "The MySQL server is running with the --super-read-only option so it cannot execute this statement";
        let secure = "The MySQL server is running with the --secure-file-priv option so it cannot execute this statement";
        for (code, message, expected) in [
            (1290, read_only, DbErrorKind::ReadOnly),
            (1290, secure, DbErrorKind::Permission),
            (1205, "Lock wait timeout exceeded", DbErrorKind::LockTimeout),
            (1049, "Unknown database 'x'", DbErrorKind::Statement),
            (
                1047,
                "WSREP has not yet prepared node",
                DbErrorKind::Unreachable,
            ),
            (1047, "Unknown command", DbErrorKind::Statement),
            (1114, "The table 't' is full", DbErrorKind::Storage),
            (
                1296,
                "Got error 59 'Temp file write failure' from InnoDB",
                DbErrorKind::Storage,
            ),
            (
                1005,
                "Can't create table `a`.`t` (errno: 28 \"No space left on device\")",
                DbErrorKind::Storage,
            ),
        ] {
            assert_eq!(of_statement(code, message), expected, "{code}");
        }
        assert_eq!(of_connect(1049, ""), DbErrorKind::Authentication);
        assert_eq!(of_connect(1040, ""), DbErrorKind::Unreachable);
    }
}
