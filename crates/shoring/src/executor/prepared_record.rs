//! PostgreSQL: the record of a migration as a prepared statement of the session, from the second one on. It is the same statement
//! for each of a thousand migrations, and to parse and plan it is most of what it costs.

use super::progress::Run;
use super::session::Executor;
use crate::execute::execute_one;
use shoring_core::Product;

/// Whether the session knows the record of a migration by a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PreparedRecord {
    /// No migration was recorded on it yet. Most runs have one.
    Unsaid,
    /// One was, as plain text.
    Worthwhile,
    /// It does.
    Prepared,
    /// It is told in plain text: the session would not have it, or a file let go of it.
    Never,
}

impl Executor<'_> {
    /// Prepares the record, when it will be needed again.
    pub(super) async fn prepare_record(&mut self, run: &Run<'_>) {
        // A session of the caller's is given back with nothing of ours in it.
        let is_own = self.context.connector.is_some();
        let is_meant = self.product() == Product::Postgresql
            && self.ledger.keeps_journal
            && is_own
            && self.has_the_usual_record(run);
        if !is_meant {
            return;
        }
        self.record = match self.record {
            PreparedRecord::Unsaid => PreparedRecord::Worthwhile,
            PreparedRecord::Worthwhile => {
                let sql = self.ledger.journal.prepare_run_or_fail(&run.attempt);
                // A link that is lost here is found to be lost at the next statement.
                match execute_one(self.session.as_mut(), &sql).await {
                    Ok(_) => PreparedRecord::Prepared,
                    Err(_) => PreparedRecord::Never,
                }
            }
            known => known,
        };
    }

    /// Whether the prepared record says what this migration's has to.
    pub(super) fn is_record_prepared(&self, run: &Run<'_>) -> bool {
        self.record == PreparedRecord::Prepared && self.has_the_usual_record(run)
    }

    /// It has no place for what is rarely said.
    fn has_the_usual_record(&self, run: &Run<'_>) -> bool {
        self.is_proven_by_record(run) && run.attempt.compatible_with.is_none()
    }
}
