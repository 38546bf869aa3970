//! Which migrations run, in which order, or why none may.

use crate::reconcile::{Ahead, Entry, Reconciliation};
use crate::target::{TargetError, resolve};
use shoring_core::{Late, Migration, Missing, State};
use std::sync::Arc;

/// Why nothing may run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// The TARGET means nothing.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// Files and history disagree.
    #[error("files and history disagree")]
    Mismatch {
        /// The entries that disagree.
        entries: Vec<Entry>,
    },
    /// The database knows migrations after the last file.
    #[error("the database is ahead of this checkout")]
    Ahead {
        /// The migrations without a file.
        entries: Vec<Entry>,
    },
    /// Something to roll back has no way back.
    #[error("`{id}` has no down file")]
    NoDown {
        /// Its id.
        id: String,
        /// The migration.
        migration: Arc<Migration>,
        /// The lowest version that can be rolled back to: everything after it has a down file. `None` where it is the last one.
        reachable: Option<String>,
    },
    /// Something to roll back has no file at all.
    #[error("`{id}` has no file")]
    NoFile {
        /// Its id.
        id: String,
    },
    /// Something to roll back was never run here.
    #[error("`{id}` was taken as the baseline and never ran here")]
    IsBaseline {
        /// Its id.
        id: String,
    },
}

/// The entries `up` runs, in order. Everything that is wrong anywhere stops it, before anything runs.
pub fn select_up(
    reconciliation: &Reconciliation,
    target: Option<&str>,
    steps: Option<usize>,
    allow_out_of_order: bool,
) -> Result<Vec<Entry>, SelectError> {
    check(reconciliation, allow_out_of_order)?;
    let limit = match target {
        None => reconciliation.entries.len(),
        // A target that is already passed leaves nothing to do, so that a deploy can be repeated.
        Some(text) => resolve(text, reconciliation)?.map_or(0, |index| index + 1),
    };
    let pending = reconciliation
        .entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.is_to_run() || entry.runs_always())
        .filter(|(index, entry)| *index < limit || !entry.order.is_step())
        .map(|(_, entry)| entry);
    Ok(pending.take(steps.unwrap_or(usize::MAX)).cloned().collect())
}

/// Changed, renamed and missing files, files out of order, a database ahead of the checkout.
pub fn check(reconciliation: &Reconciliation, allow_out_of_order: bool) -> Result<(), SelectError> {
    let wrong: Vec<Entry> = reconciliation
        .entries
        .iter()
        .filter(|entry| stops(reconciliation, entry, allow_out_of_order))
        .cloned()
        .collect();
    if wrong.is_empty() {
        return Ok(());
    }
    if !reconciliation.is_ahead_of_files()
        || wrong.iter().any(|entry| entry.state != State::Missing)
    {
        return Err(SelectError::Mismatch { entries: wrong });
    }
    let has_nothing_to_do = reconciliation.pending().next().is_none();
    match reconciliation.ahead_of(reconciliation.entries.len()) {
        // An older image started on a newer schema that was made with it in mind: nothing to do is not an error.
        Ahead::Compatible(_) if has_nothing_to_do => Ok(()),
        Ahead::No | Ahead::Compatible(_) | Ahead::Unproven(_) => {
            Err(SelectError::Ahead { entries: wrong })
        }
    }
}

/// Whether an entry is one of those for whose sake nothing may run.
pub fn stops(reconciliation: &Reconciliation, entry: &Entry, allow_out_of_order: bool) -> bool {
    match entry.state {
        State::Changed => reconciliation.policy.refuses_changed,
        State::Missing => reconciliation.of_missing(entry) == Missing::Refuse,
        // A rollback that stopped half-way, or a half that the journal does not know.
        State::Failed => {
            (entry.applied.is_some() && !entry.is_half_run_again()) || entry.detail.is_none()
        }
        State::OutOfOrder => {
            (!allow_out_of_order && reconciliation.policy.late == Late::Refuse)
                || reconciliation.renamed_from(entry).is_some()
        }
        State::Pending => reconciliation.renamed_from(entry).is_some(),
        State::Applied | State::Baseline | State::Ignored => false,
    }
}

/// How far `down` goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DownTo<'a> {
    /// So many of the applied ones, newest first.
    Steps(usize),
    /// Until this TARGET is the current version.
    Target(&'a str),
    /// Everything.
    Base,
}

