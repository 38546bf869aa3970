//! The session: sends, reads, and asks the other files of this folder for the rest.

use super::activity;
use super::cancel::PostgresCanceller;
use super::drive::{Mailbox, NO_ACTIVE_TRANSACTION};
use super::handshake::HandshakePid;
use super::position::{byte_offset, mention};
use super::settings;
use super::{catalog, lock, probe};
use crate::error::{DbError, DbErrorKind, StatementError};
use crate::session::{
    Activity, BackendId, Batch, BoxFuture, Canceller, Completion, CopySource, LockAttempt, Notice,
    Session, Topology,
};
use futures_util::StreamExt;
use shoring_core::server::{Product, Server, ServerVersion};
use shoring_core::table::{TableName, TableShape};
use shoring_core::{Probe, Row, Target, Value};
use shoring_sql::split::SplitOptions;
use std::collections::BTreeSet;
use std::pin::pin;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_postgres::error::ErrorPosition;
use tokio_postgres::{Client, SimpleQueryMessage};

/// How long a polite goodbye may take.
const GOODBYE: Duration = Duration::from_secs(5);

/// A session on a PostgreSQL server.
pub struct PostgresSession {
    pub(super) client: Client,
    pub(super) mailbox: Mailbox,
    /// The task that drives the connection; `None` when the caller drives it.
    pub(super) task: Option<JoinHandle<()>>,
    /// The backend id of the handshake; `None` when the caller did it.
    handshake: Option<HandshakePid>,
    canceller: PostgresCanceller,
    /// What has to be set again after a reset.
    settings: Vec<String>,
    server: Server,
    backend: BackendId,
    topology: Option<Topology>,
    /// `standard_conforming_strings` at connecting, to which a reset goes back.
    has_standard_strings: bool,
    /// Answers can no longer be told apart; nothing more is sent.
    pub(super) is_out_of_step: bool,
    /// The names of the locks held.
    pub(super) held: BTreeSet<String>,
}

/// What a session is made of.
pub(super) struct Parts {
    pub(super) client: Client,
    pub(super) mailbox: Mailbox,
    pub(super) task: Option<JoinHandle<()>>,
    pub(super) handshake: Option<HandshakePid>,
    pub(super) canceller: PostgresCanceller,
    pub(super) settings: Vec<String>,
}

impl PostgresSession {
    /// A session on a client of the caller's, who goes on driving its `Connection`. Notices stay with that connection,
    /// cancelling works only without TLS, and a pooler is not recognised, since only the handshake gives it away.
    pub async fn from_client(client: Client) -> Result<Self, DbError> {
        let canceller = PostgresCanceller {
            token: client.cancel_token(),
            endpoint: None,
            timeout: Duration::from_secs(10),
        };
        Self::begin(Parts {
            client,
            mailbox: Mailbox::default(),
            task: None,
            handshake: None,
            canceller,
            settings: Vec::new(),
        })
        .await
    }

    /// Asks who answers, then makes the session's own settings.
    pub(super) async fn begin(parts: Parts) -> Result<Self, DbError> {
        let mut session = Self {
            client: parts.client,
            mailbox: parts.mailbox,
            task: parts.task,
            handshake: parts.handshake,
            canceller: parts.canceller,
            settings: parts.settings,
            server: Server {
                product: Product::Postgresql,
                version: ServerVersion::new(0, 0, 0),
            },
            backend: BackendId(String::new()),
            topology: None,
            has_standard_strings: true,
            is_out_of_step: false,
            held: BTreeSet::new(),
        };
        let rows = session
            .rows(
                "SELECT pg_catalog.current_setting('server_version_num'), a.pid, \
                 (extract(epoch FROM a.backend_start) * 1000000)::bigint, \
                 pg_catalog.current_setting('standard_conforming_strings') \
                 FROM pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) a",
            )
            .await?;
        let row = rows.first().cloned().unwrap_or_default();
        // 150018 is 15.18 (manual, section 20.15 "server_version_num").
        let version = row
            .int(0)
            .and_then(|number| u32::try_from(number).ok())
            .ok_or_else(|| {
                DbError::new(
                    DbErrorKind::Internal,
                    "the server does not tell its version",
                )
            })?;
        session.server.version = ServerVersion::new(version / 10_000, version % 10_000, 0);
        session.has_standard_strings = row.text(3).as_deref() != Some("off");
        session.backend = BackendId(format!(
            "{}:{}",
            row.text(1).unwrap_or_default(),
            row.text(2).unwrap_or_default()
        ));
        if session.pooler(row.int(1)).is_some() {
            settings::refuse_behind_pooler(&session.settings)?;
            // It would stay on the pooler's connection and refuse the writes of whoever gets that next. Commands that read
            // send nothing but SELECT anyway.
            session.settings.retain(|sql| sql != settings::READ_ONLY);
        }
        session.apply_settings().await?;
        Ok(session)
    }

