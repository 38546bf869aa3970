//! Sends one batch and turns what comes back into events or a [`Trouble`].

use super::entry::{Entry, Ours};
use super::outgoing::Outgoing;
use super::progress::Run;
use super::session::Executor;
use super::trouble::{Trouble, lease_lost};
use super::watch::Watcher;
use crate::context::Context;
use shoring_core::Event;
use shoring_db::{Activity, Batch, Completion};
use std::time::Instant;

impl Executor<'_> {
    /// Sends what was collected.
    pub(super) async fn flush(
        &mut self,
        out: &mut Outgoing,
        run: &mut Run<'_>,
    ) -> Result<(), Trouble> {
        if out.is_empty() {
            return Ok(());
        }
        let entries = out.take();
        run.is_commit_sent |= entries.iter().any(Entry::commits);
        self.send(entries, run).await
    }

    /// Sends entries as one batch. Rows changed by the file's statements are added to `run`.
    pub(super) async fn send(
        &mut self,
        entries: Vec<Entry>,
        run: &mut Run<'_>,
    ) -> Result<(), Trouble> {
        if entries.is_empty() {
            return Ok(());
        }
        if self.lock.is_lost() {
            return Err(Trouble::Stopped(lease_lost()));
        }
        let version = run.attempt.version.clone();
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
                    unguarded |= completion.rows != 1;
                }
                Some(Entry::Ours(
                    Ours::Begin | Ours::Proof | Ours::History | Ours::Journal | Ours::Commit,
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
                            run.blockers.clone_from(&activity.blockers);
                        }
                        report_activity(&context, run, (number, &verb), &activity, began);
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
                version: run.attempt.version.clone(),
                severity: notice.severity,
                message: notice.message,
            });
        }
        run.rows += rows_in_all;
        run.rows_of_last = rows_of_last;
        run.statements += done;
        run.last_ms = began.elapsed().as_millis() as u64;
        match result {
            Ok(()) if unguarded => Err(Trouble::Stopped(lease_lost())),
            Ok(()) => Ok(()),
            Err(failed) => Err(self.trouble(&entries, failed.index, failed.error)),
        }
    }
}

async fn seen(watcher: &mut Option<Watcher>) -> Activity {
    match watcher {
        Some(watcher) => watcher.seen().await,
        None => std::future::pending().await,
    }
}

fn report_activity(
    context: &Context,
    run: &Run<'_>,
    (number, verb): (u64, &str),
    activity: &Activity,
    began: Instant,
) {
    let elapsed_ms = began.elapsed().as_millis() as u64;
    let version = &run.attempt.version;
    if let Some(progress) = &activity.progress {
        context.emit(&Event::StatementProgress {
            version: version.clone(),
            number,
            verb: verb.to_owned(),
            progress: progress.clone(),
            elapsed_ms,
        });
    }
    if let Some(reason) = &activity.stalled {
        context.emit(&Event::StatementStalled {
            version: version.clone(),
            number,
            reason: reason.clone(),
            elapsed_ms,
        });
    }
    if !activity.blockers.is_empty() {
        context.emit(&Event::StatementWaiting {
            version: version.clone(),
            number,
            blockers: activity.blockers.clone(),
            waited_ms: elapsed_ms,
            limit_ms: context.tuning.lock_timeout.as_millis() as u64,
            attempt: run.attempt_number,
            attempts: context.tuning.lock_attempts,
        });
    }
}
