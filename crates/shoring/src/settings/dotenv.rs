//! Reads a `.env` file: `NAME=value`, `export`, comments, quotes, `${NAME}`. Nothing is executed.
//!
//! Only the variables Shoring knows are ever complained about: an application's own lines may be as odd as they like.
//! Messages name the line and never show it.

use super::excerpt::place;
use crate::error::{Error, ErrorKind};
use std::collections::BTreeMap;

/// One variable of the file.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Variable {
    /// Its value, quotes taken off.
    pub(super) value: String,
    /// The line it starts on.
    pub(super) line: u64,
}

/// Reads the text of a `.env` file. `outer` are the variables of the environment, for `${NAME}`. Of variables named
/// twice the last one counts, as in a shell.
pub(super) fn parse(
    path: &str,
    text: &str,
    outer: &BTreeMap<String, String>,
    is_known: impl Fn(&str) -> bool,
) -> Result<BTreeMap<String, Variable>, Error> {
    let mut found: BTreeMap<String, Variable> = BTreeMap::new();
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut line = 1;
    while !rest.is_empty() {
        let first = line;
        let (taken, assignment) = next_assignment(rest);
        line += newlines(rest.get(..taken).unwrap_or_default());
        rest = rest.get(taken..).unwrap_or_default();
        let Some((name, raw)) = assignment else {
            continue;
        };
        let is_ours = is_known(name);
        let problem = |code: &'static str, message: String| {
            let error = Error::new(ErrorKind::Usage, code, message);
            Error {
                diagnostic: Box::new(error.diagnostic.clone().at(place(path, first, 1))),
                ..error
            }
        };
        let value = match raw {
            Raw::Unterminated if is_ours => {
                return Err(problem(
                    "dotenv-unterminated-quote",
                    format!("the quote of `{name}` is never closed"),
                ));
            }
            Raw::Unterminated => continue,
            Raw::Literal(value) => value,
            Raw::Expandable(value) => {
                let lookup = |wanted: &str| {
                    outer.get(wanted).cloned().or_else(|| {
                        found
                            .get(wanted)
                            .map(|variable: &Variable| variable.value.clone())
                    })
                };
                match expand(&value, lookup) {
                    Ok(value) => value,
                    Err(missing) if is_ours => {
                        return Err(problem(
                            "dotenv-unknown-variable",
                            format!("`{name}` uses `${{{missing}}}`, which is not set"),
                        )
                        .next(
                            "set it, or put the value between single quotes if it is meant literally",
                        ));
                    }
                    Err(_) => value,
                }
            }
        };
        found.insert(name.to_owned(), Variable { value, line: first });
    }
    Ok(found)
}

enum Raw {
    /// Between single quotes.
    Literal(String),
    /// Bare or between double quotes; `\$` is kept escaped until expansion.
    Expandable(String),
    /// A quote without its end.
    Unterminated,
}

/// Takes one line (or one quoted value of several lines) off the front: how many bytes, and what it assigns.
fn next_assignment(text: &str) -> (usize, Option<(&str, Raw)>) {
    let line_end = text.find('\n').map_or(text.len(), |at| at + 1);
    let line = text.get(..line_end).unwrap_or_default();
    let Some(equals) = line.find('=') else {
        return (line_end, None);
    };
    let (left, _) = line.split_at(equals);
    let name = left.trim();
    let name = name.strip_prefix("export ").map_or(name, str::trim_start);
    let is_name = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
    if !is_name {
        return (line_end, None);
    }
    let after = text.get(equals + 1..).unwrap_or_default();
    let blank = after.len() - after.trim_start_matches([' ', '\t']).len();
    let value = after.get(blank..).unwrap_or_default();
    let value_start = equals + 1 + blank;
    let Some(quote @ ('\'' | '"')) = value.chars().next() else {
        let bare = bare_value(line.get(value_start..).unwrap_or_default());
        return (line_end, Some((name, Raw::Expandable(bare.to_owned()))));
    };
    let Some(length) = closing_quote(value, quote) else {
        return (line_end, Some((name, Raw::Unterminated)));
    };
    let inner = value.get(1..length).unwrap_or_default();
    let raw = if quote == '\'' {
        Raw::Literal(inner.to_owned())
    } else {
        Raw::Expandable(unescape(inner))
    };
    let closed = value_start + length + 1;
    let tail = text.get(closed..).unwrap_or_default();
    let end = tail.find('\n').map_or(text.len(), |at| closed + at + 1);
    (end, Some((name, raw)))
}

/// A value without quotes, up to a comment: `#` at its start or after a blank.
fn bare_value(text: &str) -> &str {
    let comment = if text.starts_with('#') {
        Some(0)
    } else {
        text.find(" #").or_else(|| text.find("\t#"))
    };
    let text = comment.map_or(text, |at| text.get(..at).unwrap_or_default());
    text.trim()
}

