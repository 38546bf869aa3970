//! The session: every call becomes a command for the thread that owns the connection.

use super::cancel::SqliteCanceller;
use super::lock_file::LockFile;
use super::worker::{Command, Opened, Origin, Thread, Worker, start, thread_ended};
use super::{catalog, probe, process};
use crate::error::{DbError, DbErrorKind, StatementError};
use crate::session::{
    Activity, BackendId, Batch, BoxFuture, Canceller, Completion, CopySource, LockAttempt, Notice,
    Session, Topology,
};
use rusqlite::Connection;
use shoring_core::{Probe, Product, Row, Server, ServerVersion, TableName, TableShape, Target};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// A connection to one SQLite database.
pub struct SqliteSession {
    thread: Thread,
    server: Server,
    backend: BackendId,
}

impl SqliteSession {
    /// A session over a connection of the caller's. Its busy handler, its settings and its open transaction stay as they
    /// are; a cancel works between statements and through `sqlite3_interrupt` only.
    pub async fn from_connection(connection: Connection) -> Result<Self, DbError> {
        let thread = start(move || {
            let path = connection
                .path()
                .filter(|path| !path.is_empty())
                .map(PathBuf::from);
            Ok(Opened {
                connection,
                path,
                is_read_only: false,
                removes_log: false,
                origin: Origin::Brought,
            })
        })
        .await?;
        Ok(Self::new(thread))
    }

    /// Gives the connection back, with its transaction if one is open. The lock is given back too.
    pub async fn into_connection(self) -> Result<Connection, DbError> {
        let (reply, answer) = oneshot::channel();
        self.thread
            .commands
            .send(Command::Finish(reply))
            .map_err(|_| thread_ended())?;
        answer.await.map_err(|_| thread_ended())?
    }

    pub(super) fn new(thread: Thread) -> Self {
        let version = ServerVersion::parse(rusqlite::version())
            .unwrap_or_else(|| ServerVersion::new(3, 0, 0));
        Self {
            thread,
            server: Server {
                product: Product::Sqlite,
                version,
            },
            backend: process::current(),
        }
    }

    /// Sends a job to the thread and waits for its answer. From the call on, a cancel counts.
    async fn call<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Worker) -> T + Send + 'static,
    ) -> Result<T, DbError> {
        let (reply, answer) = oneshot::channel();
        self.thread.signals.begin();
        let run = Command::Run(Box::new(move |worker| {
            let result = job(worker);
            worker.signals.end();
            // Whoever dropped the future does not want the answer.
            drop(reply.send(result));
        }));
        self.thread.commands.send(run).map_err(|_| thread_ended())?;
        answer.await.map_err(|_| thread_ended())
    }

    /// A job on the catalogue.
    async fn look_up<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, DbError> {
        self.call(move |worker| job(&worker.connection).map_err(|error| worker.error(&error, "")))
            .await?
    }
}

impl Drop for SqliteSession {
    /// Stops what still runs, so that an abandoned thread ends soon.
    fn drop(&mut self) {
        if self.thread.signals.cancel() {
            self.thread.interrupt.interrupt();
        }
    }
}

impl Session for SqliteSession {
    fn server(&self) -> &Server {
        &self.server
    }

