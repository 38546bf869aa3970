//! One migration on its way: what is to run, the attempt that runs it, and how far it is in this process.

use super::job::Job;
use crate::ledger::{Attempt, Step};
use crate::lock::RunLock;
use shoring_core::event::Blocker;
use std::time::Instant;

/// One migration on its way.
pub(super) struct Run<'j> {
    /// What is to run.
    pub(super) job: &'j Job<'j>,
    /// What the journal knows it by.
    pub(super) attempt: Attempt,
    pub(super) started: Instant,
    /// Rows changed by the file's statements.
    pub(super) rows: u64,
    /// Rows changed by the last one.
    pub(super) rows_of_last: u64,
    /// Statements that completed now.
    pub(super) statements: u64,
    /// Milliseconds of the last batch.
    pub(super) last_ms: u64,
    /// Who was in the way when a statement last waited for a lock.
    pub(super) blockers: Vec<Blocker>,
    /// Which try this is, from 1.
    pub(super) attempt_number: u32,
    /// Whether the journal has the attempt's row.
    pub(super) has_row: bool,
    /// Whether the history table is told of the beginning, together with the attempt's row.
    pub(super) tells_history: bool,
    /// Whether the history table was told in this run that it began.
    pub(super) has_begun: bool,
    /// Steps that are in the database, in order.
    pub(super) done: Vec<Step>,
    /// A statement that this run began before its link was lost, and that did not take effect: what it left is ours.
    pub(super) begun: Option<u64>,
    /// A step that is in the database while the journal still says intent; goes with the next write.
    pub(super) unreported: Option<Unreported>,
    /// Whether the history says so.
    pub(super) is_recorded: bool,
    /// Whether something that commits was sent in this try.
    pub(super) is_commit_sent: bool,
    /// The statement the server refused; 0 if none.
    pub(super) failed_at: u64,
}

/// What the journal is still to be told about a step that took effect.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unreported {
    /// Its first statement.
    pub(super) first: u64,
    pub(super) milliseconds: u64,
    pub(super) rows: u64,
}

impl<'j> Run<'j> {
    /// A new attempt at a job, under a lock.
    pub(super) fn new(job: &'j Job<'j>, lock: &RunLock) -> Self {
        let plan = job.plan;
        let migration = &plan.migration;
        Self {
            job,
            attempt: Attempt {
                id: uuid::Uuid::now_v7().to_string(),
                run: lock.run.clone(),
                fence: lock.fence,
                command: job.command,
                version: migration.version.as_str().to_owned(),
                name: migration.name.clone(),
                direction: plan.direction,
                checksum: migration
                    .script(plan.direction)
                    .map(|script| script.checksum.clone()),
                statements: plan.statement_count,
                compatible_with: plan.recorded_compatible_with().cloned(),
            },
            started: Instant::now(),
            rows: 0,
            rows_of_last: 0,
            statements: 0,
            last_ms: 0,
            blockers: Vec::new(),
            attempt_number: 1,
            has_row: false,
            tells_history: false,
            has_begun: false,
            done: Vec::new(),
            begun: None,
            unreported: None,
            is_recorded: false,
            is_commit_sent: false,
            failed_at: 0,
        }
    }

    /// A new try begins: what is said of the last one no longer counts.
    pub(super) fn begin_try(&mut self) {
        self.is_commit_sent = false;
        self.failed_at = 0;
        if self.job.is_atomic() {
            // A try that was rolled back counts for nothing.
            self.rows = 0;
            self.statements = 0;
        }
    }

    /// The attempt's row is in the database, and what the history table was told with it.
    pub(super) fn is_begun(&mut self) {
        self.has_row = true;
        self.has_begun = self.tells_history;
    }

    /// The last statement that is in the database; 0 if none.
    pub(super) fn done_through(&self) -> u64 {
        self.done.last().map_or(0, |step| step.last)
    }

    pub(super) fn milliseconds(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }
}
