//! Directives: `-- shoring: …` on a line of its own, before the first statement of a file.
//!
//! They are SQL comments, so every other client reads the file unharmed. There are few on purpose:
//!
//! | directive | meaning |
//! |---|---|
//! | `no-transaction` | run every statement on its own |
//! | `one-transaction` | run everything in one transaction, or refuse |
//! | `empty` | the file does nothing, on purpose |
//! | `lock-timeout 10s` | how long a statement may wait for a lock before it is tried again |
//! | `statement-timeout 20min` | how long a statement may run |
//! | `compatible-with 6` | up files: programs that know version 6 and later still work after the migration |

use crate::numbered;
use shoring_core::{
    CompatibleWith, Diagnostic, Directives, Label, OrderKey, Position, Script, TransactionMode,
    Version,
};
use std::time::Duration;

/// The names, for did-you-mean and documentation.
pub const NAMES: &[&str] = &[
    NO_TRANSACTION,
    "one-transaction",
    EMPTY,
    "lock-timeout",
    "statement-timeout",
    COMPATIBLE_WITH,
];

/// The file does nothing, on purpose.
pub const EMPTY: &str = "empty";

/// Every statement on its own.
pub const NO_TRANSACTION: &str = "no-transaction";

const COMPATIBLE_WITH: &str = "compatible-with";

/// Refuses `compatible-with` in a file that applies no migration: a way back, a seed.
pub fn refuse_compatible_with(script: &Script) -> Option<Diagnostic> {
    script.directives.compatible_with.as_ref().map(|_| {
        Diagnostic::error(
            "bad-directive",
            format!(
                "`{}`: directive `{COMPATIBLE_WITH}` belongs into an up file",
                script.path
            ),
        )
        .hint("take it out of this file")
    })
}

/// Refuses a `compatible-with` that names a version after the migration's own: no program can need that.
pub(crate) fn refuse_later_version(script: &Script, own: &OrderKey) -> Option<Diagnostic> {
    let compatible = script.directives.compatible_with.as_ref()?;
    (compatible.order > *own).then(|| {
        Diagnostic::error(
            "bad-directive",
            format!(
                "`{}`: directive `{COMPATIBLE_WITH} {}` names a version after this one",
                script.path, compatible.version
            ),
        )
        .hint("name the oldest version that programs may know: this one or one before it")
    })
}

/// Makes a script run without a transaction, because a mark of its own tool, `said`, asks for it.
pub(crate) fn without_transaction(
    script: &mut Script,
    said: &str,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if script.directives.transaction == TransactionMode::One {
        diagnostics.push(Diagnostic::error(
            "bad-directive",
            format!(
                "`{}`: `{said}` and `-- shoring: one-transaction` contradict each other",
                script.path
            ),
        ));
    }
    script.directives.transaction = TransactionMode::None;
}

/// Reads the directives in the head of a file: blank lines, `--` comments and block comments up to the first other text.
/// `head` is the beginning of the script and stands from `first_line` on in its file; what is wrong is added to
/// `diagnostics`.
pub fn parse_head(
    file: &str,
    head: &str,
    first_line: u64,
    diagnostics: &mut Vec<Diagnostic>,
) -> Directives {
    let mut directives = Directives::default();
    let mut rest = head.strip_prefix('\u{feff}').unwrap_or(head);
    let mut line_number = first_line;
    loop {
        let trimmed = rest.trim_start_matches([' ', '\t', '\r', '\u{c}']);
        if let Some(after) = trimmed.strip_prefix('\n') {
            line_number += 1;
            rest = after;
        } else if let Some(comment) = trimmed.strip_prefix("--") {
            let (text, after) = comment.split_once('\n').unwrap_or((comment, ""));
            if let Some(directive) = Directives::in_comment(text) {
                let line = text_of_line(head, line_number - first_line);
                let column = line
                    .find("shoring:")
                    .map_or(1, |at| line[..at].chars().count() as u64 + 1);
                let label = Label {
                    file: file.to_owned(),
                    position: Position {
                        line: line_number,
                        column,
                    },
                    length: (line.chars().count() as u64)
                        .saturating_sub(column - 1)
                        .max(1),
                    excerpt: line.to_owned(),
                    excerpt_line: line_number,
                    text: String::new(),
                };
                if let Err(diagnostic) = apply(&mut directives, directive) {
                    diagnostics.push(diagnostic.at(label));
                }
            }
            if after.is_empty() {
                return directives;
            }
            line_number += 1;
            rest = after;
        } else if let Some(comment) = trimmed
            .strip_prefix("/*")
            .filter(|after| !after.starts_with(['!', 'M']))
        {
            let Some((text, after)) = comment.split_once("*/") else {
                return directives;
            };
            line_number += text.matches('\n').count() as u64;
            rest = after;
        } else {
            return directives;
        }
    }
}

/// The line that has `number` lines before it.
fn text_of_line(text: &str, number: u64) -> &str {
    text.split('\n')
        .nth(number as usize)
        .unwrap_or_default()
        .trim_end_matches('\r')
}

