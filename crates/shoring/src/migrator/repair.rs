//! `repair`: brings the history in line after a person has judged: forgets failed attempts, realigns checksums, retires
//! migrations whose files are gone. Shows first.

use super::build::Migrator;
use super::open::{Opened, open};
use super::records::RecordWrite;
use crate::context::Access;
use crate::error::Result;
use crate::report::{RecordChange, RecordReport};
use crate::request::Confirmation;
use shoring_core::{Direction, State};

impl Migrator {
    /// Shows what would be repaired, or repairs it.
    pub async fn repair(&self, confirmation: Confirmation) -> Result<RecordReport> {
        let mut opened = match confirmation {
            Confirmation::ShowOnly => open(self.context()?, self.project()?, Access::Read).await?,
            Confirmation::Confirmed => self.open_existing().await?,
        };
        let result = opened.repair(confirmation).await;
        opened.close().await;
        result
    }
}

impl Opened {
    async fn repair(&mut self, confirmation: Confirmation) -> Result<RecordReport> {
        let (changes, writes) = self.repairs();
        if confirmation == Confirmation::ShowOnly || writes.is_empty() {
            return Ok(RecordReport {
                database: self.database(),
                changes,
                applied: false,
                current: self.current(),
            });
        }
        let lock = self.lock().await?;
        let (changes, writes) = self.repairs();
        let result = self.write_records(&lock, "repair", &writes).await;
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

    fn repairs(&self) -> (Vec<RecordChange>, Vec<RecordWrite>) {
        let product = self.server.product;
        let history = self.ledger.history();
        let table = &self.ledger.found.table;
        let mut changes = Vec::new();
        let mut writes = Vec::new();
        for entry in &self.reconciliation.entries {
            let change = |action: &str, reason: String| RecordChange {
                version: entry.version().to_owned(),
                name: entry.name().to_owned(),
                action: action.to_owned(),
                reason,
            };
            let write = |history, checksum, closes_open| RecordWrite {
                version: entry.version().to_owned(),
                name: entry.name().to_owned(),
                direction: Direction::Up,
                checksum,
                compatible_with: entry
                    .migration
                    .as_ref()
                    .and_then(|migration| migration.compatible_with().cloned()),
                history,
                closes_open,
            };
            match (entry.state, &entry.migration, &entry.applied) {
                (State::Changed, Some(migration), Some(row)) => {
                    let checksum = &migration.up.checksum;
                    changes.push(change(
                        "realign the checksum",
                        format!("{} is not the text that was applied", migration.up.path),
                    ));
                    writes.push(write(
                        history.realign(product, table, row, checksum),
                        Some(checksum.clone()),
                        false,
                    ));
                }
                (State::Failed, _, _) => {
                    changes.push(change(
                        "forget the failed attempt",
                        entry.detail.clone().unwrap_or_default(),
                    ));
                    writes.push(write(None, None, true));
                }
                (State::Missing, None, Some(row)) => match history.retire(product, table, row) {
                    Some(sql) => {
                        changes.push(change("retire", "applied, and its file is gone".to_owned()));
                        writes.push(write(Some(sql), row.checksum.clone(), false));
                    }
                    None => {
                        changes.push(change(
                            "forget the row",
                            "applied, its file is gone, and the table has no place to say so"
                                .to_owned(),
                        ));
                        writes.push(write(
                            Some(history.delete(product, table, row)),
                            None,
                            false,
                        ));
                    }
                },
                _ => {}
            }
        }
        (changes, writes)
    }
}
