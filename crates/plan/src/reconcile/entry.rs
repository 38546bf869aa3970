//! One migration as files and history together know it, with the verdict.

use shoring_core::{Applied, Checksum, CompatibleWith, Direction, Migration, OrderKey, State};
use std::sync::Arc;

/// One migration as files and history together know it. At least one side is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands.
    pub order: OrderKey,
    /// The file's side.
    pub migration: Option<Arc<Migration>>,
    /// The history's side.
    pub applied: Option<Arc<Applied>>,
    /// A row that says that it began and did not end well.
    pub failed: Option<Arc<Applied>>,
    /// Checksum of what was applied, where known.
    pub applied_checksum: Option<Checksum>,
    /// The verdict.
    pub state: State,
    /// The way of the run that stopped half-way, where the journal knows of one.
    pub half: Option<Direction>,
    /// How far a half-done one got, where the journal knows: then it can go on.
    pub detail: Option<String>,
    /// What was recorded about older programs when it was applied.
    pub compatible_with: Option<CompatibleWith>,
    /// It would run, and has the text of this one, which was applied and has no file any more.
    pub renamed_from: Option<OrderKey>,
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
            State::Failed => self.applied.is_none() || self.is_half_run_again(),
            State::Applied | State::Changed | State::Missing | State::Baseline | State::Ignored => {
                false
            }
        }
    }

    /// Whether it is applied and was run once more, since it runs again and again, and that stopped half-way.
    pub fn is_half_run_again(&self) -> bool {
        self.applied.is_some() && self.half == Some(Direction::Up)
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

    /// What a user may call it, beside its version.
    pub fn spellings(&self) -> Option<&str> {
        let of_file = self.migration.as_ref().map(|file| &file.attributes);
        let of_row = self.applied.as_ref().map(|row| &row.attributes);
        let spellings = of_file.or(of_row)?.get(Migration::SPELLINGS)?;
        Some(spellings)
    }

    /// The tag that its row has.
    pub fn tag(&self) -> Option<&str> {
        let row = self.applied.as_ref()?;
        row.attributes.get(Applied::TAG).map(String::as_str)
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
