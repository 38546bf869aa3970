//! `COPY … FROM stdin` with the data lines that follow it in the file.

use super::entry::Entry;
use super::progress::Run;
use super::session::Executor;
use super::source::{Source, Statement};
use super::trouble::Trouble;
use shoring_core::Event;
use shoring_db::{CopySource, DbErrorKind};
use std::time::Instant;

impl Executor<'_> {
    /// Runs a `COPY … FROM stdin` with the data lines that follow it in the file.
    pub(super) async fn copy(
        &mut self,
        statement: Statement,
        source: &mut Source,
        run: &mut Run<'_>,
    ) -> Result<(), Trouble> {
        struct Lines<'s> {
            source: &'s mut Source,
        }
        impl CopySource for Lines<'_> {
            fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, String> {
                self.source
                    .next_copy_data()
                    .map(|data| data.map(String::into_bytes))
                    .map_err(|error| error.to_string())
            }
        }
        let number = statement.number;
        self.context.emit(&Event::StatementStarted {
            version: run.attempt.version.clone(),
            number,
            verb: statement.facts.verb.clone(),
        });
        let began = Instant::now();
        let mut lines = Lines { source };
        match self
            .session
            .copy_in(statement.piece.sql(), &mut lines)
            .await
        {
            Ok(rows) => {
                run.rows += rows;
                run.rows_of_last = rows;
                run.statements += 1;
                self.context.emit(&Event::StatementFinished {
                    version: run.attempt.version.clone(),
                    number,
                    rows: Some(rows),
                    ms: Some(began.elapsed().as_millis() as u64),
                });
                Ok(())
            }
            Err(error) if error.kind == DbErrorKind::ConnectionLost => Err(Trouble::Lost { error }),
            Err(error) => Err(self.trouble(&[Entry::User(Box::new(statement))], 0, error)),
        }
    }
}
