//! Running statements and queries on the connection.

use super::worker::Worker;
use crate::error::{DbError, DbErrorKind, StatementError};
use crate::session::Completion;
use crate::tokens::{Rules, first_word, is_blank};
use rusqlite::types::ValueRef;
use shoring_core::{Row, Value};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::UnboundedSender;

/// How long a completed statement may stay untold while others run.
const UNTOLD_FOR: Duration = Duration::from_millis(50);

impl Worker {
    /// Runs statements in order. Gives those that completed and were not told yet with the answer: waking the session for
    /// each would cost as much as a small statement. Those of a batch that takes longer are told on the way.
    pub(super) fn execute(
        &self,
        statements: &[String],
        completed: &UnboundedSender<Vec<Completion>>,
    ) -> (Vec<Completion>, Result<(), StatementError>) {
        let mut untold = Vec::new();
        let mut told = Instant::now();
        for (index, statement) in statements.iter().enumerate() {
            match self.run(statement) {
                Ok(rows) => untold.push(Completion { index, rows }),
                Err(error) => return (untold, Err(StatementError { index, error })),
            }
            if told.elapsed() >= UNTOLD_FOR {
                // Fails only when the future was dropped; then nobody wants to know.
                drop(completed.send(std::mem::take(&mut untold)));
                told = Instant::now();
            }
        }
        (untold, Ok(()))
    }

    fn run(&self, statement: &str) -> Result<u64, DbError> {
        if self.signals.is_cancelled() {
            return Err(DbError {
                code: Some("SQLITE_INTERRUPT".to_owned()),
                ..DbError::new(DbErrorKind::Cancelled, "interrupted")
            });
        }
        if is_blank(statement, Rules::Sqlite) {
            return Ok(0);
        }
        let run = || {
            let mut prepared = self.connection.prepare(statement)?;
            let is_write = !prepared.readonly();
            let mut rows = prepared.raw_query();
            while rows.next()?.is_some() {}
            Ok(is_write)
        };
        let is_write = run().map_err(|error| self.error(&error, statement))?;
        // `changes()` keeps the number of the last data change through every other statement.
        let counts = match first_word(statement, Rules::Sqlite).as_str() {
            "INSERT" | "UPDATE" | "DELETE" | "REPLACE" => true,
            "WITH" => is_write,
            _ => false,
        };
        Ok(if counts { self.connection.changes() } else { 0 })
    }

    /// Runs one query and gives its rows.
    pub(super) fn query(&self, sql: &str) -> Result<Vec<Row>, DbError> {
        if is_blank(sql, Rules::Sqlite) {
            return Ok(Vec::new());
        }
        let run = || {
            let mut prepared = self.connection.prepare(sql)?;
            let columns = prepared.column_count();
            let mut rows = prepared.raw_query();
            let mut all = Vec::new();
            while let Some(row) = rows.next()? {
                let values = (0..columns)
                    .map(|column| row.get_ref(column).map(value))
                    .collect::<rusqlite::Result<_>>()?;
                all.push(Row::new(values));
            }
            Ok(all)
        };
        run().map_err(|error| self.error(&error, sql))
    }
}

fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Real(number) => Value::Float(number),
        // SQLite does not check that a TEXT is UTF-8.
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(_) => Value::Bytes(bytes.to_vec()),
        },
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    }
}
