//! The executor: a session, the lock it holds, and what is known of the database while migrations run on it.

use super::job::{HistoryPart, Job};
use super::prepared_record::PreparedRecord;
use super::watch::Watcher;
use crate::context::Context;
use crate::ledger::Ledger;
use crate::lock::RunLock;
use shoring_core::{Applied, AppliedKind, Direction, MigrationSet, Product, Tree};
use shoring_db::Session;
use shoring_sql::split::SplitOptions;
use std::sync::Arc;
use std::time::Duration;

/// Runs migrations on one session under one lock.
pub(crate) struct Executor<'a> {
    /// The working session. Replaced after a lost connection.
    pub(crate) session: Box<dyn Session>,
    /// Where history and journal are.
    pub(crate) ledger: Ledger,
    /// The lock.
    pub(crate) lock: RunLock,
    /// What commands carry along.
    pub(crate) context: &'a Context,
    /// The files.
    pub(crate) tree: Arc<dyn Tree>,
    /// What the files are.
    pub(crate) set: Arc<MigrationSet>,
    /// The rows of the history table, in order, kept up to date.
    pub(crate) existing: Vec<Arc<Applied>>,
    pub(super) watcher: Option<Watcher>,
    pub(super) script_path: String,
    /// How long a statement may wait for a lock, and how long it may run, in the migration that runs now.
    pub(super) limits: (Duration, Option<Duration>),
    /// Whether the session has the settings of every migration.
    pub(super) is_prepared: bool,
    /// Whether `foreign_keys` was switched off and is to be switched on again.
    pub(super) owes_foreign_keys: bool,
    /// Whether the session knows the record of a migration by a name.
    pub(super) record: PreparedRecord,
}

impl<'a> Executor<'a> {
    /// An executor on a session that holds `lock`.
    pub(crate) fn new(
        session: Box<dyn Session>,
        ledger: Ledger,
        lock: RunLock,
        context: &'a Context,
        tree: Arc<dyn Tree>,
        set: Arc<MigrationSet>,
        existing: Vec<Arc<Applied>>,
    ) -> Executor<'a> {
        let mut executor = Self {
            session,
            ledger,
            lock,
            context,
            tree,
            set,
            existing,
            watcher: None,
            script_path: String::new(),
            limits: (context.tuning.lock_timeout, None),
            is_prepared: false,
            owes_foreign_keys: false,
            record: PreparedRecord::Unsaid,
        };
        executor.watch();
        executor
    }

    pub(super) fn product(&self) -> Product {
        self.session.server().product
    }

    pub(super) fn split_options(&self) -> SplitOptions {
        self.session.split_options()
    }

    /// The session is as it was at connecting, or another one: nothing of what was done to it counts any more.
    pub(super) fn has_a_new_session(&mut self) {
        self.owes_foreign_keys = false;
        self.record = PreparedRecord::Unsaid;
    }

    pub(super) fn watch(&mut self) {
        self.watcher = Watcher::start(
            self.context.connector.as_ref(),
            self.product(),
            self.session.backend(),
            self.context.tuning.lock_timeout,
        );
    }

    /// Keeps `existing` true.
    pub(super) fn remember(&mut self, job: &Job<'_>) {
        if matches!(job.history, HistoryPart::Nothing) {
            return;
        }
        let migration = &job.plan.migration;
        let at = self
            .existing
            .partition_point(|row| row.order < migration.order);
        while self
            .existing
            .get(at)
            .is_some_and(|row| row.order == migration.order)
        {
            self.existing.remove(at);
        }
        match job.plan.direction {
            Direction::Up => {
                let row = Applied {
                    version: migration.version.clone(),
                    order: migration.order.clone(),
                    // The hand-made table's rows have names in a style of their own: only those read from it show it.
                    name: None,
                    kind: AppliedKind::Applied,
                    checksum: migration.checksums.first().cloned(),
                    applied_at: None,
                    applied_by: None,
                    milliseconds: None,
                    attributes: migration.attributes.clone(),
                };
                // Nearly always the end: what runs comes after what is applied.
                self.existing.insert(at, Arc::new(row));
            }
            Direction::Down => {}
        }
    }

    /// Gives session and lock back to the caller.
    pub(crate) fn into_parts(self) -> (Box<dyn Session>, RunLock) {
        (self.session, self.lock)
    }
}
