//! What `SET sql_mode` in a file does to the strings after it: the server reads the rest of the file under the new mode.
//!
//! Followed are literals, numbers, `DEFAULT`, the variable itself, user variables that were set from these (what dumps do),
//! and the functions that people edit the list with. Any other value makes the mode unknown, and the splitter then refuses
//! the first string for which it matters.

use crate::tokens::{Token, TokenKind, Tokens};
use shoring_core::Product;
use std::collections::BTreeMap;

/// The part of `sql_mode` that decides where a string ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mode {
    /// `NO_BACKSLASH_ESCAPES` is off.
    pub(super) backslash_escapes: bool,
    /// `ANSI_QUOTES` is on: `"` begins a name, in which a backslash is a character like any other.
    pub(super) ansi_quotes: bool,
}

/// Modes that include `ANSI_QUOTES`. All but `ANSI` are MariaDB's; MySQL 8 refuses them.
const WITH_ANSI_QUOTES: [&str; 7] = [
    "ANSI_QUOTES",
    "ANSI",
    "DB2",
    "MAXDB",
    "MSSQL",
    "ORACLE",
    "POSTGRESQL",
];

/// The bits of both in a number, which no release has changed.
const ANSI_QUOTES_BIT: u64 = 1 << 2;
const NO_BACKSLASH_ESCAPES_BIT: u64 = 1 << 20;

impl Mode {
    const PLAIN: Self = Self {
        backslash_escapes: true,
        ansi_quotes: false,
    };

    fn of_list(list: &str) -> Self {
        let has = |name: &str| {
            list.split(',')
                .any(|word| word.trim().eq_ignore_ascii_case(name))
        };
        Self {
            backslash_escapes: !has("NO_BACKSLASH_ESCAPES"),
            ansi_quotes: WITH_ANSI_QUOTES.iter().any(|name| has(name)),
        }
    }

    const fn of_number(bits: u64) -> Self {
        Self {
            backslash_escapes: bits & NO_BACKSLASH_ESCAPES_BIT == 0,
            ansi_quotes: bits & ANSI_QUOTES_BIT != 0,
        }
    }

    const fn with(self, other: Self) -> Self {
        Self {
            backslash_escapes: self.backslash_escapes && other.backslash_escapes,
            ansi_quotes: self.ansi_quotes || other.ansi_quotes,
        }
    }

    const fn without(self, other: Self) -> Self {
        Self {
            backslash_escapes: self.backslash_escapes || !other.backslash_escapes,
            ansi_quotes: self.ansi_quotes && !other.ansi_quotes,
        }
    }
}

/// The mode while a file is read; `None` is unknown.
#[derive(Debug)]
pub(super) struct Follower {
    product: Product,
    /// What `DEFAULT` means.
    default: Mode,
    pub(super) now: Option<Mode>,
    user_variables: BTreeMap<String, Option<Mode>>,
}

/// No `SET` is longer; what is, is data in an executable comment.
const LONGEST: usize = 64 * 1024;

/// User variables remembered; the mode of one that comes later is unknown.
const MOST_VARIABLES: usize = 64;

impl Follower {
    pub(super) const fn new(product: Product, start: Mode) -> Self {
        Self {
            product,
            default: start,
            now: Some(start),
            user_variables: BTreeMap::new(),
        }
    }

