//! What is written into the journal.

use super::attempt::{Attempt, RunState, Step, StepState};
use super::sql::JournalSql;
use crate::ledger::lease::cut;
use crate::ledger::tables::{COMPATIBLE_WITH, LOCK, RUNS, STEPS};
use crate::ledger::version_key::version_key;
use crate::request::Identity;
use shoring_core::{Checksum, Product, Value};
use shoring_formats::server_clock;
use shoring_sql::writer::SqlWriter;

/// How many columns of an attempt stand before the fencing number.
const VALUES_BEFORE_FENCE: usize = 15;

fn values_before_fence(
    attempt: &Attempt,
    identity: &Identity,
    (state, is_open): (RunState, bool),
) -> [Value; VALUES_BEFORE_FENCE] {
    [
        Value::from(attempt.id.as_str()),
        Value::from(attempt.run.as_str()),
        Value::from(attempt.command),
        Value::from(version_key(&attempt.version)),
        Value::from(cut(&attempt.name, 255)),
        Value::from(attempt.direction.name()),
        Value::from(attempt.checksum.as_ref().map(Checksum::as_str)),
        Value::from(state.name()),
        Value::Int(i64::from(is_open)),
        Value::Int(attempt.statements as i64),
        Value::from(cut(&identity.os_user, 255)),
        Value::from(cut(&identity.host, 255)),
        Value::Int(i64::from(identity.pid)),
        Value::from(cut(&identity.tool, 64)),
        Value::from(identity.git.get().map(|git| cut(git, 64))),
    ]
}

impl JournalSql {
    /// ` FROM shoring_lock WHERE …`: makes an INSERT … SELECT write nothing when the lease is lost.
    fn if_held(&self, writer: SqlWriter, attempt: &Attempt) -> SqlWriter {
        writer
            .sql(" FROM ")
            .table(&self.table(LOCK))
            .sql(" WHERE id = 1 AND owner = ")
            .value(&Value::from(attempt.run.as_str()))
            .sql(" AND fence = ")
            .value(&Value::Int(attempt.fence))
    }

    /// An expression for the time `milliseconds` ago; without, the start of the transaction where the server keeps it.
    fn started(&self, writer: SqlWriter, milliseconds: Option<u64>) -> SqlWriter {
        match (self.product, milliseconds) {
            (Product::Postgresql, None) => writer.sql("transaction_timestamp()"),
            (_, None) => writer.sql(server_clock::now(self.product)),
            (Product::Postgresql, Some(ms)) => writer
                .sql("clock_timestamp() - interval '1 millisecond' * ")
                .value(&Value::Int(ms as i64)),
            (Product::Mysql | Product::Mariadb, Some(ms)) => writer
                .sql("UTC_TIMESTAMP(6) - INTERVAL ")
                .value(&Value::Int((ms as i64).saturating_mul(1000)))
                .sql(" MICROSECOND"),
            (Product::Sqlite, Some(ms)) => writer
                .sql("strftime('%Y-%m-%dT%H:%M:%fZ', 'now', ")
                .value(&Value::from(format!(
                    "-{}.{:03} seconds",
                    ms / 1000,
                    ms % 1000
                )))
                .sql(")"),
        }
    }

    /// Writes an attempt. One changed row, or the lease is lost. `milliseconds` is how long ago it started, where it is
    /// written at its end.
    pub(crate) fn insert_run(
        &self,
        attempt: &Attempt,
        identity: &Identity,
        state: RunState,
        is_open: bool,
        milliseconds: Option<u64>,
        error: Option<&str>,
    ) -> String {
        let writer = self.insert_into_runs(attempt).sql(" SELECT ");
        let writer = writer
            .values(&values_before_fence(attempt, identity, (state, is_open)))
            .sql(", ");
        let writer = writer.value(&Value::Int(attempt.fence));
        let writer = self.values_after_fence(writer, attempt, state, milliseconds, error);
        self.if_held(writer, attempt).finish()
    }

