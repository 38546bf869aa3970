//! Runs one migration from its first try to its last: retries for locks, reconnects after lost connections, and one
//! honest ending.

use super::failed::Failed;
use super::job::Job;
use super::prepared_record::PreparedRecord;
use super::progress::Run;
use super::session::Executor;
use super::trouble::Trouble;
use crate::context::stopped;
use crate::database_error::query_error;
use crate::error::Result;
use crate::ledger::OpenAttempt;
use crate::pause::jitter;
use crate::report::Ran;
use shoring_core::Event;
use shoring_db::{DbError, DbErrorKind};
use std::time::Duration;

/// How often a run reconnects for one migration before it gives up.
pub(super) const RECONNECTS: u32 = 5;

impl Executor<'_> {
    /// Runs one migration. On success the history says so; on failure the error says what state the database is in.
    pub(crate) async fn run(&mut self, job: &Job<'_>) -> Result<Ran> {
        let plan = job.plan;
        let migration = &plan.migration;
        let version = migration.version.as_str().to_owned();
        self.script_path = migration
            .script(plan.direction)
            .map(|script| script.path.clone())
            .unwrap_or_default();
        let mut run = Run::new(job, &self.lock);
        self.prepare_first(&mut run).await?;
        self.prepare_record(&run).await;
        if let Some(open) = &job.resume {
            self.take_up(open, &mut run).await?;
        }
        self.context.emit(&Event::MigrationStarted {
            version: version.clone(),
            name: migration.name.clone(),
            direction: plan.direction,
            statements: plan.statement_count,
            first_statement: run.done_through() + 1,
        });
        if let Err(error) = self.until_done(&mut run).await {
            // What runs after a failure runs as if nothing had been before it. A session that is lost has nothing to put back.
            drop(self.put_foreign_keys_back().await);
            self.context.emit(&Event::MigrationFailed {
                version,
                name: migration.name.clone(),
                number: match run.failed_at {
                    0 => run.done_through() + 1,
                    number => number,
                },
                statements: plan.statement_count,
            });
            return Err(error);
        }
        match self.put_session_back(job).await {
            Ok(()) => {}
            // The migration is recorded, and a new session needs no putting back.
            Err(Trouble::Lost { error }) => self.recover(&mut run, &error, false).await?,
            Err(Trouble::Stopped(error)) => return Err(error),
            Err(
                Trouble::Locked { failed }
                | Trouble::Failed(failed)
                | Trouble::Unprepared { failed },
            ) => {
                return Err(query_error(&failed.error));
            }
        }
        self.remember(job);
        let milliseconds = run.milliseconds();
        self.context.emit(&Event::MigrationFinished {
            version: version.clone(),
            name: migration.name.clone(),
            direction: plan.direction,
            ms: milliseconds,
            statements: run.statements,
            rows: run.rows,
        });
        Ok(Ran {
            version,
            name: migration.name.clone(),
            direction: plan.direction,
            milliseconds,
            statements: plan.statement_count,
            rows: run.rows,
        })
    }

    /// Before the first migration: the settings of them all. A link that is lost here took nothing with it.
    async fn prepare_first(&mut self, run: &mut Run<'_>) -> Result<()> {
        if self.is_prepared {
            return Ok(());
        }
        match self.prepare_session().await {
            Ok(()) => Ok(()),
            Err(lost)
                if lost.kind == DbErrorKind::ConnectionLost && self.context.connector.is_some() =>
            {
                self.recover(run, &lost, false).await
            }
            Err(error) => Err(query_error(&error)),
        }
    }

    /// Takes up what an earlier attempt left half-done.
    async fn take_up(&mut self, open: &OpenAttempt, run: &mut Run<'_>) -> Result<()> {
        run.done = match self.settle(open, run.job).await {
            Err(error) if error.diagnostic.code == "connection-lost" => {
                let lost = DbError::new(DbErrorKind::ConnectionLost, error.to_string());
                self.recover(run, &lost, false).await?;
                self.settle(open, run.job).await?
            }
            settled => settled?,
        };
        Ok(())
    }

    async fn until_done(&mut self, run: &mut Run<'_>) -> Result<()> {
        let mut reconnects = 0;
        loop {
            run.begin_try();
            let trouble = match self.once(run).await {
                Ok(()) => return Ok(()),
                Err(trouble) => trouble,
            };
            match trouble {
                Trouble::Locked { failed } => {
                    self.roll_back().await;
                    run.failed_at = failed.number;
                    if run.attempt_number >= self.context.tuning.lock_attempts {
                        return Err(self.gave_up(run, &failed).await);
                    }
                    self.pause_before_retry(&failed, run).await?;
                }
                Trouble::Unprepared { .. } => {
                    self.roll_back().await;
                    self.record = PreparedRecord::Never;
                }
                Trouble::Lost { error } => {
                    reconnects += 1;
                    self.recover(run, &error, reconnects > RECONNECTS).await?;
                    if run.is_recorded {
                        return Ok(());
                    }
                }
                Trouble::Failed(failed) => {
                    run.failed_at = failed.number;
                    return Err(self.ended(run, &failed).await);
                }
                Trouble::Stopped(error) => {
                    self.roll_back().await;
                    return Err(self.with_state(run, error).await);
                }
            }
        }
    }

    async fn pause_before_retry(&mut self, failed: &Failed, run: &mut Run<'_>) -> Result<()> {
        // 250 ms after the first try, 4 s from the fifth on.
        let pause = jitter(Duration::from_millis(
            250 << run.attempt_number.min(5).saturating_sub(1),
        ));
        self.context.emit(&Event::Retried {
            version: run.attempt.version.clone(),
            number: failed.number,
            attempt: run.attempt_number,
            attempts: self.context.tuning.lock_attempts,
            pause_ms: pause.as_millis() as u64,
            reason: failed.error.message.clone(),
        });
        run.attempt_number += 1;
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.context.stop.changed() => {}
        }
        match self.context.stop.requested() {
            None => Ok(()),
            Some(signal) => Err(stopped(signal)),
        }
    }
}
