//! The smallest lexer that answers three questions about one statement of MySQL or SQLite: which word does it start
//! with, does it hold a second statement, and where does it mention a name.
//!
//! It judges nothing and never fails: unclosed quotes and comments run to the end of the text. Splitting and parsing are
//! the `sql` crate's work.

/// Whose rules decide what a comment and a quote is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rules {
    /// `#` comments, `--` only before white space, backslash escapes, the inside of `/*! … */` is code.
    Mysql,
    /// `[…]` quotes a name, `--` always starts a comment.
    Sqlite,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A word or a number.
    Word,
    /// Text in `'…'`.
    Literal,
    /// A name in backticks, double quotes or brackets (a double-quoted text may be a literal, depending on settings).
    Quoted,
    /// One byte of anything else.
    Symbol,
}

/// One token: its place and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The tokens of a text, comments and white space left out.
pub(crate) struct Tokens<'a> {
    bytes: &'a [u8],
    rules: Rules,
    position: usize,
    /// Inside `/*! … */` of MySQL.
    in_executable_comment: bool,
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(text: &'a str, rules: Rules) -> Self {
        Self {
            bytes: text.as_bytes(),
            rules,
            position: 0,
            in_executable_comment: false,
        }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.position + ahead).copied()
    }

    /// Skips to just after the next `needle`, or to the end.
    fn skip_past(&mut self, needle: &[u8]) {
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        self.position = rest
            .windows(needle.len())
            .position(|window| window == needle)
            .map_or(self.bytes.len(), |found| {
                self.position + found + needle.len()
            });
    }

    /// Skips white space and comments.
    fn skip_blanks(&mut self) {
        while let Some(byte) = self.peek(0) {
            match (byte, self.peek(1)) {
                (b'-', Some(b'-')) if self.is_dash_comment() => self.skip_past(b"\n"),
                (b'#', _) if self.rules == Rules::Mysql => self.skip_past(b"\n"),
                (b'/', Some(b'*')) => self.enter_comment(),
                (b'*', Some(b'/')) if self.in_executable_comment => {
                    self.in_executable_comment = false;
                    self.position += 2;
                }
                _ if byte.is_ascii_whitespace() || byte == 0x0B => self.position += 1,
                _ => return,
            }
        }
    }

    /// MySQL wants white space, a control character or the end after `--` (manual, "Comments").
    fn is_dash_comment(&self) -> bool {
        match self.rules {
            Rules::Sqlite => true,
            Rules::Mysql => self
                .peek(2)
                .is_none_or(|byte| byte.is_ascii_whitespace() || byte.is_ascii_control()),
        }
    }

    fn enter_comment(&mut self) {
        let marker = match (self.peek(2), self.peek(3)) {
            (Some(b'!'), _) => 3,
            (Some(b'M'), Some(b'!')) => 4,
            _ => 0,
        };
        if self.rules == Rules::Sqlite || marker == 0 || self.in_executable_comment {
            self.position += 2;
            self.skip_past(b"*/");
            return;
        }
        self.in_executable_comment = true;
        self.position += marker;
        while self.peek(0).is_some_and(|byte| byte.is_ascii_digit()) {
            self.position += 1;
        }
    }

    /// Skips a quoted text whose opening quote is at the position.
    fn skip_quoted(&mut self, close: u8, has_escapes: bool) {
        self.position += 1;
        while let Some(byte) = self.peek(0) {
            self.position += 1;
            if byte == b'\\' && has_escapes {
                self.position += 1;
            } else if byte == close {
                if close == b']' || self.peek(0) != Some(close) {
                    break;
                }
                self.position += 1;
            }
        }
        self.position = self.position.min(self.bytes.len());
    }
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        self.skip_blanks();
        let start = self.position;
        let has_escapes = self.rules == Rules::Mysql;
        let kind = match self.peek(0)? {
            b'\'' => {
                self.skip_quoted(b'\'', has_escapes);
                TokenKind::Literal
            }
            b'"' => {
                self.skip_quoted(b'"', has_escapes);
                TokenKind::Quoted
            }
            b'`' => {
                self.skip_quoted(b'`', false);
                TokenKind::Quoted
            }
            b'[' if self.rules == Rules::Sqlite => {
                self.skip_quoted(b']', false);
                TokenKind::Quoted
            }
            byte if is_word_byte(byte) => {
                while self.peek(0).is_some_and(is_word_byte) {
                    self.position += 1;
                }
                TokenKind::Word
            }
            _ => {
                self.position += 1;
                TokenKind::Symbol
            }
        };
        Some(Token {
            kind,
            start,
            end: self.position,
        })
    }
}

