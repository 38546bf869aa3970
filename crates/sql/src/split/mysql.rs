//! Where a MySQL or MariaDB statement ends: the rules of the `mysql` and `mariadb` clients, `DELIMITER` included.
//!
//! Three things are wider than the clients. Bodies of routines, triggers and events need no `DELIMITER`
//! (see `mysql_compound`), a delimiter inside an executable comment does not cut it in two, and a plain comment inside
//! an executable one ends at its own `*/`.

use super::cut::{Code, Cut, LONG_TRIVIA};
use super::error::SplitError;
use super::mysql_client::{self, Line};
use super::mysql_compound::Compound;
use super::mysql_mode::{Follower, Mode};
use super::options::SplitOptions;
use super::piece::PieceKind;
use super::postgresql::table;
use super::reader::Cursor;
use shoring_core::Product;
use std::io::Read;

#[derive(Debug)]
pub(super) struct Scanner {
    options: SplitOptions,
    mode: Follower,
    delimiter: Vec<u8>,
    /// What continues a word: a delimiter may begin with a letter and then ends a word, as in the client.
    word: [bool; 256],
    /// Whether nothing but blanks was seen on this line.
    is_line_start: bool,
}

pub(super) const BLANK: [bool; 256] = table(b" \t\n\r\x0b\x0c", false, false);
const WORD: [bool; 256] = table(b"_$", true, true);
const DIGITS: [bool; 256] = {
    let mut digits = [false; 256];
    let mut byte = b'0';
    while byte <= b'9' {
        digits[byte as usize] = true;
        byte += 1;
    }
    digits
};

/// What the scanner remembers inside of one statement.
struct Statement {
    code: Code,
    compound: Compound,
    /// Where the open `/*!` is.
    executable_comment: Option<usize>,
    /// Whether the token before was a dot or `@`, so that a word is a name.
    is_name_next: bool,
}

impl Scanner {
    pub(super) fn new(options: SplitOptions) -> Self {
        let mode = Mode {
            backslash_escapes: options.backslash_escapes,
            ansi_quotes: options.ansi_quotes,
        };
        Self {
            options,
            mode: Follower::new(options.product, mode),
            delimiter: b";".to_vec(),
            word: WORD,
            is_line_start: true,
        }
    }

    fn set_delimiter(&mut self, delimiter: Vec<u8>) {
        self.word = WORD;
        if let Some(first) = delimiter.first() {
            self.word[usize::from(*first)] = false;
        }
        self.delimiter = delimiter;
    }

    pub(super) fn scan<R: Read>(
        &mut self,
        cursor: &mut Cursor<R>,
    ) -> Result<Option<Cut>, SplitError> {
        let cut = self.cut(cursor)?;
        if let Some(cut) = &cut
            && cut.kind == PieceKind::Statement
        {
            self.mode.follow(cursor.slice(cut.span.clone()));
        }
        Ok(cut)
    }

