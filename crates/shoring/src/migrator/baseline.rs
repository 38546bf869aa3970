//! `baseline`: takes a database that exists as being at a version, without running anything.

use super::build::Migrator;
use super::open::{Opened, open, open_to_write};
use super::records::RecordWrite;
use super::select_error::target_error;
use crate::context::Access;
use crate::error::{Error, ErrorKind, Result};
use crate::report::{RecordChange, RecordReport};
use crate::request::Confirmation;
use shoring_core::{AppliedKind, Direction, OrderKey, Version};
use shoring_plan::{TargetError, resolve};

struct Row {
    version: Version,
    order: OrderKey,
    name: String,
}

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
        let rows = self.baseline_rows(version)?;
        let changes = rows
            .iter()
            .map(|row| RecordChange {
                version: row.version.to_string(),
                name: row.name.clone(),
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
        let lock = self.lock().await?;
        let result = self.write_baseline(&lock, version).await;
        if result.is_ok() {
            self.read_again().await?;
        }
        self.unlock(lock).await;
        result?;
        Ok(RecordReport {
            database: self.database(),
            changes,
            applied: true,
            current: self.current(),
        })
    }

    async fn write_baseline(&mut self, lock: &crate::lock::RunLock, version: &str) -> Result<()> {
        let mut writes = Vec::new();
        for row in self.baseline_rows(version)? {
            let migration = self.set.by_order(&row.order).cloned();
            let history = self.history_row(
                &row.version,
                &row.order,
                &row.name,
                migration.as_ref(),
                AppliedKind::Baseline,
                &lock.run,
            )?;
            writes.push(RecordWrite {
                version: row.version.to_string(),
                name: row.name,
                direction: Direction::Up,
                compatible_with: migration
                    .as_ref()
                    .and_then(|migration| migration.compatible_with().cloned()),
                checksum: migration.map(|migration| migration.up.checksum),
                history: Some(history),
                closes_open: false,
            });
        }
        self.write_records(lock, "baseline", &writes).await
    }

    fn baseline_rows(&self, version: &str) -> Result<Vec<Row>> {
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
                match self
                    .ledger
                    .found
                    .format
                    .order_of(version)
                    .filter(|_| self.ledger.history().keeps_checksums())
                {
                    // The old files may be gone; a number says enough where the history can tell a baseline.
                    Some(order) => {
                        let limit = self
                            .reconciliation
                            .entries
                            .iter()
                            .take_while(|entry| entry.order < order)
                            .count();
                        (
                            limit,
                            Some(Row {
                                version: Version::new(version),
                                order,
                                name: "baseline".to_owned(),
                            }),
                        )
                    }
                    None => return Err(target_error(&error)),
                }
            }
            Err(error) => return Err(target_error(&error)),
        };
        let mut rows: Vec<Row> = self.reconciliation.entries[..limit]
            .iter()
            .map(|entry| Row {
                version: Version::new(entry.version()),
                order: entry.order.clone(),
                name: entry.name().to_owned(),
            })
            .collect();
        rows.extend(extra);
        Ok(rows)
    }
}