    fn execute<'a>(
        &'a mut self,
        batch: Batch<'a>,
        on_complete: &'a mut (dyn FnMut(Completion) + Send),
    ) -> BoxFuture<'a, Result<(), StatementError>> {
        Box::pin(async move {
            let statements: Vec<String> =
                batch.statements.iter().map(ToString::to_string).collect();
            let (completed, mut completions) = mpsc::unbounded_channel();
            let mut reported = 0;
            let mut report = |completions: Vec<Completion>| {
                for completion in completions {
                    on_complete(completion);
                    reported += 1;
                }
            };
            let run = self.call(move |worker| worker.execute(&statements, &completed));
            let mut run = std::pin::pin!(run);
            let result = loop {
                tokio::select! {
                    biased;
                    Some(some) = completions.recv() => report(some),
                    result = &mut run => break result,
                }
            };
            while let Ok(some) = completions.try_recv() {
                report(some);
            }
            match result {
                Ok((rest, result)) => {
                    report(rest);
                    result
                }
                Err(error) => Err(StatementError {
                    index: reported,
                    error,
                }),
            }
        })
    }

    fn copy_in<'a>(
        &'a mut self,
        _statement: &'a str,
        _data: &'a mut dyn CopySource,
    ) -> BoxFuture<'a, Result<u64, DbError>> {
        Box::pin(async {
            Err(DbError::new(
                DbErrorKind::Statement,
                "SQLite has no `COPY … FROM stdin`",
            ))
        })
    }

    fn query<'a>(&'a mut self, sql: &'a str) -> BoxFuture<'a, Result<Vec<Row>, DbError>> {
        let sql = sql.to_owned();
        Box::pin(async move { self.call(move |worker| worker.query(&sql)).await? })
    }

    /// SQLite says nothing beside results and errors.
    fn take_notices(&mut self) -> Vec<Notice> {
        Vec::new()
    }

    fn backend(&self) -> BackendId {
        self.backend.clone()
    }

    fn is_alive<'a>(
        &'a mut self,
        backend: &'a BackendId,
    ) -> BoxFuture<'a, Result<Option<bool>, DbError>> {
        Box::pin(async move { Ok(process::is_alive(backend)) })
    }

    fn topology(&mut self) -> BoxFuture<'_, Result<Topology, DbError>> {
        Box::pin(async move {
            let read_only = self.call(|worker| read_only_evidence(worker)).await??;
            Ok(Topology {
                read_only,
                ..Topology::default()
            })
        })
    }

    /// There is one lock per database file, whatever its name: a second name of this session is granted, one of another
    /// session is not.
    fn try_lock<'a>(&'a mut self, _name: &'a str) -> BoxFuture<'a, Result<LockAttempt, DbError>> {
        Box::pin(async move {
            self.call(|worker| {
                let Some(path) = &worker.path else {
                    return Ok(LockAttempt::Acquired);
                };
                if worker.lock.is_none() {
                    worker.lock = LockFile::try_lock(path)?;
                }
                Ok(match worker.lock {
                    Some(_) => LockAttempt::Acquired,
                    None => LockAttempt::Held(None),
                })
            })
            .await?
        })
    }

    fn unlock<'a>(&'a mut self, _name: &'a str) -> BoxFuture<'a, Result<(), DbError>> {
        Box::pin(async move { self.call(|worker| worker.lock = None).await })
    }

    fn current_schema(&mut self) -> BoxFuture<'_, Result<Option<String>, DbError>> {
        Box::pin(async { Ok(None) })
    }

    fn tables_named<'a>(
        &'a mut self,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Vec<TableShape>, DbError>> {
        Box::pin(async move { self.tables_named_any(&[name]).await })
    }

    fn tables_named_any<'a>(
        &'a mut self,
        names: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Vec<TableShape>, DbError>> {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        Box::pin(async move {
            self.look_up(move |connection| catalog::tables_named_any(connection, &names))
                .await
        })
    }

    fn tables_in<'a>(
        &'a mut self,
        schema: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Vec<TableName>, DbError>> {
        let is_main = schema.is_none_or(|schema| schema.eq_ignore_ascii_case("main"));
        Box::pin(async move {
            if !is_main {
                return Ok(Vec::new());
            }
            self.look_up(catalog::tables_in).await
        })
    }

    fn probe<'a>(&'a mut self, target: &'a Target) -> BoxFuture<'a, Result<Probe, DbError>> {
        let target = target.clone();
        Box::pin(async move {
            self.look_up(move |connection| probe::probe(connection, &target))
                .await
        })
    }

    /// One process cannot see what another does with the file.
    fn activity<'a>(
        &'a mut self,
        _backend: &'a BackendId,
    ) -> BoxFuture<'a, Result<Activity, DbError>> {
        Box::pin(async { Ok(Activity::default()) })
    }

    fn reset(&mut self) -> BoxFuture<'_, Result<(), DbError>> {
        Box::pin(async move { self.call(Worker::reset).await? })
    }

    fn canceller(&self) -> Box<dyn Canceller> {
        Box::new(SqliteCanceller {
            signals: Arc::clone(&self.thread.signals),
            interrupt: Arc::clone(&self.thread.interrupt),
        })
    }

    fn close(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>> {
        Box::pin(async move {
            let (reply, answer) = oneshot::channel();
            self.thread
                .commands
                .send(Command::Close(reply))
                .map_err(|_| thread_ended())?;
            answer.await.map_err(|_| thread_ended())?
        })
    }
}

fn read_only_evidence(worker: &Worker) -> Result<Option<String>, DbError> {
    if worker.is_read_only {
        return Ok(Some("the file was opened for reading only".to_owned()));
    }
    if worker.is_query_only() {
        return Ok(Some("`PRAGMA query_only` is on".to_owned()));
    }
    let Some(path) = &worker.path else {
        return Ok(None);
    };
    // SQLite falls back to reading when the file may not be written.
    if worker
        .connection
        .is_readonly("main")
        .map_err(|error| worker.error(&error, ""))?
    {
        return Ok(Some(format!("no right to write `{}`", path.display())));
    }
    // The journal goes beside the file.
    let folder = path.parent().and_then(|folder| folder.metadata().ok());
    Ok(folder
        .filter(|metadata| metadata.permissions().readonly())
        .map(|_| format!("no right to write in the folder of `{}`", path.display())))
}
