//! Where a PostgreSQL statement ends: the rules of psql's `psqlscan.l`, which are those of the server's lexer plus
//! parentheses and `BEGIN ATOMIC` bodies.
//!
//! Two places differ from psql on purpose, because psql cuts there what the server would read as one: a string constant
//! with escapes that goes on after a line break (psql scans line by line), and routines named `begin`.

use super::cut::{Code, Cut, LONG_TRIVIA};
use super::error::SplitError;
use super::options::SplitOptions;
use super::piece::PieceKind;
use super::postgresql_copy;
use super::postgresql_shape::Shape;
use super::postgresql_strings::Follower;
use super::reader::Cursor;
use std::io::Read;

#[derive(Debug)]
pub(super) struct Scanner {
    standard_conforming_strings: Follower,
    /// The statement before was a `COPY … FROM stdin`.
    copy: Option<postgresql_copy::Stage>,
}

/// How a quoted constant ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quoted {
    /// At the next quote; two quotes are one string after the other, which makes no difference here.
    Plain,
    /// Backslashes escape.
    Escaped,
}

const BLANK: [bool; 256] = table(b" \t\n\r\x0c", false, false);
const LINE: [bool; 256] = {
    let mut table = [true; 256];
    table[b'\n' as usize] = false;
    table[b'\r' as usize] = false;
    table
};
/// Continues an identifier.
const WORD: [bool; 256] = table(b"_$", true, true);
/// Continues a number, together with letters that the server would refuse as trailing junk.
const NUMBER: [bool; 256] = table(b"_", true, true);
/// Operators and punctuation that mean nothing here.
const OPERATOR: [bool; 256] = table(b",[]+*%^<>=~!@#&|`?{}", false, false);

/// A set of bytes: some characters, letters and digits, bytes of non-ASCII characters.
pub(super) const fn table(extra: &[u8], alphanumeric: bool, high: bool) -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] =
            (alphanumeric && (byte as u8).is_ascii_alphanumeric()) || (high && byte >= 128);
        byte += 1;
    }
    let mut index = 0;
    while index < extra.len() {
        table[extra[index] as usize] = true;
        index += 1;
    }
    table
}

impl Scanner {
    pub(super) const fn new(options: SplitOptions) -> Self {
        Self {
            standard_conforming_strings: Follower::new(options.standard_conforming_strings),
            copy: None,
        }
    }

    pub(super) fn scan<R: Read>(
        &mut self,
        cursor: &mut Cursor<R>,
    ) -> Result<Option<Cut>, SplitError> {
        if let Some(stage) = self.copy {
            let (cut, next) = postgresql_copy::scan(cursor, stage)?;
            self.copy = next;
            return Ok(Some(cut));
        }
        let cut = self.cut(cursor)?;
        if let Some(cut) = &cut
            && cut.kind == PieceKind::Statement
        {
            self.standard_conforming_strings
                .follow(cursor.slice(cut.span.clone()));
        }
        Ok(cut)
    }

    fn cut<R: Read>(&mut self, cursor: &mut Cursor<R>) -> Result<Option<Cut>, SplitError> {
        let mut code = Code::default();
        let mut shape = Shape::default();
        let mut depth = 0_u64;
        let mut outermost = 0;
        loop {
            let start = cursor.offset();
            if start > LONG_TRIVIA && code.is_empty() {
                return Ok(Some(code.cut(start)));
            }
            match cursor.peek(0)? {
                0 => {
                    if depth > 0 {
                        return Err(cursor.unterminated("parenthesis", outermost));
                    }
                    if let Some(begin) = shape.open_body() {
                        return Err(cursor.unterminated("BEGIN ATOMIC body", begin));
                    }
                    if start == 0 {
                        return Ok(None);
                    }
                    self.copy = shape
                        .copies_from_stdin()
                        .then_some(postgresql_copy::Stage::Line);
                    return Ok(Some(code.cut(start)));
                }
                b' ' | b'\t' | b'\n' | b'\r' | 0x0c => {
                    cursor.skip(&BLANK)?;
                    continue;
                }
                b'-' if cursor.peek(1)? == b'-' => {
                    cursor.skip(&LINE)?;
                    continue;
                }
                b'/' if cursor.peek(1)? == b'*' => {
                    skip_comment(cursor)?;
                    continue;
                }
                b';' => {
                    if depth == 0 && shape.open_body().is_none() {
                        cursor.bump(1);
                        self.copy = shape
                            .copies_from_stdin()
                            .then_some(postgresql_copy::Stage::Line);
                        return Ok(Some(code.cut(start)));
                    }
                    cursor.bump(1);
                    shape.other();
                }
                b'(' => {
                    if depth == 0 {
                        outermost = start;
                    }
                    depth += 1;
                    cursor.bump(1);
                    shape.other();
                }
                b')' => {
                    depth = depth.saturating_sub(1);
                    cursor.bump(1);
                    shape.other();
                }
                b'.' => {
                    cursor.bump(1);
                    shape.dot();
                }
                b'\'' => {
                    let quoted = self.ordinary_string();
                    skip_string(cursor, start, quoted)?;
                    shape.other();
                }
                b'"' => {
                    skip_identifier(cursor, start)?;
                    shape.other();
                }
                b'$' => {
                    skip_dollar(cursor)?;
                    shape.other();
                }
                b'\\' => return Err(meta_command(cursor)?),
                b'0'..=b'9' => {
                    cursor.skip(&NUMBER)?;
                    shape.other();
                }
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => {
                    scan_word(cursor, start, &mut shape, depth == 0)?;
                }
                _ => {
                    cursor.bump(1);
                    cursor.skip(&OPERATOR)?;
                    shape.other();
                }
            }
            code.add(start, cursor.offset());
        }
    }

