//! Files that got another name after they had been applied: under it they would run a second time.

use super::entry::Entry;
use super::reconciliation::Reconciliation;
use shoring_core::{Applied, Checksum, Kind, Migration, OrderKey, State};
use std::collections::BTreeMap;

/// One that was applied and has no file any more.
struct Gone {
    order: OrderKey,
    spellings: Option<String>,
}

/// Tells each entry that would run which applied one without a file has the same text.
pub(super) fn find_renamed(entries: &mut [Entry]) {
    let mut gone: BTreeMap<Checksum, Vec<Gone>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.state == State::Missing) {
        if let Some(checksum) = entry.applied_checksum.clone() {
            gone.entry(checksum).or_default().push(Gone {
                order: entry.order.clone(),
                spellings: entry.spellings().map(str::to_owned),
            });
        }
    }
    if gone.is_empty() {
        return;
    }
    for entry in entries {
        let old = would_run(entry).and_then(|migration| {
            let mut sums = migration.checksums.iter().chain([&migration.up.checksum]);
            let same = sums.find_map(|sum| gone.get(sum))?;
            // Of several with one text, the one that is called the same.
            let called = same
                .iter()
                .rev()
                .find(|gone| gone.spellings.as_deref() == entry.spellings());
            Some(called.or(same.last())?.order.clone())
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
