//! Which database is spoken to: the SQL family, the product and its version.

use std::fmt;

/// The SQL family, which decides lexing, splitting and the shape of statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dialect {
    /// PostgreSQL.
    Postgresql,
    /// MySQL and MariaDB.
    Mysql,
    /// SQLite.
    Sqlite,
}

impl Dialect {
    /// Every dialect, in the order of the documentation.
    pub const ALL: &'static [Self] = &[Self::Postgresql, Self::Mysql, Self::Sqlite];

    /// The name used in JSON and configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Postgresql => "postgresql",
            Self::Mysql => "mysql",
            Self::Sqlite => "sqlite",
        }
    }

    /// Whether a data definition statement can be rolled back.
    pub const fn has_transactional_ddl(self) -> bool {
        match self {
            Self::Postgresql | Self::Sqlite => true,
            Self::Mysql => false,
        }
    }

    /// The statement that opens a transaction that is going to write.
    pub const fn begin(self) -> &'static str {
        match self {
            Self::Postgresql => "BEGIN",
            Self::Mysql => "START TRANSACTION",
            // Deferred transactions fail with BUSY at their first write, where waiting no longer helps.
            Self::Sqlite => "BEGIN IMMEDIATE",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The product behind a connection. MariaDB and MySQL share a dialect and differ in detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Product {
    /// PostgreSQL.
    Postgresql,
    /// Oracle MySQL and its builds.
    Mysql,
    /// MariaDB.
    Mariadb,
    /// SQLite.
    Sqlite,
}

impl Product {
    /// The SQL family of this product.
    pub const fn dialect(self) -> Dialect {
        match self {
            Self::Postgresql => Dialect::Postgresql,
            Self::Mysql | Self::Mariadb => Dialect::Mysql,
            Self::Sqlite => Dialect::Sqlite,
        }
    }

    /// The name used in JSON (`postgresql`, `mysql`, `mariadb`, `sqlite`).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Postgresql => "postgresql",
            Self::Mysql => "mysql",
            Self::Mariadb => "mariadb",
            Self::Sqlite => "sqlite",
        }
    }

    /// The name as its makers write it, for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Postgresql => "PostgreSQL",
            Self::Mysql => "MySQL",
            Self::Mariadb => "MariaDB",
            Self::Sqlite => "SQLite",
        }
    }
}

/// A server version, compared numerically. PostgreSQL's second number is `minor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServerVersion {
    /// First number: 15 in 15.18, 10 in 10.11.19.
    pub major: u32,
    /// Second number.
    pub minor: u32,
    /// Third number, 0 where the product has none.
    pub patch: u32,
}

impl ServerVersion {
    /// A version from its three numbers.
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self {
            major,
            minor,
            patch,
        }
    }

    /// Reads the leading numbers of a version text such as `15.18 (Debian 15.18-0)` or `10.11.19-MariaDB`.
    /// Missing numbers are 0; `None` when the text does not start with a digit.
    pub fn parse(text: &str) -> Option<Self> {
        let head: &str = text
            .split(|c: char| !(c.is_ascii_digit() || c == '.'))
            .next()
            .unwrap_or_default();
        let mut numbers = head.split('.').map(|part| part.parse::<u32>().ok());
        let major = numbers.next()??;
        let minor = numbers.next().flatten().unwrap_or(0);
        let patch = numbers.next().flatten().unwrap_or(0);
        Some(Self {
            major,
            minor,
            patch,
        })
    }
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        if self.patch > 0 {
            write!(f, ".{}", self.patch)?;
        }
        Ok(())
    }
}

/// What is known about the server behind a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The product.
    pub product: Product,
    /// Its version.
    pub version: ServerVersion,
}

impl Server {
    /// The SQL family.
    pub const fn dialect(&self) -> Dialect {
        self.product.dialect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_the_servers_own_spelling() {
        for (text, expected) in [
            ("15.18 (Debian 15.18-0+deb12u1)", (15, 18, 0)),
            ("10.11.19-MariaDB-0+deb12u1", (10, 11, 19)),
            ("9.7.0", (9, 7, 0)),
            ("18beta1", (18, 0, 0)),
        ] {
            let version = ServerVersion::parse(text).unwrap();
            assert_eq!(
                (version.major, version.minor, version.patch),
                expected,
                "{text}"
            );
        }
        assert_eq!(ServerVersion::parse("devel"), None);
    }
}
