//! Database URLs in every spelling people use, parsed into parts; the password can never be printed.

use std::fmt;
use std::path::PathBuf;

/// A password. Its `Debug` and `Display` print three asterisks.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself; only a driver's connect calls this.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// A name or address.
    Tcp(String, u16),
    /// A unix socket: for PostgreSQL the directory and the port that names the file in it, for MySQL the socket file.
    Unix(PathBuf, u16),
}

/// Where an SQLite database lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SqliteLocation {
    /// A private in-memory database.
    Memory,
    /// A file.
    File(PathBuf),
}

/// A parsed database URL.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    /// The SQL family the scheme names.
    pub dialect: shoring_core::Dialect,
    /// The servers to try in order; empty for SQLite.
    pub hosts: Vec<Host>,
    /// The user.
    pub user: Option<String>,
    /// The password.
    pub password: Option<Secret>,
    /// The database name on a server.
    pub database: Option<String>,
    /// The place of an SQLite database.
    pub sqlite: Option<SqliteLocation>,
    /// Everything after `?`, decoded, in order, keys as written.
    pub parameters: Vec<(String, String)>,
}
