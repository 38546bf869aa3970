//! Compares the files of a project with the rows of its history: each migration gets one state.

use shoring_core::{
    Applied, AppliedKind, Checksum, CompatibleWith, Migration, MigrationSet, OrderKey, State,
};
use std::collections::BTreeMap;

/// What the journal adds to the history table: checksums where the table keeps none, and runs that ended half-way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JournalView {
    /// Checksum of the file that was applied, per migration.
    pub checksums: BTreeMap<OrderKey, Checksum>,
    /// Migrations of which a part may be in the database, with how far they got, for people.
    pub half_done: BTreeMap<OrderKey, String>,
    /// What was recorded about older programs when a migration was applied. Read only where the database is ahead.
    pub compatible: BTreeMap<OrderKey, CompatibleWith>,
}

/// One migration as files and history together know it. At least one side is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands.
    pub order: OrderKey,
    /// The file's side.
    pub migration: Option<Migration>,
    /// The history's side.
    pub applied: Option<Applied>,
    /// Checksum of what was applied, where known.
    pub applied_checksum: Option<Checksum>,
    /// The verdict.
    pub state: State,
    /// How far a half-done one got.
    pub detail: Option<String>,
    /// What was recorded about older programs when it was applied.
    pub compatible_with: Option<CompatibleWith>,
}

impl Entry {
    /// Version as the file spells it, else as the history does.
    pub fn version(&self) -> &str {
        match (&self.migration, &self.applied) {
            (Some(migration), _) => migration.version.as_str(),
            (None, Some(applied)) => applied.version.as_str(),
            (None, None) => "",
        }
    }

    /// The name, from the file or the history.
    pub fn name(&self) -> &str {
        match (&self.migration, &self.applied) {
            (Some(migration), _) => &migration.name,
            (None, Some(applied)) => applied.name.as_deref().unwrap_or_default(),
            (None, None) => "",
        }
    }

    /// The full id for people.
    pub fn id(&self) -> String {
        if self.name().is_empty() {
            self.version().to_owned()
        } else {
            format!("{}_{}", self.version(), self.name())
        }
    }
}

/// All migrations in order, with their states.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reconciliation {
    /// The entries, in order.
    pub entries: Vec<Entry>,
}

impl Reconciliation {
    /// The highest applied migration.
    pub fn current(&self) -> Option<&Entry> {
        self.entries
            .iter()
            .rev()
            .find(|entry| entry.applied.is_some())
    }

    /// The entries that `up` would run, out-of-order ones included.
    pub fn pending(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| {
            entry.applied.is_none()
                && matches!(
                    entry.state,
                    State::Pending | State::OutOfOrder | State::Failed
                )
        })
    }

    /// The entries in one state.
    pub fn in_state(&self, state: State) -> impl Iterator<Item = &Entry> {
        self.entries
            .iter()
            .filter(move |entry| entry.state == state)
    }

    /// Applied migrations without a file that all stand after the last file: the checkout is older than the database.
    pub fn is_ahead_of_files(&self) -> bool {
        let last_file = self
            .entries
            .iter()
            .rposition(|entry| entry.migration.is_some());
        let first_missing = self
            .entries
            .iter()
            .position(|entry| entry.state == State::Missing);
        match (last_file, first_missing) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(file), Some(missing)) => missing > file,
        }
    }
}

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

/// Compares files and history.
pub fn reconcile(set: &MigrationSet, applied: &[Applied], journal: &JournalView) -> Reconciliation {
    let mut sides: BTreeMap<OrderKey, (Option<&Migration>, Option<&Applied>)> = BTreeMap::new();
    for migration in &set.migrations {
        sides.entry(migration.order.clone()).or_default().0 = Some(migration);
    }
    for row in applied {
        sides.entry(row.order.clone()).or_default().1 = Some(row);
    }
    let newest_applied = applied.iter().map(|row| &row.order).max();
    let entries = sides
        .iter()
        .map(|(order, (migration, applied))| {
            let applied_checksum = applied.and_then(|row| match row.kind {
                AppliedKind::Applied | AppliedKind::Marked | AppliedKind::Baseline => row
                    .checksum
                    .clone()
                    .or_else(|| journal.checksums.get(order).cloned()),
            });
            let detail = journal.half_done.get(order).cloned();
            let state = match (migration, applied) {
                (Some(_), _) if detail.is_some() => State::Failed,
                (Some(migration), Some(row)) => {
                    if applied_checksum
                        .as_ref()
                        .is_some_and(|checksum| *checksum != migration.up.checksum)
                    {
                        State::Changed
                    } else {
                        applied_state(row)
                    }
                }
                (None, Some(row)) => match row.kind {
                    AppliedKind::Baseline => State::Baseline,
                    AppliedKind::Applied | AppliedKind::Marked => State::Missing,
                },
                (Some(_), None) if newest_applied.is_some_and(|newest| order < newest) => {
                    State::OutOfOrder
                }
                (Some(_) | None, None) => State::Pending,
            };
            Entry {
                order: order.clone(),
                migration: migration.cloned(),
                applied: applied.cloned(),
                applied_checksum,
                state,
                detail,
                compatible_with: journal.compatible.get(order).cloned(),
            }
        })
        .collect();
    Reconciliation { entries }
}