    pub(super) const fn version(&self) -> ServerVersion {
        self.server.version
    }

    async fn apply_settings(&mut self) -> Result<(), DbError> {
        for statement in self.settings.clone() {
            self.rows(&statement).await?;
        }
        Ok(())
    }

    /// Runs one statement and gives its rows.
    pub(super) async fn rows(&mut self, sql: &str) -> Result<Vec<Row>, DbError> {
        let (rows, completed) = self.collect(sql).await?;
        if completed > 1 {
            return Err(DbError::new(
                DbErrorKind::Statement,
                "a query is one statement",
            ));
        }
        Ok(rows)
    }

    /// Runs several statements in one message and gives the rows of all.
    pub(super) async fn rows_of_all(&mut self, sql: &str) -> Result<Vec<Row>, DbError> {
        self.collect(sql).await.map(|(rows, _)| rows)
    }

    /// The rows of a message, and how many statements completed.
    async fn collect(&mut self, sql: &str) -> Result<(Vec<Row>, usize), DbError> {
        self.check_step()?;
        let stream = match self.client.simple_query_raw(sql).await {
            Ok(stream) => stream,
            Err(error) => return Err(self.locate(&error, sql)),
        };
        let mut stream = pin!(stream);
        let mut rows = Vec::new();
        let mut completed = 0;
        while let Some(message) = stream.next().await {
            match message {
                Ok(SimpleQueryMessage::Row(row)) => rows.push(Row::new(
                    (0..row.len())
                        .map(|column| row.get(column).map_or(Value::Null, Value::from))
                        .collect(),
                )),
                Ok(SimpleQueryMessage::CommandComplete(_)) => completed += 1,
                Ok(_) => {}
                Err(error) => return Err(self.locate(&error, sql)),
            }
        }
        Ok((rows, completed))
    }

    pub(super) fn check_step(&self) -> Result<(), DbError> {
        if self.is_out_of_step {
            return Err(DbError::new(
                DbErrorKind::ConnectionLost,
                "the connection cannot be used any more after a `COPY` that the server refused",
            ));
        }
        Ok(())
    }

    /// The error with its place in the only statement that was sent.
    pub(super) fn locate(&self, error: &tokio_postgres::Error, sql: &str) -> DbError {
        let mut result = self.mailbox.explain(error);
        if let Some(ErrorPosition::Original(position)) =
            error.as_db_error().and_then(|error| error.position())
        {
            result.offset = byte_offset(sql, *position);
        }
        let by_name = || mention(error.as_db_error()?, sql);
        result.offset = result.offset.or_else(by_name);
        result
    }

    /// What stands between us and the data, asked once.
    pub(super) async fn topology(&mut self) -> Result<&Topology, DbError> {
        if self.topology.is_none() {
            let rows = self
                .rows(
                    "SELECT pg_catalog.pg_backend_pid(), pg_catalog.pg_is_in_recovery(), \
                     (SELECT reset_val FROM pg_catalog.pg_settings WHERE name = 'default_transaction_read_only')",
                )
                .await?;
            let row = rows.first().cloned().unwrap_or_default();
            let read_only = if row.bool(1) == Some(true) {
                Some("the server is a standby (`pg_is_in_recovery()` is true)".to_owned())
            } else if row.bool(2) == Some(true) {
                Some("`default_transaction_read_only` is on".to_owned())
            } else {
                None
            };
            self.topology = Some(Topology {
                pooler: self.pooler(row.int(0)),
                galera: None,
                read_only,
            });
        }
        self.topology
            .as_ref()
            .ok_or_else(|| DbError::new(DbErrorKind::Internal, "the topology was just asked for"))
    }

    fn pooler(&self, backend: Option<i64>) -> Option<String> {
        let handshake = self.handshake.as_ref()?.get().copied().map(i64::from);
        match (handshake, backend) {
            (Some(handshake), Some(backend)) if handshake == backend => None,
            (Some(handshake), Some(backend)) => Some(format!(
                "the handshake named backend {handshake}, the server says {backend}"
            )),
            (None, _) | (_, None) => Some("the handshake named no backend".to_owned()),
        }
    }

