//! What a database that is ahead of the files says about a program that is built from them: may it run?

use super::entry::Entry;
use super::reconciliation::Reconciliation;
use shoring_core::State;

/// What a database that is ahead of the files says about a program that knows versions up to some migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ahead<'a> {
    /// It is not ahead.
    No,
    /// Every migration the files do not have was recorded as compatible with that program.
    Compatible(Vec<&'a Entry>),
    /// These are not known to be compatible: they were recorded with a later version, or with none.
    Unproven(Vec<&'a Entry>),
}

impl Reconciliation {
    /// Judges the migrations that the files do not have, for a program that knows everything up to entry `limit`
    /// (exclusive).
    pub fn ahead_of(&self, limit: usize) -> Ahead<'_> {
        if !self.is_ahead_of_files() {
            return Ahead::No;
        }
        let known = self.entries[..limit]
            .iter()
            .rfind(|entry| entry.migration.is_some())
            .map(|entry| &entry.order);
        let unknown: Vec<&Entry> = self.in_state(State::Missing).collect();
        let unproven: Vec<&Entry> = unknown
            .iter()
            .filter(|entry| {
                let oldest = entry.compatible_with.as_ref().map(|found| &found.order);
                oldest.is_none() || oldest > known
            })
            .copied()
            .collect();
        if unproven.is_empty() {
            Ahead::Compatible(unknown)
        } else {
            Ahead::Unproven(unproven)
        }
    }
}
