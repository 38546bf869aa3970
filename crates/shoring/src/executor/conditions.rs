//! The conditions of a migration, asked of the database just before it runs. Asking changes nothing: whatever a query does is
//! rolled back. Whoever dies here has written nothing, and the next run asks again.

use super::job::Job;
use super::progress::Run;
use super::run::RECONNECTS;
use super::session::Executor;
use crate::error::{Error, ErrorKind, Result};
use crate::execute::execute_one;
use shoring_core::{Condition, Diagnostic, Unmet};
use shoring_db::{DbError, DbErrorKind};
use shoring_plan::PlaceFinder;

/// What becomes of a migration.
pub(crate) enum Verdict {
    /// It runs.
    Run,
    /// It is left for the next run, for this reason.
    Skip(String),
    /// It is recorded without running, for this reason.
    MarkApplied(String),
}

impl Executor<'_> {
    /// Asks what a migration wants to be true. A warning is told here; what stops the run is the error. When the link is lost,
    /// all of it is asked again.
    pub(crate) async fn ask(&mut self, job: &Job<'_>) -> Result<Verdict> {
        let mut reconnects = 0;
        loop {
            match self.ask_all(job).await {
                Ok(verdict) => return verdict,
                Err(lost) => {
                    reconnects += 1;
                    let mut run = Run::new(job, &self.lock);
                    self.recover(&mut run, &lost, reconnects > RECONNECTS)
                        .await?;
                }
            }
        }
    }

    async fn ask_all(&mut self, job: &Job<'_>) -> std::result::Result<Result<Verdict>, DbError> {
        let plan = job.plan;
        let Some(conditions) = &plan.migration.terms.conditions else {
            return Ok(Ok(Verdict::Run));
        };
        let id = plan.migration.id();
        for condition in &conditions.all {
            let (unmet, why) = match self.answer(condition).await {
                Ok(answer)
                    if answer
                        .as_deref()
                        .is_some_and(|answer| is_same(answer, &condition.expected)) =>
                {
                    continue;
                }
                Ok(answer) => {
                    let answer = answer.as_deref().unwrap_or("nothing").to_owned();
                    let why = format!(
                        "{} gave {answer}, not {}",
                        condition.title, condition.expected
                    );
                    (conditions.on_fail, why)
                }
                Err(error) if error.kind == DbErrorKind::ConnectionLost => return Err(error),
                Err(error) => (
                    conditions.on_error,
                    format!("{} cannot be asked: {}", condition.title, error.message),
                ),
            };
            match unmet {
                Unmet::Warn => self.context.warn(
                    "condition",
                    format!("{id} runs although its condition is not met: {why}"),
                ),
                Unmet::Skip => return Ok(Ok(Verdict::Skip(why))),
                Unmet::MarkApplied => return Ok(Ok(Verdict::MarkApplied(why))),
                Unmet::Halt => {
                    let place = PlaceFinder::bare(&plan.migration.up.path, condition.position);
                    let diagnostic = Diagnostic::error(
                        "condition",
                        format!("the condition of {id} is not met: {why}"),
                    );
                    return Ok(Err(Error::from_diagnostic(
                        ErrorKind::FailedRolledBack,
                        diagnostic.at(place),
                    )
                    .state(format!("Nothing of {id} was run; what ran before it stays applied."))
                    .next("make it true in the database, or correct the condition; then run  shoring up")
                    .next("if what it does is there already:  shoring mark VERSION applied")));
                }
            }
        }
        Ok(Ok(Verdict::Run))
    }

    /// The first value of the answer.
    async fn answer(
        &mut self,
        condition: &Condition,
    ) -> std::result::Result<Option<String>, DbError> {
        let session = self.session.as_mut();
        execute_one(session, "BEGIN").await?;
        let rows = session.query(&condition.question).await;
        let rolled_back = execute_one(session, "ROLLBACK").await;
        let rows = rows?;
        rolled_back?;
        Ok(rows.first().and_then(|row| row.text(0)))
    }
}

/// Truth is spelled in several ways.
fn is_same(answer: &str, expected: &str) -> bool {
    let plain = |text: &str| match text.trim().to_ascii_lowercase().as_str() {
        "t" | "true" => "1".to_owned(),
        "f" | "false" => "0".to_owned(),
        _ => text.trim().to_owned(),
    };
    answer.trim() == expected.trim() || plain(answer) == plain(expected)
}
