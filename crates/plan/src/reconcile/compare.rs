//! Brings the two sides of each migration together.

use super::entry::Entry;
use super::journal_view::JournalView;
use super::reconciliation::Reconciliation;
use super::renamed::find_renamed;
use super::sides::Sides;
use super::start::Start;
use shoring_core::{Applied, AppliedKind, MigrationSet, OrderKey, State};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Compares files and history.
pub fn reconcile(
    set: &MigrationSet,
    applied: &[Arc<Applied>],
    journal: &JournalView,
) -> Reconciliation {
    let mut sides: BTreeMap<&OrderKey, Sides<'_>> = BTreeMap::new();
    let start = Start::of(set, applied);
    for migration in &set.migrations {
        if start.counts(migration) {
            sides.entry(&migration.order).or_default().migration = Some(migration);
        }
    }
    for row in applied {
        let side = sides.entry(&row.order).or_default();
        match row.kind {
            // The journal knows better: it is the way back that did not end well.
            AppliedKind::Failed if journal.is_half_rolled_back(&row.order) => {
                side.applied = Some(row);
            }
            AppliedKind::Failed => side.failed = Some(row),
            AppliedKind::Applied
            | AppliedKind::Marked
            | AppliedKind::Baseline
            | AppliedKind::ByProgram => {
                side.applied = Some(row);
            }
        }
    }
    let newest_applied = sides
        .iter()
        .rev()
        .find(|(order, side)| order.is_step() && side.is_applied_for_good())
        .map(|(order, _)| *order);
    let mut entries: Vec<Entry> = sides
        .iter()
        .map(|(order, side)| {
            let half_done = journal.half_done.get(*order);
            let is_late = newest_applied.is_some_and(|newest| *order < newest);
            Entry {
                order: (*order).clone(),
                migration: side.migration.cloned(),
                applied: side.applied.cloned(),
                failed: side.failed.cloned(),
                applied_checksum: side.applied.and_then(|row| {
                    let known = || journal.checksums.get(*order)?.first().cloned();
                    row.checksum.clone().or_else(known)
                }),
                state: if start.passes_over(order) {
                    State::Ignored
                } else {
                    side.state(
                        set.policy,
                        journal.checksums.get(*order).map(Vec::as_slice),
                        is_late,
                        half_done.is_some(),
                    )
                },
                half: half_done.map(|half| half.direction),
                detail: half_done.map(|half| half.progress.clone()),
                compatible_with: journal.compatible.get(*order).cloned(),
                renamed_from: None,
            }
        })
        .collect();
    find_renamed(&mut entries);
    Reconciliation {
        entries,
        policy: set.policy,
    }
}
