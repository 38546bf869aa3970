//! All servers of one run, and the variables that tell the tests where they are.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use super::galera::{self, Galera};
use super::mariadb::{self, Mariadb};
use super::mysql::{self, Mysql};
use super::pgbouncer::{self, Pgbouncer};
use super::postgresql::{self, Postgresql};
use super::release::Release;
use super::supervisor::Supervisor;
use super::{certificates, directory, software};
use crate::machine;

/// Where tests can run; each is one line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Server {
    Postgresql,
    Pgbouncer,
    Mariadb,
    Galera,
    Mysql,
    Sqlite,
}

impl Server {
    pub(crate) const ALL: [Self; 6] = [
        Self::Postgresql,
        Self::Pgbouncer,
        Self::Mariadb,
        Self::Galera,
        Self::Mysql,
        Self::Sqlite,
    ];

    /// The name in the table, and as a segment of the paths of its tests.
    pub(crate) fn segment(self) -> &'static str {
        match self {
            Self::Postgresql => "postgresql",
            Self::Pgbouncer => "pgbouncer",
            Self::Mariadb => "mariadb",
            Self::Galera => "galera",
            Self::Mysql => "mysql",
            Self::Sqlite => "sqlite",
        }
    }
}

/// What came of one server.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    Running { version: String, origin: String },
    Failed(String),
    NotAsked,
}

/// What a run asks for beside the servers that always run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct OnRequest {
    pub(crate) mysql: bool,
    /// Which PostgreSQL it is.
    pub(crate) postgresql: Release,
}

/// What the servers promise about what they have committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Nothing: everything in memory and no waiting for the disk. For tests.
    None,
    /// What the servers' own defaults promise, on a disk. For measuring.
    Default,
}

impl Durability {
    /// The options that a server gets to promise nothing.
    pub(super) fn without<'a>(self, options: &'a [&'a str]) -> &'a [&'a str] {
        match self {
            Self::None => options,
            Self::Default => &[],
        }
    }
}

/// How to reach a server over TCP.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    pub(crate) port: u16,
    /// Of the superuser.
    pub(crate) password: String,
}

/// What every server gets.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) supervisor: Supervisor,
    pub(super) directory: PathBuf,
    pub(super) certificates: PathBuf,
    pub(super) password: String,
    pub(super) durability: Durability,
}

/// The running servers; dropping it stops and deletes them.
#[derive(Debug)]
pub(crate) struct Fleet {
    site: Arc<Site>,
    pub(crate) outcomes: Vec<(Server, Outcome)>,
    variables: Vec<(&'static str, String)>,
    ports: Vec<(Server, u16)>,
}

impl Fleet {
    /// Installs what is missing; the servers themselves come with [`Fleet::start`].
    pub(crate) fn install(wanted: OnRequest) -> Result<(), String> {
        software::provide(wanted)
    }

    /// Starts everything; a server that cannot be had is an [`Outcome`], not an error.
    pub(crate) fn start(wanted: OnRequest, durability: Durability) -> Result<Self, String> {
        let start = Instant::now();
        let supervisor = Supervisor::start()?;
        let directory = directory::create(&supervisor, durability)?;
        let site = Arc::new(Site {
            certificates: directory.join("tls"),
            password: machine::random_hex(12)?,
            supervisor,
            directory,
            durability,
        });
        certificates::create(&site.certificates)?;
        let mut fleet = Self {
            site,
            outcomes: Vec::new(),
            variables: Vec::new(),
            ports: Vec::new(),
        };
        fleet.start_servers(wanted);
        println!(
            "servers started in {:.1} s in {}",
            start.elapsed().as_secs_f64(),
            fleet.site.directory.display()
        );
        Ok(fleet)
    }

    /// The variables of the environment that tests read.
    pub(crate) fn variables(&self) -> &[(&'static str, String)] {
        &self.variables
    }

    /// The lines that fault tests left about what they tried.
    pub(crate) fn figures(&self) -> Result<String, String> {
        let path = self.figures_file();
        if !path.exists() {
            return Ok(String::new());
        }
        std::fs::read_to_string(&path)
            .map_err(|error| format!("cannot read `{}`: {error}", path.display()))
    }

    fn figures_file(&self) -> PathBuf {
        self.site.directory.join("figures")
    }

    /// Where a server listens, if it runs.
    pub(crate) fn address(&self, server: Server) -> Option<Address> {
        let (_, port) = self.ports.iter().find(|(name, _)| *name == server)?;
        Some(Address {
            port: *port,
            password: self.site.password.clone(),
        })
    }

    /// A folder that is deleted after the run.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.site.directory.join("tmp")
    }

    /// Ends this process group too if xtask goes away.
    pub(crate) fn watch_group(&self, leader: u32) -> Result<(), String> {
        self.site.supervisor.watch_group(leader)
    }

    /// Ends this one process too if xtask goes away.
    pub(super) fn watch_process(&self, pid: u32) -> Result<(), String> {
        self.site.supervisor.watch_process(pid)
    }

    /// What was watched has ended by itself.
    pub(crate) fn forget(&self) -> Result<(), String> {
        self.site.supervisor.forget()
    }

    pub(crate) fn is_running(&self, server: Server) -> bool {
        let is_it = |(name, outcome): &(Server, Outcome)| {
            *name == server && matches!(outcome, Outcome::Running { .. })
        };
        self.outcomes.iter().any(is_it)
    }

