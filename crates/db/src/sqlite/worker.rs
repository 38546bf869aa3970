//! The thread that owns the connection: commands come in over a channel and run one after the other.

use super::error::{Circumstances, from_rusqlite, of_ours};
use super::lock_file::LockFile;
use super::pragmas::{self, Pragmas};
use super::{busy, open};
use crate::error::{DbError, DbErrorKind};
use crate::signals::Signals;
use rusqlite::{Connection, InterruptHandle};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;

/// How many virtual machine steps run between two looks at the cancel flag: about a tenth of a millisecond.
const STEPS_BETWEEN_LOOKS: i32 = 10_000;

/// What the thread is told.
pub(super) enum Command {
    /// Do this.
    Run(Box<dyn FnOnce(&mut Worker) + Send>),
    /// End, and give the connection back.
    Finish(oneshot::Sender<Result<Connection, DbError>>),
    /// End, and close the connection.
    Close(oneshot::Sender<Result<(), DbError>>),
}

/// How the connection came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// We opened it.
    Opened,
    /// The caller brought it: its busy handler and progress handler stay as they are.
    Brought,
}

/// A connection to be handed to the thread.
pub(super) struct Opened {
    pub(super) connection: Connection,
    /// The database file, `None` for memory.
    pub(super) path: Option<PathBuf>,
    pub(super) is_read_only: bool,
    /// Files of a write-ahead log that appear now are ours to have removed, see [`open::remove_log`].
    pub(super) removes_log: bool,
    pub(super) origin: Origin,
}

/// What lives on the thread.
pub(super) struct Worker {
    pub(super) connection: Connection,
    pub(super) path: Option<PathBuf>,
    pub(super) is_read_only: bool,
    pub(super) signals: Arc<Signals>,
    pub(super) lock: Option<LockFile>,
    pragmas: Pragmas,
    removes_log: bool,
    origin: Origin,
}

/// The thread as the session sees it.
pub(super) struct Thread {
    pub(super) commands: Sender<Command>,
    pub(super) signals: Arc<Signals>,
    pub(super) interrupt: Arc<InterruptHandle>,
}

impl Worker {
    fn new(opened: Opened, signals: Arc<Signals>) -> Result<Self, DbError> {
        let Opened {
            mut connection,
            path,
            is_read_only,
            removes_log,
            origin,
        } = opened;
        if origin == Origin::Opened {
            Self::install(&mut connection, &signals).map_err(|error| of_ours(&error))?;
            if let Some(path) = &path {
                open::read_header(&connection, path)?;
            }
        }
        let pragmas = Pragmas::capture(&connection).map_err(|error| of_ours(&error))?;
        Ok(Self {
            connection,
            path,
            is_read_only,
            signals,
            lock: None,
            pragmas,
            removes_log,
            origin,
        })
    }

    fn install(connection: &mut Connection, signals: &Arc<Signals>) -> rusqlite::Result<()> {
        busy::install(connection, signals)?;
        let signals = Arc::clone(signals);
        connection.progress_handler(STEPS_BETWEEN_LOOKS, Some(move || signals.is_cancelled()))
    }

    /// The caller's words for an error of `statement`.
    pub(super) fn error(&self, error: &rusqlite::Error, statement: &str) -> DbError {
        from_rusqlite(
            error,
            Circumstances {
                statement,
                is_read_only: self.is_read_only || self.is_query_only(),
                is_cancelled: self.signals.is_cancelled(),
            },
        )
    }

    /// Whether `PRAGMA query_only` is on.
    pub(super) fn is_query_only(&self) -> bool {
        self.connection
            .query_row("PRAGMA query_only", [], |row| row.get(0))
            .unwrap_or(false)
    }

    /// See [`crate::Session::reset`].
    pub(super) fn reset(&mut self) -> Result<(), DbError> {
        if !self.connection.is_autocommit() {
            self.connection
                .execute_batch("ROLLBACK")
                .map_err(|error| self.error(&error, ""))?;
        }
        self.pragmas
            .restore(&self.connection)
            .map_err(|error| self.error(&error, ""))?;
        if self.origin == Origin::Opened {
            pragmas::forget(&self.connection).map_err(|error| self.error(&error, ""))?;
            Self::install(&mut self.connection, &self.signals).map_err(|error| of_ours(&error))?;
        }
        Ok(())
    }

    fn into_connection(mut self) -> Result<Connection, DbError> {
        self.lock = None;
        if self.origin == Origin::Opened {
            self.connection
                .progress_handler(0, None::<fn() -> bool>)
                .map_err(|error| of_ours(&error))?;
            self.connection
                .busy_timeout(busy::LIMIT)
                .map_err(|error| of_ours(&error))?;
        }
        Ok(self.connection)
    }

    fn close(self) -> Result<(), DbError> {
        let Self {
            connection,
            path,
            lock,
            removes_log,
            ..
        } = self;
        drop(lock);
        let closed = connection.close().map_err(|(_, error)| of_ours(&error));
        if let (true, Some(path)) = (removes_log, path) {
            open::remove_log(&path);
        }
        closed
    }
}

/// Starts a thread that opens the connection itself, because opening may wait for a disk or a lock.
pub(super) async fn start(
    opener: impl FnOnce() -> Result<Opened, DbError> + Send + 'static,
) -> Result<Thread, DbError> {
    let (commands, inbox) = channel();
    let (ready, is_ready) = oneshot::channel();
    std::thread::Builder::new()
        .name("shoring-sqlite".to_owned())
        .spawn(move || {
            let signals = Arc::new(Signals::default());
            match opener().and_then(|opened| Worker::new(opened, Arc::clone(&signals))) {
                Ok(worker) => {
                    let interrupt = Arc::new(worker.connection.get_interrupt_handle());
                    // Nobody waits any more: the thread ends with the channel below.
                    drop(ready.send(Ok((signals, interrupt))));
                    serve(worker, &inbox);
                }
                Err(error) => drop(ready.send(Err(error))),
            }
        })
        .map_err(|error| {
            DbError::new(
                DbErrorKind::Internal,
                format!("cannot start a thread for SQLite: {error}"),
            )
        })?;
    let (signals, interrupt) = is_ready.await.map_err(|_| thread_ended())??;
    Ok(Thread {
        commands,
        signals,
        interrupt,
    })
}

fn serve(mut worker: Worker, inbox: &Receiver<Command>) {
    while let Ok(command) = inbox.recv() {
        match command {
            Command::Run(job) => job(&mut worker),
            Command::Finish(reply) => {
                drop(reply.send(worker.into_connection()));
                return;
            }
            Command::Close(reply) => {
                drop(reply.send(worker.close()));
                return;
            }
        }
    }
    // The session was dropped: nobody asks how closing went.
    drop(worker.close());
}

/// The thread is gone: it was closed, or it panicked.
pub(super) fn thread_ended() -> DbError {
    DbError::new(DbErrorKind::ConnectionLost, "the SQLite session is closed")
}