    async fn run_reset(&mut self) -> Result<(), DbError> {
        self.rows("ROLLBACK").await?;
        self.mailbox.forget(NO_ACTIVE_TRANSACTION);
        for statement in ["RESET SESSION AUTHORIZATION", "RESET ROLE", "RESET ALL"] {
            self.rows(statement).await?;
        }
        // Not DISCARD ALL, which would give our locks back; and what a caller prepared on its own client stays.
        if self.task.is_some() {
            for statement in [
                "CLOSE ALL",
                "DEALLOCATE ALL",
                "UNLISTEN *",
                "DISCARD TEMP",
                "DISCARD SEQUENCES",
            ] {
                self.rows(statement).await?;
            }
        }
        self.apply_settings().await
    }
}

impl Session for PostgresSession {
    fn server(&self) -> &Server {
        &self.server
    }

    fn split_options(&self) -> SplitOptions {
        SplitOptions {
            standard_conforming_strings: self.has_standard_strings,
            ..SplitOptions::for_product(self.server.product)
        }
    }

    fn execute<'a>(
        &'a mut self,
        batch: Batch<'a>,
        on_complete: &'a mut (dyn FnMut(Completion) + Send),
    ) -> BoxFuture<'a, Result<(), StatementError>> {
        Box::pin(self.run_batch(batch.statements, on_complete))
    }

    fn copy_in<'a>(
        &'a mut self,
        statement: &'a str,
        data: &'a mut dyn CopySource,
    ) -> BoxFuture<'a, Result<u64, DbError>> {
        Box::pin(self.run_copy(statement, data))
    }

    fn query<'a>(&'a mut self, sql: &'a str) -> BoxFuture<'a, Result<Vec<Row>, DbError>> {
        Box::pin(self.rows(sql))
    }

    fn take_notices(&mut self) -> Vec<Notice> {
        self.mailbox.take()
    }

    fn backend(&self) -> BackendId {
        self.backend.clone()
    }

    fn is_alive<'a>(
        &'a mut self,
        backend: &'a BackendId,
    ) -> BoxFuture<'a, Result<Option<bool>, DbError>> {
        Box::pin(activity::is_alive(self, backend))
    }

    fn topology(&mut self) -> BoxFuture<'_, Result<Topology, DbError>> {
        Box::pin(async move { Self::topology(self).await.cloned() })
    }

    fn try_lock<'a>(&'a mut self, name: &'a str) -> BoxFuture<'a, Result<LockAttempt, DbError>> {
        Box::pin(lock::try_lock(self, name))
    }

    fn unlock<'a>(&'a mut self, name: &'a str) -> BoxFuture<'a, Result<(), DbError>> {
        Box::pin(lock::unlock(self, name))
    }

    fn current_schema(&mut self) -> BoxFuture<'_, Result<Option<String>, DbError>> {
        Box::pin(async move {
            let rows = self.rows("SELECT pg_catalog.current_schema()").await?;
            Ok(rows.first().and_then(|row| row.text(0)))
        })
    }

    fn tables_named<'a>(
        &'a mut self,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Vec<TableShape>, DbError>> {
        Box::pin(async move { catalog::tables_named(self, &[name]).await })
    }

    fn tables_named_any<'a>(
        &'a mut self,
        names: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Vec<TableShape>, DbError>> {
        Box::pin(catalog::tables_named(self, names))
    }

    fn tables_in<'a>(
        &'a mut self,
        schema: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Vec<TableName>, DbError>> {
        Box::pin(catalog::tables_in(self, schema))
    }

    fn probe<'a>(&'a mut self, target: &'a Target) -> BoxFuture<'a, Result<Probe, DbError>> {
        Box::pin(probe::probe(self, target))
    }

    fn activity<'a>(
        &'a mut self,
        backend: &'a BackendId,
    ) -> BoxFuture<'a, Result<Activity, DbError>> {
        Box::pin(activity::activity(self, backend))
    }

    fn reset(&mut self) -> BoxFuture<'_, Result<(), DbError>> {
        Box::pin(self.run_reset())
    }

    fn canceller(&self) -> Box<dyn Canceller> {
        Box::new(self.canceller.clone())
    }

    fn close(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>> {
        Box::pin(async move {
            let Self { client, task, .. } = *self;
            // Without its client the connection sends `Terminate` and ends.
            drop(client);
            if let Some(task) = task {
                // A server that does not hang up in time is left alone: the session is over either way.
                drop(tokio::time::timeout(GOODBYE, task).await);
            }
            Ok(())
        })
    }
}
