//! A session of a fake server.

use super::log::Call;
use super::script::Reply;
use super::server::{FakeServer, lost};
use crate::error::{DbError, DbErrorKind, StatementError};
use crate::session::{
    Activity, BackendId, Batch, BoxFuture, Canceller, Completion, CopySource, LockAttempt, Notice,
    Session, Topology,
};
use shoring_core::{Probe, Product, Row, Server, TableName, TableShape, Target};
use std::sync::Arc;
use tokio::sync::Notify;

/// A session that answers by the server's script.
pub struct FakeSession {
    info: Server,
    server: FakeServer,
    number: usize,
    is_lost: bool,
    notices: Vec<Notice>,
    cancel: Arc<Notify>,
}

impl FakeSession {
    pub(super) fn open(info: Server, server: FakeServer) -> Self {
        let number = {
            let mut state = server.state();
            state.sessions += 1;
            let number = state.sessions;
            state.live.insert(number);
            state.log.push(Call::Connect(number));
            number
        };
        Self {
            info,
            server,
            number,
            is_lost: false,
            notices: Vec::new(),
            cancel: Arc::default(),
        }
    }

    /// Runs one text: rows changed and rows read.
    async fn run(&mut self, call: Call) -> Result<(u64, Vec<Row>), DbError> {
        self.check()?;
        let reply = {
            let mut state = self.server.state();
            let reply = state.script.reply(call.text().unwrap_or_default());
            state.log.push(call);
            reply
        };
        match reply {
            Reply::Done(rows) => Ok((rows, Vec::new())),
            Reply::Rows(rows) => Ok((0, rows)),
            Reply::Notice(notice) => {
                self.notices.push(notice);
                Ok((0, Vec::new()))
            }
            Reply::Fail(error) => {
                if error.kind == DbErrorKind::ConnectionLost {
                    self.lose();
                }
                Err(error)
            }
            Reply::LoseConnection => {
                self.lose();
                Err(lost())
            }
            Reply::HangUntilCancelled => {
                self.cancel.notified().await;
                Err(DbError::new(
                    DbErrorKind::Cancelled,
                    "canceling statement due to user request",
                ))
            }
            Reply::Crash => {
                self.server.crash();
                std::future::pending().await
            }
        }
    }

    fn check(&self) -> Result<(), DbError> {
        if self.is_lost { Err(lost()) } else { Ok(()) }
    }

    fn lose(&mut self) {
        self.is_lost = true;
        self.server.state().end(self.number);
    }

    fn backend_of(number: usize) -> BackendId {
        BackendId(format!("fake:{number}"))
    }
}

impl Drop for FakeSession {
    fn drop(&mut self) {
        let mut state = self.server.state();
        if state.live.contains(&self.number) {
            state.log.push(Call::Drop(self.number));
        }
        state.end(self.number);
    }
}

impl Session for FakeSession {
    fn server(&self) -> &Server {
        &self.info
    }