/// The first `count` words in upper case; stops at the first token that is none.
pub(crate) fn leading_words(text: &str, rules: Rules, count: usize) -> Vec<String> {
    Tokens::new(text, rules)
        .take(count)
        .take_while(|token| token.kind == TokenKind::Word)
        .filter_map(|token| text.get(token.start..token.end))
        .map(str::to_ascii_uppercase)
        .collect()
}

/// The words among the first `count` tokens, in upper case.
pub(crate) fn early_words(text: &str, rules: Rules, count: usize) -> Vec<String> {
    Tokens::new(text, rules)
        .take(count)
        .filter(|token| token.kind == TokenKind::Word)
        .filter_map(|token| text.get(token.start..token.end))
        .map(str::to_ascii_uppercase)
        .collect()
}

/// The first word in upper case, empty when the text starts with something else.
pub(crate) fn first_word(text: &str, rules: Rules) -> String {
    leading_words(text, rules, 1).pop().unwrap_or_default()
}

/// Whether the text holds nothing but comments and white space.
pub(crate) fn is_blank(text: &str, rules: Rules) -> bool {
    Tokens::new(text, rules).next().is_none()
}

/// Whether a `;` outside quotes and comments is followed by more code.
pub(crate) fn holds_second_statement(text: &str, rules: Rules) -> bool {
    let mut after_semicolon = false;
    for token in Tokens::new(text, rules) {
        let is_semicolon = text.get(token.start..token.end) == Some(";");
        if after_semicolon && !is_semicolon {
            return true;
        }
        after_semicolon |= is_semicolon;
    }
    false
}

/// Where the text first mentions a name, quoted or not, compared without case. Literals in `'…'` are not names.
pub(crate) fn find_name(text: &str, rules: Rules, name: &str) -> Option<usize> {
    Tokens::new(text, rules)
        .find(|token| {
            let Some(spelled) = text.get(token.start..token.end) else {
                return false;
            };
            match token.kind {
                TokenKind::Word => spelled.to_lowercase() == name.to_lowercase(),
                TokenKind::Quoted => unquote(spelled).to_lowercase() == name.to_lowercase(),
                TokenKind::Literal | TokenKind::Symbol => false,
            }
        })
        .map(|token| token.start)
}

/// The name inside a quoted spelling.
fn unquote(spelled: &str) -> String {
    let mut characters = spelled.chars();
    let Some(open) = characters.next() else {
        return String::new();
    };
    let inner = characters.as_str();
    if open == '[' {
        return inner.strip_suffix(']').unwrap_or(inner).to_owned();
    }
    let doubled = format!("{open}{open}");
    inner
        .strip_suffix(open)
        .unwrap_or(inner)
        .replace(&doubled, &open.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leading_words_see_through_comments() {
        for (text, rules, expected) in [
            ("create table t (a)", Rules::Mysql, "CREATE TABLE"),
            (
                "-- x\n/* y */ # z\n insert into t",
                Rules::Mysql,
                "INSERT INTO",
            ),
            ("/*!40101 SET NAMES utf8 */", Rules::Mysql, "SET NAMES"),
            ("/*M!100100 drop view v */", Rules::Mysql, "DROP VIEW"),
            ("(select 1)", Rules::Mysql, ""),
            ("--x\nselect 1", Rules::Sqlite, "SELECT 1"),
            ("/*!40101 SET */ vacuum", Rules::Sqlite, "VACUUM"),
        ] {
            assert_eq!(leading_words(text, rules, 2).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn a_second_statement_is_seen_only_outside_quotes() {
        for (text, expected) in [
            ("select 1", false),
            ("select 1;", false),
            ("select 1; -- done", false),
            ("select 1; select 2", true),
            ("select ';x'", false),
            ("select \"a\\\";\" , `;`", false),
            ("select 1 /*! ; drop table t */", true),
            ("select 1 # ; x", false),
        ] {
            assert_eq!(
                holds_second_statement(text, Rules::Mysql),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn names_are_found_quoted_and_not() {
        for (text, rules, name, expected) in [
            ("select naem, `naem` from t", Rules::Mysql, "naem", Some(7)),
            ("select 'naem', `NAEM`", Rules::Mysql, "naem", Some(15)),
            ("select a from [my t]", Rules::Sqlite, "my t", Some(14)),
            ("select \"a\"\"b\"", Rules::Sqlite, "a\"b", Some(7)),
            ("select named from t", Rules::Sqlite, "name", None),
            ("select größe from t", Rules::Mysql, "größe", Some(7)),
        ] {
            assert_eq!(find_name(text, rules, name), expected, "{text}");
        }
    }

    #[test]
    fn nothing_panics_on_unclosed_text() {
        for text in [
            "'", "'\\", "\"a\"\"", "`", "[", "/*", "/*!", "-- ", "--", "#", "é'é",
        ] {
            for rules in [Rules::Mysql, Rules::Sqlite] {
                assert!(Tokens::new(text, rules).count() < 4, "{text}");
            }
        }
    }
}
