//! `ignoreMigrationPatterns`: which differences between files and history Flyway passes over, and `outOfOrder` and
//! `validateOnMigrate`, which say the same in other words.

use super::settings::Settings;
use shoring_core::{Late, LineEnds, LoneCommit, LoneStatement, Missing, Policy};

/// One pattern, `TYPE:STATE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    covers_versioned: bool,
    covers_repeatable: bool,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Missing,
    Pending,
    Ignored,
    Future,
    Any,
}

/// Reads a pattern; the error says what is wrong with it.
pub(super) fn parse(text: &str) -> Result<Pattern, String> {
    let Some((kind, state)) = text.trim().split_once(':') else {
        return Err(format!("`{text}` is no pattern TYPE:STATE"));
    };
    let (covers_versioned, covers_repeatable) = match kind.trim().to_ascii_lowercase().as_str() {
        "*" => (true, true),
        "versioned" => (true, false),
        "repeatable" => (false, true),
        other => {
            return Err(format!(
                "`{other}` is no type of migrations: there are versioned, repeatable and *"
            ));
        }
    };
    let state = match state.trim().to_ascii_lowercase().as_str() {
        "missing" => State::Missing,
        "pending" => State::Pending,
        "ignored" => State::Ignored,
        "future" => State::Future,
        "*" => State::Any,
        other => {
            return Err(format!(
                "`{other}` is no state: there are missing, pending, ignored, future and *"
            ));
        }
    };
    Ok(Pattern {
        covers_versioned,
        covers_repeatable,
        state,
    })
}

/// How the tool treats what does not match, with these settings.
pub(super) fn policy(settings: &Settings) -> Policy {
    let passes = |state: State| {
        settings.ignored.iter().any(|pattern| {
            pattern.covers_versioned && matches!(pattern.state, s if s == state || s == State::Any)
        })
    };
    let is_lax = !settings.validates;
    let note = |is_noted: bool| {
        if is_noted {
            Missing::Note
        } else {
            Missing::Refuse
        }
    };
    Policy {
        lone_commit: LoneCommit::Ends,
        lone_statement: LoneStatement::InTransaction,
        late: if settings.runs_out_of_order {
            Late::Run
        } else if is_lax || passes(State::Ignored) {
            Late::Ignore
        } else {
            Late::Refuse
        },
        missing: note(is_lax || passes(State::Missing)),
        missing_repeatable: note(
            is_lax
                || settings.ignored.iter().any(|pattern| {
                    pattern.covers_repeatable
                        && matches!(pattern.state, State::Missing | State::Any)
                }),
        ),
        ahead: Some(note(is_lax || passes(State::Future))),
        line_ends: LineEnds::DoNotCount,
        refuses_changed: !is_lax,
        compares_names: true,
        may_be_empty: true,
        goes_back_as_applied: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(patterns: &[&str]) -> Policy {
        policy(&Settings {
            ignored: patterns.iter().map(|text| parse(text).unwrap()).collect(),
            ..Settings::default()
        })
    }

    #[test]
    fn patterns_make_a_policy() {
        let strict = of(&[]);
        assert_eq!(
            (strict.late, strict.missing, strict.ahead),
            (Late::Refuse, Missing::Refuse, Some(Missing::Refuse))
        );
        assert_eq!(of(&["*:missing"]).missing, Missing::Note);
        assert_eq!(of(&["repeatable:missing"]).missing, Missing::Refuse);
        assert_eq!(
            of(&["repeatable:missing"]).missing_repeatable,
            Missing::Note
        );
        assert_eq!(of(&["versioned:future"]).ahead, Some(Missing::Note));
        assert_eq!(of(&["*:ignored"]).late, Late::Ignore);
        assert_eq!(of(&["*:*"]).late, Late::Ignore);
        assert!(parse("missing").is_err());
        assert!(parse("undo:missing").is_err());
        assert!(parse("*:lost").is_err());
    }
}
