//! Sending packets and telling their results apart.

use super::error::{self, Sent};
use super::packet::{self, SEPARATOR};
use super::session::MysqlSession;
use super::values;
use crate::error::{DbError, DbErrorKind, StatementError};
use crate::session::{Batch, Completion, Notice};
use crate::tokens::{Rules, first_word, holds_second_statement, is_blank};
use mysql_async::prelude::Queryable;
use mysql_async::{QueryResult, TextProtocol};
use shoring_core::Row;
use std::ops::Range;

type OnComplete<'a> = &'a mut (dyn FnMut(Completion) + Send);

impl MysqlSession {
    /// See [`crate::Session::execute`].
    pub(super) async fn run_batch(
        &mut self,
        batch: Batch<'_>,
        on_complete: OnComplete<'_>,
    ) -> Result<(), StatementError> {
        self.variables_at_connect()
            .await
            .map_err(|error| StatementError { index: 0, error })?;
        // A session that connected again has not been asked yet; one statement cannot share a packet anyway.
        let is_in_cluster = batch.statements.len() > 1
            && self
                .read_topology()
                .await
                .map_err(|error| StatementError { index: 0, error })?
                .galera
                .is_some();
        let together = if is_in_cluster {
            packet::Together::Never
        } else {
            packet::Together::WherePossible
        };
        for range in packet::plan(batch.statements, self.max_allowed_packet, together) {
            let index = range.start;
            let failed = |error| StatementError { index, error };
            // Between two packets nothing runs on the server, so a cancel did not reach anything there.
            if self.signals.is_cancelled() {
                return Err(failed(cancelled()));
            }
            let statement = batch.statements[index];
            self.check_may_be_sent(statement).map_err(failed)?;
            if is_blank(statement, Rules::Mysql) {
                // The server would answer 1065, "Query was empty".
                on_complete(Completion { index, rows: 0 });
                continue;
            }
            if range.len() == 1 {
                let rows = self.run_alone(statement).await.map_err(failed)?;
                on_complete(Completion { index, rows });
            } else {
                self.run_together(batch.statements, range.clone(), on_complete)
                    .await?;
            }
            let last = batch.statements[range.end - 1];
            self.collect_warnings(last)
                .await
                .map_err(|error| StatementError {
                    index: range.end - 1,
                    error,
                })?;
        }
        Ok(())
    }

    /// Refuses what must not reach the server.
    fn check_may_be_sent(&self, statement: &str) -> Result<(), DbError> {
        if packet::reads_local_file(statement) {
            return Err(DbError::new(
                DbErrorKind::Statement,
                "`LOAD DATA LOCAL` reads a file of this machine and is never run",
            ));
        }
        let limit = self.max_allowed_packet;
        if packet::exceeds(statement, limit) {
            // The server would answer 1153 and close the connection.
            return Err(DbError {
                code: Some("1153".to_owned()),
                hint: Some(
                    "raise `max_allowed_packet` on the server, or cut the statement".to_owned(),
                ),
                ..DbError::new(
                    DbErrorKind::Statement,
                    format!(
                        "the statement has {} bytes, the server's `max_allowed_packet` is {limit}",
                        statement.len()
                    ),
                )
            });
        }
        Ok(())
    }

    /// A statement in a packet of its own: whatever results come back belong to it.
    async fn run_alone(&mut self, statement: &str) -> Result<u64, DbError> {
        let run = async {
            let mut result = self.connection.query_iter(statement).await?;
            let mut rows = result.affected_rows();
            // A procedure gives a result for each `SELECT` and one at its end, which counts.
            while let Some(columns) = result.columns() {
                if columns.is_empty() {
                    rows = result.affected_rows();
                } else {
                    rows = 0;
                }
                while result.next().await?.is_some() {}
            }
            // An error of a later result waits until it is asked for.
            result.next().await?;
            Ok(rows)
        };
        let result: mysql_async::Result<u64> = run.await;
        let rows = match result {
            Ok(rows) => rows,
            Err(error) => {
                let rest = "";
                let error = error::of_statement(&error, Sent { statement, rest });
                return Err(self.with_reason(error).await);
            }
        };
        self.check_interrupted(statement)?;
        Ok(rows)
    }

    /// A foreign key that cannot be made says why only in a warning beside the error: `Field type or character set for column
    /// 'b' does not match referenced column 'a'` (MariaDB; MySQL 8 says it in the error).
    async fn with_reason(&mut self, error: DbError) -> DbError {
        if !matches!(error.code.as_deref(), Some("1005" | "1025" | "1215")) {
            return error;
        }
        let warnings = self.ask("SHOW WARNINGS").await.unwrap_or_default();
        let reasons: Vec<String> = warnings
            .iter()
            .filter_map(|row| row.text(2))
            .filter(|text| *text != error.message)
            .collect();
        DbError {
            detail: (!reasons.is_empty()).then(|| reasons.join("\n")),
            ..error
        }
    }