    fn start_servers(&mut self, wanted: OnRequest) {
        let postgresql = spawn(&self.site, move |site| {
            let server = postgresql::start(site, wanted.postgresql)?;
            let pooler = pgbouncer::start(site, &server);
            Ok((server, pooler))
        });
        let mariadb = spawn(&self.site, mariadb::start);
        // Nobody measures a cluster, and its nodes would take the machine from the servers that are.
        let galera = match self.site.durability {
            Durability::None => Some(spawn(&self.site, galera::start)),
            Durability::Default => None,
        };
        let mysql = wanted.mysql.then(|| spawn(&self.site, mysql::start));

        let shared = self.scratch().display().to_string();
        self.variables.push(("TMPDIR", shared));
        let figures = self.figures_file().display().to_string();
        self.variables.push(("SHORING_TEST_FIGURES", figures));
        let certificates = self.site.certificates.display().to_string();
        self.variables.push(("SHORING_TEST_TLS_DIR", certificates));
        match join(postgresql) {
            Ok((server, pooler)) => {
                self.add_postgresql(server);
                self.add_pgbouncer(pooler);
            }
            Err(error) => {
                self.outcomes
                    .push((Server::Postgresql, Outcome::Failed(error)));
                let error = "PostgreSQL, which it stands before, did not start".to_owned();
                self.outcomes
                    .push((Server::Pgbouncer, Outcome::Failed(error)));
            }
        }
        self.add_mariadb(join(mariadb));
        match galera {
            Some(handle) => self.add_galera(join(handle)),
            None => self.outcomes.push((Server::Galera, Outcome::NotAsked)),
        }
        match mysql {
            Some(handle) => self.add_mysql(join(handle)),
            None => self.outcomes.push((Server::Mysql, Outcome::NotAsked)),
        }
    }

    fn add_postgresql(&mut self, server: Postgresql) {
        let Postgresql {
            version,
            binaries,
            origin,
            port,
            socket,
        } = server;
        self.ports.push((Server::Postgresql, port));
        let password = &self.site.password;
        self.variables.extend([
            (
                "SHORING_TEST_POSTGRES_URL",
                format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres"),
            ),
            ("SHORING_TEST_POSTGRES_SOCKET", socket.display().to_string()),
            ("SHORING_TEST_POSTGRES_BIN", binaries.display().to_string()),
        ]);
        self.outcomes
            .push((Server::Postgresql, Outcome::Running { version, origin }));
    }

    fn add_pgbouncer(&mut self, pooler: Result<Pgbouncer, String>) {
        let outcome = match pooler {
            Ok(Pgbouncer { version, port }) => {
                let password = &self.site.password;
                let url = format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres");
                self.variables.push(("SHORING_TEST_PGBOUNCER_URL", url));
                let origin = "before PostgreSQL".to_owned();
                Outcome::Running { version, origin }
            }
            Err(error) => Outcome::Failed(error),
        };
        self.outcomes.push((Server::Pgbouncer, outcome));
    }

    fn add_mariadb(&mut self, server: Result<Mariadb, String>) {
        let outcome = match server {
            Ok(Mariadb {
                version,
                port,
                socket,
                program,
            }) => {
                self.ports.push((Server::Mariadb, port));
                let url = format!("mysql://root:{}@127.0.0.1:{port}/", self.site.password);
                self.variables.push(("SHORING_TEST_MARIADB_URL", url));
                let socket = socket.display().to_string();
                self.variables.push(("SHORING_TEST_MARIADB_SOCKET", socket));
                let origin = program.display().to_string();
                self.variables
                    .push(("SHORING_TEST_MARIADB_PROGRAM", origin.clone()));
                Outcome::Running { version, origin }
            }
            Err(error) => Outcome::Failed(error),
        };
        self.outcomes.push((Server::Mariadb, outcome));
    }

    fn add_galera(&mut self, cluster: Result<Galera, String>) {
        let outcome = match cluster {
            Ok(Galera { version, ports }) => {
                let names = ["SHORING_TEST_GALERA_URL", "SHORING_TEST_GALERA_OTHER_URL"];
                for (name, port) in names.into_iter().zip(ports) {
                    let url = format!("mysql://root:{}@127.0.0.1:{port}/", self.site.password);
                    self.variables.push((name, url));
                }
                let origin = galera::origin().display().to_string();
                Outcome::Running { version, origin }
            }
            Err(error) => Outcome::Failed(error),
        };
        self.outcomes.push((Server::Galera, outcome));
    }

    fn add_mysql(&mut self, server: Result<Mysql, String>) {
        let outcome = match server {
            Ok(Mysql {
                version,
                port,
                socket,
                system,
            }) => {
                let url = format!("mysql://root:{}@127.0.0.1:{port}/", self.site.password);
                self.variables.push(("SHORING_TEST_MYSQL_URL", url));
                let socket = socket.display().to_string();
                self.variables.push(("SHORING_TEST_MYSQL_SOCKET", socket));
                let origin = system.display().to_string();
                Outcome::Running { version, origin }
            }
            Err(error) => Outcome::Failed(error),
        };
        self.outcomes.push((Server::Mysql, outcome));
    }
}

fn spawn<T: Send + 'static>(
    site: &Arc<Site>,
    start: impl FnOnce(&Site) -> Result<T, String> + Send + 'static,
) -> JoinHandle<Result<T, String>> {
    let site = Arc::clone(site);
    thread::spawn(move || start(&site))
}

fn join<T>(handle: JoinHandle<Result<T, String>>) -> Result<T, String> {
    handle
        .join()
        .unwrap_or_else(|_| Err("its start panicked".into()))
}
