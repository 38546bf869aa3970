//! One migration to run, as the callers of the executor say it.

use crate::ledger::OpenAttempt;
use shoring_core::{Applied, MigrationPlan};

/// One migration to run.
pub(crate) struct Job<'p> {
    /// What, and how.
    pub(crate) plan: &'p MigrationPlan,
    /// The command it is run for.
    pub(crate) command: &'static str,
    /// The attempt of the same direction that ended half-way and is to go on.
    pub(crate) resume: Option<OpenAttempt>,
    /// For `down`: the history row that goes.
    pub(crate) applied: Option<Applied>,
    /// For `down` of a migration that was only half applied: statements whose thing is not there are passed over, and there
    /// is no history row to remove.
    pub(crate) is_undo_of_half: bool,
    /// Whether the history table gets (or loses) a row. Seeds are only in the journal.
    pub(crate) keeps_history: bool,
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
