//! The iterator over tokens.

use super::quoted;
use shoring_core::{Dialect, Product};
use std::ops::Range;

/// What a [`Token`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A keyword or an unquoted name.
    Word,
    /// A quoted name: `"x"`, `` `x` ``, `[x]`, `U&"x"`.
    QuotedName,
    /// A string constant of any kind, with its prefix (`E'…'`, `$tag$…$tag$`, `x'…'`). In MySQL also `"…"`.
    String,
    /// A number, or a parameter such as `$1`.
    Number,
    /// One character of punctuation or of an operator.
    Punctuation(u8),
    /// A comment of any kind.
    Comment,
    /// The beginning (`/*!40101`) or the end (`*/`) of an executable comment of MySQL.
    ExecutableComment,
}

impl TokenKind {
    /// Whether the token means something to the server.
    pub const fn is_code(self) -> bool {
        !matches!(self, Self::Comment | Self::ExecutableComment)
    }
}

/// One token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: TokenKind,
    /// Its text.
    pub text: &'a str,
    /// Byte offset of its first character.
    pub offset: usize,
}

impl Token<'_> {
    /// The bytes it takes.
    pub const fn range(&self) -> Range<usize> {
        self.offset..self.offset + self.text.len()
    }

    /// Whether it is this keyword (upper case), unquoted.
    pub fn is(&self, keyword: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(keyword)
    }
}

/// Iterates over the tokens of one statement, comments included.
#[derive(Debug, Clone)]
pub struct Tokens<'a> {
    sql: &'a str,
    product: Product,
    at: usize,
    is_in_executable_comment: bool,
}

impl<'a> Tokens<'a> {
    /// The tokens of a text.
    pub const fn new(sql: &'a str, product: Product) -> Self {
        Self {
            sql,
            product,
            at: 0,
            is_in_executable_comment: false,
        }
    }

    /// The kind and the end of the token that begins at `self.at`, where no blank stands.
    fn token(&mut self) -> (TokenKind, usize) {
        let bytes = self.sql.as_bytes();
        let rest = &bytes[self.at..];
        let dialect = self.product.dialect();
        let kind_and_length = match rest {
            [b'-', b'-', third @ ..] if dialect != Dialect::Mysql || is_after_dashes(third) => {
                (TokenKind::Comment, line_length(rest, dialect))
            }
            [b'#', ..] if dialect == Dialect::Mysql => {
                (TokenKind::Comment, line_length(rest, dialect))
            }
            [b'/', b'*', ..] => self.block_comment(rest),
            [b'*', b'/', ..] if self.is_in_executable_comment => {
                self.is_in_executable_comment = false;
                (TokenKind::ExecutableComment, 2)
            }
            [byte, ..] => quoted::token(rest, dialect).unwrap_or_else(|| match byte {
                b'0'..=b'9' => (TokenKind::Number, number_length(rest)),
                b'$' if dialect == Dialect::Postgresql => (
                    TokenKind::Number,
                    1 + run(&rest[1..], |byte| byte.is_ascii_digit()),
                ),
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' | 0x80.. => {
                    (TokenKind::Word, run(rest, is_word))
                }
                byte => (TokenKind::Punctuation(*byte), 1),
            }),
            [] => (TokenKind::Comment, 0),
        };
        (kind_and_length.0, self.at + kind_and_length.1)
    }

    fn block_comment(&mut self, rest: &[u8]) -> (TokenKind, usize) {
        let marker = match (self.product, rest) {
            (Product::Mysql | Product::Mariadb, [_, _, b'!', ..]) => 3,
            (Product::Mariadb, [_, _, b'M', b'!', ..]) => 4,
            _ => 0,
        };
        if marker > 0 && !self.is_in_executable_comment {
            self.is_in_executable_comment = true;
            let digits = run(&rest[marker..], |byte| byte.is_ascii_digit());
            return (TokenKind::ExecutableComment, marker + digits);
        }
        let mut depth = 0_u32;
        let mut at = 0;
        while let Some(found) = memchr::memchr2(b'*', b'/', &rest[at..]) {
            at += found;
            match &rest[at..] {
                [b'/', b'*', ..] if depth == 0 || self.product == Product::Postgresql => {
                    depth += 1;
                    at += 2;
                }
                [b'*', b'/', ..] => {
                    depth -= 1;
                    at += 2;
                    if depth == 0 {
                        return (TokenKind::Comment, at);
                    }
                }
                _ => at += 1,
            }
        }
        (TokenKind::Comment, rest.len())
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let bytes = self.sql.as_bytes();
        while bytes.get(self.at).is_some_and(|byte| is_blank(*byte)) {
            self.at += 1;
        }
        if self.at >= bytes.len() {
            return None;
        }
        let offset = self.at;
        let (kind, end) = self.token();
        self.at = end;
        Some(Token {
            kind,
            text: &self.sql[offset..end],
            offset,
        })
    }
}

pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

pub(super) const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}

pub(super) fn run(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| belongs(**byte)).count()
}

/// MySQL wants a blank or a control character after `--`.
fn is_after_dashes(third: &[u8]) -> bool {
    third
        .first()
        .is_none_or(|byte| *byte == b' ' || byte.is_ascii_control())
}

/// A comment to the end of the line; PostgreSQL also ends it at a lone `\r`.
fn line_length(rest: &[u8], dialect: Dialect) -> usize {
    run(rest, |byte| {
        byte != b'\n' && (byte != b'\r' || dialect != Dialect::Postgresql)
    })
}

/// Digits with fraction and exponent.
fn number_length(rest: &[u8]) -> usize {
    let mut length = run(rest, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if rest.get(length) == Some(&b'.') && rest.get(length + 1).is_some_and(u8::is_ascii_digit) {
        length += 1;
        length += run(&rest[length..], |byte| byte.is_ascii_alphanumeric());
    }
    let is_exponent = matches!(rest[length - 1], b'e' | b'E') && !rest.starts_with(b"0x");
    if is_exponent && matches!(rest.get(length), Some(b'+' | b'-')) {
        let digits = run(&rest[length + 1..], |byte| byte.is_ascii_digit());
        if digits > 0 {
            length += 1 + digits;
        }
    }
    length
}
