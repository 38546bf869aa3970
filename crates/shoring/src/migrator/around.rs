//! The scripts that run around migrations in projects of some tools. They leave no row in the history; the journal knows them.
//!
//! Each is a run of its own: what it does is committed before the migration begins. Only what a script sets in the session
//! before a migration stays for that migration.

use super::open::Opened;
use crate::error::{Error, ErrorKind, Result};
use crate::executor::{Executor, HistoryPart, Job};
use crate::lock::RunLock;
use shoring_core::{Direction, MigrationPlan};
use shoring_formats::CallbackEvent;
use std::sync::Arc;

/// The scripts of a run, read and judged.
#[derive(Default)]
pub(super) struct Around {
    scripts: Vec<(CallbackEvent, MigrationPlan)>,
}

/// A moment of a run. Seeds have none.
#[derive(Debug, Clone, Copy)]
pub(super) enum Moment {
    /// Before anything.
    Start(Option<Direction>),
    /// Before a migration.
    Before(Option<Direction>),
    /// After a migration.
    After(Option<Direction>),
    /// After a migration that failed.
    BrokenOff(Option<Direction>),
    /// Between the last step and what runs again.
    Repeatables(Option<Direction>),
    /// After the last step, where nothing runs again.
    Versioned(Option<Direction>),
    /// After everything; whether anything was applied.
    End(Option<Direction>, bool),
    /// After a failure.
    Failed(Option<Direction>),
    /// Around a command that writes records.
    Records(Records, Stage),
}

/// A command that writes records and runs no migration.
#[derive(Debug, Clone, Copy)]
pub(super) enum Records {
    Baseline,
    Repair,
}

/// Where such a command stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stage {
    Begins,
    Done,
    Failed,
}

impl Moment {
    /// The events of it, in order.
    fn events(self) -> &'static [CallbackEvent] {
        use CallbackEvent as Is;
        use Direction::{Down, Up};
        match self {
            Self::Start(Some(Up)) => &[
                Is::AfterConnect,
                Is::BeforeValidate,
                Is::AfterValidate,
                Is::BeforeMigrate,
            ],
            Self::Start(Some(Down)) => &[Is::AfterConnect, Is::BeforeUndo],
            Self::Before(Some(Up)) => &[Is::BeforeEachMigrate],
            Self::Before(Some(Down)) => &[Is::BeforeEachUndo],
            Self::After(Some(Up)) => &[Is::AfterEachMigrate],
            Self::After(Some(Down)) => &[Is::AfterEachUndo],
            Self::BrokenOff(Some(Up)) => &[Is::AfterEachMigrateError],
            Self::BrokenOff(Some(Down)) => &[Is::AfterEachUndoError],
            Self::Repeatables(Some(Up)) => &[Is::AfterVersioned, Is::BeforeRepeatables],
            Self::Versioned(Some(Up)) => &[Is::AfterVersioned],
            Self::End(Some(Up), true) => &[Is::AfterMigrateApplied, Is::AfterMigrate],
            Self::End(Some(Up), false) => &[Is::AfterMigrate],
            Self::End(Some(Down), _) => &[Is::AfterUndo],
            Self::Failed(Some(Up)) => &[Is::AfterMigrateError],
            Self::Failed(Some(Down)) => &[Is::AfterUndoError],
            Self::Records(Records::Baseline, Stage::Begins) => {
                &[Is::AfterConnect, Is::BeforeBaseline]
            }
            Self::Records(Records::Baseline, Stage::Done) => &[Is::AfterBaseline],
            Self::Records(Records::Baseline, Stage::Failed) => &[Is::AfterBaselineError],
            Self::Records(Records::Repair, Stage::Begins) => &[Is::AfterConnect, Is::BeforeRepair],
            Self::Records(Records::Repair, Stage::Done) => &[Is::AfterRepair],
            Self::Records(Records::Repair, Stage::Failed) => &[Is::AfterRepairError],
            Self::Start(None)
            | Self::Before(None)
            | Self::After(None)
            | Self::BrokenOff(None)
            | Self::Repeatables(Some(Down) | None)
            | Self::Versioned(Some(Down) | None)
            | Self::End(None, _)
            | Self::Failed(None) => &[],
        }
    }
}

impl Around {
    /// Whether something runs although no migration does.
    pub(super) fn runs_without_migrations(&self) -> bool {
        [
            Moment::Start(Some(Direction::Up)),
            Moment::End(Some(Direction::Up), false),
        ]
        .iter()
        .any(|moment| self.of(*moment).next().is_some())
    }