const fn applied_state(row: &Applied) -> State {
    match row.kind {
        AppliedKind::Applied | AppliedKind::Marked => State::Applied,
        AppliedKind::Baseline => State::Baseline,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use shoring_core::{Directives, Kind, Script, Version};

    pub(crate) fn order(number: u128) -> OrderKey {
        OrderKey::Numbers(vec![number])
    }

    fn script(path: String, text: &str) -> Script {
        Script {
            path,
            size: 0,
            checksum: Checksum::of(text.as_bytes()),
            directives: Directives::default(),
        }
    }

    pub(crate) fn set(versions: &[(u128, &str)]) -> MigrationSet {
        MigrationSet {
            format: "shoring",
            folder: "migrations".to_owned(),
            migrations: versions
                .iter()
                .map(|(number, text)| Migration {
                    version: Version::new(format!("{number:03}")),
                    name: format!("m{number}"),
                    order: order(*number),
                    kind: Kind::Versioned,
                    up: script(format!("migrations/{number:03}_m{number}.up.sql"), text),
                    down: Some(script(
                        format!("migrations/{number:03}_m{number}.down.sql"),
                        "",
                    )),
                })
                .collect(),
            ignored: Vec::new(),
            diagnostics: Vec::new(),
        }
    }

    pub(crate) fn row(number: u128, text: &str) -> Applied {
        Applied {
            version: Version::new(number.to_string()),
            order: order(number),
            name: None,
            kind: AppliedKind::Applied,
            checksum: Some(Checksum::of(text.as_bytes())),
            applied_at: None,
            applied_by: None,
            milliseconds: None,
        }
    }

    fn states(reconciliation: &Reconciliation) -> Vec<(String, State)> {
        reconciliation
            .entries
            .iter()
            .map(|entry| (entry.version().to_owned(), entry.state))
            .collect()
    }

    #[test]
    fn a_newer_database_is_judged_by_what_was_recorded() {
        let rows: Vec<Applied> = [1, 2, 3, 4, 5].map(|number| row(number, "")).into();
        let recorded = |notes: &[(u128, u128)]| JournalView {
            compatible: notes
                .iter()
                .map(|(of, with)| {
                    let version = Version::new(with.to_string());
                    (
                        order(*of),
                        CompatibleWith {
                            version,
                            order: order(*with),
                        },
                    )
                })
                .collect(),
            ..JournalView::default()
        };
        let files = set(&[(1, ""), (2, ""), (3, "")]);
        for (notes, limit, expected) in [
            (vec![(4, 2), (5, 3)], 5, "compatible 4 5"),
            (vec![(4, 2), (5, 3)], 3, "compatible 4 5"),
            (vec![(4, 2), (5, 3)], 2, "unproven 5"),
            (vec![(4, 2), (5, 3)], 0, "unproven 4 5"),
            (vec![(5, 1)], 5, "unproven 4"),
            (vec![], 5, "unproven 4 5"),
            (vec![(3, 1), (2, 1)], 5, "unproven 4 5"),
        ] {
            let found = reconcile(&files, &rows, &recorded(&notes));
            let (word, entries) = match found.ahead_of(limit) {
                Ahead::No => ("no", Vec::new()),
                Ahead::Compatible(entries) => ("compatible", entries),
                Ahead::Unproven(entries) => ("unproven", entries),
            };
            let mut told = vec![word];
            told.extend(entries.iter().map(|entry| entry.version()));
            assert_eq!(told.join(" "), expected, "{notes:?} {limit}");
        }
        let all = reconcile(&set(&[(1, ""), (5, "")]), &rows, &recorded(&[]));
        assert_eq!(all.ahead_of(5), Ahead::No);
    }

    #[test]
    fn every_state() {
        let set = set(&[(1, "a"), (2, "b"), (3, "c"), (5, "e"), (6, "f")]);
        let rows = [row(1, "a"), row(2, "edited"), row(4, "gone"), row(5, "e")];
        let reconciliation = reconcile(&set, &rows, &JournalView::default());
        let expected = [
            ("001", State::Applied),
            ("002", State::Changed),
            ("003", State::OutOfOrder),
            ("4", State::Missing),
            ("005", State::Applied),
            ("006", State::Pending),
        ];
        assert_eq!(
            states(&reconciliation),
            expected.map(|(v, s)| (v.to_owned(), s))
        );
        assert!(!reconciliation.is_ahead_of_files());
        assert_eq!(reconciliation.current().unwrap().version(), "005");
    }

    #[test]
    fn a_database_ahead_of_the_checkout_is_told_apart_from_a_deleted_file() {
        let files = set(&[(1, "a"), (2, "b")]);
        let ahead = reconcile(
            &files,
            &[row(1, "a"), row(2, "b"), row(3, "c")],
            &JournalView::default(),
        );
        assert!(ahead.is_ahead_of_files());
        let deleted = reconcile(
            &set(&[(2, "b")]),
            &[row(1, "a"), row(2, "b")],
            &JournalView::default(),
        );
        assert!(!deleted.is_ahead_of_files());
    }

    #[test]
    fn the_journal_knows_checksums_the_table_does_not() {
        let mut plain = row(1, "a");
        plain.checksum = None;
        let mut journal = JournalView::default();
        journal.checksums.insert(order(1), Checksum::of(b"before"));
        let reconciliation = reconcile(&set(&[(1, "a")]), &[plain], &journal);
        assert_eq!(reconciliation.entries[0].state, State::Changed);
    }
}
