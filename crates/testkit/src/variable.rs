//! The environment variables that `cargo xtask test` sets.

use std::path::PathBuf;

/// A PostgreSQL superuser's URL.
pub const POSTGRES_URL: &str = "SHORING_TEST_POSTGRES_URL";
/// The directory of that server's unix socket, which lets its users in without a password.
pub const POSTGRES_SOCKET: &str = "SHORING_TEST_POSTGRES_SOCKET";
/// The directory with `initdb` and `postgres`, for tests that start a server of their own.
pub const POSTGRES_BIN: &str = "SHORING_TEST_POSTGRES_BIN";
/// The program `mariadbd`, for the same.
pub const MARIADB_PROGRAM: &str = "SHORING_TEST_MARIADB_PROGRAM";
/// The URL of MariaDB's root.
pub const MARIADB_URL: &str = "SHORING_TEST_MARIADB_URL";
/// The file of that server's unix socket.
pub const MARIADB_SOCKET: &str = "SHORING_TEST_MARIADB_SOCKET";
/// The URLs of root on the two nodes of a Galera cluster.
pub const GALERA_URLS: [&str; 2] = ["SHORING_TEST_GALERA_URL", "SHORING_TEST_GALERA_OTHER_URL"];
/// The URL of MySQL's root.
pub const MYSQL_URL: &str = "SHORING_TEST_MYSQL_URL";
/// The file of that server's unix socket.
pub const MYSQL_SOCKET: &str = "SHORING_TEST_MYSQL_SOCKET";
/// The directory with `ca.pem`, `client.pem`, `client.key` and `other-ca.pem`. The servers' certificate is signed by
/// `ca.pem` and valid for the name `localhost` only.
pub const TLS_DIR: &str = "SHORING_TEST_TLS_DIR";
/// A PgBouncer in transaction mode, without TLS, before the PostgreSQL server.
pub const PGBOUNCER_URL: &str = "SHORING_TEST_PGBOUNCER_URL";
/// The file to which fault tests add what they tried.
pub const FIGURES: &str = "SHORING_TEST_FIGURES";

/// The value of a variable.
///
/// # Panics
/// When it is not set.
#[expect(
    clippy::disallowed_methods,
    reason = "the servers of a test run are named by its environment"
)]
pub fn value(name: &str) -> String {
    match std::env::var(name) {
        Ok(value) if !value.is_empty() => value,
        _ => panic!("{name} is not set: run this through `cargo xtask test`"),
    }
}

/// The value of a variable that may be left out.
#[expect(
    clippy::disallowed_methods,
    reason = "how much is tested is said by the environment"
)]
pub fn optional(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The value of a variable that names a file or a directory.
pub fn path(name: &str) -> PathBuf {
    PathBuf::from(value(name))
}
