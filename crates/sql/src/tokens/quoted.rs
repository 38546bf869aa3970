//! Everything in quotes, per dialect.

use super::lexer::{TokenKind, is_word, run};
use shoring_core::Dialect;

/// The kind and the length of the quoted token at the beginning of `rest`, if there is one.
pub(super) fn token(rest: &[u8], dialect: Dialect) -> Option<(TokenKind, usize)> {
    match dialect {
        Dialect::Postgresql => postgresql(rest),
        Dialect::Mysql => mysql(rest),
        Dialect::Sqlite => sqlite(rest),
    }
}

fn postgresql(rest: &[u8]) -> Option<(TokenKind, usize)> {
    match rest {
        [b'\'', ..] => Some((TokenKind::String, quoted(rest, 0, b'\'', false))),
        [b'e' | b'E', b'\'', ..] => Some((TokenKind::String, quoted(rest, 1, b'\'', true))),
        [b'b' | b'B' | b'x' | b'X' | b'n' | b'N', b'\'', ..] => {
            Some((TokenKind::String, quoted(rest, 1, b'\'', false)))
        }
        [b'u' | b'U', b'&', b'\'', ..] => Some((TokenKind::String, quoted(rest, 2, b'\'', false))),
        [b'u' | b'U', b'&', b'"', ..] => {
            Some((TokenKind::QuotedName, quoted(rest, 2, b'"', false)))
        }
        [b'"', ..] => Some((TokenKind::QuotedName, quoted(rest, 0, b'"', false))),
        [b'$', ..] => dollar_quoted(rest),
        _ => None,
    }
}

fn mysql(rest: &[u8]) -> Option<(TokenKind, usize)> {
    match rest {
        [quote @ (b'\'' | b'"'), ..] => Some((TokenKind::String, quoted(rest, 0, *quote, true))),
        [b'b' | b'B' | b'x' | b'X' | b'n' | b'N', b'\'', ..] => {
            Some((TokenKind::String, quoted(rest, 1, b'\'', true)))
        }
        [b'`', ..] => Some((TokenKind::QuotedName, quoted(rest, 0, b'`', false))),
        _ => None,
    }
}

fn sqlite(rest: &[u8]) -> Option<(TokenKind, usize)> {
    match rest {
        [b'\'', ..] => Some((TokenKind::String, quoted(rest, 0, b'\'', false))),
        [b'x' | b'X', b'\'', ..] => Some((TokenKind::String, quoted(rest, 1, b'\'', false))),
        [quote @ (b'"' | b'`'), ..] => {
            Some((TokenKind::QuotedName, quoted(rest, 0, *quote, false)))
        }
        [b'[', ..] => {
            let length = memchr::memchr(b']', rest).map_or(rest.len(), |end| end + 1);
            Some((TokenKind::QuotedName, length))
        }
        _ => None,
    }
}

/// The length up to the closing quote; a doubled quote and, if `escapes`, one after a backslash do not close.
fn quoted(rest: &[u8], prefix: usize, quote: u8, escapes: bool) -> usize {
    let mut at = prefix + 1;
    while let Some(found) = memchr::memchr2(quote, b'\\', rest.get(at..).unwrap_or_default()) {
        at += found;
        if rest[at] == b'\\' {
            at += if escapes { 2 } else { 1 };
        } else if rest.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            return at + 1;
        }
    }
    rest.len()
}

/// `$tag$ … $tag$`; `None` for `$1` and a lone `$`.
fn dollar_quoted(rest: &[u8]) -> Option<(TokenKind, usize)> {
    let tag = run(&rest[1..], |byte| is_word(byte) && byte != b'$');
    if rest.get(1 + tag) != Some(&b'$') || rest[1].is_ascii_digit() {
        return None;
    }
    let delimiter = &rest[..tag + 2];
    let length = memchr::memmem::find(&rest[delimiter.len()..], delimiter)
        .map_or(rest.len(), |end| end + 2 * delimiter.len());
    Some((TokenKind::String, length))
}
