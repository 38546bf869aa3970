//! Runs what cannot share one transaction: statement by statement, each with an intent before and an end after where it
//! cannot be rolled back, so that a file that stopped at statement 3 of 5 goes on at 3.

use super::entry::{Entry, Ours};
use super::outgoing::Outgoing;
use super::run::{Executor, Job, Progress};
use super::send::Trouble;
use super::source::{Source, Statement};
use super::step_hash::StepHash;
use crate::error::{Error, ErrorKind};
use crate::ledger::{Attempt, RunState, Step, StepState};
use crate::lock::execute_one;
use shoring_core::{Diagnostic, Event, Probe, Product, Target, TransactionRule};
use shoring_plan::group::is_session_only;
use shoring_plan::statement_hash;

/// Checks while a file is read again that what is in the database already still stands there unchanged.
pub(super) struct Carried {
    steps: Vec<Step>,
    index: usize,
    hashes: StepHash,
}

impl Carried {
    pub(super) fn new(steps: &[Step]) -> Self {
        Self {
            steps: steps.to_vec(),
            index: 0,
            hashes: StepHash::default(),
        }
    }

    /// Takes the next statement that is in the database already.
    pub(super) fn check(&mut self, file: &str, statement: &Statement) -> Result<(), Trouble> {
        let Some(step) = self.steps.get(self.index) else {
            return Ok(());
        };
        if statement.number < step.first {
            return Ok(());
        }
        self.hashes.add(&statement_hash(statement.piece.sql()));
        if statement.number < step.last {
            return Ok(());
        }
        let hash = std::mem::take(&mut self.hashes).finish();
        self.index += 1;
        if hash == step.hash {
            return Ok(());
        }
        let what = if step.first == step.last {
            format!(
                "statement {} was changed after it had been applied",
                step.first
            )
        } else {
            format!(
                "statements {} to {} were changed after they had been applied",
                step.first, step.last
            )
        };
        let label =
            statement
                .place
                .label(file, &statement.piece, 0, statement.facts.verb.len(), "");
        Err(Trouble::Stopped(
            Error::from_diagnostic(ErrorKind::Mismatch, Diagnostic::error("applied-statement-changed", what).at(label))
                .next("put its old text back; further changes go into the statements after it, or a new migration")
                .next("see what is in the database:  shoring doctor"),
        ))
    }

    /// At the end of the file: fails when a statement that is in the database does not stand in it any more.
    pub(super) fn end(&self, file: &str) -> Result<(), Trouble> {
        let Some(step) = self.steps.get(self.index) else {
            return Ok(());
        };
        let number = step.first + self.hashes.count();
        Err(Trouble::Stopped(
            Error::new(
                ErrorKind::Mismatch,
                "applied-statement-changed",
                format!("statement {number} of `{file}` was removed after it had been applied"),
            )
            .next("put its old text back; further changes go into the statements after it, or a new migration")
            .next("see what is in the database:  shoring doctor"),
        ))
    }
}

