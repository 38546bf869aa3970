//! A statement that fails because what it makes is there: what that says about the database, and what to do about it. A tool
//! that stopped in the middle of a file on MySQL leaves just that, and no row that tells.

use super::failed::Failed;
use super::job::{HistoryPart, Job};
use super::progress::Run;
use super::session::Executor;
use crate::error::Error;
use shoring_core::{AppliedKind, Direction, Probe, Target};

/// What a statement was to make, and what was there before this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ThereBefore {
    /// What it is, for people.
    what: String,
    /// Whether it can be compared and dropped as one thing.
    is_whole: bool,
}

impl Executor<'_> {
    /// What was there before this run, and made a statement fail. To be asked when what can be rolled back is. `None` for every
    /// other failure, and where the file itself may have made it.
    pub(super) async fn found_there(
        &mut self,
        run: &Run<'_>,
        failed: &Failed,
    ) -> Option<ThereBefore> {
        if !failed.error.is_there_already() || !self.is_first_time(run.job) {
            return None;
        }
        let target = failed.targets.first()?;
        let is_whole = failed.verb.starts_with("CREATE ");
        if is_whole && names_a_part_twice(failed) {
            return None;
        }
        let probe = if is_whole {
            self.session.probe(target).await.unwrap_or(Probe::Unknown)
        } else {
            Probe::Unknown
        };
        let last_made = match probe {
            // What was rolled back did not make it.
            Probe::Present { .. } => run.done_through(),
            Probe::Absent => return None,
            Probe::Unknown => failed.number.saturating_sub(1),
        };
        if may_have_made(run.job, last_made, target) {
            return None;
        }
        Some(ThereBefore {
            what: if is_whole {
                target.to_string()
            } else {
                format!("what it adds to {target}")
            },
            is_whole,
        })
    }

    /// Whether a migration runs that nothing records as applied.
    fn is_first_time(&self, job: &Job<'_>) -> bool {
        let migration = &job.plan.migration;
        job.plan.direction == Direction::Up
            && matches!(job.history, HistoryPart::Apply { .. })
            && self
                .existing
                .iter()
                .all(|row| row.order != migration.order || row.kind == AppliedKind::Failed)
    }

    /// Says so, with what to do.
    pub(super) fn add_there_before(
        &self,
        mut error: Error,
        job: &Job<'_>,
        found: &ThereBefore,
    ) -> Error {
        let version = &job.plan.migration.version;
        let tool = self.ledger.found.format.title().strip_suffix(" project");
        let run = match tool {
            Some(tool) => format!("an earlier run of {tool}"),
            None => "an earlier run".to_owned(),
        };
        error = error
            .note(format!("{} was there before this run", found.what))
            .note(format!(
                "it may be the rest of {run} that stopped in the middle of this file, or made by hand or by another migration"
            ));
        let compare = if found.is_whole {
            "compare it with the file, drop it, and run"
        } else {
            "compare it with the file, take it out, and run"
        };
        if let Some(next) = error.next.first_mut() {
            *next = format!("else {next}");
        }
        error
            .next
            .insert(0, format!("if it is such a rest, {compare}  shoring up"));
        error.next.insert(
            1,
            format!("if all of {version} is there:  shoring mark {version} applied"),
        );
        error
    }
}

/// Whether a definition names one of its own columns or keys twice: MySQL 1060 and 1061, PostgreSQL 42701, SQLite.
fn names_a_part_twice(failed: &Failed) -> bool {
    let is_part = matches!(
        failed.error.code.as_deref(),
        Some("1060" | "1061" | "42701")
    ) || failed.error.message.starts_with("duplicate column name: ");
    is_part && !failed.verb.contains("INDEX")
}

/// Whether one of the statements up to this number may have made a thing.
fn may_have_made(job: &Job<'_>, last: u64, target: &Target) -> bool {
    let known = &job.plan.statements;
    if last > known.len() as u64 {
        return true;
    }
    known
        .iter()
        .filter(|statement| statement.number <= last)
        .any(|statement| {
            let facts = &statement.facts;
            let is_opaque = facts.targets.is_empty()
                && ["CALL", "DO", "EXECUTE", "BEGIN NOT ATOMIC"]
                    .iter()
                    .any(|verb| facts.verb.starts_with(verb));
            is_opaque || facts.targets.iter().any(|made| touches(made, target))
        })
}

/// Whether they are one thing, or one is a part of the other.
fn touches(made: &Target, target: &Target) -> bool {
    let same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
    same(&made.name, &target.name)
        || made
            .table
            .as_deref()
            .is_some_and(|table| same(table, &target.name))
        || target
            .table
            .as_deref()
            .is_some_and(|table| same(table, &made.name))
}
