//! Finds out whether a step that was begun and never reported back took effect: the catalogue now is compared with what it
//! said before. What cannot be proven is said to be unknown, and a person decides.

use super::job::Job;
use super::session::Executor;
use crate::database_error::query_error;
use crate::error::{Error, ErrorKind, Result};
use crate::execute::execute_one;
use crate::ledger::{OpenAttempt, Step, StepState};
use shoring_core::{Direction, Probe, Target, TargetKind};
use shoring_db::Session;

/// What was found out about a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resolution {
    /// It took effect; how that is known.
    Applied(String),
    /// It did not; how that is known.
    Absent(String),
    /// It cannot be told; why not.
    Unknown(String),
}

const KINDS: &[TargetKind] = &[
    TargetKind::Table,
    TargetKind::Index,
    TargetKind::View,
    TargetKind::Sequence,
    TargetKind::Type,
    TargetKind::Schema,
    TargetKind::Function,
    TargetKind::Procedure,
    TargetKind::Trigger,
    TargetKind::Event,
    TargetKind::Database,
    TargetKind::Extension,
];

/// One line of what is kept with an intent.
pub(super) fn probe_line(target: &Target, probe: &Probe) -> String {
    let clean = |text: &str| text.replace(['\t', '\n'], " ");
    [
        target.kind.name(),
        &clean(target.schema.as_deref().unwrap_or_default()),
        &clean(&target.name),
        &clean(target.table.as_deref().unwrap_or_default()),
        &probe.encode(),
    ]
    .join("\t")
}

fn parse_line(line: &str) -> Option<(Target, Probe)> {
    let mut parts = line.split('\t');
    let kind = parts.next()?;
    let kind = KINDS.iter().copied().find(|known| known.name() == kind)?;
    let optional = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let schema = optional(parts.next()?);
    let name = parts.next()?.to_owned();
    let table = optional(parts.next()?);
    let probe = Probe::decode(parts.next()?);
    Some((
        Target {
            kind,
            schema,
            name,
            table,
        },
        probe,
    ))
}

/// Compares what the catalogue said before a step with what it says now.
pub(crate) async fn resolve_step(session: &mut dyn Session, step: &Step) -> Result<Resolution> {
    let lines: Vec<(Target, Probe)> = step
        .probe
        .as_deref()
        .unwrap_or_default()
        .lines()
        .filter_map(parse_line)
        .collect();
    if lines.is_empty() {
        return Ok(Resolution::Unknown(
            "nothing in the catalogue shows whether this kind of statement ran".to_owned(),
        ));
    }
    let mut same = Vec::new();
    let mut changed = None;
    let mut gone = None;
    let mut blind = None;
    for (target, before) in lines {
        let now = session
            .probe(&target)
            .await
            .map_err(|error| query_error(&error))?;
        let evidence = match (&before, &now) {
            (Probe::Unknown, _) | (_, Probe::Unknown) => {
                blind = Some(target);
                continue;
            }
            (
                _,
                Probe::Present {
                    is_valid: false, ..
                },
            ) => {
                return Ok(Resolution::Absent(format!(
                    "{target} is there but invalid: its build was cut off"
                )));
            }
            (before, now) if before == now => {
                same.push((target, now.clone()));
                continue;
            }
            (Probe::Absent, Probe::Present { .. }) => {
                format!("{target} was not there before and is now")
            }
            (Probe::Present { .. }, Probe::Absent) => {
                gone.get_or_insert(target.kind);
                format!("{target} was there before and is gone")
            }
            (Probe::Present { .. } | Probe::Absent, Probe::Present { .. } | Probe::Absent) => {
                format!("the definition of {target} is another than before")
            }
        };
        changed.get_or_insert(evidence);
    }
    if let Some(evidence) = changed {
        // MariaDB's `DROP TABLE a, b` is not one step: `a` may be gone while `b` is still there. Things of other kinds prove
        // nothing: the table of an index stays as it is.
        let untouched = same
            .iter()
            .find(|(target, now)| gone == Some(target.kind) && *now != Probe::Absent);
        return Ok(match untouched {
            Some((target, _)) => Resolution::Unknown(format!(
                "it took effect in part: {evidence}, but {target} is as before"
            )),
            None => Resolution::Applied(evidence),
        });
    }
    if let Some(target) = blind {
        return Ok(Resolution::Unknown(format!(
            "this server does not show the definition of {target}"
        )));
    }
    Ok(match same.first() {
        Some((target, Probe::Absent)) => {
            Resolution::Absent(format!("{target} is not there, as before"))
        }
        Some((target, _)) => {
            Resolution::Absent(format!("the definition of {target} is the same as before"))
        }
        None => Resolution::Unknown(
            "nothing in the catalogue shows whether this kind of statement ran".to_owned(),
        ),
    })
}

impl Executor<'_> {
    /// Settles the unresolved step of an attempt that is to go on, and gives its steps that are in the database.
    pub(super) async fn settle(&mut self, open: &OpenAttempt, job: &Job<'_>) -> Result<Vec<Step>> {
        let mut done: Vec<Step> = open
            .steps
            .iter()
            .take_while(|step| step.state == StepState::Done)
            .cloned()
            .collect();
        let Some(step) = open.unresolved() else {
            return Ok(done);
        };
        let is_harmless = job
            .plan
            .statements
            .iter()
            .find(|statement| statement.number == step.first)
            .is_some_and(|statement| statement.facts.is_idempotent && statement.hash == step.hash);
        let resolution = resolve_step(self.session.as_mut(), step).await?;
        let write = match &resolution {
            Resolution::Applied(_) => {
                done.push(Step {
                    state: StepState::Done,
                    ..step.clone()
                });
                self.ledger
                    .journal
                    .finish_step(&open.id, step.first, StepState::Done, 0, None)
            }
            Resolution::Absent(_) => self.ledger.journal.forget_step(&open.id, step.first),
            Resolution::Unknown(_) if is_harmless => {
                self.ledger.journal.forget_step(&open.id, step.first)
            }
            Resolution::Unknown(reason) => {
                let direction = match open.direction {
                    Direction::Up => "up",
                    Direction::Down => "down",
                };
                return Err(Error::new(
                    ErrorKind::OutcomeUnknown,
                    "outcome-unknown",
                    format!(
                        "nobody can tell whether statement {} of `{}` ({direction}) took effect",
                        step.first,
                        job.id()
                    ),
                )
                .note(reason.clone())
                .state(format!(
                    "{} before it is in the database; nothing was run now.",
                    statements(open.done_through())
                ))
                .next("see all evidence:  shoring doctor"));
            }
        };
        execute_one(self.session.as_mut(), &write)
            .await
            .map_err(|error| query_error(&error))?;
        Ok(done)
    }
}

fn statements(count: u64) -> String {
    match count {
        0 => "No statement".to_owned(),
        1 => "1 statement".to_owned(),
        several => format!("{several} statements"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_survive_the_journal() {
        let target = Target {
            kind: TargetKind::Index,
            schema: Some("app".to_owned()),
            name: "ix".to_owned(),
            table: Some("t".to_owned()),
        };
        let probe = Probe::Present {
            fingerprint: "ab12".to_owned(),
            is_valid: true,
        };
        assert_eq!(
            parse_line(&probe_line(&target, &probe)),
            Some((target, probe))
        );
        assert_eq!(parse_line("nonsense"), None);
    }
}
