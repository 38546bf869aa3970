//! The session: what is known of the connection, and the [`Session`] trait over the other files.

use super::cancel::MysqlCanceller;
use super::error;
use super::identity::{Boot, Identity, SameBoot, short_hash};
use super::quote;
use super::variables::Variables;
use crate::error::{DbError, DbErrorKind, StatementError};
use crate::session::{
    Activity, BackendId, Batch, BoxFuture, Canceller, Completion, ConnectOptions, CopySource,
    LockAttempt, Notice, Session, SessionLocks, Topology,
};
use crate::signals::Signals;
use mysql_async::{Conn, Opts, OptsBuilder};
use shoring_core::{Probe, Product, Row, Server, ServerVersion, TableName, TableShape, Target};
use shoring_sql::split::SplitOptions;
use std::sync::Arc;
use std::time::Duration;

/// How long a cancel may take to connect, for a connection the caller brought.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection to one MySQL or MariaDB server.
pub struct MysqlSession {
    pub(super) connection: Conn,
    pub(super) server: Server,
    pub(super) identity: Identity,
    /// The database at connect.
    pub(super) database: Option<String>,
    pub(super) has_case_sensitive_names: bool,
    pub(super) max_allowed_packet: usize,
    pub(super) notices: Vec<Notice>,
    pub(super) topology: Option<Topology>,
    pub(super) signals: Arc<Signals>,
    /// The value at connecting.
    sql_mode: String,
    /// The values before the first statement that may change one, see [`MysqlSession::variables_at_connect`].
    variables: Option<Variables>,
    cancel_timeout: Duration,
}

impl MysqlSession {
    /// A session over a connection of the caller's, with its settings and its open transaction as they are. A connection
    /// that answers `LOAD DATA LOCAL` is refused.
    pub async fn from_conn(connection: Conn) -> Result<Self, DbError> {
        if connection.opts().local_infile_handler().is_some() {
            return Err(DbError::new(
                DbErrorKind::Configuration,
                "a connection with a handler for LOCAL INFILE is not accepted",
            ));
        }
        Self::identify(connection, CANCEL_TIMEOUT).await
    }

    pub(super) async fn open(
        mut connection: Conn,
        options: &ConnectOptions,
    ) -> Result<Self, DbError> {
        // The collation becomes the server's default for utf8mb4, as with the `mysql` client.
        let mut setup = vec!["SET NAMES utf8mb4"];
        if options.read_only {
            setup.push("SET SESSION TRANSACTION READ ONLY");
        }
        for statement in setup {
            mysql_async::prelude::Queryable::query_drop(&mut connection, statement)
                .await
                .map_err(|error| error::of_statement(&error, error::Sent::default()))?;
        }
        Self::identify(connection, options.timeout).await
    }

    /// Asks who answers.
    async fn identify(connection: Conn, cancel_timeout: Duration) -> Result<Self, DbError> {
        let mut session = Self {
            connection,
            server: Server {
                product: Product::Mysql,
                version: ServerVersion::new(0, 0, 0),
            },
            identity: Identity {
                connection_id: 0,
                boot: Boot {
                    server: String::new(),
                    start: 0,
                    clock_sequence: String::new(),
                },
                account: String::new(),
            },
            database: None,
            has_case_sensitive_names: false,
            max_allowed_packet: 1 << 20,
            notices: Vec::new(),
            topology: None,
            signals: Arc::default(),
            sql_mode: String::new(),
            variables: None,
            cancel_timeout,
        };
        let [now, names, uptime] = Boot::QUERIES;
        let [now, names, uptime, row] = session
            .ask_together([
                now,
                names,
                uptime,
                "SELECT VERSION(), CONNECTION_ID(), DATABASE(), CURRENT_USER(), @@sql_mode, @@lower_case_table_names, @@max_allowed_packet",
            ])
            .await?;
        let row = row.first().cloned().unwrap_or_default();
        session.server = server(&row.text(0).unwrap_or_default())?;
        session.identity = Identity {
            connection_id: row
                .int(1)
                .and_then(|id| u64::try_from(id).ok())
                .unwrap_or_else(|| u64::from(session.connection.id())),
            boot: Boot::from_rows(&[now, names, uptime]),
            account: short_hash(&row.text(3).unwrap_or_default()),
        };
        session.database = row.text(2);
        session.sql_mode = row.text(4).unwrap_or_default();
        session.has_case_sensitive_names = row.int(5) == Some(0);
        if let Some(limit) = row.int(6).and_then(|limit| usize::try_from(limit).ok()) {
            session.max_allowed_packet = limit;
        }
        Ok(session)
    }