fn apply(directives: &mut Directives, text: &str) -> Result<(), Diagnostic> {
    let (name, argument) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let argument = argument.trim();
    match name {
        NO_TRANSACTION | "one-transaction" | EMPTY if !argument.is_empty() => {
            Err(Diagnostic::error(
                "bad-directive",
                format!("directive `{name}` takes no value"),
            ))
        }
        EMPTY => {
            directives.is_empty = true;
            Ok(())
        }
        NO_TRANSACTION | "one-transaction" => {
            let mode = if name == NO_TRANSACTION {
                TransactionMode::None
            } else {
                TransactionMode::One
            };
            if directives.transaction != TransactionMode::Auto && directives.transaction != mode {
                return Err(Diagnostic::error(
                    "bad-directive",
                    "`no-transaction` and `one-transaction` contradict each other",
                ));
            }
            directives.transaction = mode;
            Ok(())
        }
        "lock-timeout" => {
            directives.lock_timeout = Some(duration(name, argument)?);
            Ok(())
        }
        "statement-timeout" => {
            directives.statement_timeout = Some(duration(name, argument)?);
            Ok(())
        }
        COMPATIBLE_WITH => {
            directives.compatible_with = Some(version(name, argument)?);
            Ok(())
        }
        _ => {
            let diagnostic =
                Diagnostic::error("unknown-directive", format!("unknown directive `{name}`"));
            let nearest = NAMES
                .iter()
                .map(|known| (strsim::jaro_winkler(known, name), *known))
                .filter(|(likeness, _)| *likeness > 0.75)
                .max_by(|left, right| left.0.total_cmp(&right.0));
            Err(match nearest {
                Some((_, known)) => diagnostic.hint(format!("did you mean `-- shoring: {known}`?")),
                None => diagnostic.hint(format!("known directives: {}", NAMES.join(", "))),
            })
        }
    }
}

fn version(name: &str, text: &str) -> Result<CompatibleWith, Diagnostic> {
    match numbered::order_of(text) {
        Some(order) if text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(CompatibleWith {
            version: Version::new(text),
            order,
        }),
        Some(_) | None => Err(Diagnostic::error(
            "bad-directive",
            format!(
                "directive `{name}` needs the version of a migration, as its file name spells it"
            ),
        )),
    }
}

fn duration(name: &str, text: &str) -> Result<Duration, Diagnostic> {
    let bad = || {
        Diagnostic::error(
            "bad-directive",
            format!("directive `{name}` needs a time such as 500ms, 10s or 20min"),
        )
    };
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let number: u64 = text[..digits].parse().map_err(|_| bad())?;
    let milliseconds = match text[digits..].trim() {
        "ms" => number,
        "s" | "sec" | "" => number.saturating_mul(1000),
        "m" | "min" => number.saturating_mul(60_000),
        "h" => number.saturating_mul(3_600_000),
        _ => return Err(bad()),
    };
    if milliseconds == 0 || milliseconds > 7 * 24 * 3_600_000 {
        return Err(bad().note("between 1ms and 7 days"));
    }
    Ok(Duration::from_millis(milliseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (Directives, Vec<String>) {
        let mut diagnostics = Vec::new();
        let directives = parse_head("f.sql", text, 1, &mut diagnostics);
        let messages = diagnostics
            .iter()
            .map(|d| format!("{d} {}", d.hints.join(" ")))
            .collect();
        (directives, messages)
    }

    #[test]
    fn reads_the_head_only() {
        let (directives, messages) = parse(
            "\u{feff}/* a\nb */ -- note\r\n--shoring: no-transaction\r\n\n-- shoring: lock-timeout 10s\nselect 1;\n-- shoring: nonsense\n",
        );
        assert_eq!(messages, Vec::<String>::new());
        assert_eq!(directives.transaction, TransactionMode::None);
        assert_eq!(directives.lock_timeout, Some(Duration::from_secs(10)));
    }

    #[test]
    fn a_file_may_say_that_it_does_nothing() {
        let (directives, messages) = parse("-- shoring: empty\n-- not for this database\n");
        assert_eq!((directives.is_empty, messages.len()), (true, 0));
        let (_, messages) = parse("-- shoring: empty on purpose\n");
        assert_eq!(messages, ["f.sql:1:4: directive `empty` takes no value "]);
    }

    #[test]
    fn compatible_with_names_a_version() {
        let (directives, messages) = parse("-- shoring: compatible-with 006\nselect 1;");
        assert_eq!(messages, Vec::<String>::new());
        let compatible = directives.compatible_with.unwrap();
        assert_eq!(compatible.version.as_str(), "006");
        assert_eq!(Some(compatible.order), numbered::order_of("6"));
        for text in ["", "six", "+6", "6 7"] {
            let (_, messages) = parse(&format!("-- shoring: compatible-with {text}\n"));
            assert_eq!(
                messages,
                [
                    "f.sql:1:4: directive `compatible-with` needs the version of a migration, as its file name spells it "
                ],
                "{text}"
            );
        }
    }

    #[test]
    fn unknown_ones_are_errors_with_a_suggestion() {
        let (_, messages) = parse("-- shoring: no-transactions\nselect 1;");
        assert_eq!(
            messages,
            [
                "f.sql:1:4: unknown directive `no-transactions` did you mean `-- shoring: no-transaction`?"
            ]
        );
        let (_, messages) = parse("\n-- shoring: lock-timeout soon\n");
        assert_eq!(
            messages,
            ["f.sql:2:4: directive `lock-timeout` needs a time such as 500ms, 10s or 20min "]
        );
    }
}
