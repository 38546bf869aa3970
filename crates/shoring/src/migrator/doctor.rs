//! `doctor`: after a failure, what is in the database statement by statement, with evidence, and the one right next command.

use super::build::Migrator;
use super::open::{Opened, open};
use crate::context::Access;
use crate::database_error::query_error;
use crate::error::Result;
use crate::execute::execute_one;
use crate::executor::{Resolution, resolve_step};
use crate::ledger::{OpenAttempt, StepState};
use crate::lock;
use crate::report::{Case, CaseKind, DoctorReport, Finding, StatementFinding};
use crate::request::Confirmation;
use shoring_core::{Direction, MigrationPlan, State};
use shoring_plan::Entry;
use shoring_plan::select::stops;

impl Migrator {
    /// Looks at what is half-done or does not agree. With [`Confirmation::Confirmed`] settles what is proven.
    pub async fn doctor(&self, confirmation: Confirmation) -> Result<DoctorReport> {
        let mut opened = match confirmation {
            Confirmation::ShowOnly => open(self.context()?, self.project()?, Access::Read).await?,
            Confirmation::Confirmed => self.open_existing().await?,
        };
        let result = opened.doctor(confirmation).await;
        opened.close().await;
        result
    }
}

impl Opened {
    async fn doctor(&mut self, confirmation: Confirmation) -> Result<DoctorReport> {
        let mut cases = Vec::new();
        let mut notes = Vec::new();
        let lease = match &mut self.session {
            Some(session) => self.ledger.read_lease(session.as_mut()).await?,
            None => None,
        };
        let lease = lease.filter(|lease| lease.owner.is_some());
        let alive = match (&lease, &mut self.session) {
            (Some(lease), Some(session)) => match &lease.backend {
                Some(backend) => session
                    .is_alive(&shoring_db::BackendId(backend.clone()))
                    .await
                    .map_err(|error| query_error(&error))?,
                None => None,
            },
            (Some(_) | None, _) => None,
        };
        // A dead program's statement may still be running on the server: then the catalogue is not the last word.
        let is_at_work = alive == Some(true);
        let lock = match confirmation {
            Confirmation::Confirmed if self.may_settle() => Some(self.lock().await?),
            Confirmation::Confirmed | Confirmation::ShowOnly => None,
        };
        let entries = self.reconciliation.entries.clone();
        let mut result = Ok(());
        for entry in &entries {
            let case = match self.snapshot.open.get(&entry.order).cloned() {
                Some(attempt) => match self
                    .half_done(
                        entry,
                        &attempt,
                        lock.is_some(),
                        is_at_work && lock.is_none(),
                    )
                    .await
                {
                    Ok(case) => Some(case),
                    Err(error) => {
                        result = Err(error);
                        break;
                    }
                },
                None if entry.failed.is_some() => {
                    match self.failed_row(entry, lock.as_ref()).await {
                        Ok(case) => Some(case),
                        Err(error) => {
                            result = Err(error);
                            break;
                        }
                    }
                }
                None if stops(&self.reconciliation, entry, false) => self.disagreement(entry),
                None => None,
            };
            cases.extend(case);
        }
        if let Some(lock) = lock {
            self.unlock(lock).await;
        }
        result?;
        let indexes = self.invalid_indexes().await?;
        cases.extend(indexes.cases);
        notes.extend(indexes.notes);
        if let Some(session) = &mut self.session
            && let Some(holder) =
                lock::row_holder(session.as_mut(), &self.ledger, &self.context).await?
        {
            let next = if holder.is_ours() {
                "the next run of ours takes it over, if that one is dead".to_owned()
            } else {
                holder.lock.next.clone()
            };
            notes.push(format!("a lock is held by {}; {next}", holder.describe()));
        }
        if let Some(lease) = &lease {
            notes.push(match alive {
                Some(true) => format!("a run is at work now: {}", lease.describe()),
                Some(false) => format!(
                    "a run died here: {}; the next run takes its lease over by itself",
                    lease.describe()
                ),
                None => format!("a run holds the lease: {}", lease.describe()),
            });
        }
        Ok(DoctorReport {
            database: self.database(),
            cases,
            notes,
        })
    }

    /// Whether there may be something whose outcome the catalogue shows.
    fn may_settle(&self) -> bool {
        let mut entries = self.reconciliation.entries.iter();
        !self.snapshot.open.is_empty() || entries.any(|entry| entry.failed.is_some())
    }

