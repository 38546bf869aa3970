//! What a user's TARGET or VERSION means: the full id, an unambiguous prefix, the number without leading zeros, the relative
//! forms `+2`, `-1`, `head`, `base`, and a tag of the history.

use crate::reconcile::{Entry, Reconciliation};

/// Why a TARGET means nothing here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// No migration matches.
    #[error("there is no migration{} `{text}`", if .tags.is_empty() { "" } else { " and no tag" })]
    Unknown {
        /// What was typed.
        text: String,
        /// Ids that come near, best first.
        near: Vec<String>,
        /// The tags that there are.
        tags: Vec<String>,
    },
    /// Several match.
    #[error("`{text}` could be any of {count} migrations")]
    Ambiguous {
        /// What was typed.
        text: String,
        /// How many.
        count: usize,
        /// The first of them.
        candidates: Vec<String>,
    },
    /// A relative form leads out of the project.
    #[error("`{text}` leads {beyond}")]
    OutOfRange {
        /// What was typed.
        text: String,
        /// `before the first migration` or `past the last migration`.
        beyond: &'static str,
    },
}

/// Index of the entry meant; `None` means before the first (`base`, `0`). A tag means what it was given to: the first row that has
/// it, in any letters, as `liquibase rollback` finds it.
pub fn resolve(text: &str, reconciliation: &Reconciliation) -> Result<Option<usize>, TargetError> {
    resolve_beside(text, reconciliation, tagged)
}

/// As [`resolve`], for what is done to one migration: a tag is a place, and no name of one.
pub fn resolve_migration(
    text: &str,
    reconciliation: &Reconciliation,
) -> Result<Option<usize>, TargetError> {
    resolve_beside(text, reconciliation, |_, _| None)
}

/// What is meant among the names of migrations and what `tagged` finds beside them.
fn resolve_beside(
    text: &str,
    reconciliation: &Reconciliation,
    tagged: fn(&str, &Reconciliation) -> Option<usize>,
) -> Result<Option<usize>, TargetError> {
    let text = text.trim();
    if let Some(place) = relative(text, reconciliation) {
        return place;
    }
    let named = named(text, reconciliation)?;
    match (tagged(text, reconciliation), named) {
        (Some(tagged), Some(named)) if tagged != named => Err(TargetError::Ambiguous {
            text: text.to_owned(),
            count: 2,
            candidates: vec![
                reconciliation.entries[named].id(),
                format!("the tag of {}", reconciliation.entries[tagged].id()),
            ],
        }),
        (Some(index), _) | (None, Some(index)) => Ok(Some(index)),
        (None, None) => loosely(text, reconciliation),
    }
}

/// `head`, `base`, `+2`, `-1`; `None` for everything else.
fn relative(
    text: &str,
    reconciliation: &Reconciliation,
) -> Option<Result<Option<usize>, TargetError>> {
    match text {
        "head" | "latest" => return Some(Ok(reconciliation.steps().checked_sub(1))),
        "base" => return Some(Ok(None)),
        _ => {}
    }
    let steps = text.strip_prefix(['+', '-'])?.parse().ok()?;
    Some(by_steps(text, steps, reconciliation))
}

fn by_steps(
    text: &str,
    steps: usize,
    reconciliation: &Reconciliation,
) -> Result<Option<usize>, TargetError> {
    let entries = &reconciliation.entries[..reconciliation.steps()];
    let current = entries
        .iter()
        .rposition(|entry| entry.applied.is_some())
        .map_or(0, |index| index + 1);
    let out_of_range = |beyond| TargetError::OutOfRange {
        text: text.to_owned(),
        beyond,
    };
    let wanted = if text.starts_with('+') {
        current
            .checked_add(steps)
            .filter(|wanted| *wanted <= entries.len())
            .ok_or_else(|| out_of_range("past the last migration"))?
    } else {
        // Backwards counts applied migrations only.
        let applied: Vec<usize> = entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| entry.applied.is_some())
            .map(|(index, _)| index + 1)
            .collect();
        let left = applied
            .len()
            .checked_sub(steps)
            .ok_or_else(|| out_of_range("before the first migration"))?;
        if left == 0 { 0 } else { applied[left - 1] }
    };
    Ok(wanted.checked_sub(1))
}

/// The one that is called so, by its id, its version or another spelling of its own.
fn named(text: &str, reconciliation: &Reconciliation) -> Result<Option<usize>, TargetError> {
    let entries = &reconciliation.entries;
    let exact = entries
        .iter()
        .position(|entry| entry.version() == text || entry.id() == text);
    if exact.is_some() {
        return Ok(exact);
    }
    let spelled: Vec<usize> = entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| is_spelled(entry, text))
        .map(|(index, _)| index)
        .collect();
    match spelled.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(*only)),
        several => Err(ambiguous(text, several, reconciliation)),
    }
}

