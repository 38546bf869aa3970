//! Why nothing may run, as an error for people: which migration, who applied it and when, what to do.

use super::open::Opened;
use crate::error::{Error, ErrorKind};
use crate::settings::did_you_mean;
use shoring_core::{Checksum, Migration, State};
use shoring_plan::reconcile::is_renamed;
use shoring_plan::{Entry, SelectError, TargetError};

const NOTHING_RUN: &str = "Nothing was run and nothing was changed.";

impl Opened {
    /// Turns a refusal of `plan` into an error of the engine.
    pub(super) fn refusal(&self, error: &SelectError) -> Error {
        match error {
            SelectError::Target(error) => target_error(error),
            SelectError::Mismatch { entries } => self.mismatch(entries),
            SelectError::Ahead { entries } => {
                let mut error = Error::new(
                    ErrorKind::Ahead,
                    "database-ahead",
                    format!(
                        "the database is ahead of this checkout by {}",
                        count(entries.len(), "migration")
                    ),
                )
                .state(NOTHING_RUN);
                for entry in entries.iter().take(5) {
                    error = error.note(format!("{}; {}", self.line(entry), compatibility(entry)));
                }
                error.next(
                    "run this from a checkout that has these files, or deploy the newer version",
                )
            }
            SelectError::NoDown {
                id,
                migration,
                reachable,
            } => {
                let format = self.ledger.found.format;
                let lack = format.way_back_name();
                let error = Error::new(
                    ErrorKind::Refused,
                    "no-down",
                    format!("{id} has no {lack}, so it cannot be rolled back"),
                )
                .note("nothing was run")
                .state(NOTHING_RUN)
                .next(format.way_back(migration));
                match reachable {
                    Some(version) => error.next(format!(
                        "or roll back only what can be:  shoring down --to {version}"
                    )),
                    None => error,
                }
            }
            SelectError::NoFile { id } => Error::new(
                ErrorKind::Refused,
                "no-file",
                format!("{id} has no file any more, so it cannot be rolled back"),
            )
            .state(NOTHING_RUN)
            .next("bring the file back from version control"),
            SelectError::IsBaseline { id } => Error::new(
                ErrorKind::Refused,
                "is-baseline",
                format!(
                    "{id} was taken as the baseline and never ran here, so it cannot be rolled back"
                ),
            )
            .state(NOTHING_RUN)
            .next("roll back only what ran here:  shoring status"),
        }
    }

    fn mismatch(&self, entries: &[Entry]) -> Error {
        let has = |state| entries.iter().any(|entry| entry.state == state);
        let moved: Vec<(&Entry, &Entry)> = entries
            .iter()
            .filter_map(|entry| Some((self.reconciliation.renamed_from(entry)?, entry)))
            .collect();
        let is_moved = |entry: &Entry| {
            let orders = |(old, new): &(&Entry, &Entry)| [old.order.clone(), new.order.clone()];
            moved
                .iter()
                .flat_map(orders)
                .any(|order| order == entry.order)
        };
        let has_other = |state| {
            let mut others = entries.iter().filter(|entry| !is_moved(entry));
            others.any(|entry| entry.state == state)
        };
        let (code, message) = if has(State::Changed) {
            (
                "changed-files",
                "files were changed after they had been applied",
            )
        } else if !moved.is_empty() {
            (
                "renamed-files",
                "files were renamed after they had been applied, and would run again",
            )
        } else if has(State::Missing) {
            (
                "missing-files",
                "migrations that were applied have no file any more",
            )
        } else if has(State::OutOfOrder) {
            (
                "out-of-order",
                "there are migrations that stand before the current version and were never applied",
            )
        } else if entries.iter().any(is_failed_row) {
            (
                "failed-row",
                "the history says that a migration began and did not end well",
            )
        } else {
            ("mismatch", "a rollback stopped half-way")
        };
        let mut error = Error::new(ErrorKind::Mismatch, code, message).state(NOTHING_RUN);
        for entry in entries.iter().take(8) {
            error = error.note(self.line(entry));
        }
        if entries.len() > 8 {
            error = error.note(format!("… and {} more", entries.len() - 8));
        }
        let (renamed, rewritten): (Vec<&Entry>, Vec<&Entry>) = entries
            .iter()
            .filter(|entry| entry.state == State::Changed)
            .partition(|entry| self.is_renamed(entry));
        if !renamed.is_empty() {
            error = error
                .next("give the file its old name back;  if the new one is meant:  shoring repair");
        }
        if !rewritten.is_empty() {
            error = error.next("put the old text back and write a new migration;  if the change is meant:  shoring repair");
        }
        for (old, new) in moved.iter().take(1) {
            error = self
                .old_name_back(old, new)
                .into_iter()
                .fold(error, Error::next);
        }
        if has_other(State::Missing) {
            error = error.next("bring the file back from version control;  if it is gone for good:  shoring repair");
        }
        if has_other(State::OutOfOrder) {
            error = error.next("give the file a number after the current version;  or run it all the same:  shoring up --allow-out-of-order");
        }
        if entries.iter().any(is_failed_row) {
            error = error.next("see what of it is in the database:  shoring doctor");
        } else if has(State::Failed) {
            error = error.next("finish the rollback:  shoring down");
        }
        error
    }