    /// As [`JournalSql::insert_run`], and it fails when the lease is lost: the fencing number is read from the lease, and the
    /// column takes no NULL.
    pub(crate) fn insert_run_or_fail(
        &self,
        attempt: &Attempt,
        identity: &Identity,
        state: RunState,
        is_open: bool,
        milliseconds: Option<u64>,
    ) -> String {
        let writer = self.insert_into_runs(attempt).sql(" VALUES (");
        let writer = writer
            .values(&values_before_fence(attempt, identity, (state, is_open)))
            .sql(", ");
        let writer = self.if_held(writer.sql("(SELECT fence"), attempt).sql(")");
        self.values_after_fence(writer, attempt, state, milliseconds, None)
            .sql(")")
            .finish()
    }

    /// PostgreSQL: prepares [`JournalSql::insert_run_or_fail`] for a session. To parse and plan it costs the server several times
    /// what it costs to run it.
    pub(crate) fn prepare_run_or_fail(&self, attempt: &Attempt) -> String {
        let parameters: Vec<String> = (1..=VALUES_BEFORE_FENCE)
            .map(|number| format!("${number}"))
            .collect();
        let writer = self
            .insert_into_runs(attempt)
            .sql(" VALUES (")
            .sql(&parameters.join(", "))
            .sql(", ");
        let writer = self.if_held(writer.sql("(SELECT fence"), attempt).sql(")");
        let insert = self
            .values_after_fence(writer, attempt, RunState::Applied, None, None)
            .sql(")")
            .finish();
        self.writer()
            .sql("PREPARE shoring_record AS ")
            .sql(&insert)
            .finish()
    }

    /// [`JournalSql::insert_run_or_fail`] of an applied migration, where [`JournalSql::prepare_run_or_fail`] was sent.
    pub(crate) fn execute_run_or_fail(&self, attempt: &Attempt, identity: &Identity) -> String {
        self.writer()
            .sql("EXECUTE shoring_record (")
            .values(&values_before_fence(
                attempt,
                identity,
                (RunState::Applied, false),
            ))
            .sql(")")
            .finish()
    }

    fn insert_into_runs(&self, attempt: &Attempt) -> SqlWriter {
        let writer = self
            .writer()
            .sql("INSERT INTO ")
            .table(&self.table(RUNS))
            .sql(" (attempt, run, command, version, name, direction, checksum, state, is_open, statements, os_user, host, pid, tool, git, fence, error, db_user, started_at, finished_at, milliseconds");
        // Named only where it has a value: a journal of an earlier version does not have the column.
        let writer = match attempt.compatible_with {
            Some(_) => writer.sql(", ").ident(COMPATIBLE_WITH),
            None => writer,
        };
        writer.sql(")")
    }

    fn values_after_fence(
        &self,
        writer: SqlWriter,
        attempt: &Attempt,
        state: RunState,
        milliseconds: Option<u64>,
        error: Option<&str>,
    ) -> SqlWriter {
        let writer = writer
            .sql(", ")
            .value(&Value::from(error.map(|error| cut(error, 8000))))
            .sql(", ")
            .sql(server_clock::database_user(self.product).unwrap_or("NULL"))
            .sql(", ");
        let writer = self.started(writer, milliseconds).sql(", ");
        let writer = match state {
            RunState::Started => writer.sql("NULL, NULL"),
            RunState::Applied | RunState::Failed | RunState::Settled => {
                let writer = writer.sql(server_clock::now(self.product)).sql(", ");
                match (
                    milliseconds,
                    server_clock::milliseconds_in_transaction(self.product),
                ) {
                    (None, Some(expression)) => writer.sql(expression),
                    (milliseconds, _) => {
                        writer.value(&Value::from(milliseconds.map(|ms| ms as i64)))
                    }
                }
            }
        };
        match &attempt.compatible_with {
            Some(version) => writer
                .sql(", ")
                .value(&Value::from(version_key(version.as_str()))),
            None => writer,
        }
    }

    /// Changes how an attempt stands.
    pub(crate) fn finish_run(
        &self,
        attempt: &str,
        state: RunState,
        is_open: bool,
        milliseconds: Option<u64>,
        error: Option<&str>,
    ) -> String {
        self.writer()
            .sql("UPDATE ")
            .table(&self.table(RUNS))
            .sql(" SET state = ")
            .value(&Value::from(state.name()))
            .sql(", is_open = ")
            .value(&Value::Int(i64::from(is_open)))
            .sql(", milliseconds = ")
            .value(&Value::from(milliseconds.map(|ms| ms as i64)))
            .sql(", error = ")
            .value(&Value::from(error.map(|error| cut(error, 8000))))
            .sql(", finished_at = ")
            .sql(server_clock::now(self.product))
            .sql(" WHERE attempt = ")
            .value(&Value::from(attempt))
            .finish()
    }

