//! Runs a list of plans under the lock; shared by `up`, `down`, `redo`, `goto` and `seed`.

use super::around::{Around, Moment};
use super::open::Opened;
use crate::context::Access;
use crate::error::{Error, ErrorKind, Result};
use crate::executor::{Executor, HistoryPart, Job, Verdict};
use crate::lock::{self, RunLock};
use crate::report::Ran;
use shoring_core::{AppliedKind, Direction, Event, Migration, MigrationPlan};
use std::borrow::Cow;
use std::sync::Arc;

impl RunKind {
    fn direction(self) -> Option<Direction> {
        match self.command {
            "up" => Some(Direction::Up),
            "down" => Some(Direction::Down),
            _ => None,
        }
    }
}

/// How the plans of one run are meant.
#[derive(Debug, Clone, Copy)]
pub(super) struct RunKind {
    /// The command, for the journal.
    pub command: &'static str,
    /// Whether the history table is written.
    pub keeps_history: bool,
}

impl Opened {
    /// Takes the lock and reads everything again.
    pub(super) async fn lock(&mut self) -> Result<RunLock> {
        let context = self.context.clone();
        let Some(session) = &mut self.session else {
            return Err(Error::new(
                ErrorKind::Internal,
                "no-session",
                "a run needs a session",
            ));
        };
        let lock = lock::acquire(session.as_mut(), &mut self.ledger, &context).await?;
        if let Err(error) = self.read_again().await {
            self.unlock(lock).await;
            return Err(error);
        }
        Ok(lock)
    }

    /// Gives the lock back.
    pub(super) async fn unlock(&mut self, lock: RunLock) {
        let Some(session) = &mut self.session else {
            return;
        };
        let Some(row) = lock.release(session.as_mut(), &self.ledger).await else {
            return;
        };
        // The link was lost, and the tool would wait for us.
        if let Ok(mut session) = self.context.connect(Access::Write).await {
            lock::release_row(session.as_mut(), &row).await;
            drop(session.close().await);
        }
    }

    /// Runs plans in order; stops at the first that fails. The lock is given back on every way out.
    pub(super) async fn run(
        &mut self,
        lock: RunLock,
        plans: &[MigrationPlan],
        kind: RunKind,
    ) -> Result<Vec<Ran>> {
        for diagnostic in self.switch_back_warnings(plans) {
            self.context.emit(&Event::Warned { diagnostic });
        }
        let folder = if kind.keeps_history {
            &self.set.folder
        } else {
            &self.context.tuning.seeds
        };
        self.context.emit(&Event::PlanReady {
            migrations: plans.len(),
            folder: folder.clone(),
            format: self.ledger.found.format.title(),
        });
        let Some(session) = self.session.take() else {
            return Err(Error::new(
                ErrorKind::Internal,
                "no-session",
                "a run needs a session",
            ));
        };
        let context = self.context.clone();
        let mut executor = Executor::new(
            session,
            self.ledger.clone(),
            lock,
            &context,
            self.project.tree.clone(),
            Arc::clone(&self.set),
            self.snapshot.applied.clone(),
        );
        let around = std::mem::take(&mut self.around);
        let mut ran = Vec::with_capacity(plans.len());
        let failure = self
            .run_all(&mut executor, plans, kind, &around, &mut ran)
            .await
            .err();
        let (session, lock) = executor.into_parts();
        self.session = Some(session);
        if failure.is_none() {
            let again = self.read_again().await;
            self.unlock(lock).await;
            match again {
                // Everything is applied and recorded: that the link was lost after it is no failure.
                Err(error) if error.diagnostic.code == "connection-lost" => {
                    if self.context.connector.is_none() {
                        return Err(error);
                    }
                    self.reconnect().await?;
                }
                again => again?,
            }
        } else {
            self.unlock(lock).await;
        }
        match failure {
            Some(error) => Err(error),
            None => Ok(ran),
        }
    }

    /// Runs plans in order, with the callbacks around them.
    async fn run_all(
        &mut self,
        executor: &mut Executor<'_>,
        plans: &[MigrationPlan],
        kind: RunKind,
        around: &Around,
        ran: &mut Vec<Ran>,
    ) -> Result<()> {
        let direction = kind.direction();
        around.run(executor, Moment::Start(direction)).await?;
        let result = self.run_each(executor, plans, kind, around, ran).await;
        match result {
            Ok(()) => {
                let end = Moment::End(direction, !ran.is_empty());
                around.run(executor, end).await.map(drop)
            }
            Err(error) => {
                // What went wrong first is what has to be told.
                drop(around.run(executor, Moment::Failed(direction)).await);
                Err(error)
            }
        }
    }

