//! What a user's TARGET or VERSION means: the full id, an unambiguous prefix, the number without leading zeros, and the
//! relative forms `+2`, `-1`, `head`, `base`.

use crate::reconcile::{Entry, Reconciliation};
use shoring_core::Migration;

/// Why a TARGET means nothing here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// No migration matches.
    #[error("there is no migration `{text}`")]
    Unknown {
        /// What was typed.
        text: String,
        /// Ids that come near, best first.
        near: Vec<String>,
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

/// Index of the entry meant; `None` means before the first (`base`, `0`).
pub fn resolve(text: &str, reconciliation: &Reconciliation) -> Result<Option<usize>, TargetError> {
    let entries = &reconciliation.entries;
    let text = text.trim();
    match text {
        "head" | "latest" => return Ok(reconciliation.steps().checked_sub(1)),
        "base" => return Ok(None),
        _ => {}
    }
    if let Some(steps) = text.strip_prefix(['+', '-'])
        && let Ok(steps) = steps.parse::<usize>()
    {
        let entries = &entries[..reconciliation.steps()];
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
        return Ok(wanted.checked_sub(1));
    }
    let exact =
        |matches: &dyn Fn(&crate::reconcile::Entry) -> bool| entries.iter().position(matches);
    if let Some(index) = exact(&|entry| entry.version() == text || entry.id() == text) {
        return Ok(Some(index));
    }
    let spelled: Vec<usize> = entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| is_spelled(entry, text))
        .map(|(index, _)| index)
        .collect();
    match spelled.as_slice() {
        [] => {}
        [only] => return Ok(Some(*only)),
        several => return Err(ambiguous(text, several, reconciliation)),
    }
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let number = text.trim_start_matches('0');
        if let Some(index) = exact(&|entry| entry.version().trim_start_matches('0') == number) {
            return Ok(Some(index));
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
                .map(crate::reconcile::Entry::id)
                .take(3)
                .collect();
            Err(TargetError::Unknown {
                text: text.to_owned(),
                near,
            })
        }
        several => Err(ambiguous(text, several, reconciliation)),
    }
}

/// Whether a migration says itself that it may be called so.
fn is_spelled(entry: &Entry, text: &str) -> bool {
    let of_file = entry.migration.as_ref().map(|file| &file.attributes);
    let of_row = entry.applied.as_ref().map(|row| &row.attributes);
    of_file
        .or(of_row)
        .and_then(|attributes| attributes.get(Migration::SPELLINGS))
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
}
