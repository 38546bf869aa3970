//! PostgreSQL: an index whose concurrent build was cut off stays behind, invalid.

use super::job::Job;
use super::progress::Run;
use super::session::Executor;
use super::source::Statement;
use super::trouble::Trouble;
use crate::error::{Error, ErrorKind};
use crate::execute::execute_one;
use shoring_core::{Diagnostic, Dialect, Probe, Product};
use shoring_sql::writer::SqlWriter;

impl Executor<'_> {
    /// PostgreSQL: an index whose concurrent build was cut off stays behind, invalid, and `IF NOT EXISTS` would take it for
    /// the real one (golang-migrate#960). If an attempt of ours began it, it is dropped and built again; if not, a person
    /// decides.
    pub(super) async fn remove_invalid_index(
        &mut self,
        statement: &Statement,
        run: &Run<'_>,
    ) -> Result<(), Trouble> {
        if self.product() != Product::Postgresql
            || !statement
                .facts
                .verb
                .starts_with("CREATE INDEX CONCURRENTLY")
        {
            return Ok(());
        }
        let Some(target) = statement.facts.targets.first() else {
            return Ok(());
        };
        let probe = self.session.probe(target).await.map_err(Trouble::of)?;
        match probe {
            Probe::Present {
                is_valid: false, ..
            } => {}
            Probe::Present { is_valid: true, .. } | Probe::Absent | Probe::Unknown => return Ok(()),
        }
        let is_ours = run.attempt_number > 1
            || run.begun == Some(statement.number)
            || self.began_before(run.job, statement.number).await?;
        if !is_ours {
            let label = statement.place.label(
                &self.script_path,
                &statement.piece,
                0,
                statement.facts.verb.len(),
                "",
            );
            return Err(Trouble::Stopped(
                Error::from_diagnostic(
                    ErrorKind::Refused,
                    Diagnostic::error("invalid-index", format!("{target} exists already, but its build never finished")).at(label),
                )
                .note("it is marked invalid: no query uses it, and `IF NOT EXISTS` would keep it that way")
                .next(format!("if nobody is building it now:  DROP INDEX CONCURRENTLY {}", target.name))
                .next("then:  shoring up"),
            ));
        }
        let mut writer =
            SqlWriter::new(Dialect::Postgresql).sql("DROP INDEX CONCURRENTLY IF EXISTS ");
        if let Some(schema) = &target.schema {
            writer = writer.ident(schema).sql(".");
        }
        let drop_index = writer.ident(&target.name).finish();
        execute_one(self.session.as_mut(), "SET lock_timeout = 0")
            .await
            .map_err(Trouble::of)?;
        execute_one(self.session.as_mut(), &drop_index)
            .await
            .map_err(Trouble::of)?;
        self.context.notice(
            "rebuilt-index",
            format!(
                "{target} was left invalid by a build that was cut off: dropped, building it again"
            ),
        );
        Ok(())
    }

    /// Whether an earlier attempt of this migration began this statement.
    async fn began_before(&mut self, job: &Job<'_>, number: u64) -> Result<bool, Trouble> {
        if job
            .resume
            .as_ref()
            .is_some_and(|open| open.steps.iter().any(|step| step.first == number))
        {
            return Ok(true);
        }
        if !self.ledger.found.has_journal {
            return Ok(false);
        }
        let sql = self
            .ledger
            .journal
            .select_begun(&job.plan.migration.version.to_string(), number);
        let rows = self.session.query(&sql).await.map_err(Trouble::of)?;
        Ok(!rows.is_empty())
    }

    /// PostgreSQL: a concurrent build that failed leaves its index behind, invalid.
    pub(super) async fn add_invalid_index(
        &mut self,
        mut error: Error,
        job: &Job<'_>,
        number: u64,
    ) -> Error {
        let target = job
            .plan
            .statements
            .iter()
            .find(|statement| statement.number == number)
            .filter(|statement| {
                statement
                    .facts
                    .verb
                    .starts_with("CREATE INDEX CONCURRENTLY")
            })
            .and_then(|statement| statement.facts.targets.first());
        let Some(target) = target else { return error };
        if !matches!(
            self.session.probe(target).await,
            Ok(Probe::Present {
                is_valid: false,
                ..
            })
        ) {
            return error;
        }
        if error.kind == ErrorKind::FailedRolledBack {
            error.kind = ErrorKind::FailedPartly;
            error.state.clear();
        }
        error.state(format!(
            "{target} is there, but invalid: no query uses it. The next run drops it and builds it again."
        ))
    }
}
