//! What the working session is set to before a migration, and how it is put back after one that changed it.

use super::job::Job;
use super::session::Executor;
use super::trouble::Trouble;
use crate::error::Error;
use crate::execute::execute_one;
use crate::lock::{Moved, lease_lost};
use shoring_core::{Directives, Product};
use shoring_db::DbError;
use std::time::Duration;

impl Executor<'_> {
    /// Sets what every migration starts with: how long to wait for locks, no limit on how long a statement runs, the role.
    pub(super) async fn prepare_session(&mut self) -> Result<(), DbError> {
        self.limits = (self.context.tuning.lock_timeout, None);
        if !self.sets_per_transaction() {
            for sql in self.session_settings(self.context.tuning.lock_timeout, None) {
                execute_one(self.session.as_mut(), &sql).await?;
            }
        }
        self.is_prepared = true;
        Ok(())
    }

    /// Sets what the directives of a file ask for.
    pub(super) async fn set_limits(&mut self, directives: &Directives) -> Result<(), DbError> {
        if directives.lock_timeout.is_none() && directives.statement_timeout.is_none() {
            return Ok(());
        }
        let limit = directives
            .lock_timeout
            .unwrap_or(self.context.tuning.lock_timeout);
        self.limits = (limit, directives.statement_timeout);
        if self.sets_per_transaction() {
            return Ok(());
        }
        for sql in self.session_settings(limit, directives.statement_timeout) {
            execute_one(self.session.as_mut(), &sql).await?;
        }
        Ok(())
    }

    /// Whether settings go into each transaction instead of the session.
    pub(super) fn sets_per_transaction(&self) -> bool {
        self.product() == Product::Postgresql && self.lock.is_lease()
    }

    pub(super) fn session_settings(
        &self,
        lock_timeout: Duration,
        statement_timeout: Option<Duration>,
    ) -> Vec<String> {
        let milliseconds = lock_timeout.as_millis();
        match self.product() {
            Product::Postgresql => {
                // A limit on statements set for the application's role must not kill an index build (pain 48).
                let statement = statement_timeout.map_or(0, |limit| limit.as_millis());
                let mut settings = vec![
                    format!("SET lock_timeout = {milliseconds}"),
                    format!("SET statement_timeout = {statement}"),
                ];
                settings.extend(self.context.tuning.set_role(self.product()));
                settings.extend(self.context.session_setup(self.product()));
                settings
            }
            Product::Mysql | Product::Mariadb => {
                let mut settings = vec![format!(
                    "SET SESSION lock_wait_timeout = {}",
                    milliseconds.div_ceil(1000).max(1)
                )];
                if let (Product::Mariadb, Some(limit)) = (self.product(), statement_timeout) {
                    settings.push(format!(
                        "SET SESSION max_statement_time = {}",
                        limit.as_secs_f64()
                    ));
                }
                settings.extend(self.context.session_setup(self.product()));
                settings
            }
            Product::Sqlite => {
                let mut settings = vec![format!("PRAGMA busy_timeout = {milliseconds}")];
                settings.extend(self.context.session_setup(self.product()));
                settings
            }
        }
    }

    /// Ends a transaction that may be open. Where none is, the server says so, and that is fine.
    pub(super) async fn roll_back(&mut self) {
        drop(execute_one(self.session.as_mut(), "ROLLBACK").await);
    }

    /// Puts the session back after a file that changed it.
    pub(super) async fn put_session_back(&mut self, job: &Job<'_>) -> Result<(), Trouble> {
        let directives = job
            .plan
            .migration
            .script(job.plan.direction)
            .map(|script| script.directives.clone())
            .unwrap_or_default();
        if job.keeps_session {
            return Ok(());
        }
        if job.plan.changes_session {
            self.start_session_over().await?;
        } else if directives.lock_timeout.is_some() || directives.statement_timeout.is_some() {
            self.session.reset().await.map_err(Trouble::of)?;
        } else {
            return self.put_foreign_keys_back().await.map_err(Trouble::of);
        }
        self.has_a_new_session();
        self.prepare_session().await.map_err(Trouble::of)
    }

    /// Lets go of everything a file may have left in the session, and keeps the lock.
    async fn start_session_over(&mut self) -> Result<(), Trouble> {
        // What a caller keeps in a session of its own is not ours to throw away; and without a lease nothing would keep
        // others out while MySQL's session lock is given back.
        if self.context.connector.is_none() || !self.ledger.keeps_journal {
            return self.session.reset().await.map_err(Trouble::of);
        }
        let gives_locks_back = match self.product() {
            Product::Mysql | Product::Mariadb => !self.lock.is_lease(),
            Product::Postgresql | Product::Sqlite => false,
        };
        if gives_locks_back {
            let rested = self
                .lock
                .rest_on_lease(self.session.as_mut(), &self.ledger)
                .await
                .map_err(Trouble::of)?;
            if rested != Moved::Done {
                return Err(lost_between().into());
            }
        }
        self.session.start_over().await.map_err(Trouble::of)?;
        if gives_locks_back {
            match self.take_lock_again().await? {
                Moved::Done => {}
                Moved::NotYet | Moved::TakenOver => return Err(lost_between().into()),
            }
        }
        Ok(())
    }
}

/// A setting of a session, for the transaction alone.
pub(super) fn locally(sql: &str) -> String {
    if sql.starts_with("SELECT set_config(") {
        return sql.replacen(", false)", ", true)", 1);
    }
    sql.replacen("SET ", "SET LOCAL ", 1)
}

/// The lock was lost between two migrations.
fn lost_between() -> Error {
    lease_lost(
        "Every migration that was started is finished and recorded; nothing more was written.",
    )
    .note("it was taken while this run put its session back between two migrations")
}
