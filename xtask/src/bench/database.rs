//! The databases that are migrated: one for each tool and run, on the private servers or as a file.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::machine;
use crate::servers::{Fleet, Server, mariadb_client, psql};

/// The databases of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Product {
    Postgresql,
    Mariadb,
    Sqlite,
}

impl Product {
    pub(super) const ALL: [Self; 3] = [Self::Postgresql, Self::Mariadb, Self::Sqlite];

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Postgresql => "PostgreSQL",
            Self::Mariadb => "MariaDB",
            Self::Sqlite => "SQLite",
        }
    }

    fn server(self) -> Server {
        match self {
            Self::Postgresql => Server::Postgresql,
            Self::Mariadb => Server::Mariadb,
            Self::Sqlite => Server::Sqlite,
        }
    }
}

/// Where a database is.
#[derive(Debug, Clone)]
pub(super) enum Place {
    /// On a private server; the user is its superuser.
    Server {
        port: u16,
        password: String,
    },
    File(PathBuf),
}

/// One database.
#[derive(Debug, Clone)]
pub(super) struct Database {
    pub(super) product: Product,
    pub(super) name: String,
    pub(super) place: Place,
}

impl Database {
    /// Makes an empty one; what had the name before is dropped.
    pub(super) fn create(
        product: Product,
        name: &str,
        fleet: &Fleet,
        scratch: &Path,
    ) -> Result<Self, String> {
        let place = match product {
            Product::Sqlite => Place::File(scratch.join(format!("{name}.db"))),
            Product::Postgresql | Product::Mariadb => {
                let address = fleet
                    .address(product.server())
                    .ok_or("the server does not run")?;
                Place::Server {
                    port: address.port,
                    password: address.password.clone(),
                }
            }
        };
        let database = Self {
            product,
            name: name.to_owned(),
            place,
        };
        database.empty()?;
        Ok(database)
    }

    fn empty(&self) -> Result<(), String> {
        let name = &self.name;
        match &self.place {
            Place::File(path) => {
                for suffix in ["", "-journal", "-wal", "-shm", ".shoring-lock"] {
                    drop(fs::remove_file(format!("{}{suffix}", path.display())));
                }
            }
            Place::Server { .. } if self.product == Product::Postgresql => {
                self.ask_server(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
                self.ask_server(&format!("CREATE DATABASE {name}"))?;
            }
            Place::Server { .. } => {
                self.ask_server(&format!("DROP DATABASE IF EXISTS {name}"))?;
                self.ask_server(&format!("CREATE DATABASE {name}"))?;
            }
        }
        Ok(())
    }

    /// Asks the server, from outside this database.
    pub(super) fn ask_server(&self, query: &str) -> Result<String, String> {
        match &self.place {
            Place::File(_) => Err("a file has no server".into()),
            Place::Server { port, password } => match self.product {
                Product::Mariadb => mariadb_client(*port, password, query),
                Product::Postgresql | Product::Sqlite => psql(*port, password, "postgres", query),
            },
        }
    }

    /// The same database through another port.
    pub(super) fn through(&self, port: u16) -> Self {
        let mut database = self.clone();
        if let Place::Server { port: own, .. } = &mut database.place {
            *own = port;
        }
        database
    }

    pub(super) fn port(&self) -> Option<u16> {
        match &self.place {
            Place::File(_) => None,
            Place::Server { port, .. } => Some(*port),
        }
    }

    /// Lets the server and the disk come to rest, so that no run pays for the one before it.
    pub(super) fn settle(&self) -> Result<(), String> {
        if self.product == Product::Postgresql {
            self.wait_for_sessions()?;
            self.ask_server("CHECKPOINT")?;
        }
        machine::output_of(&mut std::process::Command::new("sync")).map(drop)
    }

    /// Waits until no session is left: a backend ends a moment after its client, and only then are its counters full.
    pub(super) fn wait_for_sessions(&self) -> Result<(), String> {
        let query = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = '{}'",
            self.name
        );
        let start = Instant::now();
        while self.ask_server(&query)? != "0" {
            if start.elapsed() > Duration::from_secs(10) {
                return Err(format!("sessions are left in {}", self.name));
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// The spelling that most tools share. Nothing is encrypted: that would measure handshakes.
    pub(super) fn url(&self) -> String {
        let name = &self.name;
        match &self.place {
            Place::File(path) => format!("sqlite://{}?mode=rwc", path.display()),
            Place::Server { port, password } if self.product == Product::Postgresql => {
                format!("postgres://postgres:{password}@127.0.0.1:{port}/{name}?sslmode=disable")
            }
            Place::Server { port, password } => {
                format!("mysql://root:{password}@127.0.0.1:{port}/{name}?ssl-mode=DISABLED")
            }
        }
    }

    pub(super) fn url_for_dbmate(&self) -> String {
        let url = self.url();
        match self.product {
            Product::Postgresql => url,
            // Its drivers know none of these parameters.
            Product::Mariadb | Product::Sqlite => url.split('?').next().unwrap_or_default().into(),
        }
        .replacen("sqlite://", "sqlite:", 1)
    }

    pub(super) fn url_for_golang_migrate(&self) -> String {
        let name = &self.name;
        match &self.place {
            Place::File(path) => format!("sqlite://{}", path.display()),
            Place::Server { .. } if self.product == Product::Postgresql => self.url(),
            Place::Server { port, password } => {
                format!("mysql://root:{password}@tcp(127.0.0.1:{port})/{name}?multiStatements=true")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_gets_its_spelling() {
        let server = |product, port| Database {
            product,
            name: "shop".into(),
            place: Place::Server {
                port,
                password: "pw".into(),
            },
        };
        let postgresql = server(Product::Postgresql, 5432).through(6000);
        assert_eq!(
            postgresql.url_for_golang_migrate(),
            "postgres://postgres:pw@127.0.0.1:6000/shop?sslmode=disable"
        );
        let mariadb = server(Product::Mariadb, 3306);
        assert_eq!(
            mariadb.url_for_dbmate(),
            "mysql://root:pw@127.0.0.1:3306/shop"
        );
        assert_eq!(
            mariadb.url_for_golang_migrate(),
            "mysql://root:pw@tcp(127.0.0.1:3306)/shop?multiStatements=true"
        );
        let file = Database {
            product: Product::Sqlite,
            name: "shop".into(),
            place: Place::File("/tmp/shop.db".into()),
        };
        assert_eq!(file.url(), "sqlite:///tmp/shop.db?mode=rwc");
        assert_eq!(file.url_for_dbmate(), "sqlite:/tmp/shop.db");
        assert_eq!(file.port(), None);
    }
}
