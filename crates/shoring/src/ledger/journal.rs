//! The journal of attempts and steps: SQL out, rows in.

use super::lease::cut;
use super::tables::{LOCK, RUNS, STEPS};
use crate::report::HistoryEntry;
use crate::request::Identity;
use shoring_core::{Checksum, Direction, Product, Row, TableName, Value};
use shoring_formats::server_clock;
use shoring_sql::writer::SqlWriter;

/// How an attempt stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunState {
    /// Running, or its program died.
    Started,
    /// Done; the history says so.
    Applied,
    /// Failed.
    Failed,
    /// Settled by a person with `doctor`, `mark` or `repair`.
    Settled,
}

impl RunState {
    /// The text in the table.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Applied => "applied",
            Self::Failed => "failed",
            Self::Settled => "settled",
        }
    }
}

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StepState {
    /// Written before it runs: it may or may not have taken effect.
    Intent,
    /// It took effect.
    Done,
    /// The server refused it: it did not take effect.
    Failed,
}

impl StepState {
    /// The text in the table.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Intent => "intent",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// One attempt, as it is written.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    /// Its id.
    pub(crate) id: String,
    /// The run's id, which also owns the lease.
    pub(crate) run: String,
    /// Fencing number of the lease.
    pub(crate) fence: i64,
    /// The command.
    pub(crate) command: &'static str,
    /// Version.
    pub(crate) version: String,
    /// Name.
    pub(crate) name: String,
    /// The way.
    pub(crate) direction: Direction,
    /// Checksum of the file.
    pub(crate) checksum: Option<Checksum>,
    /// Statements in the file.
    pub(crate) statements: u64,
}

/// An attempt of which a part may be in the database, as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenAttempt {
    /// Its id.
    pub(crate) id: String,
    /// Version.
    pub(crate) version: String,
    /// The way.
    pub(crate) direction: Direction,
    /// `started` or `failed`.
    pub(crate) state: String,
    /// Statements in the file as it was.
    pub(crate) statements: u64,
    /// Fencing number of its run.
    pub(crate) fence: i64,
    /// The message of its failure.
    pub(crate) error: Option<String>,
    /// Its steps, in order.
    pub(crate) steps: Vec<Step>,
}

impl OpenAttempt {
    /// The last statement of the unbroken row of done steps from the first on; 0 if none.
    pub(crate) fn done_through(&self) -> u64 {
        let mut through = 0;
        for step in &self.steps {
            if step.state != StepState::Done {
                break;
            }
            through = step.last;
        }
        through
    }

    /// The step that was begun and never reported back.
    pub(crate) fn unresolved(&self) -> Option<&Step> {
        self.steps
            .iter()
            .find(|step| step.state == StepState::Intent)
    }

    /// How far it got, for people.
    pub(crate) fn describe(&self) -> String {
        let what = match self.direction {
            Direction::Up => "applied",
            Direction::Down => "rolled back",
        };
        let done = self.done_through();
        match self.unresolved() {
            Some(step) => format!(
                "{done} of {} statements {what}, statement {} unknown",
                self.statements, step.first
            ),
            None => format!("{done} of {} statements {what}", self.statements),
        }
    }
}

/// One step of an attempt, as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// First statement, from 1.
    pub(crate) first: u64,
    /// Last statement.
    pub(crate) last: u64,
    /// Hash over the hashes of its statements.
    pub(crate) hash: String,
    /// How it stands.
    pub(crate) state: StepState,
    /// What the catalogue said before: lines of `kind schema name table<TAB>probe`.
    pub(crate) probe: Option<String>,
}

/// Builds the SQL of the journal.
#[derive(Debug, Clone)]
pub(crate) struct JournalSql {
    /// The product.
    pub(crate) product: Product,
    /// The history table, beside which the journal stands.
    pub(crate) history: TableName,
}

impl JournalSql {
    fn writer(&self) -> SqlWriter {
        SqlWriter::new(self.product.dialect())
    }

