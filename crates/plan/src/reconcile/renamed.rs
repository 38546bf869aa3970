//! Files that got another name after they had been applied: under it they would run a second time.

use super::entry::Entry;
use shoring_core::{Checksum, Kind, OrderKey, State};
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
        let Some(migration) = &entry.migration else {
            continue;
        };
        let would_run = matches!(entry.state, State::Pending | State::OutOfOrder)
            && matches!(migration.kind, Kind::Versioned | Kind::Unordered)
            && migration.program.is_none()
            // Nothing is nothing, under any name.
            && migration.up.size > 0;
        if would_run {
            let mut sums = migration.checksums.iter().chain([&migration.up.checksum]);
            entry.renamed_from = sums.find_map(|sum| gone.get(sum)).cloned();
        }
    }
}