    fn ordinary_string(&self) -> Quoted {
        if self.standard_conforming_strings.is_on() {
            Quoted::Plain
        } else {
            Quoted::Escaped
        }
    }
}

/// A word, or a constant with a letter before its quote (`E'…'`, `B'…'`, `U&"…"`). `N'…'` is a word and a string.
fn scan_word<R: Read>(
    cursor: &mut Cursor<R>,
    start: usize,
    shape: &mut Shape,
    is_top_level: bool,
) -> Result<(), SplitError> {
    let prefixed = match (cursor.peek(0)?, cursor.peek(1)?) {
        (b'e' | b'E', b'\'') => Some((1, Quoted::Escaped)),
        (b'b' | b'B' | b'x' | b'X', b'\'') => Some((1, Quoted::Plain)),
        (b'u' | b'U', b'&') => match cursor.peek(2)? {
            b'\'' => Some((2, Quoted::Plain)),
            _ => None,
        },
        _ => None,
    };
    if let Some((prefix, quoted)) = prefixed {
        cursor.bump(prefix);
        skip_string(cursor, start, quoted)?;
        shape.other();
        return Ok(());
    }
    cursor.skip(&WORD)?;
    let end = cursor.offset();
    if shape.wants_words() {
        shape.word(cursor.slice(start..end), start, is_top_level);
    }
    Ok(())
}

/// A nested comment, from its `/*`.
fn skip_comment<R: Read>(cursor: &mut Cursor<R>) -> Result<(), SplitError> {
    let start = cursor.offset();
    let mut depth = 0_u64;
    loop {
        match (cursor.peek(0)?, cursor.peek(1)?) {
            (b'/', b'*') => {
                depth += 1;
                cursor.bump(2);
            }
            (b'*', b'/') => {
                depth -= 1;
                cursor.bump(2);
                if depth == 0 {
                    return Ok(());
                }
            }
            _ => cursor.bump(1),
        }
        if !cursor.find(b'/', b'*', b'*')? {
            return Err(cursor.unterminated("comment", start));
        }
    }
}

/// A string constant from its quote on; `start` is where its prefix begins.
fn skip_string<R: Read>(
    cursor: &mut Cursor<R>,
    start: usize,
    quoted: Quoted,
) -> Result<(), SplitError> {
    cursor.bump(1);
    loop {
        let is_found = match quoted {
            Quoted::Plain => cursor.find(b'\'', b'\'', b'\'')?,
            Quoted::Escaped => cursor.find(b'\'', b'\\', b'\\')?,
        };
        if !is_found {
            return Err(cursor.unterminated("string", start));
        }
        if cursor.peek(0)? == b'\\' {
            cursor.peek(1)?;
            cursor.bump(2);
            continue;
        }
        cursor.bump(1);
        if quoted == Quoted::Plain {
            return Ok(());
        }
        if cursor.peek(0)? == b'\'' {
            cursor.bump(1);
        } else if !continues_after_line_break(cursor)? {
            return Ok(());
        }
    }
}

/// A string goes on when only blanks and comments with a line break among them stand between two quotes (PostgreSQL
/// manual 4.1.2.1); its escapes go on too. Puts the cursor inside of the next part, or back where it was.
fn continues_after_line_break<R: Read>(cursor: &mut Cursor<R>) -> Result<bool, SplitError> {
    let end = cursor.offset();
    let mut has_line_break = false;
    loop {
        match cursor.peek(0)? {
            b'\n' | b'\r' => {
                has_line_break = true;
                cursor.bump(1);
            }
            b' ' | b'\t' | 0x0c => cursor.bump(1),
            b'-' if cursor.peek(1)? == b'-' => cursor.skip(&LINE)?,
            b'\'' if has_line_break => {
                cursor.bump(1);
                return Ok(true);
            }
            _ => {
                cursor.go_to(end);
                return Ok(false);
            }
        }
    }
}

fn skip_identifier<R: Read>(cursor: &mut Cursor<R>, start: usize) -> Result<(), SplitError> {
    cursor.bump(1);
    if !cursor.find(b'"', b'"', b'"')? {
        return Err(cursor.unterminated("quoted identifier", start));
    }
    cursor.bump(1);
    Ok(())
}

/// A `$`: a dollar-quoted string if a tag follows, else only the character (of a parameter `$1`).
fn skip_dollar<R: Read>(cursor: &mut Cursor<R>) -> Result<(), SplitError> {
    let start = cursor.offset();
    cursor.bump(1);
    if !cursor.peek(0)?.is_ascii_digit() {
        cursor.skip(&NUMBER)?;
    }
    if cursor.peek(0)? != b'$' {
        cursor.go_to(start + 1);
        return Ok(());
    }
    cursor.bump(1);
    let tag = cursor.slice(start..cursor.offset()).to_vec();
    loop {
        if !cursor.find(b'$', b'$', b'$')? {
            return Err(cursor.unterminated("dollar-quoted string", start));
        }
        if cursor.starts_with(&tag)? {
            cursor.bump(tag.len());
            return Ok(());
        }
        cursor.bump(1);
    }
}

/// A backslash outside of quotes is psql's own: `\i`, `\connect`, `\restrict`, `\;`.
fn meta_command<R: Read>(cursor: &mut Cursor<R>) -> Result<SplitError, SplitError> {
    let start = cursor.offset();
    cursor.bump(1);
    cursor.skip(&const { table(b"_?!+", true, true) })?;
    if cursor.offset() == start + 1 && cursor.peek(0)?.is_ascii_punctuation() {
        cursor.bump(1);
    }
    Ok(cursor.client_command(start..cursor.offset()))
}