    fn of(&self, moment: Moment) -> impl Iterator<Item = &MigrationPlan> {
        moment.events().iter().flat_map(|event| {
            self.scripts
                .iter()
                .filter(move |(of, _)| of == event)
                .map(|(_, plan)| plan)
        })
    }

    /// Runs the scripts of a moment. Gives whether one of them may have changed the session.
    pub(super) async fn run(&self, executor: &mut Executor<'_>, moment: Moment) -> Result<bool> {
        let mut changes_session = false;
        for plan in self.of(moment) {
            let keeps_session = matches!(moment, Moment::Before(_));
            let job = Job {
                open_attempts: Vec::new(),
                plan,
                command: "callback",
                resume: None,
                is_undo_of_half: false,
                history: HistoryPart::Nothing,
                keeps_session,
            };
            Box::pin(executor.run(&job)).await?;
            changes_session |= keeps_session && plan.changes_session;
        }
        Ok(changes_session)
    }

    /// The paths of all scripts.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.scripts
            .iter()
            .map(|(_, plan)| plan.migration.up.path.as_str())
    }
}

impl Opened {
    /// Reads the scripts around a run. What cannot run is refused before anything does.
    pub(super) fn read_around(&self) -> Result<Around> {
        self.read_scripts(|_| true)
    }

    fn read_scripts(&self, is_wanted: impl Fn(CallbackEvent) -> bool) -> Result<Around> {
        let mut scripts = Vec::new();
        for callback in self.project.callbacks(self.ledger.found.format)? {
            if !is_wanted(callback.event) {
                continue;
            }
            let script = callback.migration.up.clone();
            let plan = self.analyse(&callback.migration, &script, Direction::Up)?;
            if plan.statement_count > 0 {
                scripts.push((callback.event, plan));
            }
        }
        Ok(Around { scripts })
    }

    /// Writes records under the lock, with the scripts around them, and reads everything again. The lock is given back on
    /// every way out.
    pub(super) async fn write_with_scripts<T>(
        &mut self,
        of: Records,
        write: impl AsyncFnOnce(&mut Self, &RunLock) -> Result<T>,
    ) -> Result<T> {
        let stages = [Stage::Begins, Stage::Done, Stage::Failed];
        let around = self.read_scripts(|event| {
            let mut moments = stages.iter().map(|stage| Moment::Records(of, *stage));
            moments.any(|moment| moment.events().contains(&event))
        })?;
        self.refuse_around_without_journal(&around)?;
        let lock = self.lock().await?;
        let begins = Moment::Records(of, Stage::Begins);
        let (lock, began) = self.run_scripts(lock, &around, begins).await;
        let result = match began {
            Ok(()) => write(self, &lock).await,
            Err(error) => Err(error),
        };
        let stage = match &result {
            Ok(_) => Stage::Done,
            Err(_) => Stage::Failed,
        };
        let ends = Moment::Records(of, stage);
        let (lock, ended) = self.run_scripts(lock, &around, ends).await;
        let read = match &result {
            Ok(_) => self.read_again().await,
            Err(_) => Ok(()),
        };
        self.unlock(lock).await;
        // What went wrong first is what has to be told.
        let written = result?;
        ended.and(read).map(|()| written)
    }

    /// Runs the scripts of a moment outside of a run of migrations.
    async fn run_scripts(
        &mut self,
        lock: RunLock,
        around: &Around,
        moment: Moment,
    ) -> (RunLock, Result<()>) {
        if around.of(moment).next().is_none() {
            return (lock, Ok(()));
        }
        let Some(session) = self.session.take() else {
            return (lock, Ok(()));
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
        let ran = around.run(&mut executor, moment).await.map(drop);
        let (session, lock) = executor.into_parts();
        self.session = Some(session);
        (lock, ran)
    }

    /// Refuses to go on without a journal where a script could be lost half-way: nobody would know.
    pub(super) fn refuse_around_without_journal(&self, around: &Around) -> Result<()> {
        let Some(path) = around.paths().next().filter(|_| !self.ledger.keeps_journal) else {
            return Ok(());
        };
        Err(Error::new(
            ErrorKind::Usage,
            "no-journal",
            format!("`{path}` runs around migrations, and without a journal nothing would tell whether it did"),
        )
        .state("Nothing was run and nothing was changed.")
        .next("keep the journal, or take the script out"))
    }
}