    fn execute<'a>(
        &'a mut self,
        batch: Batch<'a>,
        on_complete: &'a mut (dyn FnMut(Completion) + Send),
    ) -> BoxFuture<'a, Result<(), StatementError>> {
        Box::pin(async move {
            for (index, statement) in batch.statements.iter().enumerate() {
                let call = Call::Execute(self.number, (*statement).to_owned());
                let (rows, _) = self
                    .run(call)
                    .await
                    .map_err(|error| StatementError { index, error })?;
                on_complete(Completion { index, rows });
            }
            Ok(())
        })
    }

    fn copy_in<'a>(
        &'a mut self,
        statement: &'a str,
        data: &'a mut dyn CopySource,
    ) -> BoxFuture<'a, Result<u64, DbError>> {
        Box::pin(async move {
            self.check()?;
            if self.info.product != Product::Postgresql {
                return Err(DbError::new(
                    DbErrorKind::Statement,
                    "only PostgreSQL has `COPY … FROM stdin`",
                ));
            }
            let mut all = Vec::new();
            loop {
                match data.next_chunk() {
                    Ok(Some(chunk)) => all.extend_from_slice(&chunk),
                    Ok(None) => break,
                    Err(message) => return Err(DbError::new(DbErrorKind::Statement, message)),
                }
            }
            let lines = all.split(|byte| *byte == b'\n').count() - 1;
            let (rows, _) = self
                .run(Call::CopyIn(self.number, statement.to_owned(), all))
                .await?;
            Ok(if rows == 0 { lines as u64 } else { rows })
        })
    }

    fn query<'a>(&'a mut self, sql: &'a str) -> BoxFuture<'a, Result<Vec<Row>, DbError>> {
        Box::pin(async move {
            let call = Call::Query(self.number, sql.to_owned());
            Ok(self.run(call).await?.1)
        })
    }

    fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    fn backend(&self) -> BackendId {
        Self::backend_of(self.number)
    }

    fn is_alive<'a>(
        &'a mut self,
        backend: &'a BackendId,
    ) -> BoxFuture<'a, Result<Option<bool>, DbError>> {
        Box::pin(async move {
            self.check()?;
            let state = self.server.state();
            if let Some(said) = state.aliveness.get(&backend.0) {
                return Ok(*said);
            }
            let number = backend
                .0
                .strip_prefix("fake:")
                .and_then(|number| number.parse().ok());
            Ok(number.map(|number: usize| state.live.contains(&number)))
        })
    }

    fn topology(&mut self) -> BoxFuture<'_, Result<Topology, DbError>> {
        Box::pin(async move {
            self.check()?;
            Ok(self.server.state().topology.clone())
        })
    }

    fn try_lock<'a>(&'a mut self, name: &'a str) -> BoxFuture<'a, Result<LockAttempt, DbError>> {
        Box::pin(async move {
            self.check()?;
            let mut state = self.server.state();
            state.log.push(Call::TryLock(self.number, name.to_owned()));
            Ok(state.try_lock(self.number, name))
        })
    }

    fn unlock<'a>(&'a mut self, name: &'a str) -> BoxFuture<'a, Result<(), DbError>> {
        Box::pin(async move {
            self.check()?;
            let mut state = self.server.state();
            state.log.push(Call::Unlock(self.number, name.to_owned()));
            if state.locks.get(name) == Some(&self.number) {
                state.locks.remove(name);
            }
            Ok(())
        })
    }

    fn current_schema(&mut self) -> BoxFuture<'_, Result<Option<String>, DbError>> {
        Box::pin(async move {
            self.check()?;
            Ok(match self.info.product {
                Product::Postgresql => Some("public".to_owned()),
                Product::Mysql | Product::Mariadb => Some("app".to_owned()),
                Product::Sqlite => None,
            })
        })
    }

    fn tables_named<'a>(
        &'a mut self,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Vec<TableShape>, DbError>> {
        Box::pin(async move {
            self.check()?;
            let mut tables = self.server.state().tables.clone();
            tables.retain(|table| table.name.name == name);
            Ok(tables)
        })
    }

    fn tables_in<'a>(
        &'a mut self,
        schema: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Vec<TableName>, DbError>> {
        Box::pin(async move {
            self.check()?;
            let mut names: Vec<TableName> = self
                .server
                .state()
                .tables
                .iter()
                .filter(|table| table.name.schema.as_deref() == schema)
                .map(|table| table.name.clone())
                .collect();
            names.sort();
            Ok(names)
        })
    }

    fn probe<'a>(&'a mut self, target: &'a Target) -> BoxFuture<'a, Result<Probe, DbError>> {
        Box::pin(async move {
            self.check()?;
            let mut state = self.server.state();
            state.log.push(Call::Probe(self.number, target.clone()));
            Ok(state.probes.get(target).cloned().unwrap_or(Probe::Unknown))
        })
    }

    fn activity<'a>(
        &'a mut self,
        _backend: &'a BackendId,
    ) -> BoxFuture<'a, Result<Activity, DbError>> {
        Box::pin(async move {
            self.check()?;
            Ok(self.server.state().activity.clone())
        })
    }

    fn reset(&mut self) -> BoxFuture<'_, Result<(), DbError>> {
        Box::pin(async move {
            self.check()?;
            self.server.state().log.push(Call::Reset(self.number));
            Ok(())
        })
    }

    fn canceller(&self) -> Box<dyn Canceller> {
        Box::new(FakeCanceller {
            server: self.server.clone(),
            number: self.number,
            cancel: Arc::clone(&self.cancel),
        })
    }

    fn close(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>> {
        Box::pin(async move {
            let mut state = self.server.state();
            state.log.push(Call::Close(self.number));
            state.end(self.number);
            Ok(())
        })
    }
}

struct FakeCanceller {
    server: FakeServer,
    number: usize,
    cancel: Arc<Notify>,
}

impl Canceller for FakeCanceller {
    fn cancel(&self) -> BoxFuture<'_, Result<(), DbError>> {
        Box::pin(async {
            self.server.state().log.push(Call::Cancel(self.number));
            self.cancel.notify_waiters();
            Ok(())
        })
    }
}
