//! What is read of the journal: SQL out, rows in.

use super::attempt::{OpenAttempt, Step, StepState};
use super::sql::JournalSql;
use crate::ledger::tables::{COMPATIBLE_WITH, RUNS, STEPS};
use crate::ledger::version_key::version_key;
use crate::report::HistoryEntry;
use shoring_core::{Direction, Row, Value};
use shoring_formats::server_clock;

impl JournalSql {
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

    /// Reads the checksums each version was applied (or realigned) with, and whether a row only tells it in another format,
    /// oldest first.
    pub(crate) fn select_checksums(&self) -> String {
        self.writer()
            .sql("SELECT version, checksum, command = 'convert' FROM ")
            .table(&self.table(RUNS))
            .sql(" WHERE direction = 'up' AND state = 'applied' AND command <> 'seed' AND checksum IS NOT NULL ORDER BY fence, attempt")
            .finish()
    }

    /// Reads who applied each version and how long it took, and whether a row only tells it in another format, oldest first.
    pub(crate) fn select_appliers(&self) -> String {
        self.writer()
            .sql("SELECT version, COALESCE(os_user, db_user), milliseconds, command = 'convert' FROM ")
            .table(&self.table(RUNS))
            .sql(" WHERE direction = 'up' AND state = 'applied' AND command <> 'seed' ORDER BY fence, attempt")
            .finish()
    }

    /// Reads what each version said about older programs when it was last applied, oldest first.
    pub(crate) fn select_compatible(&self) -> String {
        self.writer()
            .sql("SELECT version, ")
            .ident(COMPATIBLE_WITH)
            .sql(" FROM ")
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
            .value(&Value::from(version_key(version)))
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