    /// The session's variables as they were at connecting: read before the first statement that may change one, because most
    /// runs find nothing to do, and the server evaluates all its variables to show some.
    pub(super) async fn variables_at_connect(&mut self) -> Result<&Variables, DbError> {
        let variables = match self.variables.take() {
            Some(variables) => variables,
            None => Variables::from_rows(&self.ask(&Variables::query()).await?),
        };
        Ok(self.variables.insert(variables))
    }

    /// See [`Session::is_alive`].
    async fn look_for(&mut self, backend: &BackendId) -> Result<Option<bool>, DbError> {
        let Some(wanted) = Identity::parse(backend) else {
            return Ok(None);
        };
        let boot = self
            .ask_together(Boot::QUERIES)
            .await
            .map(|rows| Boot::from_rows(&rows))?;
        match wanted.boot.compare(&boot) {
            SameBoot::Yes => {}
            SameBoot::Restarted => return Ok(Some(false)),
            SameBoot::Unknown => return Ok(None),
        }
        let rows = self
            .ask(&format!(
                "SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = {}",
                wanted.connection_id
            ))
            .await?;
        if !rows.is_empty() {
            return Ok(Some(true));
        }
        // Without PROCESS one sees the sessions of one's own account only.
        let sees_it = wanted.account == self.identity.account
            || self
                .global_privileges()
                .await?
                .iter()
                .any(|privilege| matches!(privilege.as_str(), "PROCESS" | "ALL PRIVILEGES"));
        Ok(sees_it.then_some(false))
    }

    /// See [`Session::reset`].
    async fn restore(&mut self) -> Result<(), DbError> {
        self.ask("ROLLBACK").await?;
        self.ask("UNLOCK TABLES").await?;
        if let Some(database) = self.database.clone() {
            self.ask(&format!("USE {}", quote::name(&database))).await?;
        }
        // Without them nothing was run that could have changed one.
        if let Some(before) = self.variables.clone() {
            let rows = self.ask(&Variables::query()).await?;
            for statement in before.restoring(&Variables::from_rows(&rows)) {
                self.ask(&statement).await?;
            }
        }
        Ok(())
    }

    /// See [`Session::start_over`].
    async fn renew(&mut self) -> Result<SessionLocks, DbError> {
        let is_renewed = self
            .connection
            .reset()
            .await
            .map_err(|error| error::of_statement(&error, error::Sent::default()))?;
        // It comes back with the server's defaults, not with what was set at connect.
        self.restore().await?;
        Ok(if is_renewed {
            SessionLocks::GivenBack
        } else {
            SessionLocks::Kept
        })
    }

    /// How to connect a second time, without the database: it may be gone.
    fn second_opts(&self) -> Opts {
        OptsBuilder::from_opts(self.connection.opts().clone())
            .db_name(None::<String>)
            .init(Vec::<String>::new())
            .setup(Vec::<String>::new())
            .into()
    }
}

fn server(version: &str) -> Result<Server, DbError> {
    let is_mariadb = version.to_ascii_lowercase().contains("mariadb");
    // Old replication protocols could not read a two-digit version; some services still put this before it.
    let number = if is_mariadb {
        version.strip_prefix("5.5.5-").unwrap_or(version)
    } else {
        version
    };
    let parsed = ServerVersion::parse(number).ok_or_else(|| {
        DbError::new(
            DbErrorKind::Internal,
            format!("cannot read the server's version `{version}`"),
        )
    })?;
    Ok(Server {
        product: if is_mariadb {
            Product::Mariadb
        } else {
            Product::Mysql
        },
        version: parsed,
    })
}

impl Session for MysqlSession {
    fn server(&self) -> &Server {
        &self.server
    }

    fn split_options(&self) -> SplitOptions {
        // The value at connecting, to which `reset` goes back. The server spells combinations such as `ANSI` out.
        let has = |name: &str| {
            let mut modes = self.sql_mode.split(',');
            modes.any(|mode| mode == name)
        };
        SplitOptions {
            backslash_escapes: !has("NO_BACKSLASH_ESCAPES"),
            ansi_quotes: has("ANSI_QUOTES"),
            ..SplitOptions::for_product(self.server.product)
        }
    }

