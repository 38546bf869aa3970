//! What the history table is told of a migration on its way. The format says how; where its table has no place for a half, it
//! says nothing.

use super::job::HistoryPart;
use super::progress::Run;
use super::session::Executor;
use crate::error::Error;
use crate::history_error::history_error;
use shoring_core::AppliedKind;
use shoring_formats::{Change, HistoryEntry};

impl Executor<'_> {
    /// Before the first statement of what is not one transaction.
    pub(super) fn history_begin(&self, run: &Run<'_>) -> Result<Vec<String>, Error> {
        match &run.job.history {
            HistoryPart::Apply { failed: None, .. } => {
                self.history_change(Change::Begin(&self.history_entry(run, None)))
            }
            HistoryPart::RollBack(applied) => self.history_change(Change::BeginRollBack(applied)),
            // The table says already that a half is there.
            HistoryPart::Apply {
                failed: Some(_), ..
            }
            | HistoryPart::Forget(_)
            | HistoryPart::Nothing => Ok(Vec::new()),
        }
    }

    /// With the end of a migration that went well.
    pub(super) fn history_end(
        &self,
        run: &Run<'_>,
        milliseconds: Option<u64>,
    ) -> Result<Vec<String>, Error> {
        match &run.job.history {
            HistoryPart::Apply { failed, kind } => self.history_change(Change::Apply {
                entry: &HistoryEntry {
                    kind: *kind,
                    ..self.history_entry(run, milliseconds)
                },
                has_begun: run.has_begun || failed.is_some(),
            }),
            HistoryPart::RollBack(applied) => self.history_change(Change::RollBack(applied)),
            HistoryPart::Forget(failed) => self.history_change(Change::Forget(failed)),
            HistoryPart::Nothing => Ok(Vec::new()),
        }
    }

    /// After a migration that stopped: a part of it is in the database, or nothing is.
    pub(super) fn history_failure(
        &self,
        run: &Run<'_>,
        has_part: bool,
        message: &str,
    ) -> Result<Vec<String>, Error> {
        let entry = self.history_entry(run, Some(run.milliseconds()));
        match &run.job.history {
            HistoryPart::Apply { .. } if has_part => self.history_change(Change::Fail {
                entry: &entry,
                error: message,
            }),
            // A row of an attempt before this one says no more: the journal knows that nothing of it is there.
            HistoryPart::Apply { failed, .. } if run.has_begun || failed.is_some() => {
                self.history_change(Change::TakeBackBegin(&entry))
            }
            HistoryPart::RollBack(applied) if run.has_begun && !has_part => {
                self.history_change(Change::TakeBackBeginRollBack(applied))
            }
            HistoryPart::Apply { .. }
            | HistoryPart::RollBack(_)
            | HistoryPart::Forget(_)
            | HistoryPart::Nothing => Ok(Vec::new()),
        }
    }

    fn history_entry(&self, run: &Run<'_>, milliseconds: Option<u64>) -> HistoryEntry {
        let migration = &run.job.plan.migration;
        HistoryEntry {
            version: migration.version.clone(),
            order: migration.order.clone(),
            name: migration.name.clone(),
            checksums: migration.checksums.clone(),
            attributes: migration.attributes.clone(),
            kind: AppliedKind::Applied,
            os_user: self.context.identity.os_user.clone(),
            attempt: run.attempt.id.clone(),
            run: run.attempt.run.clone(),
            milliseconds,
            recorded: None,
        }
    }

    fn history_change(&self, change: Change<'_>) -> Result<Vec<String>, Error> {
        self.ledger
            .history()
            .write(self.ledger.at(), &self.existing, change)
            .map_err(|error| history_error(&error))
    }
}