    fn table(&self, name: &str) -> TableName {
        self.history.sibling(name)
    }

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
        let mut writer = self
            .writer()
            .sql("INSERT INTO ")
            .table(&self.table(RUNS))
            .sql(" (attempt, run, command, version, name, direction, checksum, state, is_open, statements, os_user, host, pid, tool, git, fence, error, db_user, started_at, finished_at, milliseconds) SELECT ")
            .values(&[
                Value::from(attempt.id.as_str()),
                Value::from(attempt.run.as_str()),
                Value::from(attempt.command),
                Value::from(cut(&attempt.version, 64)),
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
                Value::from(identity.git.as_deref().map(|git| cut(git, 64))),
                Value::Int(attempt.fence),
                Value::from(error.map(|error| cut(error, 8000))),
            ])
            .sql(", ");
        writer = writer
            .sql(server_clock::database_user(self.product).unwrap_or("NULL"))
            .sql(", ");
        writer = self.started(writer, milliseconds).sql(", ");
        writer = match state {
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
        self.if_held(writer, attempt).finish()
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

    /// Closes every open attempt of a version: its migration is whole again, one way or the other.
    pub(crate) fn close_open(&self, version: &str) -> String {
        self.writer()
            .sql("UPDATE ")
            .table(&self.table(RUNS))
            .sql(" SET is_open = 0 WHERE is_open = 1 AND command <> 'seed' AND version = ")
            .value(&Value::from(cut(version, 64)))
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

    /// Reads the open attempts of migrations, oldest first. A seed file may be named `002.sql` and is none.
    pub(crate) fn select_open(&self) -> String {
        self.writer()
            .sql("SELECT attempt, version, direction, state, statements, fence, error FROM ")
            .table(&self.table(RUNS))
            .sql(" WHERE is_open = 1 AND command <> 'seed' ORDER BY fence, attempt")
            .finish()
    }

    /// Decodes a row of [`JournalSql::select_open`].
    pub(crate) fn decode_open(row: &Row) -> OpenAttempt {
        OpenAttempt {
            id: row.text(0).unwrap_or_default(),
            version: row.text(1).unwrap_or_default(),
            direction: if row.text(2).as_deref() == Some("down") {
                Direction::Down
            } else {
                Direction::Up
            },
            state: row.text(3).unwrap_or_default(),
            statements: row.int(4).and_then(|n| u64::try_from(n).ok()).unwrap_or(0),
            fence: row.int(5).unwrap_or(0),
            error: row.text(6),
            steps: Vec::new(),
        }
    }

    /// Reads the steps of one attempt, in order.
    pub(crate) fn select_steps(&self, attempt: &str) -> String {
        self.writer()
            .sql("SELECT first_statement, last_statement, hash, state, probe FROM ")
            .table(&self.table(STEPS))
            .sql(" WHERE attempt = ")
            .value(&Value::from(attempt))
            .sql(" ORDER BY first_statement")
            .finish()
    }

    /// Decodes a row of [`JournalSql::select_steps`].
    pub(crate) fn decode_step(row: &Row) -> Step {
        Step {
            first: row.int(0).and_then(|n| u64::try_from(n).ok()).unwrap_or(0),
            last: row.int(1).and_then(|n| u64::try_from(n).ok()).unwrap_or(0),
            hash: row.text(2).unwrap_or_default(),
            state: match row.text(3).as_deref() {
                Some("done") => StepState::Done,
                Some("failed") => StepState::Failed,
                _ => StepState::Intent,
            },
            probe: row.text(4),
        }
    }

    /// Reads the checksum each version was last applied (or realigned) with, oldest first.
    pub(crate) fn select_checksums(&self) -> String {
        self.writer()
            .sql("SELECT version, checksum FROM ")
            .table(&self.table(RUNS))
            .sql(" WHERE direction = 'up' AND state = 'applied' AND command <> 'seed' AND checksum IS NOT NULL ORDER BY fence, attempt")
            .finish()
    }

    /// Reads who applied each version and how long it took, oldest first.
    pub(crate) fn select_appliers(&self) -> String {
        self.writer()
            .sql("SELECT version, COALESCE(os_user, db_user), milliseconds FROM ")
            .table(&self.table(RUNS))
            .sql(" WHERE direction = 'up' AND state = 'applied' AND command <> 'seed' ORDER BY fence, attempt")
            .finish()
    }

    /// Reads which seed files ran with which checksum, oldest first.
    pub(crate) fn select_seeds(&self) -> String {
        self.writer()
            .sql("SELECT version, checksum FROM ")
            .table(&self.table(RUNS))
            .sql(" WHERE command = 'seed' AND state = 'applied' ORDER BY fence, attempt")
            .finish()
    }

    /// Asks how one attempt stands: the answer to a lost COMMIT.
    pub(crate) fn select_attempt(&self, attempt: &str) -> String {
        self.writer()
            .sql("SELECT state FROM ")
            .table(&self.table(RUNS))
            .sql(" WHERE attempt = ")
            .value(&Value::from(attempt))
            .finish()
    }

    /// Asks whether an attempt of this version ever began this statement and did not finish it.
    pub(crate) fn select_begun(&self, version: &str, number: u64) -> String {
        self.writer()
            .sql("SELECT 1 FROM ")
            .table(&self.table(STEPS))
            .sql(" AS step JOIN ")
            .table(&self.table(RUNS))
            .sql(" AS attempt ON attempt.attempt = step.attempt WHERE step.state <> 'done' AND attempt.version = ")
            .value(&Value::from(cut(version, 64)))
            .sql(" AND step.first_statement = ")
            .value(&Value::Int(number as i64))
            .finish()
    }

    /// Reads the whole journal, oldest first.
    pub(crate) fn select_history(&self) -> String {
        let (before, after) = server_clock::as_text(self.product);
        self.writer()
            .sql("SELECT attempt, command, version, name, direction, state, ")
            .sql(before)
            .sql("started_at")
            .sql(after)
            .sql(", ")
            .sql(before)
            .sql("finished_at")
            .sql(after)
            .sql(", milliseconds, statements, os_user, db_user, host, pid, tool, git, error FROM ")
            .table(&self.table(RUNS))
            .sql(" ORDER BY fence, attempt")
            .finish()
    }

    /// Decodes a row of [`JournalSql::select_history`].
    pub(crate) fn decode_history(row: &Row) -> HistoryEntry {
        let number = |column| row.int(column).and_then(|n| u64::try_from(n).ok());
        HistoryEntry {
            attempt: row.text(0).unwrap_or_default(),
            command: row.text(1).unwrap_or_default(),
            version: row.text(2).unwrap_or_default(),
            name: row.text(3).unwrap_or_default(),
            direction: row.text(4).unwrap_or_default(),
            outcome: row.text(5).unwrap_or_default(),
            started_at: row.text(6),
            finished_at: row.text(7),
            milliseconds: number(8),
            statements: number(9),
            os_user: row.text(10),
            db_user: row.text(11),
            host: row.text(12),
            pid: number(13),
            tool: row.text(14),
            git: row.text(15),
            error: row.text(16),
        }
    }
}
