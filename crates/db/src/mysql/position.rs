//! Where in a statement a server's error is. MySQL tells no offset, so it is found from what the message quotes.
//!
//! A syntax error says `near '<text>' at line N`: the text is the statement from the unexpected token on, cut to 80 characters
//! (in a packet of several statements it runs into the next one), and the line is counted from the statement's first
//! character that is not white space. Other errors name a column, table or key.

use crate::tokens::{Rules, find_name};

/// Errors about data: what they quote is a value, or a name that need not be in the statement.
const ABOUT_DATA: &[u16] = &[
    1062, 1216, 1217, 1264, 1265, 1292, 1366, 1406, 1451, 1452, 1526, 1586, 1690, 1761, 1762, 3819,
    4025,
];

/// The byte offset in `statement`, which was sent followed by `rest` (the other statements of its packet).
pub(super) fn find(code: u16, message: &str, statement: &str, rest: &str) -> Option<usize> {
    if let Some((fragment, line)) = near(message) {
        return Some(find_fragment(fragment, line, statement, rest));
    }
    if ABOUT_DATA.contains(&code) {
        return None;
    }
    mentioned_names(message)
        .into_iter()
        .find_map(|name| find_name(statement, Rules::Mysql, name))
}

/// The fragment and the line of a syntax error.
fn near(message: &str) -> Option<(&str, usize)> {
    let (_, tail) = message.split_once(" near '")?;
    let (fragment, line) = tail.rsplit_once("' at line ")?;
    let digits: String = line.chars().take_while(char::is_ascii_digit).collect();
    Some((fragment, digits.parse().ok()?))
}

fn find_fragment(fragment: &str, line: usize, statement: &str, rest: &str) -> usize {
    let end = statement.trim_end().len();
    let start = statement.len() - statement.trim_start().len();
    if fragment.is_empty() {
        return end;
    }
    let sent = format!("{statement}{rest}");
    // The server cuts in the middle of a character and puts `?` or U+FFFD for what it cannot convert.
    let stable = fragment
        .split(['\u{FFFD}'])
        .next()
        .filter(|head| !head.is_empty())
        .unwrap_or(fragment);
    // MariaDB 10.11 puts `...` after what it cut.
    let stable = match stable.strip_suffix("...") {
        Some(head) if !sent.contains(stable) => head,
        _ => stable,
    };
    let matches: Vec<usize> = sent
        .match_indices(stable)
        .map(|(offset, _)| offset)
        .take_while(|offset| *offset <= end)
        .collect();
    let line_of = |offset: usize| {
        1 + sent
            .get(start..offset)
            .map_or(0, |head| head.bytes().filter(|byte| *byte == b'\n').count())
    };
    matches
        .iter()
        .copied()
        .find(|offset| line_of(*offset) == line)
        .or_else(|| matches.last().copied())
        .unwrap_or_else(|| start_of_line(statement, start, line))
        .min(end)
}

/// Where a line begins, when the fragment was not found.
fn start_of_line(statement: &str, start: usize, line: usize) -> usize {
    let body = statement.get(start..).unwrap_or_default();
    start
        + body
            .split_inclusive('\n')
            .take(line.saturating_sub(1))
            .map(str::len)
            .sum::<usize>()
}

