//! What of files and history does not match and yet stops nothing, because the tool whose project it is goes on there.

use super::open::Opened;
use crate::ledger::tables_elsewhere;
use shoring_core::{Diagnostic, Missing, State};
use shoring_plan::Entry;

/// How many migrations are named.
const NAMED: usize = 5;

impl Opened {
    /// Tells of histories in other schemas, of rows without a file, of files that were renamed, and of files of which nothing says that they ran.
    pub(super) fn history_warnings(&self) -> Vec<Diagnostic> {
        let warnings = [
            self.elsewhere(),
            self.missing(),
            self.renamed(),
            self.unproven_warning(),
        ];
        warnings.into_iter().flatten().collect()
    }

    fn elsewhere(&self) -> Option<Diagnostic> {
        let found = &self.ledger.found;
        (!found.elsewhere.is_empty()).then(|| {
            let table = &found.table.name;
            Diagnostic::warning(
                "history-elsewhere",
                format!(
                    "`{table}` is not there yet, so this begins at the first migration; other schemas have one: {}",
                    tables_elsewhere(&found.elsewhere)
                ),
            )
        })
    }

    fn missing(&self) -> Option<Diagnostic> {
        let seen = &self.reconciliation;
        let gone: Vec<&Entry> = seen
            .in_state(State::Missing)
            .filter(|entry| seen.of_missing(entry) == Missing::Note && !seen.is_let_be(entry))
            .collect();
        if gone.is_empty() {
            return None;
        }
        let (message, hint) = if seen.is_ahead_of_files() {
            (
                "the database is ahead of this checkout: applied migrations have no file here",
                "take the files from the newer checkout",
            )
        } else {
            (
                "applied migrations have no file any more",
                "bring the file back from version control;  if it is gone for good:  shoring repair",
            )
        };
        let warning = Diagnostic::warning("missing-files", message);
        let lines = gone.iter().map(|entry| self.line(entry)).collect();
        Some(named(warning, lines).hint(hint))
    }

    /// Where others may share the table, a text is no proof that a file was renamed.
    fn renamed(&self) -> Option<Diagnostic> {
        let seen = &self.reconciliation;
        let lines: Vec<String> = seen
            .entries
            .iter()
            .filter_map(|entry| {
                let gone = seen.by_order(entry.renamed_from.as_ref()?)?;
                let told = format!("{} has the text of {}", entry.id(), gone.id());
                seen.renamed_from(entry).is_none().then_some(told)
            })
            .collect();
        if lines.is_empty() {
            return None;
        }
        let warning = Diagnostic::warning(
            "moved-files",
            "what is to run was applied before under another name that is not here any more",
        );
        Some(named(warning, lines).hint(
            "if files were renamed, give them their old names back, or record the new ones:  shoring mark VERSION applied",
        ))
    }

    fn unproven_warning(&self) -> Option<Diagnostic> {
        let lines: Vec<String> = self.unproven().map(Entry::id).collect();
        if lines.is_empty() {
            return None;
        }
        let table = &self.ledger.found.table.name;
        let warning = Diagnostic::warning(
            "unproven",
            format!(
                "nothing records that these migrations ran: {table} keeps only the newest version"
            ),
        );
        Some(named(warning, lines).hint(
            "if a merge brought them, give them numbers after the current version;  if they ran, there is nothing to do",
        ))
    }

    /// Where the table keeps only the newest version: applied ones that our journal knows nothing about, between others
    /// that it does know. They came with a merge, or the tool itself ran them.
    pub(super) fn unproven(&self) -> impl Iterator<Item = &Entry> {
        let known = &self.snapshot.view.checksums;
        let counts = self.ledger.found.format.history().keeps_only_newest();
        let range = known.keys().next().zip(known.keys().next_back());
        self.reconciliation
            .in_state(State::Applied)
            .filter(move |entry| {
                let is_between =
                    range.is_some_and(|(first, last)| *first < entry.order && entry.order < *last);
                counts && is_between && !known.contains_key(&entry.order)
            })
    }
}

fn named(warning: Diagnostic, lines: Vec<String>) -> Diagnostic {
    let more = lines.len().saturating_sub(NAMED);
    let warning = lines
        .into_iter()
        .take(NAMED)
        .fold(warning, Diagnostic::note);
    if more == 0 {
        return warning;
    }
    warning.note(format!("… and {more} more"))
}
