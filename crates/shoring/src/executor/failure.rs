//! The honest ending of a migration that failed: what, where, what state the database is in now, what to do next.

use super::entry::Ours;
use super::run::{Executor, Job, Progress};
use super::source::Statement;
use crate::error::{Error, ErrorKind};
use crate::ledger::{Attempt, RunState, StepState};
use crate::lock::execute_one;
use shoring_core::event::Blocker;
use shoring_core::{Diagnostic, Direction, Label, MigrationPlan, Probe, Product};
use shoring_db::{DbError, DbErrorKind};
use shoring_sql::tokens::token_at;

/// One statement that the server refused.
pub(super) struct Failed {
    /// Number in the file; 0 for a statement of ours.
    pub(crate) number: u64,
    /// What happened.
    pub(crate) error: DbError,
    /// Where.
    pub(crate) label: Option<Label>,
    /// What it is.
    pub(crate) verb: String,
}

impl Failed {
    pub(super) fn ours(ours: Ours, error: &DbError, product: Product) -> Self {
        let verb = match ours {
            Ours::Begin => "beginning the transaction",
            Ours::Guard => "checking the lease",
            Ours::History => "writing the history row",
            Ours::GuardedJournal | Ours::Journal => "writing the journal",
            Ours::Commit => "committing",
        };
        Self {
            number: 0,
            error: error.clone(),
            label: None,
            verb: format!("{verb} ({})", product.title()),
        }
    }
}

/// A failure with a caret under the token the server means, or under the statement's first word.
pub(super) fn statement_failed(
    file: &str,
    statement: &Statement,
    error: &DbError,
    product: Product,
) -> Failed {
    let sql = statement.piece.sql();
    let (offset, length) = match error.offset {
        Some(offset) if offset < sql.len() => {
            let token = token_at(sql, offset, product.dialect());
            (token.start, token.end - token.start)
        }
        Some(_) => (sql.len().saturating_sub(1), 1),
        None => (0, statement.facts.verb.len().min(sql.len())),
    };
    let text = match &error.code {
        // SQLite's codes begin with its name.
        Some(code) if product == Product::Sqlite => code.clone(),
        Some(code) => format!("{} {code}", product.title()),
        None => product.title().to_owned(),
    };
    Failed {
        number: statement.number,
        error: error.clone(),
        label: Some(
            statement
                .place
                .label(file, &statement.piece, offset, length.max(1), text),
        ),
        verb: statement.facts.verb.clone(),
    }
}

/// Who holds a lock that a statement waited for.
fn in_the_way(blocker: &Blocker) -> String {
    let mut text = format!("in the way: session {}", blocker.session);
    if let Some(application) = &blocker.application {
        text.push_str(&format!(" of {application}"));
    }
    if let Some(state) = &blocker.state {
        text.push_str(&format!(", {state}"));
    }
    if let Some(seconds) = blocker.age_seconds {
        text.push_str(&format!(" for {seconds} s"));
    }
    if let Some(statement) = &blocker.statement {
        text.push_str(&format!(": {}", headline(statement)));
    }
    text
}

/// The first line of a statement, short.
pub(crate) fn headline(text: &str) -> String {
    let line = text.split('\n').next().unwrap_or_default().trim();
    let mut short: String = line
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(48)
        .collect();
    if short.chars().count() == 48 {
        short.push('…');
    }
    short
}