    fn execute<'a>(
        &'a mut self,
        batch: Batch<'a>,
        on_complete: &'a mut (dyn FnMut(Completion) + Send),
    ) -> BoxFuture<'a, Result<(), StatementError>> {
        Box::pin(async move {
            self.signals.begin();
            let result = self.run_batch(batch, on_complete).await;
            self.signals.end();
            result
        })
    }

    fn copy_in<'a>(
        &'a mut self,
        _statement: &'a str,
        _data: &'a mut dyn CopySource,
    ) -> BoxFuture<'a, Result<u64, DbError>> {
        Box::pin(async move {
            Err(DbError::new(
                DbErrorKind::Statement,
                format!("{} has no `COPY … FROM stdin`", self.server.product.title()),
            ))
        })
    }

    fn query<'a>(&'a mut self, sql: &'a str) -> BoxFuture<'a, Result<Vec<Row>, DbError>> {
        Box::pin(async move {
            self.signals.begin();
            let result = self.run_query(sql).await;
            self.signals.end();
            result
        })
    }

    fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    fn backend(&self) -> BackendId {
        self.identity.backend()
    }

    fn is_alive<'a>(
        &'a mut self,
        backend: &'a BackendId,
    ) -> BoxFuture<'a, Result<Option<bool>, DbError>> {
        Box::pin(self.look_for(backend))
    }

    fn topology(&mut self) -> BoxFuture<'_, Result<Topology, DbError>> {
        Box::pin(self.read_topology())
    }

    fn try_lock<'a>(&'a mut self, name: &'a str) -> BoxFuture<'a, Result<LockAttempt, DbError>> {
        Box::pin(self.lock(name))
    }

    fn unlock<'a>(&'a mut self, name: &'a str) -> BoxFuture<'a, Result<(), DbError>> {
        Box::pin(self.release(name))
    }

    fn current_schema(&mut self) -> BoxFuture<'_, Result<Option<String>, DbError>> {
        Box::pin(async move { self.database_now().await.map(Some) })
    }

    fn tables_named<'a>(
        &'a mut self,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Vec<TableShape>, DbError>> {
        Box::pin(async move { self.find_tables(&[name]).await })
    }

    fn tables_named_any<'a>(
        &'a mut self,
        names: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Vec<TableShape>, DbError>> {
        Box::pin(self.find_tables(names))
    }

    fn tables_in<'a>(
        &'a mut self,
        schema: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Vec<TableName>, DbError>> {
        Box::pin(self.list_tables(schema))
    }

    fn probe<'a>(&'a mut self, target: &'a Target) -> BoxFuture<'a, Result<Probe, DbError>> {
        Box::pin(self.look_at(target))
    }

    fn activity<'a>(
        &'a mut self,
        backend: &'a BackendId,
    ) -> BoxFuture<'a, Result<Activity, DbError>> {
        Box::pin(self.watch(backend))
    }

    fn reset(&mut self) -> BoxFuture<'_, Result<(), DbError>> {
        Box::pin(self.restore())
    }

    fn start_over(&mut self) -> BoxFuture<'_, Result<SessionLocks, DbError>> {
        Box::pin(self.renew())
    }

    fn canceller(&self) -> Box<dyn Canceller> {
        Box::new(MysqlCanceller {
            opts: self.second_opts(),
            connection_id: self.identity.connection_id,
            signals: Arc::clone(&self.signals),
            timeout: self.cancel_timeout,
        })
    }

    fn close(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>> {
        Box::pin(async move {
            self.connection
                .disconnect()
                .await
                .map_err(|error| error::of_statement(&error, error::Sent::default()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_told_apart() {
        for (version, product, number) in [
            ("10.11.19-MariaDB-0+deb12u1", Product::Mariadb, (10, 11, 19)),
            ("5.5.5-10.6.3-MariaDB", Product::Mariadb, (10, 6, 3)),
            ("9.7.4-2", Product::Mysql, (9, 7, 4)),
            ("8.0.36-28", Product::Mysql, (8, 0, 36)),
        ] {
            let server = server(version).unwrap();
            let (major, minor, patch) = number;
            assert_eq!(server.product, product);
            assert_eq!(server.version, ServerVersion::new(major, minor, patch));
        }
        assert!(server("unknown").is_err());
    }
}
