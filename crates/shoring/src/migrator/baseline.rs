//! `baseline`: takes a database that exists as being at a version, without running anything.

use super::around::Records;
use super::build::Migrator;
use super::open::{Opened, open, open_to_write};
use super::records::RecordWrite;
use super::select_error::target_error;
use crate::context::Access;
use crate::error::{Error, ErrorKind, Result};
use crate::ledger::Beginning;
use crate::report::{RecordChange, RecordReport};
use crate::request::Confirmation;
use shoring_core::{Applied, AppliedKind, Attributes, Direction, State, Version};
use shoring_formats::Change;
use shoring_plan::{Entry, TargetError, resolve};
use std::sync::Arc;

impl Migrator {
    /// Records every migration up to `version` as the baseline. Only on an empty history.
    pub async fn baseline(
        &self,
        version: &str,
        confirmation: Confirmation,
    ) -> Result<RecordReport> {
        let mut opened = match confirmation {
            Confirmation::ShowOnly => open(self.context()?, self.project()?, Access::Read).await?,
            Confirmation::Confirmed => {
                open_to_write(self.context()?, self.project()?, |opened| {
                    opened.baseline_rows(version).map(drop)
                })
                .await?
            }
        };
        let result = opened.baseline(version, confirmation).await;
        opened.close().await;
        result
    }
}

impl Opened {
    async fn baseline(
        &mut self,
        version: &str,
        confirmation: Confirmation,
    ) -> Result<RecordReport> {
        if !self.ledger.found.exists && self.ledger.found.beginning.is_of_a_first_run() {
            // What a first run would begin with is here said by a person.
            self.ledger.found.beginning = Beginning::Anywhere;
            self.read_again().await?;
        }
        let rows = self.baseline_rows(version)?;
        let changes = rows
            .iter()
            .map(|row| RecordChange {
                version: row.version().to_owned(),
                name: row.name().to_owned(),
                action: "record as baseline".to_owned(),
                reason: "taken as applied, not run".to_owned(),
            })
            .collect();
        if confirmation == Confirmation::ShowOnly {
            return Ok(RecordReport {
                database: self.database(),
                changes,
                applied: false,
                current: self.current(),
            });
        }
        self.write_with_scripts(Records::Baseline, async |opened, lock| {
            opened.write_baseline(lock, version).await
        })
        .await?;
        Ok(RecordReport {
            database: self.database(),
            changes,
            applied: true,
            current: self.current(),
        })
    }

    async fn write_baseline(&mut self, lock: &crate::lock::RunLock, version: &str) -> Result<()> {
        let entries = self.baseline_rows(version)?;
        let rows: Vec<_> = entries
            .iter()
            .map(|entry| self.history_entry(entry, AppliedKind::Baseline, &lock.run))
            .collect();
        let mut writes: Vec<RecordWrite> = entries
            .iter()
            .map(|entry| RecordWrite {
                version: entry.version().to_owned(),
                name: entry.name().to_owned(),
                direction: Direction::Up,
                checksum: entry
                    .migration
                    .as_ref()
                    .map(|migration| migration.up.checksum.clone()),
                compatible_with: entry
                    .migration
                    .as_ref()
                    .and_then(|migration| migration.compatible_with().cloned()),
                history: Vec::new(),
                closes_open: false,
                milliseconds: None,
            })
            .collect();
        if let Some(last) = writes.last_mut() {
            last.history = self.history_change(Change::Baseline(&rows))?;
        }
        self.write_records(lock, "baseline", &writes).await
    }

    fn baseline_rows(&self, version: &str) -> Result<Vec<Entry>> {
        if let Some(current) = self.reconciliation.current() {
            return Err(Error::new(
                ErrorKind::Refused,
                "history-not-empty",
                format!("the history is not empty: it stands at {}", current.version()),
            )
            .state("Nothing was changed.")
            .next("a baseline is for a database without a history;  for a single migration:  shoring mark VERSION applied"));
        }
        let (limit, extra) = match resolve(version, &self.reconciliation) {
            Ok(Some(index)) => (index + 1, None),
            Ok(None) => {
                return Err(Error::new(
                    ErrorKind::Usage,
                    "empty-baseline",
                    "a baseline before the first migration changes nothing",
                ));
            }
            Err(error @ TargetError::Unknown { .. }) => {
                let format = self.ledger.found.format;
                let order = format
                    .order_of(version)
                    .filter(|_| format.history().keeps_checksums());
                match order {
                    // The old files may be gone; a number says enough where the history can tell a baseline.
                    Some(order) => {
                        let limit = self
                            .reconciliation
                            .entries
                            .iter()
                            .take_while(|entry| entry.order < order)
                            .count();
                        let only_named = Applied {
                            version: Version::new(version),
                            order: order.clone(),
                            name: Some("baseline".to_owned()),
                            kind: AppliedKind::Baseline,
                            checksum: None,
                            applied_at: None,
                            applied_by: None,
                            milliseconds: None,
                            attributes: Attributes::new(),
                        };
                        let entry = Entry {
                            order,
                            migration: None,
                            applied: Some(Arc::new(only_named)),
                            failed: None,
                            applied_checksum: None,
                            state: State::Baseline,
                            detail: None,
                            compatible_with: None,
                            half: None,
                            renamed_from: None,
                        };
                        (limit, Some(entry))
                    }
                    None => return Err(target_error(&error)),
                }
            }
            Err(error) => return Err(target_error(&error)),
        };
        let mut rows = self.reconciliation.entries[..limit].to_vec();
        rows.extend(extra);
        Ok(rows)
    }
}
