//! What every command carries along: settings, observer, stop signal, and how to reach the database.

use crate::database_error::connect_error;
use crate::error::{Error, ErrorKind, Result};
use crate::report::DatabaseInfo;
use crate::request::{Identity, StopSignal};
use shoring_core::{Diagnostic, Dialect, Event, Observer, Product, Server, Severity};
use shoring_db::url::SqliteLocation;
use shoring_db::{ConnectOptions, DatabaseUrl, DbError, Session};
use shoring_formats::{Format, HostConfig};
use shoring_sql::writer::SqlWriter;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Whether a session may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Reads only; creates nothing, not even an empty SQLite file.
    Read,
    /// Writes, and creates an SQLite file that is missing.
    Write,
}

/// The settings the engine runs by.
#[derive(Debug, Clone)]
pub(crate) struct Tuning {
    /// How long to wait for the migration lock.
    pub(crate) lock_wait: Duration,
    /// How long one try of a statement may wait for a lock.
    pub(crate) lock_timeout: Duration,
    /// How many tries a statement has.
    pub(crate) lock_attempts: u32,
    /// Whether a journal and a lease are kept.
    pub(crate) journal: bool,
    /// The role to run as (PostgreSQL).
    pub(crate) role: Option<String>,
    /// The history table, `table` or `schema.table`.
    pub(crate) history_table: Option<String>,
    /// The folder of seed files.
    pub(crate) seeds: String,
}

impl Tuning {
    /// The statement that makes a session act as the configured role.
    pub(crate) fn set_role(&self, product: Product) -> Option<String> {
        match product {
            Product::Postgresql => self.role.as_ref().map(|role| {
                SqlWriter::new(product.dialect())
                    .sql("SET ROLE ")
                    .ident(role)
                    .finish()
            }),
            Product::Mysql | Product::Mariadb | Product::Sqlite => None,
        }
    }

    /// PostgreSQL: the statements that undo a file's `SET ROLE` until the end of the transaction.
    pub(crate) fn own_role_locally(&self) -> [String; 2] {
        let role = match &self.role {
            Some(role) => SqlWriter::new(Dialect::Postgresql)
                .sql("SET LOCAL ROLE ")
                .ident(role)
                .finish(),
            None => "SET LOCAL role TO DEFAULT".to_owned(),
        };
        ["SET LOCAL SESSION AUTHORIZATION DEFAULT".to_owned(), role]
    }
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            lock_wait: Duration::from_secs(30),
            lock_timeout: Duration::from_secs(3),
            lock_attempts: 30,
            journal: true,
            role: None,
            history_table: None,
            seeds: "seeds".to_owned(),
        }
    }
}

/// How to reach the database, again and again.
#[derive(Clone)]
pub(crate) struct Connector {
    pub(crate) url: DatabaseUrl,
    pub(crate) timeout: Duration,
    /// Whether nobody named it.
    pub(crate) is_default: bool,
}

impl Connector {
    /// The URL without secrets.
    pub(crate) fn shown(&self) -> String {
        self.url.redacted()
    }

    /// Whether this names an SQLite file that does not exist yet.
    pub(crate) fn is_missing_file(&self) -> bool {
        match &self.url.sqlite {
            Some(SqliteLocation::File(path)) => !path.exists(),
            Some(SqliteLocation::Memory) | None => false,
        }
    }

    /// Connects. `purpose` is shown to whoever looks at the server's sessions.
    pub(crate) async fn connect(
        &self,
        access: Access,
        purpose: &str,
    ) -> std::result::Result<Box<dyn Session>, DbError> {
        let options = ConnectOptions {
            timeout: self.timeout,
            application: purpose.to_owned(),
            create: access == Access::Write,
            read_only: access == Access::Read,
        };
        shoring_db::connect(&self.url, &options).await
    }
}

/// The tool whose project it is, as far as sessions are concerned.
#[derive(Clone)]
pub(crate) struct Host {
    /// Its format.
    pub(crate) format: &'static dyn Format,
    /// Its configuration.
    pub(crate) config: HostConfig,
}

