//! One migration to run, as the callers of the executor say it.

use crate::ledger::OpenAttempt;
use shoring_core::{Applied, AppliedKind, MigrationPlan};
use std::sync::Arc;

/// One migration to run.
pub(crate) struct Job<'p> {
    /// What, and how.
    pub(crate) plan: &'p MigrationPlan,
    /// The command it is run for.
    pub(crate) command: &'static str,
    /// The attempt of the same direction that ended half-way and is to go on.
    pub(crate) resume: Option<OpenAttempt>,
    /// Ids of the migration's attempts that are open, which its end closes.
    pub(crate) open_attempts: Vec<String>,
    /// For `down` of a migration that was only half applied: statements whose thing is not there are passed over.
    pub(crate) is_undo_of_half: bool,
    /// What the history table is told.
    pub(crate) history: HistoryPart,
    /// Whether what it sets in the session stays for the job after it.
    pub(crate) keeps_session: bool,
}

/// What the history table is told of a job.
pub(crate) enum HistoryPart {
    /// Nothing: seeds, and halves that the table never knew of, are only in the journal.
    Nothing,
    /// The migration is applied. `failed` is the row of an earlier try that the table keeps.
    Apply {
        /// That row.
        failed: Option<Arc<Applied>>,
        /// Whether it ran, or is only taken as applied.
        kind: AppliedKind,
    },
    /// The migration of this row is rolled back.
    RollBack(Arc<Applied>),
    /// A half is taken back, and this row, which says that it failed, goes.
    Forget(Arc<Applied>),
}

impl Job<'_> {
    /// Whether it goes out as one transaction. One that goes on, or takes back a half, does not.
    pub(super) fn is_atomic(&self) -> bool {
        self.plan.is_atomic() && self.resume.is_none() && !self.is_undo_of_half
    }

    pub(super) fn id(&self) -> String {
        self.plan.migration.id()
    }
}