    /// Takes note of a statement that has just been cut.
    pub(super) fn follow(&mut self, sql: &[u8]) {
        let may_set = matches!(
            sql,
            [b'S' | b's', b'E' | b'e', b'T' | b't', ..] | [b'/', b'*', ..]
        );
        if !may_set || sql.len() > LONGEST {
            return;
        }
        let Ok(sql) = std::str::from_utf8(sql) else {
            return;
        };
        let tokens: Vec<Token<'_>> = Tokens::new(sql, self.product)
            .filter(|token| token.kind.is_code())
            .collect();
        if !tokens.first().is_some_and(|token| token.is("SET")) {
            return;
        }
        // `SET STATEMENT sql_mode = … FOR …` holds for the text of that one statement, which is already read.
        if tokens.get(1).is_some_and(|token| token.is("STATEMENT")) {
            return;
        }
        let mut depth = 0_u32;
        let assignments = tokens[1..].split(|token| {
            match token.kind {
                TokenKind::Punctuation(b'(') => depth += 1,
                TokenKind::Punctuation(b')') => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && token.kind == TokenKind::Punctuation(b',')
        });
        for assignment in assignments {
            self.assign(assignment);
        }
    }

    fn assign(&mut self, tokens: &[Token<'_>]) {
        let Some(equals) = tokens
            .iter()
            .position(|token| token.kind == TokenKind::Punctuation(b'='))
        else {
            return;
        };
        let name: String = tokens[..equals]
            .iter()
            .map(|token| token.text.trim_matches('`').to_ascii_lowercase())
            .filter(|text| text != ":")
            .collect::<Vec<_>>()
            .join(" ");
        let value = &tokens[equals + 1..];
        match name.as_str() {
            "sql_mode"
            | "session sql_mode"
            | "local sql_mode"
            | "@ @ sql_mode"
            | "@ @ session . sql_mode"
            | "@ @ local . sql_mode" => {
                self.now = self.value(value);
            }
            name => {
                let Some(variable) = name
                    .strip_prefix("@ ")
                    .filter(|rest| !rest.starts_with('@'))
                else {
                    return;
                };
                let value = self.value(value);
                if self.user_variables.len() < MOST_VARIABLES
                    || self.user_variables.contains_key(variable)
                {
                    self.user_variables.insert(variable.to_owned(), value);
                }
            }
        }
    }

    /// The mode an expression stands for.
    fn value(&self, tokens: &[Token<'_>]) -> Option<Mode> {
        match tokens {
            [open, inner @ .., close]
                if open.kind == TokenKind::Punctuation(b'(')
                    && close.kind == TokenKind::Punctuation(b')') =>
            {
                self.value(inner)
            }
            [word, rest @ ..] if word.is("SELECT") => self.value(rest),
            [text] if text.kind == TokenKind::String => {
                Some(Mode::of_list(text.text.trim_matches(['\'', '"'])))
            }
            [number] if number.kind == TokenKind::Number => {
                number.text.parse().ok().map(Mode::of_number)
            }
            [word] if word.is("DEFAULT") => Some(self.default),
            [word] if word.kind == TokenKind::Word => Some(Mode::of_list(word.text)),
            [at, name]
                if at.kind == TokenKind::Punctuation(b'@') && name.kind != TokenKind::String =>
            {
                let name = name.text.trim_matches('`').to_ascii_lowercase();
                self.user_variables.get(&name).copied().flatten()
            }
            [one, two, rest @ ..]
                if one.kind == TokenKind::Punctuation(b'@')
                    && two.kind == TokenKind::Punctuation(b'@') =>
            {
                let words: Vec<_> = rest
                    .iter()
                    .map(|token| token.text.to_ascii_lowercase())
                    .collect();
                match words.join(" ").as_str() {
                    "sql_mode" | "session . sql_mode" | "local . sql_mode" => self.now,
                    "global . sql_mode" => Some(self.default),
                    _ => None,
                }
            }
            [schema, dot, call @ ..]
                if schema.is("SYS") && dot.kind == TokenKind::Punctuation(b'.') =>
            {
                self.value(call)
            }
            [function, open, arguments @ .., close]
                if open.kind == TokenKind::Punctuation(b'(')
                    && close.kind == TokenKind::Punctuation(b')') =>
            {
                self.call(function, arguments)
            }
            _ => None,
        }
    }

    fn call(&self, function: &Token<'_>, arguments: &[Token<'_>]) -> Option<Mode> {
        let mut depth = 0_u32;
        let values: Vec<Option<Mode>> = arguments
            .split(|token| {
                match token.kind {
                    TokenKind::Punctuation(b'(') => depth += 1,
                    TokenKind::Punctuation(b')') => depth = depth.saturating_sub(1),
                    _ => {}
                }
                depth == 0 && token.kind == TokenKind::Punctuation(b',')
            })
            .map(|argument| self.value(argument))
            .collect();
        let all = |values: &[Option<Mode>]| {
            values
                .iter()
                .try_fold(Mode::PLAIN, |sum, value| Some(sum.with((*value)?)))
        };
        match function.text.to_ascii_uppercase().as_str() {
            "CONCAT" | "CONCAT_WS" | "LIST_ADD" => all(&values),
            "LIST_DROP" => Some((*values.first()?)?.without((*values.get(1)?)?)),
            // What comes in its place may be a mode as well.
            "REPLACE" => {
                let [list, old, new] = values[..] else {
                    return None;
                };
                Some(list?.without(old?).with(new?))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `\\` for escapes, `"` for names between double quotes, `?` for unknown.
    fn after(statements: &[&str]) -> String {
        let mut follower = Follower::new(Product::Mariadb, Mode::PLAIN);
        for statement in statements {
            follower.follow(statement.as_bytes());
        }
        let Some(mode) = follower.now else {
            return "?".to_owned();
        };
        let escapes = if mode.backslash_escapes { "\\" } else { "" };
        let names = if mode.ansi_quotes { "\"" } else { "" };
        format!("{escapes}{names}")
    }

    #[test]
    fn assignments_are_followed() {
        for (statements, expected) in [
            (&["SELECT 1"][..], "\\"),
            (&["SET sql_mode = 'NO_BACKSLASH_ESCAPES'"], ""),
            (&["set @@SESSION.sql_mode := \"ansi_quotes\""], "\\\""),
            (&["SET LOCAL `sql_mode` = 'STRICT_ALL_TABLES,ANSI'"], "\\\""),
            (&["SET sql_mode = ORACLE"], "\\\""),
            (&["SET sql_mode = 1048580"], "\""),
            (
                &["SET NAMES utf8mb4, sql_mode = 'NO_BACKSLASH_ESCAPES'"],
                "",
            ),
            (&["SET GLOBAL sql_mode = 'NO_BACKSLASH_ESCAPES'"], "\\"),
            (&["SET @sql_mode = 'NO_BACKSLASH_ESCAPES'"], "\\"),
            (
                &[
                    "SET sql_mode = 'NO_BACKSLASH_ESCAPES'",
                    "SET sql_mode = DEFAULT",
                ],
                "\\",
            ),
            (
                &["SET sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES')"],
                "",
            ),
            (
                &[
                    "SET sql_mode = 'ANSI_QUOTES'",
                    "SET sql_mode = (SELECT REPLACE(@@sql_mode, 'ANSI_QUOTES', ''))",
                ],
                "\\",
            ),
            (
                &["SET sql_mode = sys.list_add(@@sql_mode, 'ANSI_QUOTES')"],
                "\\\"",
            ),
            (&["SET sql_mode = (SELECT mode FROM modes)"], "?"),
            (&["SET sql_mode = @never_set"], "?"),
            (&["SET sql_mode = @never_set", "SET sql_mode = ''"], "\\"),
            (&["SET STATEMENT sql_mode = 'ANSI' FOR SELECT 1"], "\\"),
        ] {
            assert_eq!(after(statements), expected, "{statements:?}");
        }
    }

    #[test]
    fn what_dumps_save_and_put_back_is_followed() {
        let begin = "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_BACKSLASH_ESCAPES,NO_AUTO_VALUE_ON_ZERO' */";
        let end = "/*!40101 SET SQL_MODE=@OLD_SQL_MODE */";
        assert_eq!(after(&[begin]), "");
        assert_eq!(after(&[begin, end]), "\\");
        let saved = "/*!50003 SET @saved_sql_mode       = @@sql_mode */";
        assert_eq!(
            after(&[
                begin,
                saved,
                "SET sql_mode=''",
                "/*!50003 SET sql_mode = @saved_sql_mode */"
            ]),
            ""
        );
    }
}
