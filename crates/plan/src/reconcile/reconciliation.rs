//! All migrations of a project with their states, and what is asked of them.

use super::entry::Entry;
use shoring_core::{Missing, OrderKey, Policy, State};

/// All migrations in order, with their states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    /// The entries, in order.
    pub entries: Vec<Entry>,
    /// What the tool makes of those that do not match.
    pub policy: Policy,
}

impl Reconciliation {
    /// The highest applied migration.
    pub fn current(&self) -> Option<&Entry> {
        self.entries
            .iter()
            .rev()
            .find(|entry| entry.applied.is_some() && entry.order.is_step())
    }

    /// How many of the entries have a place of their own. The others come after them.
    pub fn steps(&self) -> usize {
        self.entries.partition_point(|entry| entry.order.is_step())
    }

    /// What is to be made of an entry that is applied and has no file.
    pub fn of_missing(&self, entry: &Entry) -> Missing {
        let last_file = self.entries[..self.steps()]
            .iter()
            .rfind(|entry| entry.migration.is_some());
        let is_after = last_file.is_none_or(|last| last.order < entry.order);
        match self.policy.ahead {
            _ if !entry.order.is_step() => self.policy.missing_repeatable,
            Some(ahead) if is_after => ahead,
            Some(_) | None => self.policy.missing,
        }
    }

    /// Whether a row without a file is to be left as it is: the tool is told so, or shares its table with other projects.
    pub fn is_let_be(&self, entry: &Entry) -> bool {
        self.policy.ahead.is_some() && self.of_missing(entry) == Missing::Note
    }

    /// The applied migration without a file that an entry which would run is, by its text: the file got another name, and to
    /// run it would be to run it twice. Where others may share the table, a text alone is no proof; under the same name in another
    /// place it is.
    pub fn renamed_from(&self, entry: &Entry) -> Option<&Entry> {
        let old = self.by_order(entry.renamed_from.as_ref()?)?;
        let is_called_the_same = old.spellings().is_some() && old.spellings() == entry.spellings();
        (is_called_the_same || !self.is_let_be(old)).then_some(old)
    }

    /// The entry that would run and is, by its text, a migration that was applied and has no file any more.
    pub fn renamed_to(&self, missing: &Entry) -> Option<&Entry> {
        self.pending().find(|entry| {
            self.renamed_from(entry)
                .is_some_and(|old| old.order == missing.order)
        })
    }

    /// The entries that `up` would run, out-of-order ones included.
    pub fn pending(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.is_to_run())
    }

    /// The entry of an order key. The entries are in order.
    pub fn by_order(&self, order: &OrderKey) -> Option<&Entry> {
        let index = self
            .entries
            .binary_search_by(|entry| entry.order.cmp(order))
            .ok()?;
        Some(&self.entries[index])
    }

    /// The entries in one state.
    pub fn in_state(&self, state: State) -> impl Iterator<Item = &Entry> {
        self.entries
            .iter()
            .filter(move |entry| entry.state == state)
    }

    /// Applied migrations without a file that all stand after the last file: the checkout is older than the database.
    pub fn is_ahead_of_files(&self) -> bool {
        let steps = &self.entries[..self.steps()];
        let last_file = steps.iter().rposition(|entry| entry.migration.is_some());
        let first_missing = steps.iter().position(|entry| entry.state == State::Missing);
        match (last_file, first_missing) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(file), Some(missing)) => missing > file,
        }
    }
}
