//! Runs a segment that is one transaction. The last one of a migration carries the history row and the journal with it.

use super::entry::Entry;
use super::foreign_keys::ForeignKeyGuard;
use super::outgoing::Outgoing;
use super::progress::Run;
use super::session::Executor;
use super::source::{Source, Statement};
use super::step_hash::StepHash;
use super::trouble::Trouble;
use crate::error::{Error, ErrorKind};
use crate::ledger::{Step, StepState};
use shoring_core::{Product, Segment, SegmentMode, TransactionRule};
use shoring_plan::statement_hash;

/// A segment that is one transaction.
pub(super) struct Stretch<'t> {
    pub(super) segment: &'t Segment,
    /// Whether the migration's records go with it.
    pub(super) is_last: bool,
    /// SQLite: what its end has to be checked against.
    pub(super) foreign_keys: Option<&'t ForeignKeyGuard>,
}

/// The part of a stretch that was read so far: what waits to be sent, and what the journal will know it by.
struct Open {
    out: Outgoing,
    hashes: StepHash,
    first: u64,
    last: u64,
}

impl Open {
    fn step(&self) -> Step {
        Step {
            first: self.first,
            last: self.last,
            hash: self.hashes.finish(),
            state: StepState::Done,
            probe: None,
        }
    }
}

impl Executor<'_> {
    /// Runs `first` and what follows it up to the end of the segment.
    pub(super) async fn transaction(
        &mut self,
        run: &mut Run<'_>,
        source: &mut Source,
        first: Statement,
        stretch: Stretch<'_>,
    ) -> Result<(), Trouble> {
        let segment = stretch.segment;
        let is_own = segment.mode == SegmentMode::OwnTransaction;
        if is_own && first.number != segment.first {
            return Err(Error::new(
                ErrorKind::Mismatch,
                "moved-transaction",
                format!(
                    "statement {} of `{}` now stands inside the file's own transaction",
                    first.number, self.script_path
                ),
            )
            .note("the statements before it are in the database already")
            .next("put BEGIN after the statements that were applied")
            .into());
        }
        let mut open = Open {
            out: Outgoing::default(),
            hashes: StepHash::default(),
            first: first.number,
            last: first.number,
        };
        if !is_own {
            self.push_begin_of(&mut open.out, run);
        }
        let mut needs_guard = !is_own;
        let mut next = Some(first);
        while let Some(statement) = next.take() {
            open.last = statement.number;
            let is_end = open.last >= segment.last;
            if !run.job.is_atomic() {
                open.hashes.add(&statement_hash(statement.piece.sql()));
            }
            // PostgreSQL takes SET TRANSACTION before the first query only.
            if needs_guard && statement.facts.verb != "SET TRANSACTION" {
                self.push_first_guard(&mut open.out, run).await?;
                needs_guard = false;
            }
            let ends_own =
                is_own && is_end && statement.facts.transaction == TransactionRule::Commit;
            if ends_own {
                self.before_commit(&mut open, run, &stretch).await?;
            }
            if Self::may_hide_an_index(&statement) {
                // What it is compared with may have been made a moment ago.
                self.flush(&mut open.out, run).await?;
                self.refuse_other_index(&statement, true).await?;
            }
            if statement.has_copy_data {
                self.flush(&mut open.out, run).await?;
                self.copy(statement, source, run).await?;
            } else if is_own || statement.facts.transaction != TransactionRule::Begin {
                if !open.out.has_room_for(statement.piece.sql().len()) {
                    self.flush(&mut open.out, run).await?;
                    self.report_file_progress(run, source);
                }
                needs_guard |= is_own && open.last == segment.first;
                open.out.push(Entry::User(Box::new(statement)));
            }
            if is_end {
                if !is_own {
                    if needs_guard {
                        self.push_first_guard(&mut open.out, run).await?;
                    }
                    // A file of this segment's size was hashed up to here; the rest of it is blanks or later segments.
                    if stretch.is_last && source.is_at_end()? {
                        source.verify()?;
                    }
                    self.before_commit(&mut open, run, &stretch).await?;
                    open.out.push_commit();
                }
                self.flush(&mut open.out, run).await?;
                // A transaction the file itself rolls back leaves its records to `record`.
                if stretch.is_last && (!is_own || ends_own) {
                    run.is_recorded = true;
                }
                run.done.push(open.step());
                run.unreported = None;
                return Ok(());
            }
            if open.out.is_full() {
                self.flush(&mut open.out, run).await?;
                self.report_file_progress(run, source);
            }
            self.context.check_urgent_stop()?;
            next = source.next_statement()?;
        }
        Ok(())
    }

    /// What has to be in the transaction besides the file's statements.
    async fn before_commit(
        &mut self,
        open: &mut Open,
        run: &mut Run<'_>,
        stretch: &Stretch<'_>,
    ) -> Result<(), Trouble> {
        if let Some(guard) = stretch.foreign_keys {
            self.flush(&mut open.out, run).await?;
            self.check_foreign_keys(guard).await?;
        }
        if stretch.is_last || !run.job.is_atomic() {
            self.push_own_role(&mut open.out, run.job);
        }
        if !run.job.is_atomic() && self.ledger.keeps_journal {
            self.push_unreported(&mut open.out, run);
            let step = open.step();
            self.push_step(&mut open.out, run, &step);
        }
        if stretch.is_last {
            if self.product() != Product::Postgresql {
                // The records say how long it took; only PostgreSQL can measure that itself.
                self.flush(&mut open.out, run).await?;
            }
            self.push_records(&mut open.out, run)?;
        }
        Ok(())
    }
}
