//! What an attempt leaves in our tables: its beginning, its steps, and with its end the history row and the journal's last
//! word.

use super::entry::Ours;
use super::outgoing::Outgoing;
use super::progress::{Run, Unreported};
use super::session::Executor;
use super::trouble::Trouble;
use crate::ledger::{RunState, Step, StepState};
use shoring_core::Product;

impl Executor<'_> {
    /// Writes the attempt's row before the first statement, in a transaction of its own, unless it is written.
    pub(super) async fn write_start(&mut self, run: &mut Run<'_>) -> Result<(), Trouble> {
        if run.has_row || run.job.is_atomic() {
            return Ok(());
        }
        let mut out = Outgoing::default();
        self.push_begin(&mut out);
        self.push_start(&mut out, run).await?;
        out.push_commit();
        if self.ledger.keeps_journal || run.tells_history {
            self.flush(&mut out, run).await?;
        }
        run.is_begun();
        Ok(())
    }

    /// The attempt's row, in a transaction that carries something else too. [`Run::is_begun`] once it is committed.
    pub(super) async fn push_start(
        &mut self,
        out: &mut Outgoing,
        run: &mut Run<'_>,
    ) -> Result<(), Trouble> {
        let begin = self.history_begin(run)?;
        run.tells_history = !begin.is_empty();
        // A run whose lease is lost must not close the attempts of the one that took over. Where the session's lock decides,
        // the attempt's row is the proof: it fails then, and all of this with it.
        if self.lock.is_lease() {
            self.push_guard(out, run).await?;
        } else {
            self.push_renewal(out, run);
        }
        for sql in begin {
            out.push_ours(Ours::History, sql);
        }
        if self.ledger.keeps_journal {
            self.push_attempt(out, run);
        }
        Ok(())
    }

    /// The attempt's row, and the steps of the attempt that it goes on with.
    fn push_attempt(&self, out: &mut Outgoing, run: &Run<'_>) {
        let journal = &self.ledger.journal;
        if !run.job.is_undo_of_half {
            // Taking back a half leaves the half's attempt open: if nothing is taken back, it is still all that is known.
            self.push_close(out, run);
        }
        let identity = &self.context.identity;
        let (attempt, state) = (&run.attempt, RunState::Started);
        if self.lock.is_lease() {
            let row = journal.insert_run(attempt, identity, state, true, None, None);
            out.push_ours(Ours::GuardedJournal, row);
        } else {
            let row = journal.insert_run_or_fail(attempt, identity, state, true, None);
            out.push_ours(Ours::Proof, row);
        }
        if let Some(open) = &run.job.resume {
            out.push_ours(
                Ours::Journal,
                journal.copy_done_steps(&open.id, &run.attempt.id),
            );
        }
    }

    /// Closes the attempts that this one takes the place of.
    fn push_close(&self, out: &mut Outgoing, run: &Run<'_>) {
        let ids = &run.job.open_attempts;
        if !ids.is_empty() {
            out.push_ours(Ours::Journal, self.ledger.journal.close_attempts(ids));
        }
    }

    /// The row of a step.
    pub(super) fn push_step(&self, out: &mut Outgoing, run: &Run<'_>, step: &Step) {
        let journal = &self.ledger.journal;
        out.push_ours(
            Ours::GuardedJournal,
            journal.insert_step(&run.attempt, step, None, None),
        );
    }

    /// The end of the step before, if it still has to be told.
    pub(super) fn push_unreported(&self, out: &mut Outgoing, run: &Run<'_>) {
        if let Some(unreported) = run.unreported
            && self.ledger.keeps_journal
        {
            out.push_ours(Ours::Journal, self.end_of_step(run, unreported));
        }
    }

    pub(super) fn end_of_step(&self, run: &Run<'_>, unreported: Unreported) -> String {
        self.ledger.journal.finish_step(
            &run.attempt.id,
            unreported.first,
            StepState::Done,
            unreported.milliseconds,
            Some(unreported.rows),
        )
    }

    /// What goes with the end of a migration: the history row and the journal's last word.
    pub(super) fn push_records(&self, out: &mut Outgoing, run: &Run<'_>) -> Result<(), Trouble> {
        let milliseconds = match self.product() {
            Product::Postgresql if run.job.is_atomic() => None,
            Product::Postgresql | Product::Mysql | Product::Mariadb | Product::Sqlite => {
                Some(run.milliseconds())
            }
        };
        for sql in self.history_end(run, milliseconds)? {
            out.push_ours(Ours::History, sql);
        }
        if !self.ledger.keeps_journal {
            return Ok(());
        }
        let journal = &self.ledger.journal;
        let state = RunState::Applied;
        if run.job.is_atomic() {
            let identity = &self.context.identity;
            if self.is_record_prepared(run) {
                let sql = journal.execute_run_or_fail(&run.attempt, identity);
                out.push_ours(Ours::Proof, sql);
            } else if self.is_proven_by_record(run) {
                let sql =
                    journal.insert_run_or_fail(&run.attempt, identity, state, false, milliseconds);
                out.push_ours(Ours::Proof, sql);
            } else {
                out.push_ours(
                    Ours::GuardedJournal,
                    journal.insert_run(&run.attempt, identity, state, false, milliseconds, None),
                );
            }
        } else {
            self.push_close(out, run);
            out.push_ours(
                Ours::Journal,
                journal.finish_run(&run.attempt.id, state, false, milliseconds, None),
            );
        }
        Ok(())
    }

    /// Records a migration whose last statement did not share a transaction with its records.
    pub(super) async fn record(&mut self, run: &mut Run<'_>) -> Result<(), Trouble> {
        self.write_start(run).await?;
        let mut out = Outgoing::default();
        self.push_begin(&mut out);
        self.push_own_role(&mut out, run.job);
        // A session lock that held for the statement holds for its record, or the session is gone and this with it.
        self.push_lease_guard(&mut out, run).await?;
        self.push_unreported(&mut out, run);
        self.push_records(&mut out, run)?;
        out.push_commit();
        self.flush(&mut out, run).await?;
        run.unreported = None;
        run.is_recorded = true;
        Ok(())
    }
}
