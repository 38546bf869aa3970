//! Files that got another name after they had been applied: under it they would run a second time.

use super::entry::Entry;
use super::reconciliation::Reconciliation;
use shoring_core::{Applied, Checksum, Kind, Migration, OrderKey, State};
use std::collections::BTreeMap;

/// Tells each entry that would run which applied one without a file has the same text.
pub(super) fn find_renamed(entries: &mut [Entry]) {
    let gone: BTreeMap<Checksum, OrderKey> = entries
        .iter()
        .filter(|entry| entry.state == State::Missing)
        .filter_map(|entry| Some((entry.applied_checksum.clone()?, entry.order.clone())))
        .collect();
    if gone.is_empty() {
        return;
    }
    for entry in entries {
        let old = would_run(entry).and_then(|migration| {
            let mut sums = migration.checksums.iter().chain([&migration.up.checksum]);
            sums.find_map(|sum| gone.get(sum)).cloned()
        });
        entry.renamed_from = old;
    }
}

/// The file of an entry that would run and has a text to be known by.
fn would_run(entry: &Entry) -> Option<&Migration> {
    let migration = entry.migration.as_ref()?;
    let is_meant = matches!(entry.state, State::Pending | State::OutOfOrder)
        && matches!(migration.kind, Kind::Versioned | Kind::Unordered)
        && migration.program.is_none()
        // Nothing is nothing, under any name.
        && migration.up.size > 0;
    is_meant.then_some(migration)
}

impl Reconciliation {
    /// The same for checksums that are of more than the text: `same` finds the row that a file would have under that row's name.
    /// It is asked only where there are files that would run and rows whose files are gone.
    pub fn find_renamed_by<E>(
        &mut self,
        mut same: impl FnMut(&Migration, &[&Applied]) -> Result<Option<usize>, E>,
    ) -> Result<(), E> {
        let gone: Vec<&Applied> = self
            .entries
            .iter()
            .filter(|entry| entry.state == State::Missing)
            .filter_map(|entry| entry.applied.as_deref())
            .filter(|row| row.checksum.is_some())
            .collect();
        if gone.is_empty() {
            return Ok(());
        }
        let mut found = Vec::new();
        for (index, entry) in self.entries.iter().enumerate() {
            let Some(migration) = would_run(entry).filter(|_| entry.renamed_from.is_none()) else {
                continue;
            };
            if let Some(row) = same(migration, &gone)? {
                found.push((index, gone[row].order.clone()));
            }
        }
        for (index, order) in found {
            self.entries[index].renamed_from = Some(order);
        }
        Ok(())
    }
}
