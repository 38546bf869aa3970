//! The handle a test keeps: script, state shared by all sessions, and the log.

use super::log::Call;
use super::script::{Pattern, Reply, Script};
use super::session::FakeSession;
use crate::error::{DbError, DbErrorKind};
use crate::session::{
    Activity, BackendId, BoxFuture, ConnectOptions, Driver, LockAttempt, Session, Topology,
};
use crate::url::DatabaseUrl;
use shoring_core::event::Blocker;
use shoring_core::{Probe, Product, Server, ServerVersion, TableShape, Target};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// What all sessions of one fake server share.
#[derive(Default)]
pub(super) struct State {
    pub(super) script: Script,
    pub(super) log: Vec<Call>,
    pub(super) sessions: usize,
    pub(super) live: BTreeSet<usize>,
    /// Lock name to the number of the session that has it; 0 is somebody outside.
    pub(super) locks: BTreeMap<String, usize>,
    pub(super) refused_locks: BTreeMap<String, LockAttempt>,
    pub(super) aliveness: BTreeMap<String, Option<bool>>,
    pub(super) probes: BTreeMap<Target, Probe>,
    pub(super) tables: Vec<TableShape>,
    pub(super) topology: Topology,
    pub(super) activity: Activity,
    pub(super) connect_errors: Vec<DbError>,
    has_crashed: bool,
}

/// A fake server. Clones are handles to the same one.
#[derive(Clone)]
pub struct FakeServer {
    server: Server,
    state: Arc<Mutex<State>>,
    crash: Arc<Notify>,
}

impl FakeServer {
    /// A server of this product at which everything succeeds and changes nothing.
    pub fn new(product: Product) -> Self {
        let version = match product {
            Product::Postgresql => ServerVersion::new(15, 18, 0),
            Product::Mysql => ServerVersion::new(8, 4, 0),
            Product::Mariadb => ServerVersion::new(10, 11, 0),
            Product::Sqlite => ServerVersion::new(3, 50, 0),
        };
        Self::with_version(product, version)
    }

    /// A server of this product and version.
    pub fn with_version(product: Product, version: ServerVersion) -> Self {
        Self {
            server: Server { product, version },
            state: Arc::default(),
            crash: Arc::default(),
        }
    }

    /// Opens a session.
    pub fn session(&self) -> FakeSession {
        FakeSession::open(self.server.clone(), self.clone())
    }

    /// From now on, texts of this pattern get this reply. The newest rule that matches wins.
    pub fn on(&self, pattern: impl Into<Pattern>, reply: Reply) -> &Self {
        self.state().script.add(pattern.into(), reply, false);
        self
    }

    /// The next text of this pattern gets this reply, later ones do not.
    pub fn once(&self, pattern: impl Into<Pattern>, reply: Reply) -> &Self {
        self.state().script.add(pattern.into(), reply, true);
        self
    }

    /// Answers with a closure; `None` leaves the text to older rules. The closure must not call this server.
    pub fn respond(&self, responder: impl FnMut(&str) -> Option<Reply> + Send + 'static) -> &Self {
        self.state().script.add_responder(Box::new(responder));
        self
    }

    /// What a probe of this target says; others are unknown.
    pub fn set_probe(&self, target: Target, probe: Probe) -> &Self {
        self.state().probes.insert(target, probe);
        self
    }

    /// The tables that exist.
    pub fn set_tables(&self, tables: Vec<TableShape>) -> &Self {
        self.state().tables = tables;
        self
    }

    /// What stands between the sessions and the data.
    pub fn set_topology(&self, topology: Topology) -> &Self {
        self.state().topology = topology;
        self
    }

    /// What every session seems to be doing when another one asks.
    pub fn set_activity(&self, activity: Activity) -> &Self {
        self.state().activity = activity;
        self
    }

    /// What [`Session::is_alive`] says about a backend id; without it, whether such a session of this server is open.
    pub fn set_alive(&self, backend: &BackendId, is_alive: Option<bool>) -> &Self {
        self.state().aliveness.insert(backend.0.clone(), is_alive);
        self
    }

    /// What every try for this lock gives: held by a stranger, or unsupported.
    pub fn refuse_lock(&self, name: &str, attempt: LockAttempt) -> &Self {
        self.state().refused_locks.insert(name.to_owned(), attempt);
        self
    }

    /// The stranger of [`FakeServer::refuse_lock`] gives the lock back.
    pub fn free_lock(&self, name: &str) -> &Self {
        let mut state = self.state();
        state.refused_locks.remove(name);
        state.locks.remove(name);
        drop(state);
        self
    }

    /// The next connect through the [`Driver`] trait fails with this; more calls, more failures in that order.
    pub fn refuse_connect(&self, error: DbError) -> &Self {
        self.state().connect_errors.push(error);
        self
    }

    /// Every call so far, in order.
    pub fn calls(&self) -> Vec<Call> {
        self.state().log.clone()
    }

    /// The texts of all statements, queries and copies so far, in order.
    pub fn sent(&self) -> Vec<String> {
        self.state()
            .log
            .iter()
            .filter_map(Call::text)
            .map(str::to_owned)
            .collect()
    }

    /// The names of the locks that are held now.
    pub fn locks(&self) -> Vec<String> {
        self.state().locks.keys().cloned().collect()
    }

    /// Returns once a [`Reply::Crash`] was reached.
    pub async fn crashed(&self) {
        loop {
            let mut notified = std::pin::pin!(self.crash.notified());
            notified.as_mut().enable();
            if self.state().has_crashed {
                return;
            }
            notified.await;
        }
    }

    pub(super) fn crash(&self) {
        self.state().has_crashed = true;
        self.crash.notify_waiters();
    }

    /// The state. Never held across an await.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// A session is gone, and its locks with it.
    pub(super) fn end(&mut self, session: usize) {
        self.live.remove(&session);
        self.locks.retain(|_, holder| *holder != session);
    }

    pub(super) fn try_lock(&mut self, session: usize, name: &str) -> LockAttempt {
        if let Some(refused) = self.refused_locks.get(name) {
            return refused.clone();
        }
        match self.locks.get(name) {
            Some(holder) if *holder != session => LockAttempt::Held(Some(Blocker {
                session: holder.to_string(),
                application: Some("shoring".to_owned()),
                ..Blocker::default()
            })),
            Some(_) => LockAttempt::Acquired,
            None => {
                self.locks.insert(name.to_owned(), session);
                LockAttempt::Acquired
            }
        }
    }
}

impl Driver for FakeServer {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn schemes(&self) -> &'static [&'static str] {
        &["fake"]
    }

    /// Ignores the URL and the options.
    fn connect<'a>(
        &'a self,
        _url: &'a DatabaseUrl,
        _options: &'a ConnectOptions,
    ) -> BoxFuture<'a, Result<Box<dyn Session>, DbError>> {
        Box::pin(async {
            let refused = {
                let mut state = self.state();
                (!state.connect_errors.is_empty()).then(|| state.connect_errors.remove(0))
            };
            match refused {
                Some(error) => Err(error),
                None => Ok(Box::new(self.session()) as Box<dyn Session>),
            }
        })
    }
}

/// The error of a session whose connection is gone.
pub(super) fn lost() -> DbError {
    DbError::new(
        DbErrorKind::ConnectionLost,
        "server closed the connection unexpectedly",
    )
}
