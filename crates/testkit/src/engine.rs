//! The kinds of servers that tests run against.

use crate::variable;
use shoring_core::Dialect;

/// A database product. The names are those of the modules that [`crate::server_tests!`] makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// PostgreSQL.
    Postgresql,
    /// MariaDB.
    Mariadb,
    /// MySQL; its servers are not everywhere, so `cargo xtask test` runs these tests only when asked to.
    Mysql,
    /// SQLite.
    Sqlite,
}

impl Engine {
    /// The engine of a module name.
    ///
    /// # Panics
    /// When there is none.
    pub fn named(name: &str) -> Self {
        match name {
            "postgresql" => Self::Postgresql,
            "mariadb" => Self::Mariadb,
            "mysql" => Self::Mysql,
            "sqlite" => Self::Sqlite,
            other => panic!("there is no engine `{other}`"),
        }
    }

    /// Its name, as [`Engine::named`] takes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Postgresql => "postgresql",
            Self::Mariadb => "mariadb",
            Self::Mysql => "mysql",
            Self::Sqlite => "sqlite",
        }
    }

    /// The SQL family.
    pub const fn dialect(self) -> Dialect {
        match self {
            Self::Postgresql => Dialect::Postgresql,
            Self::Mariadb | Self::Mysql => Dialect::Mysql,
            Self::Sqlite => Dialect::Sqlite,
        }
    }

    /// The variable with the URL of its server; SQLite has none.
    pub const fn url_variable(self) -> Option<&'static str> {
        match self {
            Self::Postgresql => Some(variable::POSTGRES_URL),
            Self::Mariadb => Some(variable::MARIADB_URL),
            Self::Mysql => Some(variable::MYSQL_URL),
            Self::Sqlite => None,
        }
    }

    /// The variable with the unix socket of its server.
    pub const fn socket_variable(self) -> Option<&'static str> {
        match self {
            Self::Postgresql => Some(variable::POSTGRES_SOCKET),
            Self::Mariadb => Some(variable::MARIADB_SOCKET),
            Self::Mysql => Some(variable::MYSQL_SOCKET),
            Self::Sqlite => None,
        }
    }

    /// The one of three values that is for this engine's SQL family.
    pub fn pick<T>(self, postgresql: T, mysql: T, sqlite: T) -> T {
        match self.dialect() {
            Dialect::Postgresql => postgresql,
            Dialect::Mysql => mysql,
            Dialect::Sqlite => sqlite,
        }
    }
}
