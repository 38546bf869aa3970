//! Where a history begins: some tools have a migration that stands for everything up to it.

use shoring_core::{Applied, Kind, Migration, MigrationSet, OrderKey};
use std::sync::Arc;

/// Where a history begins: with the first migration, or with one that stands for everything up to it.
pub(super) struct Start<'a> {
    /// It is to run, because nothing is applied.
    to_run: Option<&'a OrderKey>,
    /// It ran.
    applied: Option<&'a OrderKey>,
}

impl<'a> Start<'a> {
    pub(super) fn of(set: &'a MigrationSet, applied: &'a [Arc<Applied>]) -> Self {
        let is_empty = !applied.iter().any(|row| row.order.is_step());
        let baselines = || {
            set.migrations
                .iter()
                .filter(|migration| migration.kind == Kind::Baseline)
        };
        let ran = |order: &OrderKey| {
            applied.iter().any(|row| {
                row.order == *order && row.attributes.contains_key(Applied::RAN_AS_BASELINE)
            })
        };
        let highest = baselines().map(|migration| &migration.order).max();
        Self {
            to_run: highest.filter(|_| is_empty),
            applied: baselines()
                .map(|migration| &migration.order)
                .find(|order| ran(order)),
        }
    }

    /// Whether a file is the one of its version that counts.
    pub(super) fn counts(&self, migration: &Migration) -> bool {
        let is_start = [self.to_run, self.applied].contains(&Some(&migration.order));
        is_start == (migration.kind == Kind::Baseline)
    }

    /// Whether it is never run, because what is to run first stands for it.
    pub(super) fn passes_over(&self, order: &OrderKey) -> bool {
        self.to_run.is_some_and(|start| order < start)
    }
}