    async fn half_done(
        &mut self,
        entry: &Entry,
        attempt: &OpenAttempt,
        settles: bool,
        is_at_work: bool,
    ) -> Result<Case> {
        let plan = self.plan_of(entry, attempt.direction);
        let count = plan.as_ref().map_or(attempt.statements, |plan| {
            plan.statement_count.max(attempt.statements)
        });
        let mut statements = Vec::new();
        let mut settled = None;
        let mut is_unknown = false;
        for number in 1..=count.min(200) {
            let step = attempt
                .steps
                .iter()
                .find(|step| step.first <= number && number <= step.last);
            let (finding, evidence) = match step {
                None => (Finding::NotRun, "never sent".to_owned()),
                Some(step) => match step.state {
                    StepState::Done => (
                        Finding::Applied,
                        "recorded after the server said so".to_owned(),
                    ),
                    StepState::Failed => (Finding::Absent, "the server refused it".to_owned()),
                    StepState::Intent if is_at_work => {
                        is_unknown = true;
                        (
                            Finding::Unknown,
                            "a session on the server may still be at work on it".to_owned(),
                        )
                    }
                    StepState::Intent => match &mut self.session {
                        None => (Finding::Unknown, "no session".to_owned()),
                        Some(session) => match resolve_step(session.as_mut(), step).await? {
                            Resolution::Applied(evidence) => {
                                settled = Some((step.clone(), true));
                                (Finding::Applied, evidence)
                            }
                            Resolution::Absent(evidence) => {
                                settled = Some((step.clone(), false));
                                (Finding::Absent, evidence)
                            }
                            Resolution::Unknown(evidence) => {
                                is_unknown = true;
                                (Finding::Unknown, evidence)
                            }
                        },
                    },
                },
            };
            let text = plan
                .as_ref()
                .and_then(|plan| {
                    plan.statements
                        .iter()
                        .find(|statement| statement.number == number)
                })
                .map(|statement| crate::executor::headline(&statement.text))
                .unwrap_or_default();
            statements.push(StatementFinding {
                number,
                statement: text,
                finding,
                evidence,
            });
        }
        let settlement = settled.as_ref().map(|(step, is_applied)| {
            if *is_applied {
                format!("record statement {} as applied", step.first)
            } else {
                format!("record statement {} as not applied", step.first)
            }
        });
        let mut is_settled = false;
        if settles && let (Some((step, is_applied)), Some(session)) = (&settled, &mut self.session)
        {
            let sql = if *is_applied {
                self.ledger
                    .journal
                    .finish_step(&attempt.id, step.first, StepState::Done, 0, None)
            } else {
                self.ledger.journal.forget_step(&attempt.id, step.first)
            };
            execute_one(session.as_mut(), &sql)
                .await
                .map_err(|error| query_error(&error))?;
            is_settled = true;
        }
        let verb = match attempt.direction {
            Direction::Up => "up",
            Direction::Down => "down",
        };
        let next = if is_at_work {
            "wait until its session is gone, then look again:  shoring doctor".to_owned()
        } else if is_unknown {
            format!(
                "look at the database yourself, then  shoring mark {version} applied  or  shoring mark {version} pending",
                version = entry.version()
            )
        } else {
            format!("fix the file if it needs it, then  shoring {verb}  goes on where it stopped")
        };
        let summary = match &attempt.error {
            Some(error) => format!("{}; it stopped with: {error}", attempt.describe()),
            None => format!(
                "{}; the program died or lost its connection",
                attempt.describe()
            ),
        };
        Ok(Case {
            kind: if is_unknown {
                CaseKind::Unknown
            } else {
                CaseKind::PartlyApplied
            },
            version: entry.version().to_owned(),
            name: entry.name().to_owned(),
            summary,
            statements,
            next,
            settlement,
            is_settled,
        })
    }

    /// The file as it is now, if it can be read.
    pub(super) fn plan_of(&self, entry: &Entry, direction: Direction) -> Option<MigrationPlan> {
        self.analyse_all(std::slice::from_ref(entry), direction)
            .ok()?
            .pop()
    }

    /// A file and a history row that do not agree.
    fn disagreement(&self, entry: &Entry) -> Option<Case> {
        let reconciliation = &self.reconciliation;
        let (summary, next) = match (entry.state, reconciliation.renamed_from(entry)) {
            (State::Pending | State::OutOfOrder, Some(old)) => (
                "has the text of a migration that was applied and has no file any more",
                self.old_name_back(old, entry).join(";  "),
            ),
            (State::Changed, _) => (
                "the file is not what was applied",
                "put the old text back, or accept the new one:  shoring repair".to_owned(),
            ),
            (State::Missing, _) if reconciliation.renamed_to(entry).is_some() => return None,
            (State::Missing, _) => (
                "applied, and its file is gone",
                "bring the file back from version control, or retire it:  shoring repair"
                    .to_owned(),
            ),
            (State::OutOfOrder, None) => (
                "stands before the current version and was never applied",
                "give it a higher number, or run it:  shoring up --allow-out-of-order".to_owned(),
            ),
            (State::Pending, None)
            | (State::Applied | State::Failed | State::Baseline | State::Ignored, _) => {
                return None;
            }
        };
        Some(Case {
            kind: CaseKind::Mismatch,
            version: entry.version().to_owned(),
            name: entry.name().to_owned(),
            summary: summary.to_owned(),
            statements: Vec::new(),
            next,
            settlement: None,
            is_settled: false,
        })
    }
}