/// The byte offset of the closing quote in a text that starts with the opening one.
fn closing_quote(text: &str, quote: char) -> Option<usize> {
    let mut is_escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            '\\' if quote == '"' => is_escaped = !is_escaped,
            c if c == quote && !is_escaped => return Some(at),
            _ => is_escaped = false,
        }
    }
    None
}

/// Resolves the escapes of a double-quoted value; `\$` stays for [`expand`].
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some(quoted @ ('"' | '\\')) => out.push(quoted),
            Some(other) => {
                out.push('\\');
                out.push(other);
            }
            None => out.push('\\'),
        }
    }
    out
}

/// Puts values in the place of `${NAME}` and `${NAME:-default}`. A `$` without a brace is a plain character: passwords contain it.
fn expand(text: &str, lookup: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (head, tail) = rest.split_at(at);
        if let Some(escaped) = head.strip_suffix('\\') {
            out.push_str(escaped);
            out.push('$');
            rest = tail.get(1..).unwrap_or_default();
            continue;
        }
        out.push_str(head);
        let inner = tail
            .strip_prefix("${")
            .and_then(|inner| inner.split_once('}'));
        match inner {
            Some((inner, after)) if is_variable(name_of(inner)) => {
                let name = name_of(inner);
                let found = match (lookup(name), inner.split_once(":-")) {
                    (Some(value), Some(_)) if value.is_empty() => None,
                    (value, _) => value,
                };
                let default = inner
                    .split_once(":-")
                    .map(|(_, default)| default.to_owned());
                out.push_str(&found.or(default).ok_or_else(|| name.to_owned())?);
                rest = after;
            }
            _ => {
                out.push('$');
                rest = tail.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// `NAME` of `NAME` and of `NAME:-default`.
fn name_of(inner: &str) -> &str {
    inner.split_once(":-").map_or(inner, |(name, _)| name)
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn newlines(text: &str) -> u64 {
    text.bytes().filter(|byte| *byte == b'\n').count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<BTreeMap<String, Variable>, Error> {
        let outer = BTreeMap::from([("OUTER".to_owned(), "out".to_owned())]);
        parse(".env", text, &outer, |name| name.starts_with("OURS"))
    }

    #[test]
    fn values_are_read_as_people_write_them() {
        for (name, text, expected) in [
            ("bare", "OURS=sqlite:a.db\n", "sqlite:a.db"),
            ("windows line ends", "OURS=a\r\nB=c\r\n", "a"),
            ("export and blanks", "  export OURS = a b  \n", "a b"),
            ("comment after a blank", "OURS=a # b\n", "a"),
            ("hash inside a word", "OURS=pa#ss\n", "pa#ss"),
            (
                "single quotes are literal",
                "OURS='a ${OUTER} # \\n'\n",
                "a ${OUTER} # \\n",
            ),
            (
                "double quotes have escapes",
                "OURS=\"a\\n\\\"b\\\" # c\" # d\n",
                "a\n\"b\" # c",
            ),
            ("several lines", "OURS=\"a\nb\"\nC=1\n", "a\nb"),
            ("expansion", "A=1\nOURS=${A}-${OUTER}\n", "1-out"),
            (
                "a dollar alone",
                "OURS=p$ss$(rm -rf /)\n",
                "p$ss$(rm -rf /)",
            ),
            (
                "a default for what is not set",
                "E=\nOURS=${NOPE:-a}${OUTER:-b}${E:-c}${E:-}\n",
                "aoutc",
            ),
            ("an escaped dollar", "OURS=\"\\${A}\"\n", "${A}"),
            ("the last one counts", "OURS=1\nOURS=2\n", "2"),
            ("empty", "OURS=\n", ""),
            ("byte order mark", "\u{feff}OURS=1", "1"),
        ] {
            let found = read(text).unwrap();
            assert_eq!(found["OURS"].value, expected, "{name}");
        }
    }

    #[test]
    fn foreign_oddities_are_passed_over() {
        let found = read("not an assignment\nX='open\nY=${NOPE}\n# OURS=0\nOURS=1\n").unwrap();
        assert_eq!(found["OURS"].value, "1");
        assert_eq!(found["OURS"].line, 5);
    }

    #[test]
    fn our_own_oddities_are_errors_that_show_no_value() {
        for (text, code) in [
            ("OURS='canary\n", "dotenv-unterminated-quote"),
            ("\nOURS=canary${NOPE}\n", "dotenv-unknown-variable"),
        ] {
            let Err(error) = read(text) else {
                panic!("{text} was read");
            };
            assert_eq!(error.diagnostic.code, code);
            assert!(!format!("{error:?}").contains("canary"));
        }
    }
}
