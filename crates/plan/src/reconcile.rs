//! Compares the files of a project with the rows of its history: each migration gets one state.

use shoring_core::{
    Applied, AppliedKind, Checksum, CompatibleWith, Direction, Kind, Late, Migration, MigrationSet,
    Missing, OrderKey, Policy, State,
};
use std::collections::BTreeMap;

/// What the journal adds to the history table: checksums where the table keeps none, and runs that ended half-way.
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
    fn is_half_rolled_back(&self, order: &OrderKey) -> bool {
        self.half_done
            .get(order)
            .is_some_and(|half| half.direction == Direction::Down)
    }
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
    /// A row that says that it began and did not end well.
    pub failed: Option<Applied>,
    /// Checksum of what was applied, where known.
    pub applied_checksum: Option<Checksum>,
    /// The verdict.
    pub state: State,
    /// How far a half-done one got, where the journal knows: then it can go on.
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

    /// Whether `up` runs it: it is not applied, or it is one that runs again whenever it was changed.
    pub fn is_to_run(&self) -> bool {
        match self.state {
            State::Pending | State::OutOfOrder => true,
            State::Failed => self.applied.is_none(),
            State::Applied | State::Changed | State::Missing | State::Baseline | State::Ignored => {
                false
            }
        }
    }

    /// Whether `up` runs it although it is applied and unchanged.
    pub fn runs_always(&self) -> bool {
        let terms = self.migration.as_ref().map(|migration| &migration.terms);
        self.state == State::Applied
            && terms.is_some_and(|terms| terms.runs_always && terms.passed_over.is_none())
    }

    /// Whether there is a file, and it is for this database and this environment.
    pub fn is_of_this_project(&self) -> bool {
        let migration = self.migration.as_ref();
        migration.is_some_and(|migration| migration.terms.passed_over.is_none())
    }

    /// Its place in the order in which things were applied, where the history keeps that.
    pub fn sequence(&self) -> Option<i64> {
        let row = self.applied.as_ref()?;
        row.attributes.get(Applied::SEQUENCE)?.parse().ok()
    }

    /// Whether the row has another checksum than the file and still means the same text.
    pub fn is_respelled(&self) -> bool {
        let row = self.applied.as_ref().and_then(|row| row.checksum.as_ref());
        let file = self
            .migration
            .as_ref()
            .and_then(|migration| migration.checksums.first());
        self.state == State::Applied
            && matches!((row, file), (Some(row), Some(file)) if row != file)
    }

    /// The full id for people.
    pub fn id(&self) -> String {
        if let Some(migration) = &self.migration {
            migration.id()
        } else if self.name().is_empty() {
            self.version().to_owned()
        } else {
            format!("{}_{}", self.version(), self.name())
        }
    }
}

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
    let entries = sides
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
                detail: half_done.map(|half| half.progress.clone()),
                compatible_with: journal.compatible.get(*order).cloned(),
            }
        })
        .collect();
    Reconciliation {
        entries,
        policy: set.policy,
    }
}

/// What files and history say of one migration.
#[derive(Default)]
struct Sides<'a> {
    migration: Option<&'a Migration>,
    applied: Option<&'a Applied>,
    failed: Option<&'a Applied>,
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
    fn is_applied_for_good(&self) -> bool {
        self.applied.is_some() && !self.is_repeatable()
    }

    fn state(
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
                row.map_or(State::Ignored, applied_state)
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

/// Where a history begins: with the first migration, or with one that stands for everything up to it.
struct Start<'a> {
    /// It is to run, because nothing is applied.
    to_run: Option<&'a OrderKey>,
    /// It ran.
    applied: Option<&'a OrderKey>,
}

impl<'a> Start<'a> {
    fn of(set: &'a MigrationSet, applied: &'a [Applied]) -> Self {
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
    fn counts(&self, migration: &Migration) -> bool {
        let is_start = [self.to_run, self.applied].contains(&Some(&migration.order));
        is_start == (migration.kind == Kind::Baseline)
    }

    /// Whether it is never run, because what is to run first stands for it.
    fn passes_over(&self, order: &OrderKey) -> bool {
        self.to_run.is_some_and(|start| order < start)
    }
}

const fn applied_state(row: &Applied) -> State {
    match row.kind {
        AppliedKind::Applied | AppliedKind::Marked | AppliedKind::ByProgram => State::Applied,
        AppliedKind::Baseline => State::Baseline,
        AppliedKind::Failed => State::Failed,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use shoring_core::{Attributes, Directives, Script, Version};

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
                    checksums: vec![Checksum::of(text.as_bytes())],
                    attributes: Attributes::new(),
                    program: None,
                    terms: shoring_core::Terms::default(),
                })
                .collect(),
            ignored: Vec::new(),
            diagnostics: Vec::new(),
        }
    }

    pub(crate) fn row(number: u128, text: &str) -> Applied {
        Applied {
            checksum: Some(Checksum::of(text.as_bytes())),
            ..Applied::new(Version::new(number.to_string()), order(number))
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
        files.migrations[2].kind = Kind::Repeatable;
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
        files.migrations[0].checksums = vec![Checksum::of(b"as is"), Checksum::of(b"with CRLF")];
        files.migrations[1].checksums = Vec::new();
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
        failed.kind = AppliedKind::Failed;
        let reconciliation = reconcile(
            &set(&[(1, "a"), (2, "b"), (3, "c")]),
            &[row(1, "a"), failed],
            &JournalView::default(),
        );
        assert_eq!(reconciliation.entries[1].state, State::Failed);
        assert_eq!(reconciliation.current().unwrap().version(), "001");
    }
}