    async fn run_each(
        &mut self,
        executor: &mut Executor<'_>,
        plans: &[MigrationPlan],
        kind: RunKind,
        around: &Around,
        ran: &mut Vec<Ran>,
    ) -> Result<()> {
        let direction = kind.direction();
        let mut are_steps = true;
        for plan in plans {
            self.context.check_stop()?;
            if are_steps && !plan.migration.order.is_step() {
                are_steps = false;
                around.run(executor, Moment::Repeatables(direction)).await?;
            }
            let changes_session = around.run(executor, Moment::Before(direction)).await?;
            let mut plan = Cow::Borrowed(plan);
            if changes_session && !plan.changes_session {
                plan.to_mut().changes_session = true;
            }
            let is_up = plan.direction == Direction::Up;
            let verdict = if is_up {
                executor.ask(&self.job(&plan, kind)).await
            } else {
                Ok(Verdict::Run)
            };
            let result = match verdict {
                Ok(Verdict::Run) => {
                    let job = self.job(&plan, kind);
                    Box::pin(executor.run(&job)).await.map(Some)
                }
                Ok(Verdict::Skip(why)) => {
                    self.tell("left for the next run", &plan, &why);
                    Ok(None)
                }
                Ok(Verdict::MarkApplied(why)) => {
                    self.tell("recorded as applied, and not run", &plan, &why);
                    plan = Cow::Owned(nothing_of(plan.into_owned()));
                    let job = marking(self.job(&plan, kind));
                    Box::pin(executor.run(&job)).await.map(Some)
                }
                Err(error) => Err(error),
            };
            match result {
                Ok(done) => ran.extend(done),
                Err(error) => {
                    drop(around.run(executor, Moment::BrokenOff(direction)).await);
                    if !(is_up && may_go_on(&plan, &error)) {
                        return Err(error);
                    }
                    self.tell(
                        "passed over, as it asks for itself",
                        &plan,
                        &error.to_string(),
                    );
                    continue;
                }
            }
            around.run(executor, Moment::After(direction)).await?;
        }
        if are_steps {
            around.run(executor, Moment::Versioned(direction)).await?;
        }
        Ok(())
    }

    fn tell(&self, what: &str, plan: &MigrationPlan, why: &str) {
        let id = plan.migration.id();
        self.context.warn("terms", format!("{id} is {what}: {why}"));
    }

    /// What is to be done for one plan, with what history and journal say of its migration.
    fn job<'p>(&self, plan: &'p MigrationPlan, kind: RunKind) -> Job<'p> {
        let order = &plan.migration.order;
        let entry = self
            .reconciliation
            .by_order(order)
            .filter(|_| kind.keeps_history);
        let applied = entry.and_then(|entry| entry.applied.clone());
        let failed = entry.and_then(|entry| entry.failed.clone());
        let is_undo_of_half =
            plan.direction == Direction::Down && applied.is_none() && kind.keeps_history;
        let history = match (plan.direction, applied, failed) {
            _ if !kind.keeps_history => HistoryPart::Nothing,
            (Direction::Up, _, failed) => HistoryPart::Apply {
                failed,
                kind: AppliedKind::Applied,
            },
            (Direction::Down, Some(applied), _) => HistoryPart::RollBack(applied),
            (Direction::Down, None, Some(failed)) => HistoryPart::Forget(failed),
            (Direction::Down, None, None) => HistoryPart::Nothing,
        };
        Job {
            plan,
            command: kind.command,
            resume: self
                .snapshot
                .open_attempt(order, plan.direction)
                .filter(|_| kind.keeps_history)
                .cloned(),
            open_attempts: if kind.keeps_history {
                self.snapshot.open_ids_of(plan.migration.version.as_str())
            } else {
                Vec::new()
            },
            is_undo_of_half,
            history,
            keeps_session: false,
        }
    }
}

/// The plan of a migration that is only recorded.
fn nothing_of(plan: MigrationPlan) -> MigrationPlan {
    let up = plan.migration.up.nothing_of();
    let migration = Migration {
        up,
        ..Arc::unwrap_or_clone(plan.migration)
    };
    MigrationPlan {
        segments: Vec::new(),
        statements: Vec::new(),
        statement_count: 0,
        migration: Arc::new(migration),
        ..plan
    }
}

fn marking(job: Job<'_>) -> Job<'_> {
    let history = match job.history {
        HistoryPart::Apply { failed, .. } => HistoryPart::Apply {
            failed,
            kind: AppliedKind::Marked,
        },
        other => other,
    };
    Job { history, ..job }
}

/// Whether a migration asks for itself that its failure stops nothing. What was lost or stopped is no failure of its own.
fn may_go_on(plan: &MigrationPlan, error: &Error) -> bool {
    let is_own = matches!(
        error.kind,
        ErrorKind::FailedRolledBack | ErrorKind::FailedPartly
    );
    plan.migration.terms.may_fail && is_own && error.diagnostic.code == "migration-failed"
}
