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
use shoring_plan::{Entry, resolve_migration};

/// How many migrations are named.
const NAMED: usize = 3;

impl Migrator {
    /// Writes or removes the history row of one migration.
    pub async fn mark(&self, version: &str, state: MarkAs) -> Result<RecordReport> {
        let mut opened = match state {
            MarkAs::Applied | MarkAs::AppliedWithAllBefore => {
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
        let index = resolve_migration(version, &self.reconciliation)
            .map_err(|error| target_error(&error))?;
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
            MarkAs::Applied | MarkAs::AppliedWithAllBefore => entry.applied.is_some(),
            MarkAs::Pending => entry.applied.is_none(),
        };
        if is_settled && !has_open && entry.failed.is_none() {
            return Ok(Vec::new());
        }
        let before = match state {
            MarkAs::Applied => {
                self.refuse_to_count(&self.counted_along(&entry), &entry)?;
                Vec::new()
            }
            MarkAs::AppliedWithAllBefore => self.counted_along(&entry),
            MarkAs::Pending => Vec::new(),
        };
        // A row that says it failed goes in both cases.
        let mut history = match &entry.failed {
            Some(failed) => self.history_change(Change::Forget(failed))?,
            None => Vec::new(),
        };
        let action = match state {
            MarkAs::Applied | MarkAs::AppliedWithAllBefore => {
                if entry.applied.is_none() {
                    let row = self.history_entry(&entry, AppliedKind::Marked, &lock.run);
                    history.extend(self.history_change(Change::Mark(&row))?);
                }
                "record as applied"
            }
            MarkAs::Pending => {
                if let Some(row) = &entry.applied {
                    history.extend(self.history_change(Change::Forget(row))?);
                }
                "forget the history row"
            }
        };
        let mut writes: Vec<RecordWrite> = before
            .iter()
            .map(|entry| marked(entry, MarkAs::Applied, Vec::new()))
            .collect();
        writes.push(marked(&entry, state, history));
        self.write_records(lock, "mark", &writes).await?;
        let change = |entry: &Entry, action: &str, reason: &str| RecordChange {
            version: entry.version().to_owned(),
            name: entry.name().to_owned(),
            action: action.to_owned(),
            reason: reason.to_owned(),
        };
        let along = format!("stands before {}; nothing was run", entry.version());
        let mut changes: Vec<RecordChange> = before
            .iter()
            .map(|entry| change(entry, "count as applied", &along))
            .collect();
        changes.push(change(&entry, action, "marked by hand; nothing was run"));
        Ok(changes)
    }

    /// What would count as applied together with a migration, because the table keeps only the newest version.
    fn counted_along(&self, marked: &Entry) -> Vec<Entry> {
        if marked.applied.is_some() || !self.ledger.history().keeps_only_newest() {
            return Vec::new();
        }
        self.reconciliation
            .entries
            .iter()
            .filter(|entry| {
                entry.order < marked.order
                    && entry.order.is_step()
                    && entry.migration.is_some()
                    && entry.applied.is_none()
            })
            .cloned()
            .collect()
    }

    fn refuse_to_count(&self, before: &[Entry], marked: &Entry) -> Result<()> {
        let Some(last) = before.last() else {
            return Ok(());
        };
        let (id, version) = (marked.id(), marked.version());
        let names: Vec<String> = before.iter().take(NAMED).map(Entry::id).collect();
        let mut names = names.join(", ");
        if before.len() > NAMED {
            names.push_str(&format!(" and {} more", before.len() - NAMED));
        }
        let count = match before.len() {
            1 => "1 migration before it that is".to_owned(),
            several => format!("{several} migrations before it that are"),
        };
        Err(Error::new(
            ErrorKind::Refused,
            "not-confirmed",
            format!(
                "marking {id} as applied would count {count} not applied as applied, too: {names}"
            ),
        )
        .note(format!(
            "{} keeps only the newest version",
            self.ledger.found.table.name
        ))
        .state("Nothing was changed.")
        .next(format!(
            "to run what stands before it first:  shoring up {}",
            last.version()
        ))
        .next(format!(
            "if all of it is in the database:  shoring mark {version} applied --yes"
        )))
    }
}

fn marked(entry: &Entry, state: MarkAs, history: Vec<String>) -> RecordWrite {
    let migration = entry.migration.as_ref();
    let (direction, migration) = match state {
        MarkAs::Applied | MarkAs::AppliedWithAllBefore => (Direction::Up, migration),
        MarkAs::Pending => (Direction::Down, None),
    };
    RecordWrite {
        version: entry.version().to_owned(),
        name: entry.name().to_owned(),
        direction,
        checksum: migration.map(|migration| migration.up.checksum.clone()),
        compatible_with: migration.and_then(|migration| migration.compatible_with().cloned()),
        history,
        closes_open: true,
        milliseconds: None,
    }
}
