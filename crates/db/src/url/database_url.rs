//! The parsed URL itself: where, who, which database, and the password that cannot be printed.

use super::{TlsPolicy, UrlError, parameters, spelling};
use shoring_core::Dialect;
use std::fmt;
use std::path::{Path, PathBuf};

/// A password. Its `Debug` prints three asterisks.
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

/// The place as a message names it: `db:5432`, `[::1]:5432`, `/run/postgresql`.
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(host, port) if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp(host, port) => write!(f, "{host}:{port}"),
            Self::Unix(path, _) => write!(f, "{}", path.display()),
        }
    }
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
    pub dialect: Dialect,
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
    /// Everything after `?` that is not one of the parts above, decoded, in order, keys as written.
    pub parameters: Vec<(String, String)>,
    /// What TLS has to prove; already read out of `parameters`.
    pub tls: TlsPolicy,
    /// The scheme to print: `postgres`, `mysql`, `mariadb`, `sqlite`.
    pub(super) scheme: &'static str,
    /// The SQLite path as the user wrote it, with the path it was resolved to.
    pub(super) written: Option<(PathBuf, String)>,
    /// No host was written; `hosts` holds the usual places.
    pub(super) has_default_hosts: bool,
}

impl DatabaseUrl {
    /// Reads a URL, a libpq keyword string, a Go DSN or a path to an SQLite file. Relative paths (SQLite files,
    /// certificates) are meant from `base`.
    pub fn parse(text: &str, base: &Path) -> Result<Self, UrlError> {
        spelling::parse(text, base)
    }

    /// The URL of an SQLite file.
    pub fn sqlite_file(path: impl Into<PathBuf>) -> Self {
        Self::sqlite_at(SqliteLocation::File(path.into()), None)
    }

    /// The URL of a private SQLite database in memory.
    pub fn sqlite_memory() -> Self {
        Self::sqlite_at(SqliteLocation::Memory, None)
    }

    pub(super) fn sqlite_at(location: SqliteLocation, written: Option<(PathBuf, String)>) -> Self {
        Self {
            dialect: Dialect::Sqlite,
            hosts: Vec::new(),
            user: None,
            password: None,
            database: None,
            sqlite: Some(location),
            parameters: Vec::new(),
            tls: TlsPolicy::default(),
            scheme: "sqlite",
            written,
            has_default_hosts: false,
        }
    }

    /// The same server with another database; for making scratch databases.
    #[must_use]
    pub fn with_database(&self, database: impl Into<String>) -> Self {
        Self {
            database: Some(database.into()),
            ..self.clone()
        }
    }

    /// The scheme: `postgres`, `mysql`, `mariadb`, `sqlite`.
    pub const fn scheme(&self) -> &'static str {
        self.scheme
    }

    /// The last value of a parameter. Names are compared without case, `-` and `_`, as `ssl-mode`, `ssl_mode` and
    /// `sslMode` are the same thing in different drivers.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let name = parameters::normal(name);
        self.parameters
            .iter()
            .rev()
            .find(|(key, _)| parameters::normal(key) == name)
            .map(|(_, value)| value.as_str())
    }
}

/// The redacted form.
impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}