    /// Several statements in one packet, each of which gives exactly one result.
    async fn run_together(
        &mut self,
        statements: &[&str],
        range: Range<usize>,
        on_complete: OnComplete<'_>,
    ) -> Result<(), StatementError> {
        let text = statements[range.clone()].join(SEPARATOR);
        let mut index = range.start;
        let run = async {
            let mut result = self.connection.query_iter(text.as_str()).await?;
            while let Some(columns) = result.columns() {
                // What is known of a result without rows is gone once the next one is read.
                let rows = result.affected_rows();
                if columns.is_empty() {
                    let warnings = result.warnings();
                    on_complete(Completion { index, rows });
                    index += 1;
                    if warnings > 0 && index < range.end {
                        self.notices
                            .push(unread_warnings(index - range.start, warnings));
                    }
                    result.next().await?;
                } else {
                    drain(&mut result).await?;
                    on_complete(Completion { index, rows: 0 });
                    index += 1;
                }
            }
            result.next().await?;
            Ok(())
        };
        let result: mysql_async::Result<()> = run.await;
        let Err(error) = result else {
            return if index == range.end {
                Ok(())
            } else {
                Err(StatementError {
                    index,
                    error: DbError::new(
                        DbErrorKind::Internal,
                        format!(
                            "{} statements were sent together, {} results came back",
                            range.len(),
                            index - range.start
                        ),
                    ),
                })
            };
        };
        let index = index.min(range.end - 1);
        let rest: String = statements[index + 1..range.end]
            .iter()
            .flat_map(|statement| [SEPARATOR, statement])
            .collect();
        let error = error::of_statement(
            &error,
            Sent {
                statement: statements[index],
                rest: &rest,
            },
        );
        Err(StatementError {
            index,
            error: self.with_reason(error).await,
        })
    }

    /// See [`crate::Session::query`].
    pub(super) async fn run_query(&mut self, sql: &str) -> Result<Vec<Row>, DbError> {
        self.check_may_be_sent(sql)?;
        if sql.contains(';') && holds_second_statement(sql, Rules::Mysql) {
            return Err(DbError::new(
                DbErrorKind::Statement,
                "several statements where one is expected",
            ));
        }
        let rows = self.rows(sql).await.map_err(|error| {
            error::of_statement(
                &error,
                Sent {
                    statement: sql,
                    rest: "",
                },
            )
        })?;
        self.check_interrupted(sql)?;
        Ok(rows)
    }

    /// Rows of a query of ours.
    pub(super) async fn ask(&mut self, sql: &str) -> Result<Vec<Row>, DbError> {
        self.rows(sql)
            .await
            .map_err(|error| error::of_statement(&error, Sent::default()))
    }

    /// The rows of several queries of ours, in one packet.
    pub(super) async fn ask_together<const N: usize>(
        &mut self,
        queries: [&str; N],
    ) -> Result<[Vec<Row>; N], DbError> {
        let run = async {
            let mut result = self.connection.query_iter(queries.join(SEPARATOR)).await?;
            let mut answers = [const { Vec::new() }; N];
            for rows in &mut answers {
                // Gives `None` at the end of each result.
                while let Some(row) = result.next().await? {
                    rows.push(values::row(row));
                }
            }
            result.drop_result().await?;
            Ok(answers)
        };
        let answers: mysql_async::Result<_> = run.await;
        answers.map_err(|error| error::of_statement(&error, Sent::default()))
    }

    /// The rows of the first result; later ones (of a procedure) are read and thrown away.
    pub(super) async fn rows(&mut self, sql: &str) -> mysql_async::Result<Vec<Row>> {
        let mut result = self.connection.query_iter(sql).await?;
        let mut rows = Vec::new();
        if result.columns().is_some_and(|columns| !columns.is_empty()) {
            while let Some(row) = result.next().await? {
                rows.push(values::row(row));
            }
        }
        result.drop_result().await?;
        Ok(rows)
    }

    /// `SELECT SLEEP(9)` that is killed returns 1 and no error (manual 14.23, `SLEEP()`). What only reads is reported as
    /// cancelled then; a change that completed in spite of the cancel did complete.
    fn check_interrupted(&self, statement: &str) -> Result<(), DbError> {
        let only_reads = matches!(
            first_word(statement, Rules::Mysql).as_str(),
            "SELECT" | "DO"
        );
        if only_reads && self.signals.is_cancelled() {
            return Err(cancelled());
        }
        Ok(())
    }

    /// Keeps what `SHOW WARNINGS` tells about the last statement. It knows nothing of the ones before.
    async fn collect_warnings(&mut self, statement: &str) -> Result<(), DbError> {
        let is_about_warnings = matches!(
            first_word(statement, Rules::Mysql).as_str(),
            "SHOW" | "GET" | "EXPLAIN" | "DESCRIBE" | "DESC"
        );
        if self.connection.get_warnings() == 0 || is_about_warnings {
            return Ok(());
        }
        for row in self.ask("SHOW WARNINGS").await? {
            self.notices.push(Notice {
                severity: row.text(0).unwrap_or_default(),
                message: row.text(2).unwrap_or_default(),
            });
        }
        Ok(())
    }
}

async fn drain(result: &mut QueryResult<'_, 'static, TextProtocol>) -> mysql_async::Result<()> {
    while result.next().await?.is_some() {}
    Ok(())
}

fn unread_warnings(number: usize, warnings: u16) -> Notice {
    Notice {
        severity: "Warning".to_owned(),
        message: format!(
            "statement {number} of those sent together gave {warnings} warning(s); the server keeps only the texts of the last statement"
        ),
    }
}

fn cancelled() -> DbError {
    DbError {
        code: Some("1317".to_owned()),
        ..DbError::new(DbErrorKind::Cancelled, "Query execution was interrupted")
    }
}
