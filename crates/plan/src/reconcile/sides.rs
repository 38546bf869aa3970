//! The two sides of one migration, and the state that follows from them.

use shoring_core::{Applied, AppliedKind, Checksum, Kind, Late, Migration, Policy, State};
use std::sync::Arc;

/// What files and history say of one migration.
#[derive(Default)]
pub(super) struct Sides<'a> {
    pub(super) migration: Option<&'a Arc<Migration>>,
    pub(super) applied: Option<&'a Arc<Applied>>,
    pub(super) failed: Option<&'a Arc<Applied>>,
}

impl Sides<'_> {
    fn is_repeatable(&self) -> bool {
        self.migration
            .is_some_and(|migration| migration.kind == Kind::Repeatable)
    }

    /// Whether it has a place in the order that it can miss.
    fn can_be_late(&self) -> bool {
        self.migration
            .is_some_and(|migration| migration.kind == Kind::Versioned)
    }

    /// Whether others can be late because of it: one that runs again whenever it was changed has no place in time.
    pub(super) fn is_applied_for_good(&self) -> bool {
        self.applied.is_some() && !self.is_repeatable()
    }

    pub(super) fn state(
        &self,
        policy: Policy,
        known: Option<&[Checksum]>,
        is_late: bool,
        is_half_done: bool,
    ) -> State {
        match (self.migration, self.applied) {
            (Some(_), _) if is_half_done => State::Failed,
            _ if self.failed.is_some() => State::Failed,
            (Some(migration), row) if migration.terms.passed_over.is_some() => {
                row.map_or(State::Ignored, |row| applied_state(row))
            }
            (Some(migration), Some(row)) if migration.terms.runs_always => applied_state(row),
            (Some(migration), Some(row))
                if is_changed(migration, row, known)
                    || (policy.compares_names && is_renamed(migration, row)) =>
            {
                match migration.kind {
                    Kind::Repeatable => State::Pending,
                    Kind::Versioned | Kind::Unordered | Kind::Baseline => State::Changed,
                }
            }
            (Some(_), Some(row)) => applied_state(row),
            (None, Some(row)) => match row.kind {
                AppliedKind::Applied | AppliedKind::Marked => State::Missing,
                AppliedKind::Baseline | AppliedKind::ByProgram | AppliedKind::Failed => {
                    applied_state(row)
                }
            },
            (Some(_), None) if is_late && self.can_be_late() => match policy.late {
                Late::Ignore => State::Ignored,
                Late::Refuse | Late::Run => State::OutOfOrder,
            },
            (Some(_) | None, None) => State::Pending,
        }
    }
}

/// Whether the file is not what was applied: by the checksum of the row, else by ours in the journal.
fn is_changed(migration: &Migration, row: &Applied, known: Option<&[Checksum]>) -> bool {
    match (&row.checksum, known) {
        (Some(checksum), _) => {
            !migration.checksums.is_empty() && !migration.checksums.contains(checksum)
        }
        (None, Some(known)) => !known.contains(&migration.up.checksum),
        (None, None) => false,
    }
}

/// Whether the file has another name than what was applied, where the table keeps names.
pub fn is_renamed(migration: &Migration, row: &Applied) -> bool {
    row.kind != AppliedKind::Baseline
        && row
            .name
            .as_ref()
            .is_some_and(|name| *name != migration.name)
}

const fn applied_state(row: &Applied) -> State {
    match row.kind {
        AppliedKind::Applied | AppliedKind::Marked | AppliedKind::ByProgram => State::Applied,
        AppliedKind::Baseline => State::Baseline,
        AppliedKind::Failed => State::Failed,
    }
}
