//! `doctor` for a history row that says a migration began and did not end well, written by the tool whose project it is: our
//! journal knows nothing of it, so each statement's thing is looked for in the catalogue.
//!
//! Every tool sends a file's statements in order and stops at the first that is refused. So a statement that provably ran says
//! that those before it did, and one that provably did not says the same of those after it.

use super::open::Opened;
use super::records::RecordStatement;
use crate::database_error::query_error;
use crate::error::Result;
use crate::executor::headline;
use crate::ledger::{Attempt, RunState, Step, StepState};
use crate::lock::RunLock;
use crate::report::{Case, CaseKind, Finding, StatementFinding};
use crate::request::MarkAs;
use shoring_core::{Direction, MigrationPlan, PlannedStatement, Probe};
use shoring_plan::Entry;

/// How much of the file is in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reached {
    /// Nothing.
    Nothing,
    /// Everything.
    Everything,
    /// The statements up to this one, and no other.
    Through(u64),
    /// It cannot be told.
    Unknown,
}

impl Opened {
    /// Looks at a migration that only its history row calls failed. With a lock, settles what is proven.
    pub(super) async fn failed_row(
        &mut self,
        entry: &Entry,
        lock: Option<&RunLock>,
    ) -> Result<Case> {
        let version = entry.version().to_owned();
        let tool = self.ledger.found.format.title();
        let Some(plan) = self.plan_of(entry, Direction::Up) else {
            return Ok(Case {
                kind: CaseKind::Unknown,
                version: version.clone(),
                name: entry.name().to_owned(),
                summary: format!(
                    "the history of the {tool} calls it failed, and its file cannot be read as it ran"
                ),
                statements: Vec::new(),
                next: by_hand(&version),
                settlement: None,
                is_settled: false,
            });
        };
        let mut statements = Vec::new();
        for statement in &plan.statements {
            let (finding, evidence) = self.look_for(&plan, statement).await?;
            statements.push(StatementFinding {
                number: statement.number,
                statement: headline(&statement.text),
                finding,
                evidence,
            });
        }
        let findings: Vec<Finding> = statements.iter().map(|found| found.finding).collect();
        let format = self.ledger.found.format;
        let is_whole =
            plan.is_atomic() && format.runs_whole(&|name| self.context.url_parameter(name));
        let reached = match reached(&findings, plan.statement_count, is_whole) {
            // It takes our journal to go on in the middle of a file.
            Reached::Through(_) if !self.ledger.keeps_journal => Reached::Unknown,
            reached => reached,
        };
        let (kind, settlement, next) = match reached {
            Reached::Nothing => (
                CaseKind::Mismatch,
                Some("take its row back: nothing of it is in the database".to_owned()),
                "then fix the file if it needs it, and apply it again:  shoring up".to_owned(),
            ),
            Reached::Everything => (
                CaseKind::Mismatch,
                Some("record it as applied: all of it is in the database".to_owned()),
                "then go on:  shoring up".to_owned(),
            ),
            Reached::Through(last) => (
                CaseKind::PartlyApplied,
                Some(format!("record statements 1 to {last} as applied")),
                format!(
                    "then fix statement {} in the file;  shoring up  goes on there",
                    last + 1
                ),
            ),
            Reached::Unknown => (CaseKind::Unknown, None, by_hand(&version)),
        };
        let mut is_settled = false;
        if let Some(lock) = lock {
            is_settled = self.settle_failed_row(entry, &plan, reached, lock).await?;
        }
        statements.truncate(200);
        Ok(Case {
            kind,
            version,
            name: entry.name().to_owned(),
            summary: format!("the history of the {tool} says that it began and did not end well"),
            statements,
            next,
            settlement,
            is_settled,
        })
    }

    /// What the catalogue says about one statement.
    async fn look_for(
        &mut self,
        plan: &MigrationPlan,
        statement: &PlannedStatement,
    ) -> Result<(Finding, String)> {
        let facts = &statement.facts;
        let makes = facts.verb.starts_with("CREATE ");
        let drops = facts.verb.starts_with("DROP ");
        let (Some(target), true, Some(session)) =
            (facts.targets.first(), makes || drops, &mut self.session)
        else {
            return Ok((
                Finding::Unknown,
                "nothing in the catalogue shows whether it ran".to_owned(),
            ));
        };
        let is_touched_again = plan.statements.iter().any(|other| {
            other.number != statement.number
                && other.facts.targets.first() == Some(target)
                && (other.facts.verb.starts_with("CREATE ")
                    || other.facts.verb.starts_with("DROP "))
        });
        if is_touched_again {
            return Ok((
                Finding::Unknown,
                format!("the file makes or drops {target} more than once"),
            ));
        }
        let is_there = match session
            .probe(target)
            .await
            .map_err(|error| query_error(&error))?
        {
            Probe::Absent => false,
            Probe::Present { is_valid, .. } => is_valid,
            Probe::Unknown => {
                return Ok((
                    Finding::Unknown,
                    format!("this server does not show {target}"),
                ));
            }
        };
        let there = if is_there { "is there" } else { "is not there" };
        // `IF NOT EXISTS`, `IF EXISTS`, `OR REPLACE`: it may have been like this before.
        if is_there == makes && facts.is_idempotent {
            return Ok((
                Finding::Unknown,
                format!("{target} {there}, and may have been like this before"),
            ));
        }
        let finding = if is_there == makes {
            Finding::Applied
        } else {
            Finding::Absent
        };
        Ok((finding, format!("{target} {there}")))
    }

