//! States from small sets of files and rows.

use super::*;
use shoring_core::{
    Applied, AppliedKind, Attributes, Checksum, CompatibleWith, Directives, Kind, Migration,
    MigrationSet, Missing, OrderKey, Policy, Script, State, Version, shared,
};
use std::sync::Arc;

pub(crate) fn order(number: u128) -> OrderKey {
    OrderKey::Numbers(vec![number])
}

fn script(path: String, text: &str) -> Script {
    Script {
        path,
        part: None,
        size: 0,
        checksum: Checksum::of(text.as_bytes()),
        directives: Directives::default(),
        placeholders: None,
        edits: None,
    }
}

pub(crate) fn set(versions: &[(u128, &str)]) -> MigrationSet {
    MigrationSet {
        format: "shoring",
        policy: Policy::STRICT,
        folder: "migrations".to_owned(),
        migrations: shared(versions.iter().map(|(number, text)| Migration {
            version: Version::new(format!("{number:03}")),
            name: format!("m{number}"),
            order: order(*number),
            kind: Kind::Versioned,
            up: script(format!("migrations/{number:03}_m{number}.up.sql"), text),
            down: Some(script(
                format!("migrations/{number:03}_m{number}.down.sql"),
                "",
            )),
            checksums: vec![Checksum::of(text.as_bytes())],
            attributes: Attributes::new(),
            program: None,
            terms: shoring_core::Terms::default(),
        })),
        ignored: Vec::new(),
        diagnostics: Vec::new(),
    }
}

pub(crate) fn row(number: u128, text: &str) -> Arc<Applied> {
    Arc::new(Applied {
        checksum: Some(Checksum::of(text.as_bytes())),
        ..Applied::new(Version::new(number.to_string()), order(number))
    })
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
    let rows: Vec<Arc<Applied>> = [1, 2, 3, 4, 5].map(|number| row(number, "")).into();
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
    Arc::make_mut(&mut plain).checksum = None;
    let mut journal = JournalView::default();
    let before = vec![Checksum::of(b"before"), Checksum::of(b"in another format")];
    journal.checksums.insert(order(1), before);
    let reconciled = |text: &str, journal: &JournalView| {
        reconcile(&set(&[(1, text)]), &[plain.clone()], journal)
    };
    let reconciliation = reconciled("a", &journal);
    assert_eq!(reconciliation.entries[0].state, State::Changed);
    for text in ["before", "in another format"] {
        let reconciliation = reconciled(text, &journal);
        assert_eq!(reconciliation.entries[0].state, State::Applied);
    }
}

#[test]
fn one_that_runs_again_when_changed_is_never_changed_nor_late() {
    let mut files = set(&[(1, "a"), (2, "b"), (9, "view")]);
    Arc::make_mut(&mut files.migrations[2]).kind = Kind::Repeatable;
    let rows = [row(1, "a"), row(9, "old view")];
    let reconciliation = reconcile(&files, &rows, &JournalView::default());
    let expected = [
        ("001", State::Applied),
        ("002", State::Pending),
        ("009", State::Pending),
    ];
    assert_eq!(
        states(&reconciliation),
        expected.map(|(v, s)| (v.to_owned(), s))
    );
    assert_eq!(reconciliation.pending().count(), 2);
}

#[test]
fn any_of_several_spellings_of_a_checksum_is_the_same_text() {
    let mut files = set(&[(1, "a"), (2, "b")]);
    Arc::make_mut(&mut files.migrations[0]).checksums =
        vec![Checksum::of(b"as is"), Checksum::of(b"with CRLF")];
    Arc::make_mut(&mut files.migrations[1]).checksums = Vec::new();
    let rows = [row(1, "with CRLF"), row(2, "a sum that nobody can check")];
    let reconciliation = reconcile(&files, &rows, &JournalView::default());
    assert!(
        states(&reconciliation)
            .iter()
            .all(|(_, state)| *state == State::Applied)
    );
}

#[test]
fn a_row_that_says_failed_is_not_applied() {
    let mut failed = row(2, "b");
    Arc::make_mut(&mut failed).kind = AppliedKind::Failed;
    let reconciliation = reconcile(
        &set(&[(1, "a"), (2, "b"), (3, "c")]),
        &[row(1, "a"), failed],
        &JournalView::default(),
    );
    assert_eq!(reconciliation.entries[1].state, State::Failed);
    assert_eq!(reconciliation.current().unwrap().version(), "001");
}

/// Each that has the text of one whose file is gone, with that one.
fn renamed(reconciliation: &Reconciliation) -> Vec<(&str, &str)> {
    reconciliation
        .entries
        .iter()
        .filter_map(|entry| {
            let old = reconciliation.renamed_from(entry)?;
            Some((entry.version(), old.version()))
        })
        .collect()
}

#[test]
fn a_file_with_the_text_of_one_that_is_gone_was_renamed() {
    let mut files = set(&[(1, "a"), (4, "b"), (5, "c"), (6, ""), (7, "a")]);
    for migration in &mut files.migrations {
        let migration = Arc::make_mut(migration);
        migration.up.size = u64::from(migration.up.checksum != Checksum::of(b""));
    }
    let rows = [row(1, "a"), row(2, "b"), row(3, "")];
    let mut files_of_others = files.clone();
    files_of_others.policy.ahead = Some(Missing::Note);
    files_of_others.policy.missing = Missing::Note;
    for (files, expected) in [(files, vec![("004", "2")]), (files_of_others, vec![])] {
        let reconciliation = reconcile(&files, &rows, &JournalView::default());
        assert_eq!(renamed(&reconciliation), expected);
    }
}

#[test]
fn one_that_was_moved_is_known_where_others_share_the_table() {
    let mut files = set(&[(1, "a"), (4, "b"), (5, "b"), (6, "c")]);
    let called = |text: &str| Attributes::from([(Migration::SPELLINGS, text.to_owned())]);
    for (migration, name) in files
        .migrations
        .iter_mut()
        .zip(["1:me", "2:me", "3:me", "9:me"])
    {
        let migration = Arc::make_mut(migration);
        migration.up.size = 1;
        migration.attributes = called(name);
    }
    files.policy.ahead = Some(Missing::Note);
    files.policy.missing = Missing::Note;
    let rows = [
        ("a", 1, "1:me"),
        ("b", 2, "2:me"),
        ("b", 3, "3:me"),
        ("c", 7, "4:me"),
    ]
    .map(|(checksum, number, name)| {
        let mut row = row(number, checksum);
        Arc::make_mut(&mut row).attributes = called(name);
        row
    });
    let reconciliation = reconcile(&files, &rows, &JournalView::default());
    assert_eq!(renamed(&reconciliation), [("004", "2"), ("005", "3")]);
}
