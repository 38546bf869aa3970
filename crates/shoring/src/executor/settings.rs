//! What the working session is set to before a migration, and how it is put back after one that changed it.

use super::job::Job;
use super::session::Executor;
use crate::execute::execute_one;
use shoring_core::{Directives, Product};
use shoring_db::DbError;
use std::time::Duration;

impl Executor<'_> {
    /// Sets what every migration starts with: how long to wait for locks, no limit on how long a statement runs, the role.
    pub(super) async fn prepare_session(&mut self) -> Result<(), DbError> {
        self.limits = (self.context.tuning.lock_timeout, None);
        if self.sets_per_transaction() {
            return Ok(());
        }
        for sql in self.session_settings(self.context.tuning.lock_timeout, None) {
            execute_one(self.session.as_mut(), &sql).await?;
        }
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
                settings
            }
            Product::Sqlite => vec![format!("PRAGMA busy_timeout = {milliseconds}")],
        }
    }

    /// Ends a transaction that may be open. Where none is, the server says so, and that is fine.
    pub(super) async fn roll_back(&mut self) {
        drop(execute_one(self.session.as_mut(), "ROLLBACK").await);
    }

    pub(super) async fn put_session_back(&mut self, job: &Job<'_>) -> Result<(), DbError> {
        let directives = job
            .plan
            .migration
            .script(job.plan.direction)
            .map(|script| script.directives.clone())
            .unwrap_or_default();
        let is_touched = job.plan.changes_session
            || job.plan.checks_foreign_keys
            || directives.lock_timeout.is_some()
            || directives.statement_timeout.is_some();
        if is_touched {
            self.session.reset().await?;
            self.prepare_session().await?;
        }
        Ok(())
    }
}
