//! `mark`: the last resort. Says that a migration is applied, or that it is not, without running anything; journaled.

use super::build::Migrator;
use super::open::{Opened, open_to_write};
use super::records::RecordWrite;
use super::select_error::target_error;
use crate::error::{Error, ErrorKind, Result};
use crate::report::{RecordChange, RecordReport};
use crate::request::MarkAs;
use shoring_core::{AppliedKind, Direction};
use shoring_formats::Change;
use shoring_plan::{Entry, resolve};

impl Migrator {
    /// Writes or removes the history row of one migration.
    pub async fn mark(&self, version: &str, state: MarkAs) -> Result<RecordReport> {
        let mut opened = match state {
            MarkAs::Applied => {
                open_to_write(self.context()?, self.project()?, |opened| {
                    opened.entry(version).map(drop)
                })
                .await?
            }
            MarkAs::Pending => self.open_existing().await?,
        };
        let result = opened.mark(version, state).await;
        opened.close().await;
        result
    }
}

impl Opened {
    fn entry(&self, version: &str) -> Result<Entry> {
        let index = resolve(version, &self.reconciliation).map_err(|error| target_error(&error))?;
        index
            .map(|index| self.reconciliation.entries[index].clone())
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::Usage,
                    "unknown-target",
                    format!("`{version}` names no migration"),
                )
            })
    }

    async fn mark(&mut self, version: &str, state: MarkAs) -> Result<RecordReport> {
        self.entry(version)?;
        let lock = self.lock().await?;
        let result = self.write_mark(&lock, version, state).await;
        if result.is_ok() {
            self.read_again().await?;
        }
        self.unlock(lock).await;
        let changes = result?;
        Ok(RecordReport {
            database: self.database(),
            applied: !changes.is_empty(),
            changes,
            current: self.current(),
        })
    }

    pub(super) async fn write_mark(
        &mut self,
        lock: &crate::lock::RunLock,
        version: &str,
        state: MarkAs,
    ) -> Result<Vec<RecordChange>> {
        let entry = self.entry(version)?;
        let has_open = self.snapshot.open.contains_key(&entry.order);
        let is_settled = match state {
            MarkAs::Applied => entry.applied.is_some(),
            MarkAs::Pending => entry.applied.is_none(),
        };
        if is_settled && !has_open && entry.failed.is_none() {
            return Ok(Vec::new());
        }
        // A row that says it failed goes in both cases.
        let mut history = match &entry.failed {
            Some(failed) => self.history_change(Change::Forget(failed))?,
            None => Vec::new(),
        };
        let (direction, checksum, compatible_with, action) = match state {
            MarkAs::Applied => {
                if entry.applied.is_none() {
                    let row = self.history_entry(&entry, AppliedKind::Marked, &lock.run);
                    history.extend(self.history_change(Change::Mark(&row))?);
                }
                let checksum = entry
                    .migration
                    .as_ref()
                    .map(|migration| migration.up.checksum.clone());
                let compatible_with = entry
                    .migration
                    .as_ref()
                    .and_then(|migration| migration.compatible_with().cloned());
                (
                    Direction::Up,
                    checksum,
                    compatible_with,
                    "record as applied",
                )
            }
            MarkAs::Pending => {
                if let Some(row) = &entry.applied {
                    history.extend(self.history_change(Change::Forget(row))?);
                }
                (Direction::Down, None, None, "forget the history row")
            }
        };
        let write = RecordWrite {
            version: entry.version().to_owned(),
            name: entry.name().to_owned(),
            direction,
            checksum,
            compatible_with,
            history,
            closes_open: true,
            milliseconds: None,
        };
        self.write_records(lock, "mark", &[write]).await?;
        Ok(vec![RecordChange {
            version: entry.version().to_owned(),
            name: entry.name().to_owned(),
            action: action.to_owned(),
            reason: "marked by hand; nothing was run".to_owned(),
        }])
    }
}