/// What every command carries along.
#[derive(Clone)]
pub(crate) struct Context {
    /// Id of this run, also the owner of its lease: a run that has to begin again knows its own lease by it.
    pub(crate) run: String,
    /// How to reach the database; `None` when the caller brought its own connection.
    pub(crate) connector: Option<Connector>,
    /// The settings.
    pub(crate) tuning: Tuning,
    /// The tool whose project it is: sessions are set up as it does it. `None` before the project was looked at.
    pub(crate) host: Option<Host>,
    /// The folder of the project, where it has one.
    pub(crate) root: Option<PathBuf>,
    /// Who runs this.
    pub(crate) identity: Identity,
    /// Who watches.
    pub(crate) observer: Arc<dyn Observer>,
    /// How to be stopped.
    pub(crate) stop: StopSignal,
}

impl Context {
    /// Tells the observer.
    pub(crate) fn emit(&self, event: &Event) {
        self.observer.observe(event);
    }

    /// What the tool whose project it is sets a session to.
    pub(crate) fn session_setup(&self, product: Product) -> Vec<String> {
        self.host.as_ref().map_or_else(Vec::new, |host| {
            let scheme = self.connector.as_ref().map(|found| found.url.scheme());
            host.format.session_setup(&host.config, product, scheme)
        })
    }

    /// A parameter of the database URL. On a session of the caller's there is no URL.
    pub(crate) fn url_parameter(&self, name: &str) -> Option<String> {
        let connector = self.connector.as_ref()?;
        connector.url.parameter(name).map(str::to_owned)
    }

    /// Tells the observer something worth knowing.
    pub(crate) fn notice(&self, code: &'static str, message: String) {
        self.emit_diagnostic(Severity::Notice, code, message);
    }

    /// Tells the observer something that may need a person.
    pub(crate) fn warn(&self, code: &'static str, message: String) {
        self.emit_diagnostic(Severity::Warning, code, message);
    }

    fn emit_diagnostic(&self, severity: Severity, code: &'static str, message: String) {
        self.emit(&Event::Warned {
            diagnostic: Diagnostic {
                severity,
                ..Diagnostic::error(code, message)
            },
        });
    }

    /// The connector, or why there is none.
    pub(crate) fn connector(&self) -> Result<&Connector> {
        self.connector.as_ref().ok_or_else(|| {
            Error::new(
                ErrorKind::Usage,
                "own-connection",
                "this needs a database URL, not a connection of the caller's",
            )
        })
    }

    /// Opens a session.
    pub(crate) async fn connect(&self, access: Access) -> Result<Box<dyn Session>> {
        let connector = self.connector()?;
        connector
            .connect(access, "shoring")
            .await
            .map_err(|error| connect_error(&error, &connector.shown()))
    }

    /// The database as reports show it.
    pub(crate) fn database(&self, server: Option<&Server>) -> DatabaseInfo {
        let url = self
            .connector
            .as_ref()
            .map(Connector::shown)
            .unwrap_or_default();
        match server {
            Some(server) => DatabaseInfo {
                product: server.product.name(),
                title: server.product.title(),
                version: server.version.to_string(),
                url,
                exists: true,
            },
            None => DatabaseInfo {
                product: "sqlite",
                title: "SQLite",
                version: String::new(),
                url,
                exists: false,
            },
        }
    }

    /// Between two statements that do not share a transaction: the error for a stop that was asked for. What was applied
    /// is in the journal, so stopping here is safe.
    pub(crate) fn check_stop_inside(&self) -> Result<()> {
        match self.stop.requested() {
            Some(signal) => Err(stopped_inside(signal)),
            None => Ok(()),
        }
    }

    /// The error for a stop that was asked for twice, if it was.
    pub(crate) fn check_urgent_stop(&self) -> Result<()> {
        match self.stop.requested() {
            Some(signal) if self.stop.is_urgent() => Err(stopped_inside(signal)),
            Some(_) | None => Ok(()),
        }
    }

    /// The error for a stop that was asked for, if one was.
    pub(crate) fn check_stop(&self) -> Result<()> {
        match self.stop.requested() {
            None => Ok(()),
            Some(signal) => Err(stopped(signal)),
        }
    }
}

/// Stopped in the middle of a transaction, because it was asked for twice.
pub(crate) fn stopped_inside(signal: i32) -> Error {
    Error::new(
        ErrorKind::Stopped(signal),
        "stopped",
        "stopped as asked, inside a migration",
    )
}

/// Stopped at a safe point.
pub(crate) fn stopped(signal: i32) -> Error {
    Error::new(
        ErrorKind::Stopped(signal),
        "stopped",
        "stopped as asked, between two migrations",
    )
    .state("Every migration that was started is finished and recorded; the lock is given back.")
    .next("go on with:  shoring up")
}