/// The row with this tag; of several the one that was applied first.
fn tagged(text: &str, reconciliation: &Reconciliation) -> Option<usize> {
    let entries = reconciliation.entries.iter().enumerate();
    entries
        .filter(|(_, entry)| {
            entry
                .tag()
                .is_some_and(|tag| tag.to_lowercase() == text.to_lowercase())
        })
        .min_by_key(|(_, entry)| entry.sequence())
        .map(|(index, _)| index)
}

/// A number without its zeros, the beginning of an id, a name.
fn loosely(text: &str, reconciliation: &Reconciliation) -> Result<Option<usize>, TargetError> {
    let entries = &reconciliation.entries;
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let number = text.trim_start_matches('0');
        let same = entries
            .iter()
            .position(|entry| entry.version().trim_start_matches('0') == number);
        if same.is_some() {
            return Ok(same);
        }
        if number.is_empty() {
            return Ok(None);
        }
    }
    let candidates: Vec<usize> = entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| {
            !text.is_empty() && (entry.id().starts_with(text) || entry.name() == text)
        })
        .map(|(index, _)| index)
        .collect();
    match candidates.as_slice() {
        [only] => Ok(Some(*only)),
        [] => {
            let near = entries
                .iter()
                .filter(|entry| !text.is_empty() && entry.id().contains(text))
                .map(Entry::id)
                .take(3)
                .collect();
            Err(TargetError::Unknown {
                text: text.to_owned(),
                near,
                tags: entries
                    .iter()
                    .filter_map(|entry| entry.tag().map(str::to_owned))
                    .collect(),
            })
        }
        several => Err(ambiguous(text, several, reconciliation)),
    }
}

/// Whether a migration says itself that it may be called so.
fn is_spelled(entry: &Entry, text: &str) -> bool {
    entry
        .spellings()
        .is_some_and(|spellings| spellings.split('\n').any(|spelling| spelling == text))
}

fn ambiguous(text: &str, several: &[usize], reconciliation: &Reconciliation) -> TargetError {
    TargetError::Ambiguous {
        text: text.to_owned(),
        count: several.len(),
        candidates: several
            .iter()
            .take(3)
            .map(|index| reconciliation.entries[*index].id())
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reconcile::tests::{row, set};
    use crate::reconcile::{JournalView, reconcile};
    use shoring_core::Applied;
    use std::sync::Arc;

    #[test]
    fn every_form() {
        let files = set(&[(1, "a"), (2, "b"), (10, "c"), (11, "d")]);
        let reconciliation =
            reconcile(&files, &[row(1, "a"), row(2, "b")], &JournalView::default());
        for (text, expected) in [
            ("001", Ok(Some(0))),
            ("2", Ok(Some(1))),
            ("010_m10", Ok(Some(2))),
            ("m10", Ok(Some(2))),
            ("011_", Ok(Some(3))),
            ("head", Ok(Some(3))),
            ("base", Ok(None)),
            ("0", Ok(None)),
            ("+1", Ok(Some(2))),
            ("-1", Ok(Some(0))),
            ("-2", Ok(None)),
        ] {
            assert_eq!(resolve(text, &reconciliation), expected, "{text}");
        }
        assert!(matches!(resolve("01", &reconciliation), Ok(Some(0))));
        assert!(matches!(
            resolve("7", &reconciliation),
            Err(TargetError::Unknown { .. })
        ));
        assert!(matches!(
            resolve("+3", &reconciliation),
            Err(TargetError::OutOfRange { .. })
        ));
        assert!(matches!(
            resolve("-3", &reconciliation),
            Err(TargetError::OutOfRange { .. })
        ));
        assert!(matches!(
            resolve("", &reconciliation),
            Err(TargetError::Unknown { .. })
        ));
    }

    #[test]
    fn a_tag_is_the_place_that_got_it_first() {
        let files = set(&[(1, "a"), (2, "b"), (3, "c"), (4, "d")]);
        let tagged = |number, checksum, tag: &str, sequence: &str| {
            let mut row = row(number, checksum);
            let attributes = &mut Arc::make_mut(&mut row).attributes;
            attributes.insert(Applied::TAG, tag.to_owned());
            attributes.insert(Applied::SEQUENCE, sequence.to_owned());
            row
        };
        let rows = [
            tagged(1, "a", "beta", "3"),
            tagged(2, "b", "Beta", "2"),
            tagged(3, "c", "001", "4"),
        ];
        let reconciliation = reconcile(&files, &rows, &JournalView::default());
        assert_eq!(resolve("BETA", &reconciliation), Ok(Some(1)));
        let both = resolve("001", &reconciliation).unwrap_err();
        assert_eq!(both.to_string(), "`001` could be any of 2 migrations");
        assert_eq!(resolve_migration("001", &reconciliation), Ok(Some(0)));
        let unknown = resolve_migration("beta", &reconciliation).unwrap_err();
        assert_eq!(
            unknown.to_string(),
            "there is no migration and no tag `beta`"
        );
        assert_eq!(resolve("head", &reconciliation), Ok(Some(3)));
    }
}