impl Executor<'_> {
    /// Ends a migration that failed: rolls back, writes the journal, and says so.
    pub(super) async fn ended(
        &mut self,
        job: &Job<'_>,
        attempt: &Attempt,
        progress: &Progress,
        failed: &Failed,
    ) -> Error {
        self.roll_back().await;
        let mut error = self.describe(job, failed);
        if failed.error.kind == DbErrorKind::Cancelled
            && let Some(signal) = self.context.stop.requested()
        {
            error.kind = ErrorKind::Stopped(signal);
        }
        self.write_failure(job, attempt, progress, failed).await;
        let error = self.add_state(error, job, progress, failed.number);
        self.add_invalid_index(error, job, failed.number).await
    }

    /// PostgreSQL: a concurrent build that failed leaves its index behind, invalid.
    async fn add_invalid_index(&mut self, mut error: Error, job: &Job<'_>, number: u64) -> Error {
        let target = job
            .plan
            .statements
            .iter()
            .find(|statement| statement.number == number)
            .filter(|statement| {
                statement
                    .facts
                    .verb
                    .starts_with("CREATE INDEX CONCURRENTLY")
            })
            .and_then(|statement| statement.facts.targets.first());
        let Some(target) = target else { return error };
        if !matches!(
            self.session.probe(target).await,
            Ok(Probe::Present {
                is_valid: false,
                ..
            })
        ) {
            return error;
        }
        if error.kind == ErrorKind::FailedRolledBack {
            error.kind = ErrorKind::FailedPartly;
            error.state.clear();
        }
        error.state(format!(
            "{target} is there, but invalid: no query uses it. The next run drops it and builds it again."
        ))
    }

    /// Ends a migration that did not get its locks.
    pub(super) async fn gave_up(
        &mut self,
        job: &Job<'_>,
        attempt: &Attempt,
        progress: &Progress,
        failed: &Failed,
    ) -> Error {
        let mut error = self.describe(job, failed);
        error.kind = ErrorKind::LockTimeout;
        error = error.note(format!(
            "tried {} times, {} s each",
            self.context.tuning.lock_attempts,
            self.context.tuning.lock_timeout.as_secs_f64()
        ));
        for blocker in &progress.blockers {
            error = error.note(in_the_way(blocker));
        }
        self.write_failure(job, attempt, progress, failed).await;
        let mut error = self.add_state(error, job, progress, failed.number);
        error.kind = ErrorKind::LockTimeout;
        error.next = vec![
            "run it again when the table is quiet, or end what holds it; then:  shoring up"
                .to_owned(),
        ];
        error
    }

    /// Adds the state to an error that came from us rather than from a statement.
    pub(super) async fn with_state(
        &mut self,
        job: &Job<'_>,
        attempt: &Attempt,
        progress: &Progress,
        error: Error,
    ) -> Error {
        if !error.state.is_empty() {
            return error;
        }
        let kind = error.kind;
        let is_lease_lost = error.diagnostic.code == "lease-lost";
        if !is_lease_lost && self.ledger.keeps_journal {
            self.write_end(job, attempt, progress, 0, &error.to_string())
                .await;
        }
        let next = error.next.clone();
        let mut error = self.add_state(error, job, progress, 0);
        if !matches!(kind, ErrorKind::FailedRolledBack) {
            error.kind = kind;
        }
        if !next.is_empty() {
            error.next = next;
        }
        error
    }

    fn describe(&self, job: &Job<'_>, failed: &Failed) -> Error {
        let mut diagnostic = Diagnostic::error("migration-failed", failed.error.message.clone());
        diagnostic.label.clone_from(&failed.label);
        if failed.number > 0 {
            diagnostic = diagnostic.note(format!(
                "statement {} of {} in {}: {}",
                failed.number,
                job.plan.statement_count,
                job.id(),
                failed.verb
            ));
        } else {
            diagnostic = diagnostic.note(format!("while {} for {}", failed.verb, job.id()));
        }
        if let Some(detail) = &failed.error.detail {
            diagnostic = diagnostic.note(detail.clone());
        }
        if let Some(hint) = &failed.error.hint {
            diagnostic = diagnostic.note(format!("hint: {hint}"));
        }
        if let Some(context) = &failed.error.context {
            diagnostic = diagnostic.note(format!("inside: {context}"));
        }
        Error::from_diagnostic(ErrorKind::FailedRolledBack, diagnostic)
    }

    async fn write_failure(
        &mut self,
        job: &Job<'_>,
        attempt: &Attempt,
        progress: &Progress,
        failed: &Failed,
    ) {
        if self.ledger.keeps_journal {
            self.write_end(job, attempt, progress, failed.number, &failed.error.message)
                .await;
        }
    }

    /// Writes the end of an attempt. If that fails too, the next run finds an open attempt and settles it.
    async fn write_end(
        &mut self,
        job: &Job<'_>,
        attempt: &Attempt,
        progress: &Progress,
        number: u64,
        message: &str,
    ) {
        // The file may have left a role, a database or an SQL mode behind in which our tables cannot be written.
        if job.plan.changes_session {
            drop(self.session.reset().await);
            drop(self.prepare_session().await);
        }
        let journal = self.ledger.journal.clone();
        let milliseconds = Some(progress.milliseconds());
        let mut writes = Vec::new();
        if job.is_atomic() {
            writes.push(journal.insert_run(
                attempt,
                &self.context.identity,
                RunState::Failed,
                false,
                milliseconds,
                Some(message),
            ));
        } else if progress.has_row {
            if let Some((first, ms, rows)) = progress.unreported {
                writes.push(journal.finish_step(
                    &attempt.id,
                    first,
                    StepState::Done,
                    ms,
                    Some(rows),
                ));
            }
            if number > 0 && self.left_nothing(attempt, number).await {
                writes.push(journal.finish_step(
                    &attempt.id,
                    number,
                    StepState::Failed,
                    progress.last_ms,
                    None,
                ));
            }
            let is_open = progress.done_through() > 0;
            writes.push(journal.finish_run(
                &attempt.id,
                RunState::Failed,
                is_open,
                milliseconds,
                Some(message),
            ));
        }
        for sql in writes {
            drop(execute_one(self.session.as_mut(), &sql).await);
        }
    }

    /// Whether a refused statement left nothing behind. MariaDB's `DROP TABLE a, b` drops `a` before it fails at `b`: then
    /// the intent stays, and the next run settles it.
    async fn left_nothing(&mut self, attempt: &Attempt, number: u64) -> bool {
        let sql = self.ledger.journal.select_steps(&attempt.id);
        let Ok(rows) = self.session.query(&sql).await else {
            return false;
        };
        let steps: Vec<_> = rows
            .iter()
            .map(crate::ledger::JournalSql::decode_step)
            .collect();
        match steps
            .iter()
            .find(|step| step.first == number && step.state == StepState::Intent)
        {
            None => true,
            Some(step) => !matches!(
                super::settle::resolve_step(self.session.as_mut(), step).await,
                Ok(super::settle::Resolution::Applied(_)) | Err(_)
            ),
        }
    }

    /// Says what state the database is in, and what to do next.
    fn add_state(
        &self,
        mut error: Error,
        job: &Job<'_>,
        progress: &Progress,
        failed_at: u64,
    ) -> Error {
        let migration = &job.plan.migration;
        let version = migration.version.as_str();
        let verb = match job.plan.direction {
            Direction::Up => "up",
            Direction::Down => "down",
        };
        let current = self
            .existing
            .iter()
            .max_by(|left, right| left.order.cmp(&right.order));
        let at = current.map_or_else(
            || "before the first migration".to_owned(),
            |row| format!("at {}", row.version),
        );
        let done = progress.done_through();
        let lasting_done = lasting(job.plan, done);
        if lasting_done == 0 && !progress.is_recorded {
            error = error.state(match job.plan.direction {
                Direction::Up => format!("{version} was rolled back completely. The database is {at}, nothing of {version} remains."),
                Direction::Down if job.is_undo_of_half => {
                    format!("Nothing of {version} was taken back: it is still half applied. The database is {at}.")
                }
                Direction::Down => format!("Rolling back {version} had no effect: it is still applied. The database is {at}."),
            });
            if error.kind == ErrorKind::FailedRolledBack {
                error = error.next(if job.command == "seed" {
                    "fix the file, then run  shoring seed".to_owned()
                } else {
                    format!("fix the file, then run  shoring {verb}")
                });
            }
            return error;
        }
        if error.kind == ErrorKind::FailedRolledBack {
            error.kind = ErrorKind::FailedPartly;
        }
        // The file may have become shorter than what is in the database already.
        let count = job.plan.statement_count.max(done);
        let why = match self.product() {
            Product::Mysql | Product::Mariadb => {
                format!("{} commits each DDL statement. ", self.product().title())
            }
            Product::Postgresql | Product::Sqlite => String::new(),
        };
        let rest = match count - done {
            0 => String::new(),
            1 => format!(", {count} is not"),
            _ => format!(", {} to {count} are not", done + 1),
        };
        let recorded = if self.ledger.keeps_journal {
            "recorded"
        } else {
            "not recorded, because of --no-journal"
        };
        error = error.state(match job.plan.direction {
            Direction::Up => format!(
                "{why}{done} of {count} statements of {version} are in the database ({recorded}){rest}."
            ),
            Direction::Down => format!(
                "{why}{done} of {count} statements of the rollback of {version} took effect ({recorded})."
            ),
        });
        for statement in job.plan.statements.iter().take(12) {
            let state = if statement.number <= done {
                "applied"
            } else if statement.number == failed_at {
                "failed "
            } else {
                "not run"
            };
            error = error.state(format!(
                "{state}  {:>2}  {}",
                statement.number,
                headline(&statement.text)
            ));
        }
        if count > 12 {
            error = error.state(format!("… and {} more", count - 12));
        }
        if !self.ledger.keeps_journal {
            return error
                .next(format!("take back by hand what took effect, then  shoring {verb}  begins at statement 1"))
                .next("with a journal it would go on where it stopped");
        }
        let failed_at = if failed_at == 0 { done + 1 } else { failed_at };
        error = error.next(format!(
            "fix statement {failed_at} in the file, then  shoring {verb}  goes on there"
        ));
        if job.plan.direction == Direction::Up && migration.down.is_some() {
            error = error.next("or take back what was applied:  shoring down");
        }
        error
    }
}

/// How many of the first `done` statements leave something in the database.
fn lasting(plan: &MigrationPlan, done: u64) -> usize {
    if plan.statement_count > plan.statements.len() as u64 {
        return done as usize;
    }
    plan.statements
        .iter()
        .filter(|statement| {
            statement.number <= done && !shoring_plan::group::is_session_only(&statement.facts)
        })
        .count()
}
