//! Reading over what an earlier attempt got into the database: it must still stand in the file, unchanged.

use super::session::Executor;
use super::source::Statement;
use super::step_hash::StepHash;
use super::trouble::Trouble;
use crate::error::{Error, ErrorKind};
use crate::execute::execute_one;
use crate::ledger::Step;
use shoring_core::Diagnostic;
use shoring_plan::group::is_session_only;
use shoring_plan::statement_hash;

/// Checks while a file is read again that what is in the database already still stands there unchanged.
pub(super) struct Carried {
    steps: Vec<Step>,
    index: usize,
    hashes: StepHash,
}

impl Carried {
    pub(super) fn new(steps: &[Step]) -> Self {
        Self {
            steps: steps.to_vec(),
            index: 0,
            hashes: StepHash::default(),
        }
    }

    /// Takes the next statement that is in the database already.
    pub(super) fn check(&mut self, file: &str, statement: &Statement) -> Result<(), Trouble> {
        let Some(step) = self.steps.get(self.index) else {
            return Ok(());
        };
        if statement.number < step.first {
            return Ok(());
        }
        self.hashes.add(&statement_hash(statement.piece.sql()));
        if statement.number < step.last {
            return Ok(());
        }
        let hash = std::mem::take(&mut self.hashes).finish();
        self.index += 1;
        if hash == step.hash {
            return Ok(());
        }
        let what = if step.first == step.last {
            format!(
                "statement {} was changed after it had been applied",
                step.first
            )
        } else {
            format!(
                "statements {} to {} were changed after they had been applied",
                step.first, step.last
            )
        };
        let label =
            statement
                .place
                .label(file, &statement.piece, 0, statement.facts.verb.len(), "");
        Err(Trouble::Stopped(
            Error::from_diagnostic(ErrorKind::Mismatch, Diagnostic::error("applied-statement-changed", what).at(label))
                .next("put its old text back; further changes go into the statements after it, or a new migration")
                .next("see what is in the database:  shoring doctor"),
        ))
    }

    /// At the end of the file: fails when a statement that is in the database does not stand in it any more.
    pub(super) fn end(&self, file: &str) -> Result<(), Trouble> {
        let Some(step) = self.steps.get(self.index) else {
            return Ok(());
        };
        let number = step.first + self.hashes.count();
        Err(Trouble::Stopped(
            Error::new(
                ErrorKind::Mismatch,
                "applied-statement-changed",
                format!("statement {number} of `{file}` was removed after it had been applied"),
            )
            .next("put its old text back; further changes go into the statements after it, or a new migration")
            .next("see what is in the database:  shoring doctor"),
        ))
    }
}

impl Executor<'_> {
    /// Passes over a statement that is in the database already. What it set in the session is set again.
    pub(super) async fn pass_over(&mut self, statement: &Statement) -> Result<(), Trouble> {
        if statement.facts.verb.contains("TEMPORARY") || statement.facts.verb.contains(" TEMP ") {
            return Err(Error::new(
                ErrorKind::Refused,
                "lost-temporary-table",
                format!(
                    "statement {} made a temporary table, and it is gone with its session",
                    statement.number
                ),
            )
            .next("take back what was applied:  shoring down")
            .into());
        }
        if is_session_only(&statement.facts) {
            let sql = statement.piece.sql().to_owned();
            execute_one(self.session.as_mut(), &sql)
                .await
                .map_err(Trouble::of)?;
        }
        Ok(())
    }
}
