//! `repair`: brings the history in line after a person has judged: forgets failed attempts, realigns checksums, retires
//! migrations whose files are gone. Shows first.

use super::around::Records;
use super::build::Migrator;
use super::open::{Opened, open};
use super::records::RecordWrite;
use crate::context::Access;
use crate::database_error::query_error;
use crate::error::Result;
use crate::execute::execute_one;
use crate::lock;
use crate::report::{RecordChange, RecordReport};
use crate::request::Confirmation;
use shoring_core::{Direction, LineEnds, State};
use shoring_formats::Change;

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
        let (mut changes, writes) = self.repairs()?;
        let freed = self.free_the_row(confirmation).await?;
        changes.splice(0..0, freed.clone());
        if confirmation == Confirmation::ShowOnly || writes.is_empty() {
            return Ok(RecordReport {
                database: self.database(),
                changes,
                applied: confirmation == Confirmation::Confirmed && freed.is_some(),
                current: self.current(),
            });
        }
        let mut changes = self
            .write_with_scripts(Records::Repair, async |opened, lock| {
                let (changes, writes) = opened.repairs()?;
                opened.write_records(lock, "repair", &writes).await?;
                Ok(changes)
            })
            .await?;
        changes.splice(0..0, freed);
        Ok(RecordReport {
            database: self.database(),
            changes,
            applied: true,
            current: self.current(),
        })
    }

    /// Gives back the row that a run of the tool left locked. One of ours frees itself.
    async fn free_the_row(&mut self, confirmation: Confirmation) -> Result<Option<RecordChange>> {
        let Some(session) = &mut self.session else {
            return Ok(None);
        };
        let holder = lock::row_holder(session.as_mut(), &self.ledger, &self.context).await?;
        let Some(holder) = holder.filter(|holder| !holder.is_ours()) else {
            return Ok(None);
        };
        if confirmation == Confirmation::Confirmed {
            let give_back = holder.give_back(&self.ledger);
            execute_one(session.as_mut(), &give_back)
                .await
                .map_err(|error| query_error(&error).state("Nothing was changed."))?;
        }
        Ok(Some(RecordChange {
            version: holder.lock.table.to_string(),
            name: String::new(),
            action: "give back the lock".to_owned(),
            reason: format!("held by {}", holder.describe()),
        }))
    }

    fn repairs(&self) -> Result<(Vec<RecordChange>, Vec<RecordWrite>)> {
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
                milliseconds: None,
            };
            match (entry.state, &entry.migration, &entry.applied) {
                (State::Changed, Some(migration), Some(row)) => {
                    changes.push(change(
                        "realign the checksum",
                        format!("{} is not the text that was applied", migration.up.path),
                    ));
                    let now = self.history_entry(entry, row.kind, "");
                    let realign = Change::Realign {
                        applied: row,
                        entry: &now,
                    };
                    writes.push(write(
                        self.history_change(realign)?,
                        Some(migration.up.checksum.clone()),
                        false,
                    ));
                }
                (State::Applied, Some(migration), Some(row))
                    if entry.is_respelled() && self.set.policy.line_ends == LineEnds::Count =>
                {
                    changes.push(change(
                        "realign the checksum",
                        format!(
                            "{} has other line ends than what was applied",
                            migration.up.path
                        ),
                    ));
                    let now = self.history_entry(entry, row.kind, "");
                    let realign = Change::Realign {
                        applied: row,
                        entry: &now,
                    };
                    writes.push(write(self.history_change(realign)?, None, false));
                }
                (State::Failed, _, _) => {
                    changes.push(change(
                        "forget the failed attempt",
                        entry.detail.clone().unwrap_or_default(),
                    ));
                    let history = match &entry.failed {
                        Some(failed) => self.history_change(Change::Forget(failed))?,
                        None => Vec::new(),
                    };
                    writes.push(write(history, None, true));
                }
                // What the tool is told to pass over is no fault to mend.
                (State::Missing, None, Some(_)) if self.reconciliation.is_let_be(entry) => {}
                // Without this row its text would run again, under the name where it stands now.
                (State::Missing, None, Some(_))
                    if self.reconciliation.renamed_to(entry).is_some() => {}
                (State::Missing, None, Some(row)) => {
                    let retire = self.history_change(Change::Retire(row))?;
                    if retire.is_empty() {
                        changes.push(change(
                            "forget the row",
                            "applied, its file is gone, and the table has no place to say so"
                                .to_owned(),
                        ));
                        let forget = self.history_change(Change::Forget(row))?;
                        writes.push(write(forget, None, false));
                    } else {
                        changes.push(change("retire", "applied, and its file is gone".to_owned()));
                        writes.push(write(retire, row.checksum.clone(), false));
                    }
                }
                _ => {}
            }
        }
        Ok((changes, writes))
    }
}