/// The names a message quotes in `'…'` or backticks, most specific spelling first: `db.t` is also looked for as `t`.
fn mentioned_names(message: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = message;
    while let Some(open) = rest.find(['\'', '`']) {
        let (quote, tail) = rest.split_at(open);
        // An apostrophe inside a word (`doesn't`, `Can't`) opens nothing.
        let is_apostrophe = quote.ends_with(|last: char| last.is_alphanumeric());
        let mark = tail.chars().next().unwrap_or('\'');
        let inner = tail.get(1..).unwrap_or_default();
        if is_apostrophe {
            rest = inner;
            continue;
        }
        let Some(close) = inner.find(mark) else { break };
        let name = inner.get(..close).unwrap_or_default();
        // "Can't create table `app`.`t`" means `t`.
        match names.last_mut() {
            Some(last) if quote == "." => *last = name,
            _ => names.push(name),
        }
        rest = inner.get(close + 1..).unwrap_or_default();
    }
    // `FUNCTION db.f does not exist` (1305) quotes nothing.
    if let (true, Some(name)) = (
        names.is_empty() && message.ends_with("does not exist"),
        message.split(' ').nth(1),
    ) {
        names.push(name);
    }
    names
        .into_iter()
        .take(1)
        .flat_map(|name| {
            let last = name.rsplit_once('.').map(|(_, last)| last);
            std::iter::once(name).chain(last)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYNTAX: &str = "You have an error in your SQL syntax; check the manual that corresponds to your MariaDB server version for the right syntax to use near";

    fn syntax(fragment: &str, line: usize) -> String {
        format!("{SYNTAX} '{fragment}' at line {line}")
    }

    #[test]
    fn syntax_errors_point_at_the_unexpected_token() {
        for (fragment, line, statement, rest, expected) in [
            ("creat table t", 1, "creat table t", "", 0),
            ("frm t", 1, "select a frm t", "", 9),
            ("frm t", 2, "select a\nfrm t", "", 9),
            ("x)", 3, "insert\ninto t (x)\nvalues (1 x)", "", 28),
            ("x)", 2, "\n\nselect x)\n, x)", "", 14),
            ("", 1, "select (1", "", 9),
            ("", 1, "select (1  \n", "", 9),
            ("\n;\nselect 2", 1, "select (1", "\n;\nselect 2", 9),
            ("x', 'it''s' y", 1, "select x', 'it''s' y", "", 7),
            ("ö bar", 1, "select größe ö bar", "", 15),
            ("not there", 2, "a\nb c", "", 2),
        ] {
            assert_eq!(
                find(1064, &syntax(fragment, line), statement, rest),
                Some(expected),
                "{statement}"
            );
        }
    }

    #[test]
    fn a_cut_fragment_is_found() {
        let statement = format!("select oops {}", "y".repeat(200));
        let fragment = format!("oops {}", "y".repeat(75));
        assert_eq!(find(1064, &syntax(&fragment, 1), &statement, ""), Some(7));
        let dotted = format!("{fragment}...");
        assert_eq!(find(1064, &syntax(&dotted, 1), &statement, ""), Some(7));
    }

    #[test]
    fn named_things_are_pointed_at() {
        for (code, message, statement, expected) in [
            (
                1054,
                "Unknown column 'u.naem' in 'field list'",
                "select 'naem', u.naem from u",
                Some(17),
            ),
            (
                1146,
                "Table 'app.nope' doesn't exist",
                "select * from nope",
                Some(14),
            ),
            (
                1050,
                "Table 'users' already exists",
                "create table `users` (a int)",
                Some(13),
            ),
            (
                1060,
                "Duplicate column name 'a'",
                "alter table t add column a int",
                Some(25),
            ),
            (
                1091,
                "Can't DROP COLUMN `zz`; check that it exists",
                "alter table t drop column zz",
                Some(26),
            ),
            (
                1091,
                "Can't DROP 'zz'; check that column/key exists",
                "alter table t drop column zz",
                Some(26),
            ),
            (
                1005,
                "Can't create table `app`.`t` (errno: 150 \"Foreign key constraint is incorrectly formed\")",
                "create table t (app int references u (a))",
                Some(13),
            ),
            (1305, "PROCEDURE app.p does not exist", "call p()", Some(5)),
            (
                1062,
                "Duplicate entry 'a' for key 't.PRIMARY'",
                "insert into a values (1)",
                None,
            ),
            (
                1205,
                "Lock wait timeout exceeded; try restarting transaction",
                "alter table t force",
                None,
            ),
        ] {
            assert_eq!(find(code, message, statement, ""), expected, "{message}");
        }
    }
}
