//! What the journal adds to the history table: checksums where the table keeps none, and runs that ended half-way.

use shoring_core::{Checksum, CompatibleWith, Direction, OrderKey};
use std::collections::BTreeMap;

/// What the journal knows of migrations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JournalView {
    /// Checksum of the file that was applied, per migration, and of the files of other formats that tell the same.
    pub checksums: BTreeMap<OrderKey, Vec<Checksum>>,
    /// Migrations of which a part may be in the database.
    pub half_done: BTreeMap<OrderKey, HalfDone>,
    /// What was recorded about older programs when a migration was applied. Read only where the database is ahead.
    pub compatible: BTreeMap<OrderKey, CompatibleWith>,
}

/// A run of a migration that ended half-way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HalfDone {
    /// The way it went.
    pub direction: Direction,
    /// How far it got, for people.
    pub progress: String,
}

impl JournalView {
    pub(super) fn is_half_rolled_back(&self, order: &OrderKey) -> bool {
        self.half_done
            .get(order)
            .is_some_and(|half| half.direction == Direction::Down)
    }
}
