//! Runs what cannot share one transaction: statement by statement, each with an intent before and an end after where it
//! cannot be rolled back, so that a file that stopped at statement 3 of 5 goes on at 3.

use super::entry::{Entry, Ours};
use super::outgoing::Outgoing;
use super::progress::{Run, Unreported};
use super::session::Executor;
use super::settle::probe_line;
use super::source::{Source, Statement};
use super::trouble::Trouble;
use crate::execute::execute_one;
use crate::ledger::{Step, StepState};
use shoring_core::{Facts, Product, Target, TransactionRule};
use shoring_plan::group::is_session_only;
use shoring_plan::statement_hash;

/// Whether only the server knows that a statement cannot run in a transaction: a procedure or a block that commits, the index of a
/// partitioned table. Where the file wants none, there is none.
fn may_refuse_a_transaction(facts: &Facts) -> bool {
    let first = facts.verb.split(' ').next().unwrap_or_default();
    matches!(first, "CALL" | "DO" | "REINDEX" | "CLUSTER")
}

impl Executor<'_> {
    /// Runs one statement of a segment without a common transaction.
    pub(super) async fn single(
        &mut self,
        run: &mut Run<'_>,
        source: &mut Source,
        statement: Statement,
        is_last: bool,
    ) -> Result<(), Trouble> {
        self.context.check_stop_inside()?;
        if is_session_only(&statement.facts) {
            // Enforcement stays off until the references were checked.
            if run.job.plan.checks_foreign_keys
                && !run.is_recorded
                && switches_foreign_keys_on(statement.piece.sql())
            {
                return Ok(());
            }
            // After it the session may be a role that may not write our tables.
            self.write_start(run).await?;
            return self.send(vec![Entry::User(Box::new(statement))], run).await;
        }
        match statement.facts.transaction {
            // In a MySQL dump between definitions, each of which commits: without effect.
            TransactionRule::Begin | TransactionRule::Commit | TransactionRule::Rollback => Ok(()),
            TransactionRule::Allowed
                if self.product() == Product::Postgresql
                    && may_refuse_a_transaction(&statement.facts) =>
            {
                self.irrevocable(run, statement).await
            }
            TransactionRule::Allowed
            | TransactionRule::CommitBeforeUse
            | TransactionRule::Inner
            // The plan refused it.
            | TransactionRule::Escapes => {
                self.single_in_transaction(run, source, statement, is_last)
                    .await
            }
            TransactionRule::Forbidden | TransactionRule::ImplicitCommit => {
                self.irrevocable(run, statement).await
            }
        }
    }

    /// A statement that can be rolled back shares a transaction with its step's row: it is never unknown.
    async fn single_in_transaction(
        &mut self,
        run: &mut Run<'_>,
        source: &mut Source,
        statement: Statement,
        is_last: bool,
    ) -> Result<(), Trouble> {
        let number = statement.number;
        self.write_start(run).await?;
        if run.job.is_undo_of_half && self.is_gone(&statement, run).await? {
            return Ok(());
        }
        self.refuse_other_index(&statement, false).await?;
        let hash = statement_hash(statement.piece.sql());
        let step = Step {
            first: number,
            last: number,
            hash,
            state: StepState::Done,
            probe: None,
        };
        let mut out = Outgoing::default();
        self.push_begin(&mut out);
        self.push_lease_guard(&mut out, run).await?;
        if statement.has_copy_data {
            self.flush(&mut out, run).await?;
            self.copy(statement, source, run).await?;
        } else {
            out.push(Entry::User(Box::new(statement)));
        }
        if is_last || self.ledger.keeps_journal {
            self.push_own_role(&mut out, run.job);
        }
        if self.ledger.keeps_journal {
            self.push_unreported(&mut out, run);
            self.push_step(&mut out, run, &step);
        }
        if is_last {
            self.push_records(&mut out, run)?;
        }
        out.push_commit();
        self.flush(&mut out, run).await?;
        run.unreported = None;
        run.done.push(step);
        run.is_recorded |= is_last;
        Ok(())
    }

    /// A statement that cannot be rolled back: the intent, with what the catalogue says now, is committed first.
    async fn irrevocable(
        &mut self,
        run: &mut Run<'_>,
        statement: Statement,
    ) -> Result<(), Trouble> {
        if run.job.is_undo_of_half && self.is_gone(&statement, run).await? {
            return Ok(());
        }
        let number = statement.number;
        self.remove_invalid_index(&statement, run).await?;
        self.refuse_other_index(&statement, false).await?;
        let step = Step {
            first: number,
            last: number,
            hash: statement_hash(statement.piece.sql()),
            state: StepState::Intent,
            probe: Some(self.probe_all(&statement.facts.targets).await?),
        };
        if self.ledger.keeps_journal {
            let mut out = Outgoing::default();
            self.push_begin(&mut out);
            self.push_own_role(&mut out, run.job);
            if run.has_row {
                self.push_lease_guard(&mut out, run).await?;
                // A retry after a lock timeout finds its own intent.
                let journal = &self.ledger.journal;
                out.push_ours(Ours::Journal, journal.forget_step(&run.attempt.id, number));
            } else {
                // One wait for the disk less than with a transaction for the beginning alone.
                self.push_start(&mut out, run).await?;
            }
            self.push_unreported(&mut out, run);
            self.push_step(&mut out, run, &step);
            out.push_commit();
            self.flush(&mut out, run).await?;
            run.unreported = None;
            run.is_begun();
        } else {
            self.write_start(run).await?;
        }
        // CONCURRENTLY waits for old transactions while nobody waits for it; a limit would only leave an invalid index.
        let waits_patiently =
            statement.facts.verb.contains("CONCURRENTLY") && self.product() == Product::Postgresql;
        if waits_patiently {
            execute_one(self.session.as_mut(), "SET lock_timeout = 0")
                .await
                .map_err(Trouble::of)?;
        }
        let verb = statement.facts.verb.clone();
        let mut out = Outgoing::default();
        out.push(Entry::User(Box::new(statement)));
        let mut result = self.flush(&mut out, run).await;
        if let Err(Trouble::Failed(failed)) = &result
            && run.job.is_undo_of_half
            && self.passes_over(&verb, failed, run)
        {
            result = Ok(());
        }
        if waits_patiently && result.is_ok() {
            self.prepare_session().await.map_err(Trouble::of)?;
        }
        result?;
        run.unreported = Some(Unreported {
            first: number,
            milliseconds: run.last_ms,
            rows: run.rows_of_last,
        });
        run.done.push(Step {
            state: StepState::Done,
            ..step
        });
        Ok(())
    }

    /// What the catalogue says about each target: lines of kind, schema, name, table and probe between tabs.
    pub(super) async fn probe_all(&mut self, targets: &[Target]) -> Result<String, Trouble> {
        let mut lines = Vec::new();
        for target in targets {
            let probe = self.session.probe(target).await.map_err(Trouble::of)?;
            lines.push(probe_line(target, &probe));
        }
        Ok(lines.join("\n"))
    }
}

/// Whether a statement is `PRAGMA foreign_keys = ON` in one of its spellings.
fn switches_foreign_keys_on(sql: &str) -> bool {
    let text: String = sql
        .to_ascii_lowercase()
        .chars()
        .filter(|c| !c.is_whitespace() && *c != ';')
        .collect();
    text.strip_prefix("pragma")
        .map(|rest| rest.strip_prefix("main.").unwrap_or(rest))
        .and_then(|rest| rest.strip_prefix("foreign_keys"))
        .map(|value| value.trim_matches(['=', '(', ')', '\'', '"']))
        .is_some_and(|value| matches!(value, "on" | "1" | "true" | "yes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_on() {
        for sql in [
            "PRAGMA foreign_keys=ON",
            "pragma foreign_keys = 1",
            "PRAGMA main.foreign_keys(true)",
            "PRAGMA foreign_keys = 'yes';",
        ] {
            assert!(switches_foreign_keys_on(sql), "{sql}");
        }
        for sql in [
            "PRAGMA foreign_keys=OFF",
            "PRAGMA foreign_keys",
            "PRAGMA foreign_key_check",
        ] {
            assert!(!switches_foreign_keys_on(sql), "{sql}");
        }
    }
}
