//! A history table with one row for each applied migration, and no place for what is half-done: most tools have one. Such a
//! history says what a row looks like, and how it is found again.

use crate::history::{At, Change, HistoryEntry, HistoryError};
use crate::table_sql::{self, Cell};
use shoring_core::{Applied, Value};
use std::sync::Arc;

/// The rows of such a table.
pub(crate) trait OneRowEach {
    /// The statement that adds the row of a migration. `existing` are the rows as they are now.
    fn insert(
        &self,
        at: At<'_>,
        existing: &[Arc<Applied>],
        entry: &HistoryEntry,
    ) -> Result<String, HistoryError>;

    /// What only the row of this migration has.
    fn key(&self, at: At<'_>, applied: &Applied) -> Result<(&'static str, Value), HistoryError>;

    /// What a row has to say of a file as it is now; nothing, where it says nothing of the file.
    fn of_file(
        &self,
        _at: At<'_>,
        _entry: &HistoryEntry,
    ) -> Result<Vec<(&'static str, Cell)>, HistoryError> {
        Ok(Vec::new())
    }

    /// What a row says whose file is gone for good; nothing, where it cannot.
    fn retired(&self) -> Vec<(&'static str, Cell)> {
        Vec::new()
    }
}

/// The statements that make a change: `History::write` of such a table.
pub(crate) fn write(
    history: &impl OneRowEach,
    at: At<'_>,
    existing: &[Arc<Applied>],
    change: Change<'_>,
) -> Result<Vec<String>, HistoryError> {
    let update = |cells: Vec<(&'static str, Cell)>, applied| -> Result<_, HistoryError> {
        if cells.is_empty() {
            return Ok(Vec::new());
        }
        Ok(vec![table_sql::update(
            at,
            &cells,
            &[history.key(at, applied)?],
        )])
    };
    match change {
        // What is half-done stands in the journal.
        Change::Begin(_)
        | Change::TakeBackBegin(_)
        | Change::Fail { .. }
        | Change::BeginRollBack(_)
        | Change::TakeBackBeginRollBack(_) => Ok(Vec::new()),
        Change::Apply { entry, .. } | Change::Mark(entry) => {
            Ok(vec![history.insert(at, existing, entry)?])
        }
        Change::Baseline(entries) => entries
            .iter()
            .map(|entry| history.insert(at, existing, entry))
            .collect(),
        Change::RollBack(applied) | Change::Forget(applied) => {
            Ok(vec![table_sql::delete(at, &[history.key(at, applied)?])])
        }
        Change::Realign { applied, entry } => update(history.of_file(at, entry)?, applied),
        Change::Retire(applied) => update(history.retired(), applied),
    }
}