/// The entries `down` rolls back, newest first. Refused as a whole when one of them has no way back.
pub fn select_down(
    reconciliation: &Reconciliation,
    to: DownTo<'_>,
) -> Result<Vec<Entry>, SelectError> {
    let mut applied: Vec<(usize, &Entry)> = reconciliation
        .entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.applied.is_some() && entry.order.is_step())
        .rev()
        .collect();
    let is_by_time = reconciliation.policy.goes_back_as_applied;
    if is_by_time {
        applied.retain(|(_, entry)| entry.is_of_this_project());
        applied.sort_by_key(|(_, entry)| std::cmp::Reverse(entry.sequence()));
    }
    let selected: Vec<&Entry> = match to {
        DownTo::Steps(steps) => applied
            .iter()
            .take(steps)
            .map(|(_, entry)| *entry)
            .collect(),
        DownTo::Base => applied.iter().map(|(_, entry)| *entry).collect(),
        DownTo::Target(text) => {
            let floor = resolve(text, reconciliation)?;
            let reached = floor
                .and_then(|floor| reconciliation.entries[floor].sequence())
                .filter(|_| is_by_time);
            applied
                .iter()
                .filter(|(index, entry)| match reached {
                    Some(reached) => entry.sequence() > Some(reached),
                    None => floor.is_none_or(|floor| *index > floor),
                })
                .map(|(_, entry)| *entry)
                .collect()
        }
    };
    for (index, entry) in selected.iter().enumerate() {
        if entry.state == State::Baseline {
            return Err(SelectError::IsBaseline { id: entry.id() });
        }
        let Some(migration) = &entry.migration else {
            return Err(SelectError::NoFile { id: entry.id() });
        };
        if migration.down.is_none() {
            return Err(SelectError::NoDown {
                id: entry.id(),
                migration: Arc::clone(migration),
                reachable: (index > 0).then(|| entry.version().to_owned()),
            });
        }
    }
    let changed: Vec<Entry> = selected
        .iter()
        .filter(|entry| entry.state == State::Changed)
        .map(|entry| (*entry).clone())
        .collect();
    if !changed.is_empty() {
        return Err(SelectError::Mismatch { entries: changed });
    }
    Ok(selected.into_iter().cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reconcile::tests::{order, row, set};
    use crate::reconcile::{JournalView, reconcile};

    fn versions(entries: &[Entry]) -> Vec<&str> {
        entries.iter().map(Entry::version).collect()
    }

    #[test]
    fn up_stops_at_target_and_steps() {
        let files = set(&[(1, "a"), (2, "b"), (3, "c"), (4, "d")]);
        let reconciliation = reconcile(&files, &[row(1, "a")], &JournalView::default());
        assert_eq!(
            versions(&select_up(&reconciliation, None, None, false).unwrap()),
            ["002", "003", "004"]
        );
        assert_eq!(
            versions(&select_up(&reconciliation, Some("3"), None, false).unwrap()),
            ["002", "003"]
        );
        assert_eq!(
            versions(&select_up(&reconciliation, None, Some(1), false).unwrap()),
            ["002"]
        );
        assert_eq!(
            versions(&select_up(&reconciliation, Some("1"), None, false).unwrap()),
            Vec::<&str>::new()
        );
    }

    #[test]
    fn out_of_order_stops_unless_allowed() {
        let files = set(&[(1, "a"), (2, "b"), (3, "c")]);
        let reconciliation =
            reconcile(&files, &[row(1, "a"), row(3, "c")], &JournalView::default());
        assert!(matches!(
            select_up(&reconciliation, None, None, false),
            Err(SelectError::Mismatch { .. })
        ));
        assert_eq!(
            versions(&select_up(&reconciliation, None, None, true).unwrap()),
            ["002"]
        );
    }

    #[test]
    fn a_newer_database_that_is_compatible_leaves_nothing_to_do() {
        let view = |with| JournalView {
            compatible: [(
                order(3),
                shoring_core::CompatibleWith {
                    version: shoring_core::Version::new("2"),
                    order: order(with),
                },
            )]
            .into(),
            ..JournalView::default()
        };
        let rows = [row(1, "a"), row(2, "b"), row(3, "c")];
        let files = set(&[(1, "a"), (2, "b")]);
        let up = |files, rows: &[_], view: JournalView| {
            select_up(&reconcile(files, rows, &view), None, None, true)
        };
        assert_eq!(up(&files, &rows, view(2)), Ok(Vec::new()));
        assert!(matches!(
            up(&files, &rows, view(3)),
            Err(SelectError::Ahead { .. })
        ));
        // Version 1 was never applied: there is something to do, and nobody has tried that on this schema.
        assert!(matches!(
            up(&files, &rows[1..], view(2)),
            Err(SelectError::Ahead { .. })
        ));
    }

    #[test]
    fn down_refuses_as_a_whole() {
        let mut files = set(&[(1, "a"), (2, "b"), (3, "c")]);
        Arc::make_mut(&mut files.migrations[1]).down = None;
        let rows = [row(1, "a"), row(2, "b"), row(3, "c")];
        let reconciliation = reconcile(&files, &rows, &JournalView::default());
        assert_eq!(
            versions(&select_down(&reconciliation, DownTo::Steps(1)).unwrap()),
            ["003"]
        );
        match select_down(&reconciliation, DownTo::Base) {
            Err(SelectError::NoDown {
                id,
                migration,
                reachable,
            }) => {
                assert_eq!(
                    (
                        id.as_str(),
                        migration.version.as_str(),
                        reachable.as_deref()
                    ),
                    ("002_m2", "002", Some("002"))
                );
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(
            versions(&select_down(&reconciliation, DownTo::Target("2")).unwrap()),
            ["003"]
        );
    }
}
