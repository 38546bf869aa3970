//! The honest ending of a migration that failed: what, where, what state the database is in now, what to do next.

use super::failed::Failed;
use super::job::Job;
use super::progress::Run;
use super::session::Executor;
use super::settle::{Resolution, resolve_step};
use super::state::headline;
use crate::database_error::STORAGE_NEXT;
use crate::error::{Error, ErrorKind};
use crate::execute::execute_briefly;
use crate::ledger::{Attempt, JournalSql, RunState, StepState};
use crate::lock::LEASE_LOST;
use shoring_core::Diagnostic;
use shoring_core::event::Blocker;
use shoring_db::DbErrorKind;

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

impl Executor<'_> {
    /// Ends a migration that failed: rolls back, writes the journal, and says so.
    pub(super) async fn ended(&mut self, run: &Run<'_>, failed: &Failed) -> Error {
        self.roll_back().await;
        let found = self.found_there(run, failed).await;
        let mut error = self.describe(run.job, failed);
        // A MariaDB that waits for room on its disk answers a cancel with the full disk.
        let was_cancelled = match failed.error.kind {
            DbErrorKind::Cancelled => true,
            DbErrorKind::Storage => self.context.stop.is_urgent(),
            _ => false,
        };
        let stop = self.context.stop.requested();
        if let Some(signal) = stop.filter(|_| was_cancelled) {
            error.kind = ErrorKind::Stopped(signal);
        }
        self.write_failure(run, failed).await;
        let mut error = self.add_state(error, run, failed.number, found.as_ref());
        if failed.error.kind == DbErrorKind::Storage {
            // It is not the file that needs mending.
            error.next = vec![STORAGE_NEXT.to_owned()];
        }
        self.add_invalid_index(error, run.job, failed.number).await
    }

    /// Ends a migration that did not get its locks.
    pub(super) async fn gave_up(&mut self, run: &Run<'_>, failed: &Failed) -> Error {
        let mut error = self.describe(run.job, failed);
        error.kind = ErrorKind::LockTimeout;
        error = error.note(format!(
            "tried {} times, {} s each",
            self.context.tuning.lock_attempts,
            self.context.tuning.lock_timeout.as_secs_f64()
        ));
        for blocker in &run.blockers {
            error = error.note(in_the_way(blocker));
        }
        self.write_failure(run, failed).await;
        let mut error = self.add_state(error, run, failed.number, None);
        error.kind = ErrorKind::LockTimeout;
        error.next = vec![
            "run it again when the table is quiet, or end what holds it; then:  shoring up"
                .to_owned(),
        ];
        error
    }

    /// Adds the state to an error that came from us rather than from a statement.
    pub(super) async fn with_state(&mut self, run: &Run<'_>, error: Error) -> Error {
        if !error.state.is_empty() {
            return error;
        }
        let kind = error.kind;
        let is_lease_lost = error.diagnostic.code == LEASE_LOST;
        if !is_lease_lost && self.ledger.keeps_journal {
            self.write_end(run, 0, &error.to_string()).await;
        }
        let next = error.next.clone();
        let mut error = self.add_state(error, run, 0, None);
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

    async fn write_failure(&mut self, run: &Run<'_>, failed: &Failed) {
        if self.ledger.keeps_journal {
            self.write_end(run, failed.number, &failed.error.message)
                .await;
        }
    }

    /// Writes the end of an attempt. If that fails too, the next run finds an open attempt and settles it.
    async fn write_end(&mut self, run: &Run<'_>, number: u64, message: &str) {
        // The file may have left a role, a database or an SQL mode behind in which our tables cannot be written.
        if run.job.plan.changes_session {
            drop(self.session.reset().await);
            drop(self.prepare_session().await);
        }
        let journal = self.ledger.journal.clone();
        let milliseconds = Some(run.milliseconds());
        let mut writes = Vec::new();
        if run.job.is_atomic() {
            writes.push(journal.insert_run(
                &run.attempt,
                &self.context.identity,
                RunState::Failed,
                false,
                milliseconds,
                Some(message),
            ));
        } else if run.has_row {
            if let Some(unreported) = run.unreported {
                writes.push(self.end_of_step(run, unreported));
            }
            if number > 0 && self.left_nothing(&run.attempt, number).await {
                writes.push(journal.finish_step(
                    &run.attempt.id,
                    number,
                    StepState::Failed,
                    run.last_ms,
                    None,
                ));
            }
            let is_open = run.done_through() > 0;
            writes.push(journal.finish_run(
                &run.attempt.id,
                RunState::Failed,
                is_open,
                milliseconds,
                Some(message),
            ));
        }
        if run.job.is_atomic() {
            for sql in writes {
                drop(execute_briefly(self.session.as_mut(), &sql).await);
            }
            return;
        }
        let has_part = run.done_through() > 0;
        let Ok(history) = self.history_failure(run, has_part, message) else {
            return;
        };
        writes.extend(history);
        self.write_all_or_nothing(&writes).await;
    }

    async fn write_all_or_nothing(&mut self, writes: &[String]) {
        let begin = self.product().dialect().begin();
        let mut texts = vec![begin];
        texts.extend(writes.iter().map(String::as_str));
        texts.push("COMMIT");
        for sql in texts {
            if execute_briefly(self.session.as_mut(), sql).await.is_err() {
                self.roll_back().await;
                return;
            }
        }
    }

    /// Whether a refused statement left nothing behind. MariaDB's `DROP TABLE a, b` drops `a` before it fails at `b`: then
    /// the intent stays, and the next run settles it.
    async fn left_nothing(&mut self, attempt: &Attempt, number: u64) -> bool {
        let sql = self.ledger.journal.select_steps(&attempt.id);
        let Ok(rows) = self.session.query(&sql).await else {
            return false;
        };
        let steps: Vec<_> = rows.iter().map(JournalSql::decode_step).collect();
        match steps
            .iter()
            .find(|step| step.first == number && step.state == StepState::Intent)
        {
            None => true,
            Some(step) => !matches!(
                resolve_step(self.session.as_mut(), step).await,
                Ok(Resolution::Applied(_)) | Err(_)
            ),
        }
    }
}