    fn cut<R: Read>(&mut self, cursor: &mut Cursor<R>) -> Result<Option<Cut>, SplitError> {
        let is_default_delimiter = self.delimiter == b";";
        let mut statement = Statement {
            code: Code::default(),
            compound: Compound::new(self.options.product),
            executable_comment: None,
            is_name_next: false,
        };
        loop {
            let start = cursor.offset();
            if start > LONG_TRIVIA && statement.code.is_empty() {
                return Ok(Some(statement.code.cut(start)));
            }
            let byte = cursor.peek(0)?;
            if byte == 0 {
                return at_end(cursor, &statement);
            }
            if BLANK[usize::from(byte)] && !self.delimiter.starts_with(&[byte]) {
                cursor.skip(&BLANK)?;
                self.is_line_start |= cursor.slice(start..cursor.offset()).contains(&b'\n');
                continue;
            }
            let is_line_start = std::mem::take(&mut self.is_line_start);
            if byte == self.delimiter[0]
                && statement.executable_comment.is_none()
                && cursor.starts_with(&self.delimiter)?
            {
                if is_default_delimiter && statement.compound.is_open() {
                    cursor.bump(1);
                    statement.code.add(start, start + 1);
                    statement.compound.semicolon();
                    continue;
                }
                cursor.bump(self.delimiter.len());
                return Ok(Some(statement.code.cut(start)));
            }
            if byte == b'#' || (byte == b'-' && starts_dash_comment(cursor, &statement)?) {
                cursor.find(b'\n', b'\n', b'\n')?;
                continue;
            }
            if byte == b'/' && cursor.peek(1)? == b'*' {
                let marker = self.executable_marker(cursor)?;
                if marker == 0 || statement.executable_comment.is_some() {
                    skip_comment(cursor)?;
                    continue;
                }
                cursor.bump(marker);
                cursor.skip(&DIGITS)?;
                statement.executable_comment = Some(start);
                statement.code.add(start, cursor.offset());
                continue;
            }
            match byte {
                b'*' if statement.executable_comment.is_some() && cursor.peek(1)? == b'/' => {
                    cursor.bump(2);
                    statement.executable_comment = None;
                }
                b'\\' => match cursor.peek(1)? {
                    b'g' | b'G' => {
                        cursor.bump(2);
                        return Ok(Some(statement.code.cut(start)));
                    }
                    b'N' => {
                        cursor.bump(2);
                        statement.compound.other();
                    }
                    _ => {
                        cursor.bump(1);
                        if !cursor.peek(0)?.is_ascii_whitespace() {
                            cursor.bump(1);
                        }
                        return Err(cursor.client_command(start..cursor.offset()));
                    }
                },
                quote @ (b'\'' | b'"' | b'`') => {
                    self.skip_quoted(cursor, start, quote)?;
                    if quote == b'`' {
                        statement.compound.quoted_name();
                    } else {
                        statement.compound.other();
                    }
                    statement.is_name_next = false;
                }
                b'$' if statement.compound.allows_dollar_body() && skip_dollar(cursor)? => {
                    statement.compound.other();
                }
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'$' | 0x80.. => {
                    cursor.bump(1);
                    cursor.skip(&self.word)?;
                    let end = cursor.offset();
                    let is_first = statement.code.is_empty();
                    statement.code.add(start, end);
                    if is_first {
                        match mysql_client::line(cursor, start, is_line_start, &self.delimiter)? {
                            Line::Sql => {}
                            Line::Statement => {
                                return Ok(Some(whole_line(cursor, start, PieceKind::Statement)));
                            }
                            Line::Delimiter(delimiter) => {
                                self.set_delimiter(delimiter);
                                self.is_line_start = true;
                                return Ok(Some(whole_line(
                                    cursor,
                                    start,
                                    PieceKind::ClientCommand,
                                )));
                            }
                        }
                    }
                    if is_default_delimiter && statement.compound.wants_words() {
                        let is_name = std::mem::take(&mut statement.is_name_next);
                        statement
                            .compound
                            .word(cursor.slice(start..end), is_name, start);
                    }
                }
                // Inside of an executable comment.
                b';' => {
                    cursor.bump(1);
                    statement.compound.semicolon();
                }
                b':' => {
                    cursor.bump(1);
                    if cursor.peek(0)? == b'=' {
                        statement.compound.other();
                    } else {
                        statement.compound.colon();
                    }
                }
                _ => {
                    cursor.bump(1);
                    statement.compound.punctuation(byte);
                    statement.is_name_next = matches!(byte, b'.' | b'@');
                }
            }
            statement.code.add(start, cursor.offset());
        }
    }

    /// The length of `/*!`, on MariaDB also of `/*M!`; 0 if the comment at the cursor is an ordinary one.
    fn executable_marker<R: Read>(&self, cursor: &mut Cursor<R>) -> Result<usize, SplitError> {
        Ok(match cursor.peek(2)? {
            b'!' => 3,
            b'M' if self.options.product == Product::Mariadb && cursor.peek(3)? == b'!' => 4,
            _ => 0,
        })
    }

