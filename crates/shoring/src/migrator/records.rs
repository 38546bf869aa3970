//! Writes records without running anything: one transaction, under the lock, each change journaled.

use super::open::Opened;
use crate::database_error::query_error;
use crate::error::{Error, ErrorKind, Result};
use crate::execute::execute_one;
use crate::history_error::history_error;
use crate::ledger::{Attempt, RUNS, RunState, add_compatible_with};
use crate::lock::{RunLock, lease_lost};
use shoring_core::{AppliedKind, Checksum, Direction, Version};
use shoring_formats::{Change, HistoryEntry};
use shoring_plan::Entry;

/// One change of a record, with its SQL.
pub(super) struct RecordWrite {
    pub version: String,
    pub name: String,
    pub direction: Direction,
    /// The checksum the journal shall know from now on.
    pub checksum: Option<Checksum>,
    /// What the journal shall know about older programs from now on.
    pub compatible_with: Option<Version>,
    /// What is written into the history table, if anything.
    pub history: Vec<String>,
    /// Whether open attempts of this version are closed.
    pub closes_open: bool,
    /// How long it took when it ran, where that is told again; else nothing ran, which took no time.
    pub milliseconds: Option<u64>,
}

/// A statement that writes a part of a record.
pub(super) enum RecordStatement {
    Plain(String),
    /// It changes one row while the lock is ours, and none afterwards.
    Fenced(String),
}

impl Opened {
    /// A migration as the history is to tell it, when nothing of it runs.
    pub(super) fn history_entry(
        &self,
        entry: &Entry,
        kind: AppliedKind,
        attempt: &str,
    ) -> HistoryEntry {
        let migration = entry.migration.as_ref();
        HistoryEntry {
            version: Version::new(entry.version()),
            order: entry.order.clone(),
            name: entry.name().to_owned(),
            checksums: migration
                .map(|migration| migration.checksums.clone())
                .unwrap_or_default(),
            attributes: migration
                .map(|migration| migration.attributes.clone())
                .unwrap_or_default(),
            kind,
            os_user: self.context.identity.os_user.clone(),
            attempt: attempt.to_owned(),
            run: self.context.run.clone(),
            milliseconds: Some(0),
            recorded: None,
        }
    }

    /// The statements that make a change of the history.
    pub(super) fn history_change(&self, change: Change<'_>) -> Result<Vec<String>> {
        let at = self.ledger.at();
        self.ledger
            .history()
            .write(at, &self.snapshot.applied, change)
            .map_err(|error| history_error(&error).state("Nothing was changed."))
    }

    /// Refuses versions that the history table cannot hold, before anything runs.
    pub(super) fn refuse_misfits(&self, entries: &[Entry]) -> Result<()> {
        // What is a program is refused with its reason where it would run.
        let is_sql = |entry: &&Entry| {
            let migration = entry.migration.as_ref();
            migration.is_none_or(|migration| migration.program.is_none())
        };
        let to_run = entries.iter().filter(|entry| entry.is_to_run());
        for entry in to_run.filter(is_sql) {
            let row = self.history_entry(entry, AppliedKind::Applied, "");
            let change = Change::Apply {
                entry: &row,
                has_begun: false,
            };
            self.history_change(change).map_err(|mut error| {
                error.state = vec!["Nothing was run and nothing was changed.".to_owned()];
                error
            })?;
        }
        Ok(())
    }

    /// A journal made before `compatible-with` existed has no place for it. Altering a table that may belong to another
    /// role is for its owner to decide.
    pub(super) fn refuse_old_journal(&self, compatible_with: Option<&Version>) -> Result<()> {
        let found = &self.ledger.found;
        if compatible_with.is_none() || !self.ledger.keeps_journal || !found.lacks_compatible_with {
            return Ok(());
        }
        let table = found.table.name.sibling(RUNS);
        Err(Error::new(
            ErrorKind::Usage,
            "old-journal",
            format!("the journal `{table}` was made by an earlier version and has no place for `compatible-with`"),
        )
        .state("Nothing was run and nothing was changed.")
        .next(format!(
            "give it the column:  {};",
            add_compatible_with(self.server.product, &table)
        )))
    }

    /// Writes all changes in one transaction.
    pub(super) async fn write_records(
        &mut self,
        lock: &RunLock,
        command: &'static str,
        writes: &[RecordWrite],
    ) -> Result<()> {
        for write in writes {
            self.refuse_old_journal(write.compatible_with.as_ref())?;
        }
        let journal = self.ledger.journal.clone();
        let keeps_journal = self.ledger.keeps_journal;
        let identity = self.context.identity.clone();
        let mut statements = Vec::new();
        for write in writes {
            if keeps_journal {
                if write.closes_open {
                    statements.push(RecordStatement::Plain(journal.close_open(&write.version)));
                }
                let attempt = Attempt {
                    id: uuid::Uuid::now_v7().to_string(),
                    run: lock.run.clone(),
                    fence: lock.fence,
                    command,
                    version: write.version.clone(),
                    name: write.name.clone(),
                    direction: write.direction,
                    checksum: write.checksum.clone(),
                    statements: 0,
                    compatible_with: write.compatible_with.clone(),
                };
                let state = if !write.history.is_empty() || write.checksum.is_some() {
                    RunState::Applied
                } else {
                    RunState::Settled
                };
                statements.push(RecordStatement::Fenced(journal.insert_run(
                    &attempt,
                    &identity,
                    state,
                    false,
                    Some(write.milliseconds.unwrap_or(0)),
                    None,
                )));
            }
            let history = write.history.iter().cloned();
            statements.extend(history.map(RecordStatement::Plain));
        }
        self.write_together(&statements).await
    }

    /// Runs statements that write records in one transaction, which counts only when the lock was ours until its end.
    pub(super) async fn write_together(&mut self, statements: &[RecordStatement]) -> Result<()> {
        const UNCHANGED: &str = "Nothing was changed.";
        let Some(session) = &mut self.session else {
            return Err(Error::new(
                ErrorKind::Internal,
                "no-session",
                "records need a session",
            ));
        };
        execute_one(session.as_mut(), self.server.product.dialect().begin())
            .await
            .map_err(|error| query_error(&error))?;
        let mut result = Ok(());
        for statement in statements {
            let (sql, is_fenced) = match statement {
                RecordStatement::Plain(sql) => (sql, false),
                RecordStatement::Fenced(sql) => (sql, true),
            };
            result = match execute_one(session.as_mut(), sql).await {
                Ok(rows) if is_fenced && rows != 1 => Err(lease_lost(UNCHANGED)),
                Ok(_) => Ok(()),
                Err(error) => Err(query_error(&error).state(UNCHANGED)),
            };
            if result.is_err() {
                break;
            }
        }
        let end = if result.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = execute_one(session.as_mut(), end)
            .await
            .map_err(|error| query_error(&error));
        result?;
        ended?;
        Ok(())
    }
}