    async fn settle_failed_row(
        &mut self,
        entry: &Entry,
        plan: &MigrationPlan,
        reached: Reached,
        lock: &RunLock,
    ) -> Result<bool> {
        match reached {
            Reached::Nothing => {
                self.write_mark(lock, entry.version(), MarkAs::Pending)
                    .await?;
            }
            Reached::Everything => {
                self.write_mark(lock, entry.version(), MarkAs::Applied)
                    .await?;
            }
            Reached::Through(last) => self.record_half(plan, last, lock).await?,
            Reached::Unknown => return Ok(false),
        }
        Ok(true)
    }

    /// Writes an open attempt into the journal, as a run of ours would have left it.
    async fn record_half(&mut self, plan: &MigrationPlan, last: u64, lock: &RunLock) -> Result<()> {
        let migration = &plan.migration;
        let attempt = Attempt {
            id: uuid::Uuid::now_v7().to_string(),
            run: lock.run.clone(),
            fence: lock.fence,
            command: "doctor",
            version: migration.version.as_str().to_owned(),
            name: migration.name.clone(),
            direction: Direction::Up,
            checksum: Some(migration.up.checksum.clone()),
            statements: plan.statement_count,
            compatible_with: None,
        };
        let journal = &self.ledger.journal;
        let attempt_row = journal.insert_run(
            &attempt,
            &self.context.identity,
            RunState::Failed,
            true,
            Some(0),
            None,
        );
        let mut statements = vec![RecordStatement::Fenced(attempt_row)];
        for statement in plan.statements.iter().filter(|found| found.number <= last) {
            let step = Step {
                first: statement.number,
                last: statement.number,
                hash: statement.hash.clone(),
                state: StepState::Done,
                probe: None,
            };
            let step_row = journal.insert_step(&attempt, &step, Some(0), None);
            statements.push(RecordStatement::Fenced(step_row));
        }
        self.write_together(&statements).await
    }
}

fn by_hand(version: &str) -> String {
    format!(
        "look at the database yourself, then  shoring mark {version} applied  or  shoring mark {version} pending"
    )
}

/// What the findings prove together. `is_whole`: the statements take effect together or not at all.
fn reached(findings: &[Finding], count: u64, is_whole: bool) -> Reached {
    let number = |index: usize| index as u64 + 1;
    let last_applied = findings
        .iter()
        .rposition(|finding| *finding == Finding::Applied)
        .map(number);
    let first_absent = findings
        .iter()
        .position(|finding| *finding == Finding::Absent)
        .map(number);
    match (last_applied, first_absent) {
        // One after the other is not how they ran.
        (Some(applied), Some(absent)) if applied > absent => Reached::Unknown,
        (Some(_), Some(_)) if is_whole => Reached::Unknown,
        (None, Some(_)) if is_whole => Reached::Nothing,
        (None, Some(1)) => Reached::Nothing,
        (Some(_), None) if is_whole => Reached::Everything,
        (Some(applied), None) if applied == count => Reached::Everything,
        (Some(applied), Some(absent)) if absent == applied + 1 => Reached::Through(applied),
        _ => Reached::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_proven_counts() {
        use Finding::{Absent, Applied, Unknown};
        for (findings, one_by_one, whole) in [
            (&[Absent, Absent][..], Reached::Nothing, Reached::Nothing),
            (
                &[Applied, Applied],
                Reached::Everything,
                Reached::Everything,
            ),
            (&[Applied, Absent], Reached::Through(1), Reached::Unknown),
            (
                &[Applied, Unknown, Absent],
                Reached::Unknown,
                Reached::Unknown,
            ),
            (&[Unknown, Absent], Reached::Unknown, Reached::Nothing),
            (&[Applied, Unknown], Reached::Unknown, Reached::Everything),
            (
                &[Unknown, Applied],
                Reached::Everything,
                Reached::Everything,
            ),
            (&[Absent, Applied], Reached::Unknown, Reached::Unknown),
            (&[Unknown], Reached::Unknown, Reached::Unknown),
            (&[], Reached::Unknown, Reached::Unknown),
        ] {
            let count = findings.len() as u64;
            assert_eq!(reached(findings, count, false), one_by_one, "{findings:?}");
            assert_eq!(reached(findings, count, true), whole, "{findings:?}");
        }
        // Of a file whose end was not looked at, nobody knows the end.
        assert_eq!(reached(&[Applied], 9, false), Reached::Unknown);
    }
}