    /// What to do about a file that got another name. Where the table keeps the newest version only, to mark one is to mark all
    /// before it.
    pub(super) fn old_name_back(&self, old: &Entry, new: &Entry) -> Vec<String> {
        let format = self.ledger.found.format;
        let back = match &old.applied {
            Some(row) => format.name_back(row),
            None => "give the file its old name back".to_owned(),
        };
        if format.history().keeps_only_newest() {
            return vec![back];
        }
        let mark = format!(
            "if the new one is meant:  shoring mark {} applied",
            new.version()
        );
        match format.is_another() {
            None => vec![format!("{back};  {mark}")],
            Some(another) => vec![back, mark, another.to_owned()],
        }
    }

    /// Whether the name is what is wrong with a file.
    fn is_renamed(&self, entry: &Entry) -> bool {
        match (&entry.migration, &entry.applied) {
            (Some(migration), Some(applied)) => {
                self.set.policy.compares_names && is_renamed(migration, applied)
            }
            _ => false,
        }
    }

    /// One entry with who applied it and when.
    pub(super) fn line(&self, entry: &Entry) -> String {
        let is_renamed = self.is_renamed(entry);
        let what = match entry.state {
            State::Changed if is_renamed => "the file has another name than what was applied",
            State::Changed => "the file is not what was applied",
            State::Missing => "no file",
            State::OutOfOrder => "never applied",
            State::Failed if is_failed_row(entry) => "recorded as failed",
            State::Failed => "half rolled back",
            State::Applied | State::Pending | State::Baseline | State::Ignored => "",
        };
        let mut line = match self.reconciliation.renamed_from(entry) {
            Some(old) => format!(
                "{}: has the text of {}, which has no file{}",
                entry.id(),
                old.id(),
                self.when_applied(old)
            ),
            None => format!("{}: {what}", entry.id()),
        };
        line.push_str(&self.when_applied(entry));
        if let (true, Some(applied)) = (is_renamed, &entry.applied) {
            line.push_str(&format!(
                " (as `{}`)",
                applied.name.as_deref().unwrap_or_default()
            ));
        } else if let (State::Changed, Some(old), Some(migration)) =
            (entry.state, &entry.applied_checksum, &entry.migration)
        {
            line.push_str(&format!(
                " (checksum {}, now {})",
                short(old.as_str()),
                short(checksum_of(migration).as_str())
            ));
        }
        line
    }

    /// When it was applied and by whom, as far as is known: `; applied 2026-11-21 10:00 UTC by app`.
    fn when_applied(&self, entry: &Entry) -> String {
        let Some(applied) = &entry.applied else {
            return String::new();
        };
        let by = applied.applied_by.clone().or_else(|| {
            self.snapshot
                .appliers
                .get(&entry.order)
                .and_then(|(who, _)| who.clone())
        });
        let when = applied
            .applied_at
            .as_deref()
            .map(|time| time.get(..16).unwrap_or(time).replace('T', " "));
        match (when, by) {
            (Some(when), Some(by)) => format!("; applied {when} UTC by {by}"),
            (Some(when), None) => format!("; applied {when} UTC"),
            (None, Some(by)) => format!("; applied by {by}"),
            (None, None) => String::new(),
        }
    }
}

/// A half that only the history table knows of, not our journal: another tool left it.
fn is_failed_row(entry: &Entry) -> bool {
    entry.state == State::Failed && entry.applied.is_none()
}

/// What was recorded about older programs.
pub(super) fn compatibility(entry: &Entry) -> String {
    match &entry.compatible_with {
        Some(with) => format!(
            "recorded as working with programs that know {}",
            with.version
        ),
        None => "nothing is recorded about older programs".to_owned(),
    }
}

/// The checksum of a file in the spelling of the history table.
pub(super) fn checksum_of(migration: &Migration) -> &Checksum {
    migration
        .checksums
        .first()
        .unwrap_or(&migration.up.checksum)
}

fn short(checksum: &str) -> &str {
    if checksum.len() <= 11 {
        return checksum;
    }
    checksum.get(..8).unwrap_or(checksum)
}

pub(super) fn count(number: usize, what: &str) -> String {
    if number == 1 {
        format!("1 {what}")
    } else {
        format!("{number} {what}s")
    }
}

/// A TARGET that means nothing.
pub(super) fn target_error(error: &TargetError) -> Error {
    let mut result =
        Error::new(ErrorKind::Usage, "unknown-target", error.to_string()).state(NOTHING_RUN);
    match error {
        TargetError::Unknown { text, near, tags } => {
            if !near.is_empty() {
                result = result.note(format!("near: {}", near.join(", ")));
            }
            if let Some(tag) = did_you_mean(text, tags.iter().map(String::as_str)) {
                result = result.note(format!("did you mean the tag `{tag}`?"));
            }
            if !tags.is_empty() {
                return result.next("see the versions and the tags:  shoring status");
            }
        }
        TargetError::Ambiguous { candidates, .. } => {
            result = result.note(format!("the first: {}", candidates.join(", ")));
        }
        TargetError::OutOfRange { .. } => {}
    }
    result.next("see the versions:  shoring status")
}
