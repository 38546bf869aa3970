//! Says what state the database is in after a migration that did not go through, and what to do next.

use super::progress::Run;
use super::session::Executor;
use super::there_already::ThereBefore;
use crate::error::{Error, ErrorKind};
use shoring_core::{AppliedKind, Direction, MigrationPlan, Product};

/// How many statements of a half-done file are listed: the one that failed and its neighbours.
const SHOWN: u64 = 12;

impl Executor<'_> {
    /// Says what state the database is in, and what to do next. `found` made it fail, and was there before this run.
    pub(super) fn add_state(
        &self,
        error: Error,
        run: &Run<'_>,
        failed_at: u64,
        found: Option<&ThereBefore>,
    ) -> Error {
        let error = self.add_own_state(error, run, failed_at, found.is_some());
        match found {
            Some(found) => self.add_there_before(error, run.job, found),
            None => error,
        }
    }

    fn add_own_state(
        &self,
        mut error: Error,
        run: &Run<'_>,
        failed_at: u64,
        is_something_there: bool,
    ) -> Error {
        let migration = &run.job.plan.migration;
        let version = migration.version.as_str();
        let verb = match run.job.plan.direction {
            Direction::Up => "up",
            Direction::Down => "down",
        };
        let newest = self
            .existing
            .iter()
            .rfind(|row| row.kind != AppliedKind::Failed && row.order.is_step());
        let at = newest.map_or_else(
            || "before the first migration".to_owned(),
            |row| format!("at {}", row.version),
        );
        let done = run.done_through();
        let lasting_done = lasting(run.job.plan, done);
        if lasting_done == 0 && !run.is_recorded {
            error = error.state(match run.job.plan.direction {
                Direction::Up if is_something_there => {
                    format!("Nothing of this run remains. The database is {at}, with what was there before.")
                }
                Direction::Up => format!("{version} was rolled back completely. The database is {at}, nothing of {version} remains."),
                Direction::Down if run.job.is_undo_of_half => {
                    format!("Nothing of {version} was taken back: it is still half applied. The database is {at}.")
                }
                Direction::Down => format!("Rolling back {version} had no effect: it is still applied. The database is {at}."),
            });
            if error.kind == ErrorKind::FailedRolledBack {
                error = error.next(if run.job.command == "seed" {
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
        let count = run.job.plan.statement_count.max(done);
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
        error = error.state(match run.job.plan.direction {
            Direction::Up => format!(
                "{why}{done} of {count} statements of {version} are in the database ({recorded}){rest}."
            ),
            Direction::Down => format!(
                "{why}{done} of {count} statements of the rollback of {version} took effect ({recorded})."
            ),
        });
        let at = if failed_at == 0 { done + 1 } else { failed_at };
        let before = at
            .saturating_sub(SHOWN - 3)
            .min(count.saturating_sub(SHOWN));
        if before > 0 && done > 0 {
            error = error.state(format!("applied   1 to {}", before.min(done)));
        }
        if before > done {
            error = error.state(format!("not run   {} to {before}", done + 1));
        }
        let shown = run.job.plan.statements.iter();
        let shown = shown.skip(before as usize).take(SHOWN as usize);
        for statement in shown {
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
        if count > before + SHOWN {
            error = error.state(format!("not run   {} to {count}", before + SHOWN + 1));
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
        if run.job.plan.direction == Direction::Up && migration.down.is_some() {
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
