//! Sends one batch and turns what comes back into events or a [`Trouble`].

use super::entry::{Entry, Ours};
use super::failure::{Failed, statement_failed};
use super::run::{Executor, Progress};
use crate::error::{Error, ErrorKind};
use shoring_core::{Event, Product};
use shoring_db::{Activity, Batch, Completion, DbError, DbErrorKind};
use std::time::Instant;

/// Why a migration did not go through in this try.
pub(super) enum Trouble {
    /// The connection is gone. What was sent may have taken effect if `may_be_committed`.
    Lost {
        /// The driver's words.
        error: DbError,
    },
    /// A lock was not to be had, or the server broke a conflict: worth another try.
    Locked {
        /// The statement it happened at.
        failed: Box<Failed>,
    },
    /// The server refused a statement.
    Failed(Box<Failed>),
    /// Something else stopped it; the state is said there.
    Stopped(Error),
}

impl Trouble {
    /// What the failure of a query or a setting of ours means: a lost connection is worth another one.
    pub(super) fn of(error: DbError) -> Self {
        if error.kind == DbErrorKind::ConnectionLost {
            return Self::Lost { error };
        }
        Self::Stopped(crate::database_error::query_error(&error))
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Stopped(error)
    }
}

/// The lease is in other hands: nothing more may be written.
pub(super) fn lease_lost() -> Error {
    Error::new(ErrorKind::LockTimeout, "lease-lost", "another run has taken over the migration lock")
        .note("this run was silent for too long (paused, or cut off), so the other one counted it as dead")
        .state("The transaction of this run was rolled back; nothing more was written.")
        .next("see what the other run did:  shoring status")
}

impl Executor<'_> {
    /// Sends entries as one batch. Rows changed by the file's statements are added to `progress`.
    pub(super) async fn send(
        &mut self,
        entries: Vec<Entry>,
        progress: &mut Progress,
    ) -> Result<(), Trouble> {
        if entries.is_empty() {
            return Ok(());
        }
        if self.lock.is_lost() {
            return Err(Trouble::Stopped(lease_lost()));
        }
        let product = self.session.server().product;
        let version = progress.version.clone();
        let statements: Vec<&str> = entries.iter().map(Entry::sql).collect();
        let first_user = entries.iter().find_map(|entry| match entry {
            Entry::User(statement) => Some((statement.number, statement.facts.verb.clone())),
            Entry::Ours(..) => None,
        });
        let context = self.context.clone();
        if let Some((number, verb)) = &first_user {
            context.emit(&Event::StatementStarted {
                version: version.clone(),
                number: *number,
                verb: verb.clone(),
            });
        }
        let began = Instant::now();
        let mut unguarded = false;
        let mut rows_of_last = 0;
        let mut rows_in_all = 0;
        let mut done = 0_u64;
        let mut completed = 0_usize;
        let is_alone = entries.len() == 1;
        let mut on_complete = |completion: Completion| {
            completed = completion.index + 1;
            match entries.get(completion.index) {
                Some(Entry::Ours(Ours::Guard | Ours::GuardedJournal, _)) => {
                    // PostgreSQL's guard fails by itself and reports the row of its SELECT.
                    unguarded |= completion.rows != 1;
                }
                Some(Entry::Ours(
                    Ours::Begin | Ours::History | Ours::Journal | Ours::Commit,
                    _,
                ))
                | None => {}
                Some(Entry::User(statement)) => {
                    done += 1;
                    rows_of_last = completion.rows;
                    rows_in_all += completion.rows;
                    context.emit(&Event::StatementFinished {
                        version: version.clone(),
                        number: statement.number,
                        rows: Some(completion.rows),
                        ms: is_alone.then(|| began.elapsed().as_millis() as u64),
                    });
                }
            }
        };
        let canceller = self.session.canceller();
        let stop = self.context.stop.clone();
        let mut watcher = self.watcher.take();
        if let Some(watcher) = &mut watcher {
            watcher.begin();
        }
        let (number, verb) = first_user.unwrap_or_default();
        let result = {
            let mut running = self.session.execute(
                Batch {
                    statements: &statements,
                },
                &mut on_complete,
            );
            let mut was_cancelled = false;
            loop {
                tokio::select! {
                    biased;
                    result = &mut running => break result,
                    () = stop.changed() => {
                        if stop.is_urgent() && !was_cancelled {
                            was_cancelled = true;
                            // The statement then fails by itself; an error here means it already ended.
                            drop(canceller.cancel().await);
                        }
                    }
                    activity = seen(&mut watcher) => {
                        if !activity.blockers.is_empty() {
                            progress.blockers.clone_from(&activity.blockers);
                        }
                        report_activity(&context, &progress.version, number, &verb, &activity, began, progress.attempt_number,
                            context.tuning.lock_attempts, context.tuning.lock_timeout.as_millis() as u64);
                    }
                }
            }
        };
        if let Some(watcher) = &watcher {
            watcher.end();
        }
        self.watcher = watcher;
        for notice in self.session.take_notices() {
            context.emit(&Event::Notice {
                version: progress.version.clone(),
                severity: notice.severity,
                message: notice.message,
            });
        }
        progress.rows += rows_in_all;
        progress.rows_of_last = rows_of_last;
        progress.statements += done;
        progress.last_ms = began.elapsed().as_millis() as u64;
        match result {
            Ok(()) if unguarded => Err(Trouble::Stopped(lease_lost())),
            Ok(()) => Ok(()),
            Err(failed) => Err(self.trouble(&entries, failed.index, failed.error, product)),
        }
    }

    /// What the failure of an entry means.
    pub(super) fn trouble(
        &self,
        entries: &[Entry],
        index: usize,
        error: DbError,
        product: Product,
    ) -> Trouble {
        if error.kind == DbErrorKind::ConnectionLost {
            return Trouble::Lost { error };
        }
        let failed = match entries.get(index) {
            Some(Entry::Ours(Ours::Guard, _))
                if product == Product::Postgresql && error.code.as_deref() == Some("22012") =>
            {
                return Trouble::Stopped(lease_lost());
            }
            Some(Entry::User(statement)) => {
                statement_failed(&self.script_path, statement, &error, product)
            }
            Some(Entry::Ours(ours, _)) => Failed::ours(*ours, &error, product),
            None => {
                return Trouble::Failed(Box::new(Failed::ours(Ours::Commit, &error, product)));
            }
        };
        let failed = Box::new(failed);
        if error.kind.is_worth_another_try() {
            Trouble::Locked { failed }
        } else {
            Trouble::Failed(failed)
        }
    }
}

async fn seen(watcher: &mut Option<super::watch::Watcher>) -> Activity {
    match watcher {
        Some(watcher) => watcher.seen().await,
        None => std::future::pending().await,
    }
}

#[expect(clippy::too_many_arguments, reason = "one event is made of them")]
fn report_activity(
    context: &crate::context::Context,
    version: &str,
    number: u64,
    verb: &str,
    activity: &Activity,
    began: Instant,
    attempt: u32,
    attempts: u32,
    limit_ms: u64,
) {
    let elapsed_ms = began.elapsed().as_millis() as u64;
    if let Some(progress) = &activity.progress {
        context.emit(&Event::StatementProgress {
            version: version.to_owned(),
            number,
            verb: verb.to_owned(),
            progress: progress.clone(),
            elapsed_ms,
        });
    }
    if !activity.blockers.is_empty() {
        context.emit(&Event::StatementWaiting {
            version: version.to_owned(),
            number,
            blockers: activity.blockers.clone(),
            waited_ms: elapsed_ms,
            limit_ms,
            attempt,
            attempts,
        });
    }
}