impl Executor<'_> {
    /// Writes the attempt's row before anything else, with the steps an earlier attempt got done.
    pub(super) async fn write_start(
        &mut self,
        job: &Job<'_>,
        attempt: &Attempt,
        progress: &mut Progress,
    ) -> Result<(), Trouble> {
        if progress.has_row || !self.ledger.keeps_journal {
            return Ok(());
        }
        let mut out = Outgoing::default();
        self.push_begin(&mut out);
        // A run whose lease is lost must not close the attempts of the one that took over.
        self.push_guard(&mut out, attempt, progress).await?;
        let journal = &self.ledger.journal;
        if !job.is_undo_of_half {
            // Taking back a half leaves the half's attempt open: if nothing is taken back, it is still all that is known.
            out.push(Entry::Ours(
                Ours::Journal,
                journal.close_open(&attempt.version),
            ));
        }
        out.push(Entry::Ours(
            Ours::GuardedJournal,
            journal.insert_run(
                attempt,
                &self.context.identity,
                RunState::Started,
                true,
                None,
                None,
            ),
        ));
        if let Some(open) = &job.resume {
            out.push(Entry::Ours(
                Ours::Journal,
                journal.copy_done_steps(&open.id, &attempt.id),
            ));
        }
        out.push(Entry::Ours(Ours::Commit, "COMMIT".to_owned()));
        self.flush(&mut out, progress).await?;
        progress.has_row = true;
        Ok(())
    }

    /// Passes over a statement that is in the database already. What it set in the session is set again.
    pub(super) async fn pass_over(&mut self, statement: &Statement) -> Result<(), Trouble> {
        if statement.facts.verb.contains("TEMPORARY") || statement.facts.verb.contains(" TEMP ") {
            return Err(Error::new(
                ErrorKind::Refused,
                "lost-temporary-table",
                format!(
                    "statement {} made a temporary table, and it is gone with its session",
                    statement.number
                ),
            )
            .next("take back what was applied:  shoring down")
            .into());
        }
        if is_session_only(&statement.facts) {
            let sql = statement.piece.sql().to_owned();
            execute_one(self.session.as_mut(), &sql)
                .await
                .map_err(Trouble::of)?;
        }
        Ok(())
    }

    /// Runs one statement of a segment without a common transaction.
    pub(super) async fn single(
        &mut self,
        job: &Job<'_>,
        attempt: &Attempt,
        progress: &mut Progress,
        source: &mut Source,
        statement: Statement,
        is_last: bool,
    ) -> Result<(), Trouble> {
        self.context.check_stop_inside()?;
        if is_session_only(&statement.facts) {
            // Enforcement stays off until the references were checked.
            if job.plan.checks_foreign_keys
                && !progress.is_recorded
                && switches_foreign_keys_on(statement.piece.sql())
            {
                return Ok(());
            }
            return self
                .send(vec![Entry::User(Box::new(statement))], progress)
                .await;
        }
        match statement.facts.transaction {
            // In a MySQL dump between definitions, each of which commits: without effect.
            TransactionRule::Begin | TransactionRule::Commit | TransactionRule::Rollback => Ok(()),
            TransactionRule::Allowed
            | TransactionRule::CommitBeforeUse
            | TransactionRule::Inner => {
                self.single_in_transaction(job, attempt, progress, source, statement, is_last)
                    .await
            }
            TransactionRule::Forbidden | TransactionRule::ImplicitCommit => {
                self.irrevocable(job, attempt, progress, statement).await
            }
        }
    }

    /// A statement that can be rolled back shares a transaction with its step's row: it is never unknown.
    async fn single_in_transaction(
        &mut self,
        job: &Job<'_>,
        attempt: &Attempt,
        progress: &mut Progress,
        source: &mut Source,
        statement: Statement,
        is_last: bool,
    ) -> Result<(), Trouble> {
        let number = statement.number;
        if job.is_undo_of_half && self.is_gone(&statement, progress).await? {
            return Ok(());
        }
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
        self.push_lease_guard(&mut out, attempt, progress).await?;
        if statement.has_copy_data {
            self.flush(&mut out, progress).await?;
            self.copy(statement, source, progress).await?;
        } else {
            out.push(Entry::User(Box::new(statement)));
        }
        if is_last || self.ledger.keeps_journal {
            self.push_own_role(&mut out, job);
        }
        if self.ledger.keeps_journal {
            self.push_unreported(&mut out, attempt, progress);
            out.push(Entry::Ours(
                Ours::GuardedJournal,
                self.ledger.journal.insert_step(attempt, &step, None, None),
            ));
        }
        if is_last {
            for entry in self.records(job, attempt, progress)? {
                out.push(entry);
            }
        }
        out.push(Entry::Ours(Ours::Commit, "COMMIT".to_owned()));
        self.flush(&mut out, progress).await?;
        progress.unreported = None;
        progress.done.push(step);
        progress.is_recorded |= is_last;
        Ok(())
    }

    fn push_unreported(&self, out: &mut Outgoing, attempt: &Attempt, progress: &Progress) {
        if let Some((first, ms, rows)) = progress.unreported {
            out.push(Entry::Ours(
                Ours::Journal,
                self.ledger.journal.finish_step(
                    &attempt.id,
                    first,
                    StepState::Done,
                    ms,
                    Some(rows),
                ),
            ));
        }
    }

    /// A statement that cannot be rolled back: the intent, with what the catalogue says now, is committed first.
    async fn irrevocable(
        &mut self,
        job: &Job<'_>,
        attempt: &Attempt,
        progress: &mut Progress,
        statement: Statement,
    ) -> Result<(), Trouble> {
        if job.is_undo_of_half && self.is_gone(&statement, progress).await? {
            return Ok(());
        }
        let number = statement.number;
        self.remove_invalid_index(job, &statement, progress).await?;
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
            self.push_own_role(&mut out, job);
            self.push_lease_guard(&mut out, attempt, progress).await?;
            // A retry after a lock timeout finds its own intent.
            out.push(Entry::Ours(
                Ours::Journal,
                self.ledger.journal.forget_step(&attempt.id, number),
            ));
            self.push_unreported(&mut out, attempt, progress);
            out.push(Entry::Ours(
                Ours::GuardedJournal,
                self.ledger.journal.insert_step(attempt, &step, None, None),
            ));
            out.push(Entry::Ours(Ours::Commit, "COMMIT".to_owned()));
            self.flush(&mut out, progress).await?;
            progress.unreported = None;
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
        let mut result = self.flush(&mut out, progress).await;
        if let Err(Trouble::Failed(failed)) = &result
            && job.is_undo_of_half
            && says_not_there(&verb, &failed.error)
        {
            self.context.emit(&Event::Warned {
                diagnostic: Diagnostic {
                    severity: shoring_core::Severity::Notice,
                    ..Diagnostic::error(
                        "nothing-to-take-back",
                        format!(
                            "{}: statement {number} passed over: {}",
                            progress.version, failed.error.message
                        ),
                    )
                },
            });
            result = Ok(());
        }
        if waits_patiently && result.is_ok() {
            self.prepare_session().await.map_err(Trouble::of)?;
        }
        result?;
        progress.unreported = Some((number, progress.last_ms, progress.rows_of_last));
        progress.done.push(Step {
            state: StepState::Done,
            ..step
        });
        Ok(())
    }

    /// Taking back a half: whether the thing a statement drops or alters is not there.
    async fn is_gone(
        &mut self,
        statement: &Statement,
        progress: &mut Progress,
    ) -> Result<bool, Trouble> {
        let verb = &statement.facts.verb;
        let Some(target) = statement.facts.targets.first() else {
            return Ok(false);
        };
        if !(verb.starts_with("DROP ") || verb.starts_with("ALTER ")) {
            return Ok(false);
        }
        if self.session.probe(target).await.map_err(Trouble::of)? != Probe::Absent {
            return Ok(false);
        }
        self.context.emit(&Event::Warned {
            diagnostic: Diagnostic {
                severity: shoring_core::Severity::Notice,
                ..Diagnostic::error(
                    "nothing-to-take-back",
                    format!(
                        "{}: statement {} passed over, {target} is not there",
                        progress.version, statement.number
                    ),
                )
            },
        });
        Ok(true)
    }

    /// What the catalogue says about each target: lines of kind, schema, name, table and probe between tabs.
    pub(super) async fn probe_all(&mut self, targets: &[Target]) -> Result<String, Trouble> {
        let mut lines = Vec::new();
        for target in targets {
            let probe = self.session.probe(target).await.map_err(Trouble::of)?;
            lines.push(super::settle::probe_line(target, &probe));
        }
        Ok(lines.join("\n"))
    }

    /// PostgreSQL: an index whose concurrent build was cut off stays behind, invalid, and `IF NOT EXISTS` would take it for
    /// the real one (golang-migrate#960). If an attempt of ours began it, it is dropped and built again; if not, a person
    /// decides.
    async fn remove_invalid_index(
        &mut self,
        job: &Job<'_>,
        statement: &Statement,
        progress: &mut Progress,
    ) -> Result<(), Trouble> {
        if self.product() != Product::Postgresql
            || !statement
                .facts
                .verb
                .starts_with("CREATE INDEX CONCURRENTLY")
        {
            return Ok(());
        }
        let Some(target) = statement.facts.targets.first() else {
            return Ok(());
        };
        let probe = self.session.probe(target).await.map_err(Trouble::of)?;
        match probe {
            Probe::Present {
                is_valid: false, ..
            } => {}
            Probe::Present { is_valid: true, .. } | Probe::Absent | Probe::Unknown => return Ok(()),
        }
        let is_ours =
            progress.attempt_number > 1 || self.began_before(job, statement.number).await?;
        if !is_ours {
            let label = statement.place.label(
                &self.script_path,
                &statement.piece,
                0,
                statement.facts.verb.len(),
                "",
            );
            return Err(Trouble::Stopped(
                Error::from_diagnostic(
                    ErrorKind::Refused,
                    Diagnostic::error("invalid-index", format!("{target} exists already, but its build never finished")).at(label),
                )
                .note("it is marked invalid: no query uses it, and `IF NOT EXISTS` would keep it that way")
                .next(format!("if nobody is building it now:  DROP INDEX CONCURRENTLY {}", target.name))
                .next("then:  shoring up"),
            ));
        }
        let mut writer = shoring_sql::writer::SqlWriter::new(shoring_core::Dialect::Postgresql)
            .sql("DROP INDEX CONCURRENTLY IF EXISTS ");
        if let Some(schema) = &target.schema {
            writer = writer.ident(schema).sql(".");
        }
        let drop_index = writer.ident(&target.name).finish();
        execute_one(self.session.as_mut(), "SET lock_timeout = 0")
            .await
            .map_err(Trouble::of)?;
        execute_one(self.session.as_mut(), &drop_index)
            .await
            .map_err(Trouble::of)?;
        self.context.emit(&Event::Warned {
            diagnostic: Diagnostic {
                severity: shoring_core::Severity::Notice,
                ..Diagnostic::error("rebuilt-index", format!("{target} was left invalid by a build that was cut off: dropped, building it again"))
            },
        });
        Ok(())
    }

    /// Whether an earlier attempt of this migration began this statement.
    async fn began_before(&mut self, job: &Job<'_>, number: u64) -> Result<bool, Trouble> {
        if job
            .resume
            .as_ref()
            .is_some_and(|open| open.steps.iter().any(|step| step.first == number))
        {
            return Ok(true);
        }
        if !self.ledger.found.has_journal {
            return Ok(false);
        }
        let sql = self
            .ledger
            .journal
            .select_begun(&job.plan.migration.version.to_string(), number);
        let rows = self.session.query(&sql).await.map_err(Trouble::of)?;
        Ok(!rows.is_empty())
    }
}

/// Taking back a half: whether the server refused to drop something because it is not there. Only codes that say exactly that:
/// MySQL 1051 (table), 1091 (column, key), 1146 (table), 1305 (routine), 1360 (trigger), 1539 (event), 4092 (view, MariaDB);
/// PostgreSQL 42P01, 42703, 42704, 42883, 3F000.
fn says_not_there(verb: &str, error: &shoring_db::DbError) -> bool {
    const CODES: &[&str] = &[
        "1051", "1091", "1146", "1305", "1360", "1539", "4092", "42P01", "42703", "42704", "42883",
        "3F000",
    ];
    (verb.starts_with("DROP ") || verb.starts_with("ALTER "))
        && error
            .code
            .as_deref()
            .is_some_and(|code| CODES.contains(&code))
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