    /// Two quotes inside of a string are one string after the other, which makes no difference here.
    fn skip_quoted<R: Read>(
        &self,
        cursor: &mut Cursor<R>,
        start: usize,
        quote: u8,
    ) -> Result<(), SplitError> {
        let escape = match (quote, self.mode.now) {
            (b'`', _) => quote,
            (_, None) => return Self::skip_either_way(cursor, start, quote),
            (b'"', Some(mode)) if mode.ansi_quotes => quote,
            (_, Some(mode)) if mode.backslash_escapes => b'\\',
            (_, Some(_)) => quote,
        };
        cursor.bump(1);
        loop {
            if !cursor.find(quote, escape, escape)? {
                let what = if quote == b'`' {
                    "quoted identifier"
                } else {
                    "string"
                };
                return Err(cursor.unterminated(what, start));
            }
            if cursor.peek(0)? == quote {
                cursor.bump(1);
                return Ok(());
            }
            cursor.peek(1)?;
            cursor.bump(2);
        }
    }
}

impl Scanner {
    /// A string under a mode that is not known: refused if it would end elsewhere with escapes than without.
    fn skip_either_way<R: Read>(
        cursor: &mut Cursor<R>,
        start: usize,
        quote: u8,
    ) -> Result<(), SplitError> {
        cursor.bump(1);
        loop {
            if !cursor.find(quote, b'\\', b'\\')? {
                return Err(cursor.unterminated("string", start));
            }
            let mut backslashes = 0_usize;
            while cursor.peek(0)? == b'\\' {
                cursor.bump(1);
                backslashes += 1;
            }
            if cursor.peek(0)? != quote {
                continue;
            }
            if backslashes % 2 == 1 {
                let (offset, position) = cursor.place(start);
                return Err(SplitError::UnknownMode { offset, position });
            }
            cursor.bump(1);
            return Ok(());
        }
    }
}

/// Everything up to the end of the line at which the cursor stands; the span is the line without blanks around it.
fn whole_line<R: Read>(cursor: &Cursor<R>, start: usize, kind: PieceKind) -> Cut {
    let text = cursor.slice(start..cursor.offset()).trim_ascii_end();
    Cut {
        kind,
        span: start..start + text.len(),
    }
}

fn at_end<R: Read>(
    cursor: &mut Cursor<R>,
    statement: &Statement,
) -> Result<Option<Cut>, SplitError> {
    if let Some(begin) = statement.executable_comment {
        return Err(cursor.unterminated("comment", begin));
    }
    if let Some(begin) = statement.compound.open_block() {
        return Err(cursor.unterminated("block (no `END`)", begin));
    }
    if cursor.offset() == 0 {
        return Ok(None);
    }
    Ok(Some(statement.code.cut(cursor.offset())))
}

/// `--` needs a blank or a control character after it, except, for the client, at the beginning of a statement.
fn starts_dash_comment<R: Read>(
    cursor: &mut Cursor<R>,
    statement: &Statement,
) -> Result<bool, SplitError> {
    if cursor.peek(1)? != b'-' {
        return Ok(false);
    }
    let third = cursor.peek(2)?;
    Ok(third == b' ' || third.is_ascii_control() || statement.code.is_empty())
}

/// An ordinary comment from its `/*`; they do not nest.
fn skip_comment<R: Read>(cursor: &mut Cursor<R>) -> Result<(), SplitError> {
    let start = cursor.offset();
    cursor.bump(2);
    loop {
        if !cursor.find(b'*', b'*', b'*')? {
            return Err(cursor.unterminated("comment", start));
        }
        cursor.bump(1);
        if cursor.peek(0)? == b'/' {
            cursor.bump(1);
            return Ok(());
        }
    }
}

/// The `$tag$ … $tag$` body of a routine in another language (MySQL 9); false if none is at the cursor.
fn skip_dollar<R: Read>(cursor: &mut Cursor<R>) -> Result<bool, SplitError> {
    let start = cursor.offset();
    cursor.bump(1);
    cursor.skip(&const { table(b"_", true, true) })?;
    if cursor.peek(0)? != b'$' {
        cursor.go_to(start);
        return Ok(false);
    }
    cursor.bump(1);
    let tag = cursor.slice(start..cursor.offset()).to_vec();
    loop {
        if !cursor.find(b'$', b'$', b'$')? {
            return Err(cursor.unterminated("dollar-quoted string", start));
        }
        if cursor.starts_with(&tag)? {
            cursor.bump(tag.len());
            return Ok(true);
        }
        cursor.bump(1);
    }
}
