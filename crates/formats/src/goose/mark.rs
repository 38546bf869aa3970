//! The marks of goose: `-- +goose Up` and its like, and the `;` with which its statements end.

/// A mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Up,
    Down,
    StatementBegin,
    StatementEnd,
    NoTransaction,
    EnvsubOn,
    EnvsubOff,
}

const MARKS: [(&str, Mark); 7] = [
    ("Up", Mark::Up),
    ("Down", Mark::Down),
    ("StatementBegin", Mark::StatementBegin),
    ("StatementEnd", Mark::StatementEnd),
    ("NO TRANSACTION", Mark::NoTransaction),
    ("ENVSUB ON", Mark::EnvsubOn),
    ("ENVSUB OFF", Mark::EnvsubOff),
];

/// The mark on a line; an error says why goose refuses the line.
pub(super) fn mark(line: &str) -> Option<Result<Mark, &'static str>> {
    if !line.trim_start().starts_with("--") || !line.contains("+goose") {
        return None;
    }
    if line.starts_with([' ', '\t']) {
        return Some(Err("a mark of goose must begin its line"));
    }
    let words = line.replace("--", "").replacen("+goose", "", 1);
    let words = words.trim();
    let known = MARKS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(words));
    Some(match known {
        Some((_, mark)) => Ok(*mark),
        None => Err("goose knows no such mark"),
    })
}

/// Whether the last word of a line, before a comment, ends with `;`.
pub(super) fn ends_with_semicolon(text: &str) -> bool {
    text.split_whitespace()
        .take_while(|word| !word.starts_with("--"))
        .last()
        .is_some_and(|word| word.ends_with(';'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_as_the_tool_does() {
        for (line, expected) in [
            ("-- +goose Up", Some(Ok(Mark::Up))),
            ("--+goose down", Some(Ok(Mark::Down))),
            (
                "--  +goose   no transaction  ",
                Some(Ok(Mark::NoTransaction)),
            ),
            ("-- +goose ENVSUB ON", Some(Ok(Mark::EnvsubOn))),
            (
                " -- +goose Up",
                Some(Err("a mark of goose must begin its line")),
            ),
            ("-- see +goose docs", Some(Err("goose knows no such mark"))),
            ("-- goose Up", None),
            ("SELECT '+goose';", None),
        ] {
            assert_eq!(mark(line), expected, "{line}");
        }
    }

    #[test]
    fn a_statement_ends_with_the_last_word_of_a_line() {
        for (line, expected) in [
            ("SELECT 1;", true),
            ("SELECT 1; -- note", true),
            ("SELECT 1; --note;", true),
            ("SELECT 1 -- ;", false),
            ("SELECT 1; SELECT 2", false),
            ("", false),
        ] {
            assert_eq!(ends_with_semicolon(line), expected, "{line}");
        }
    }
}
