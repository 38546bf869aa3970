//! Which history rows of a project are to be told in the table of its new format, and how.

use super::open::Opened;
use super::records::RecordWrite;
use crate::convert::{Converted, not_a_prefix, not_said_so};
use crate::error::{Error, ErrorKind, Result};
use crate::report::ConvertedRow;
use shoring_core::{Applied, AppliedKind, Direction, OrderKey, State};
use shoring_formats::{Change, HistoryEntry, Recorded};
use shoring_plan::Entry;
use shoring_plan::select::check;
use std::collections::BTreeMap;

/// A row to be written.
pub(super) struct NewRow {
    /// The old row.
    from: Applied,
    /// The migration in the new format.
    to: Entry,
}

/// What the two tables say.
pub(super) struct Rows {
    /// What the new one does not say yet, in order.
    pub(super) new: Vec<NewRow>,
    /// How many it says already.
    pub(super) known: usize,
}

impl Rows {
    pub(super) fn report(&self) -> Vec<ConvertedRow> {
        let row = |row: &NewRow| ConvertedRow {
            from: row.from.version.to_string(),
            to: row.to.version().to_owned(),
            name: row.to.name().to_owned(),
        };
        self.new.iter().map(row).collect()
    }
}

impl Opened {
    /// Refuses a project whose files and history disagree: what is wrong in one format would be wrong in the other, and look
    /// right.
    pub(super) fn refuse_to_convert(&self) -> Result<()> {
        check(&self.reconciliation, true).map_err(|error| self.refusal(&error))?;
        let is_wrong = |entry: &&Entry| {
            let is_lost = entry.migration.is_none() && entry.applied.is_some();
            is_lost || matches!(entry.state, State::Failed | State::Changed)
        };
        match self.reconciliation.entries.iter().find(is_wrong) {
            None => Ok(()),
            Some(entry) => Err(Error::new(
                ErrorKind::Mismatch,
                "cannot-convert",
                format!("{} is {}", entry.id(), entry.state.name()),
            )
            .note("files and history must agree before they are told in another format")
            .state("Nothing was written, and the database was not changed.")
            .next("shoring status   says more;   shoring doctor   settles what failed;   shoring repair   what a person has judged")),
        }
    }

    /// Compares the history of `self` with that of the same project in its new format.
    pub(super) fn rows_for(&self, target: &Self, converted: &Converted) -> Result<Rows> {
        let mut in_order: Vec<&OrderKey> =
            self.set.migrations.iter().map(|one| &one.order).collect();
        in_order.sort();
        let new_orders = converted.migrations.iter().map(|one| &one.order);
        let orders: BTreeMap<&OrderKey, &OrderKey> = in_order.into_iter().zip(new_orders).collect();
        let mut rows = Rows {
            new: Vec::new(),
            known: 0,
        };
        let mut told: Vec<&OrderKey> = Vec::new();
        let mut has_gap = false;
        for entry in &self.reconciliation.entries {
            let Some(order) = orders.get(&entry.order) else {
                continue;
            };
            let Some(applied) = &entry.applied else {
                has_gap |= entry.order.is_step();
                continue;
            };
            if has_gap && entry.order.is_step() && target.ledger.history().keeps_only_newest() {
                let table = target.ledger.found.table.name.to_string();
                return Err(not_a_prefix(&entry.id(), &table));
            }
            told.push(order);
            match target.reconciliation.by_order(order) {
                Some(there) if there.applied.is_some() => rows.known += 1,
                Some(there) => rows.new.push(NewRow {
                    from: self.all_known_of(applied),
                    to: there.clone(),
                }),
                None => {}
            }
        }
        let mut said = target
            .reconciliation
            .entries
            .iter()
            .filter(|entry| entry.applied.is_some());
        match said.find(|entry| !told.contains(&&entry.order)) {
            None => Ok(rows),
            Some(entry) => Err(not_said_so(
                entry.version(),
                &target.ledger.found.table.name.to_string(),
                &self.ledger.found.table.name.to_string(),
            )),
        }
    }

    /// A row, with what only the journal knows.
    fn all_known_of(&self, applied: &Applied) -> Applied {
        let (who, took) = match self.snapshot.appliers.get(&applied.order) {
            Some((who, took)) => (who.clone(), *took),
            None => (None, None),
        };
        let mut row = applied.clone();
        row.applied_by = row.applied_by.or(who);
        row.milliseconds = row.milliseconds.or(took);
        row
    }

    /// The statements for the rows, on the new history.
    pub(super) fn convert_writes(&self, rows: &Rows) -> Result<Vec<RecordWrite>> {
        let entry_of = |row: &NewRow| -> HistoryEntry {
            let kind = match row.from.kind {
                AppliedKind::Baseline => AppliedKind::Baseline,
                AppliedKind::Marked => AppliedKind::Marked,
                AppliedKind::Applied | AppliedKind::ByProgram | AppliedKind::Failed => {
                    AppliedKind::Applied
                }
            };
            HistoryEntry {
                milliseconds: Some(row.from.milliseconds.unwrap_or(0)),
                recorded: Recorded::of(&row.from),
                // Some tables want one for each row.
                attempt: uuid::Uuid::now_v7().to_string(),
                ..self.history_entry(&row.to, kind, "")
            }
        };
        let mut writes: Vec<RecordWrite> = rows
            .new
            .iter()
            .map(|row| RecordWrite {
                version: row.to.version().to_owned(),
                name: row.to.name().to_owned(),
                direction: Direction::Up,
                checksum: row
                    .to
                    .migration
                    .as_ref()
                    .map(|migration| migration.up.checksum.clone()),
                compatible_with: row
                    .to
                    .migration
                    .as_ref()
                    .and_then(|migration| migration.compatible_with().cloned()),
                history: Vec::new(),
                closes_open: false,
                milliseconds: Some(row.from.milliseconds.unwrap_or(0)),
            })
            .collect();
        // A baseline is one thing to some tools, and only an empty history can begin with one.
        let begins = match rows.known {
            0 => rows
                .new
                .iter()
                .take_while(|row| row.from.kind == AppliedKind::Baseline)
                .count(),
            _ => 0,
        };
        let baseline: Vec<HistoryEntry> = rows.new[..begins].iter().map(entry_of).collect();
        if let Some(last) = writes[..begins].last_mut() {
            last.history = self.history_change(Change::Baseline(&baseline))?;
        }
        for (row, write) in rows.new.iter().zip(&mut writes).skip(begins) {
            let entry = entry_of(row);
            write.history = self.history_change(Change::Apply {
                entry: &entry,
                has_begun: false,
            })?;
        }
        Ok(writes)
    }

    /// Whether the new history says what was written.
    pub(super) fn check_converted(&self, rows: &Rows) -> Result<()> {
        let is_told = |row: &&NewRow| {
            let entry = self.reconciliation.by_order(&row.to.order);
            entry.is_some_and(|entry| {
                entry.applied.is_some() && entry.failed.is_none() && entry.state != State::Changed
            })
        };
        match rows.new.iter().find(|row| !is_told(row)) {
            None => Ok(()),
            Some(row) => Err(Error::new(
                ErrorKind::Internal,
                "not-converted",
                format!(
                    "`{}` does not say what was written about {}",
                    self.ledger.found.table.name,
                    row.to.id()
                ),
            )),
        }
    }
}
