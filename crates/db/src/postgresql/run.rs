//! Running batches and copies.

use super::batch::{Message, first_word};
use super::position::mention;
use super::session::PostgresSession;
use crate::error::{DbError, DbErrorKind, StatementError};
use crate::session::{Completion, CopySource};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use std::pin::pin;
use tokio_postgres::SimpleQueryMessage;

impl PostgresSession {
    pub(super) async fn run_batch(
        &mut self,
        statements: &[&str],
        on_complete: &mut (dyn FnMut(Completion) + Send),
    ) -> Result<(), StatementError> {
        if let Some(index) = statements.iter().position(|text| is_copy_from_stdin(text)) {
            return Err(StatementError {
                index,
                error: DbError::new(
                    DbErrorKind::Statement,
                    "`COPY … FROM stdin` comes without its data here",
                ),
            });
        }
        let mut first = 0;
        for stretch in statements.split_inclusive(|text| changes_reading(text)) {
            let shift = |index| first + index;
            self.run_message(stretch, &mut |completion| {
                on_complete(Completion {
                    index: shift(completion.index),
                    ..completion
                });
            })
            .await
            .map_err(|error| StatementError {
                index: shift(error.index),
                ..error
            })?;
            first += stretch.len();
        }
        Ok(())
    }

    /// Statements that go to the server as one message.
    async fn run_message(
        &mut self,
        statements: &[&str],
        on_complete: &mut (dyn FnMut(Completion) + Send),
    ) -> Result<(), StatementError> {
        let message = Message::join(statements);
        self.check_step()
            .map_err(|error| StatementError { index: 0, error })?;
        let mut reported = 0;
        // Statements that were not sent complete with those before them.
        let mut report_until = |end: usize, last_rows: u64| {
            while reported < end {
                let rows = if reported + 1 == end { last_rows } else { 0 };
                on_complete(Completion {
                    index: reported,
                    rows,
                });
                reported += 1;
            }
        };
        report_until(message.index(0), 0);
        if message.text.is_empty() {
            return Ok(());
        }
        let mut completed = 0;
        let fail = |completed: usize, error: &tokio_postgres::Error| {
            let position = error.as_db_error().and_then(|error| error.position());
            let (index, offset) = message.locate(completed, position);
            let by_name = || mention(error.as_db_error()?, statements.get(index)?);
            StatementError {
                index,
                error: DbError {
                    offset: offset.or_else(by_name),
                    ..self.mailbox.explain(error)
                },
            }
        };
        let stream = match self.client.simple_query_raw(&message.text).await {
            Ok(stream) => stream,
            Err(error) => return Err(fail(completed, &error)),
        };
        let mut stream = pin!(stream);
        let mut has_rows = false;
        while let Some(answer) = stream.next().await {
            match answer {
                Ok(SimpleQueryMessage::RowDescription(_)) => has_rows = true,
                Ok(SimpleQueryMessage::CommandComplete(rows)) => {
                    let index = message.index(completed);
                    // The tag of a `SELECT` counts the rows it gave, not rows changed.
                    let is_read = has_rows
                        && statements
                            .get(index)
                            .is_some_and(|text| gives_rows_only(text));
                    report_until(index + 1, if is_read { 0 } else { rows });
                    has_rows = false;
                    completed += 1;
                    report_until(message.index(completed), 0);
                }
                Ok(_) => {}
                Err(error) => return Err(fail(completed, &error)),
            }
        }
        Ok(())
    }

    pub(super) async fn run_copy(
        &mut self,
        statement: &str,
        data: &mut dyn CopySource,
    ) -> Result<u64, DbError> {
        self.check_step()?;
        // In two steps, as only an error of the second puts a caller's own connection out of step (see `copy_guard`).
        let prepared = match self.client.prepare(statement).await {
            Ok(prepared) => prepared,
            Err(error) => return Err(self.locate(&error, statement)),
        };
        let sink = match self.client.copy_in::<_, Bytes>(&prepared).await {
            Ok(sink) => sink,
            Err(error) => {
                self.is_out_of_step = self.task.is_none();
                return Err(self.locate(&error, statement));
            }
        };
        let mut sink = pin!(sink);
        loop {
            match data.next_chunk() {
                Ok(Some(chunk)) => {
                    // A broken connection shows again, with its reason, when the copy is finished.
                    if sink.send(Bytes::from(chunk)).await.is_err() {
                        break;
                    }
                }
                Ok(None) => break,
                // Dropping the sink sends `CopyFail`, and the server forgets the rows.
                Err(problem) => {
                    return Err(DbError::new(
                        DbErrorKind::Statement,
                        format!("the data of the copy cannot be read: {problem}"),
                    ));
                }
            }
        }
        match sink.finish().await {
            Ok(rows) => Ok(rows),
            Err(error) => Err(self.locate(&error, statement)),
        }
    }
}

/// Whether the text after this statement may be read by other rules. The server finds the strings of a whole message before it
/// runs any of it (seen with 15.18), so what comes next goes into a message of its own.
fn changes_reading(text: &str) -> bool {
    const SETTING: &[u8] = b"standard_conforming_strings";
    let Some(last) = text.len().checked_sub(SETTING.len()) else {
        return false;
    };
    let bytes = text.as_bytes();
    text.len() <= 1024
        && (0..=last).any(|start| {
            // Two bytes that SQL rarely has at this distance.
            bytes[start + 8] == b'_'
                && bytes[start + 19] == b'_'
                && bytes[start..start + SETTING.len()].eq_ignore_ascii_case(SETTING)
        })
}

/// Whether the row count of the statement's tag is that of the rows it gave.
fn gives_rows_only(text: &str) -> bool {
    !matches!(
        first_word(text).as_str(),
        "insert" | "update" | "delete" | "merge" | "with"
    )
}

/// The server would wait for data for ever.
fn is_copy_from_stdin(text: &str) -> bool {
    first_word(text) == "copy" && {
        let upper = text.to_ascii_uppercase();
        upper
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .collect::<Vec<_>>()
            .windows(2)
            .any(|words| words == ["FROM", "STDIN"])
    }
}