    /// Closes attempts that are known to be open. By their ids: a search for them would grow with the journal.
    pub(crate) fn close_attempts(&self, ids: &[String]) -> String {
        let ids: Vec<Value> = ids.iter().map(|id| Value::from(id.as_str())).collect();
        self.writer()
            .sql("UPDATE ")
            .table(&self.table(RUNS))
            .sql(" SET is_open = 0 WHERE attempt IN (")
            .values(&ids)
            .sql(")")
            .finish()
    }

    /// Closes every open attempt of a version: its migration is whole again, one way or the other.
    pub(crate) fn close_open(&self, version: &str) -> String {
        self.writer()
            .sql("UPDATE ")
            .table(&self.table(RUNS))
            .sql(" SET is_open = 0 WHERE is_open = 1 AND command <> 'seed' AND version = ")
            .value(&Value::from(version_key(version)))
            .finish()
    }

    /// Writes a step before (or, when it shares a transaction with its effect, after) it runs. One changed row, or the
    /// lease is lost.
    pub(crate) fn insert_step(
        &self,
        attempt: &Attempt,
        step: &Step,
        milliseconds: Option<u64>,
        rows: Option<u64>,
    ) -> String {
        let writer = self
            .writer()
            .sql("INSERT INTO ")
            .table(&self.table(STEPS))
            .sql(" (attempt, first_statement, last_statement, hash, state, probe, milliseconds, row_count, started_at, finished_at) SELECT ")
            .values(&[
                Value::from(attempt.id.as_str()),
                Value::Int(step.first as i64),
                Value::Int(step.last as i64),
                Value::from(step.hash.as_str()),
                Value::from(step.state.name()),
                Value::from(step.probe.as_deref()),
                Value::from(milliseconds.map(|ms| ms as i64)),
                Value::from(rows.map(|rows| rows as i64)),
            ])
            .sql(", ");
        let writer = self.started(writer, milliseconds).sql(", ");
        let writer = match step.state {
            StepState::Intent => writer.sql("NULL"),
            StepState::Done | StepState::Failed => writer.sql(server_clock::now(self.product)),
        };
        self.if_held(writer, attempt).finish()
    }

    /// Reports back on a step.
    pub(crate) fn finish_step(
        &self,
        attempt: &str,
        first: u64,
        state: StepState,
        milliseconds: u64,
        rows: Option<u64>,
    ) -> String {
        self.writer()
            .sql("UPDATE ")
            .table(&self.table(STEPS))
            .sql(" SET state = ")
            .value(&Value::from(state.name()))
            .sql(", milliseconds = ")
            .value(&Value::Int(milliseconds as i64))
            .sql(", row_count = ")
            .value(&Value::from(rows.map(|rows| rows as i64)))
            .sql(", finished_at = ")
            .sql(server_clock::now(self.product))
            .sql(" WHERE attempt = ")
            .value(&Value::from(attempt))
            .sql(" AND first_statement = ")
            .value(&Value::Int(first as i64))
            .finish()
    }

    /// Removes steps that did not take effect, so that they are tried again.
    pub(crate) fn forget_step(&self, attempt: &str, first: u64) -> String {
        self.writer()
            .sql("DELETE FROM ")
            .table(&self.table(STEPS))
            .sql(" WHERE attempt = ")
            .value(&Value::from(attempt))
            .sql(" AND first_statement = ")
            .value(&Value::Int(first as i64))
            .finish()
    }

    /// Copies the done steps of an earlier attempt to the one that goes on.
    pub(crate) fn copy_done_steps(&self, from: &str, to: &str) -> String {
        let steps = self.table(STEPS);
        self.writer()
            .sql("INSERT INTO ")
            .table(&steps)
            .sql(" (attempt, first_statement, last_statement, hash, state, probe, started_at, finished_at, milliseconds, row_count) SELECT ")
            .value(&Value::from(to))
            .sql(", first_statement, last_statement, hash, state, probe, started_at, finished_at, milliseconds, row_count FROM ")
            .table(&steps)
            .sql(" WHERE state = 'done' AND attempt = ")
            .value(&Value::from(from))
            .finish()
    }
}
