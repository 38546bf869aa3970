//! A cursor over a `Read` that lets only checked text through: UTF-8, no NUL, no foreign byte order mark.
//!
//! Scanners address bytes by their offset from the start of the current piece, so the buffer may move underneath. What is
//! wrong in the input is reported only when the cursor gets there; the pieces before it do not depend on how the input
//! arrives in chunks.

use super::cut::Cut;
use super::error::SplitError;
use super::input::{Input, Origin, values};
use super::piece::Piece;
use shoring_core::{Edits, Placeholders, Position, Span};
use std::io::Read;
use std::ops::Range;

const CHUNK: usize = 64 * 1024;
/// What is read first: room has to be zeroed, and most files of a thousand are smaller.
const FIRST_CHUNK: usize = 4 * 1024;
const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";

/// What the end of the checked bytes means.
#[derive(Debug)]
enum Rest {
    /// There may be more to read.
    Open,
    /// The input ends here.
    End,
    /// The next byte is NUL.
    Nul,
    /// The next bytes are not UTF-8.
    Invalid,
}

#[derive(Debug)]
pub(super) struct Cursor<R> {
    input: Input<R>,
    /// `buffer[..valid]` is checked text, `buffer[valid..filled]` was read but not checked, the rest is room.
    buffer: Vec<u8>,
    valid: usize,
    filled: usize,
    /// How much is read next.
    chunk: usize,
    /// First byte of the current piece.
    start: usize,
    /// Next byte to look at.
    next: usize,
    /// Offset in what is read of `buffer[0]`.
    base: u64,
    /// Where `buffer[start]` stands in the file.
    origin: Origin,
    rest: Rest,
    is_begun: bool,
    limit: u64,
}

impl<R: Read> Cursor<R> {
    pub(super) fn new(input: R, limit: u64) -> Self {
        Self {
            input: Input::Plain(input),
            buffer: Vec::new(),
            valid: 0,
            filled: 0,
            chunk: FIRST_CHUNK,
            start: 0,
            next: 0,
            base: 0,
            origin: Origin::at(0, Position::START),
            rest: Rest::Open,
            is_begun: false,
            limit,
        }
    }

    /// To be called before anything is read.
    pub(super) fn start_at(&mut self, offset: u64, position: Position) {
        self.base = offset;
        self.origin = Origin::at(offset, position);
        self.input.start_at(offset, position);
    }

    /// Has placeholders replaced. To be called before anything is read.
    pub(super) fn expand(self, placeholders: Placeholders) -> Self {
        let Self { input, origin, .. } = self;
        let mut input = input.expanding(placeholders);
        input.start_at(origin.offset, origin.position);
        Self { input, ..self }
    }

    /// Has edits made. To be called before anything is read.
    pub(super) fn edit(self, edits: Edits) -> Self {
        let Self { input, origin, .. } = self;
        let mut input = input.editing(edits);
        input.start_at(origin.offset, origin.position);
        Self { input, ..self }
    }

    pub(super) fn set_limit(&mut self, limit: u64) {
        self.limit = limit;
    }

    /// Steps over a UTF-8 byte order mark and refuses those of other encodings. To be called once, first.
    pub(super) fn begin(&mut self) -> Result<(), SplitError> {
        if self.is_begun {
            return Ok(());
        }
        self.is_begun = true;
        while self.filled < 4 && self.read_more()? {}
        let head = &self.buffer[..self.filled.min(4)];
        let encoding = if head.starts_with(b"\xFF\xFE\0\0") {
            Some("UTF-32LE")
        } else if head.starts_with(b"\0\0\xFE\xFF") {
            Some("UTF-32BE")
        } else if head.starts_with(b"\xFF\xFE") {
            Some("UTF-16LE")
        } else if head.starts_with(b"\xFE\xFF") {
            Some("UTF-16BE")
        } else {
            None
        };
        if let Some(encoding) = encoding {
            return Err(SplitError::Utf16 { encoding });
        }
        self.check();
        if self.base == 0 && self.buffer[..self.valid].starts_with(UTF8_MARK) {
            self.next = UTF8_MARK.len();
        }
        Ok(())
    }

    /// Bytes of the current piece before the cursor.
    #[inline]
    pub(super) fn offset(&self) -> usize {
        self.next - self.start
    }

    /// Puts the cursor on an offset it has already been at or looked at.
    pub(super) fn go_to(&mut self, offset: usize) {
        self.next = (self.start + offset).min(self.valid);
    }

    /// The byte `ahead` of the cursor, 0 at the end of the input (a NUL in the input is an error).
    #[inline]
    pub(super) fn peek(&mut self, ahead: usize) -> Result<u8, SplitError> {
        match self.buffer[..self.valid].get(self.next + ahead) {
            Some(byte) => Ok(*byte),
            None => self.peek_slow(ahead),
        }
    }

    #[cold]
    fn peek_slow(&mut self, ahead: usize) -> Result<u8, SplitError> {
        while self.next + ahead >= self.valid {
            if !self.fill()? {
                return Ok(0);
            }
        }
        Ok(self.buffer[self.next + ahead])
    }

    /// Moves over bytes that were peeked at (others may not have been read yet); never beyond the end.
    #[inline]
    pub(super) fn bump(&mut self, count: usize) {
        self.next = (self.next + count).min(self.valid);
    }

    /// Whether the text at the cursor begins with these bytes.
    pub(super) fn starts_with(&mut self, bytes: &[u8]) -> Result<bool, SplitError> {
        for (ahead, byte) in bytes.iter().enumerate() {
            if self.peek(ahead)? != *byte {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Moves over all bytes whose entry in the table is true.
    #[inline]
    pub(super) fn skip(&mut self, table: &[bool; 256]) -> Result<(), SplitError> {
        loop {
            let run = self.buffer[self.next..self.valid]
                .iter()
                .take_while(|byte| table[usize::from(**byte)])
                .count();
            self.next += run;
            if self.next < self.valid || !self.fill()? {
                return Ok(());
            }
        }
    }

    /// Moves to the next of three bytes (give one twice to look for fewer); false at the end of the input.
    pub(super) fn find(&mut self, a: u8, b: u8, c: u8) -> Result<bool, SplitError> {
        loop {
            let rest = &self.buffer[self.next..self.valid];
            let found = if a == c {
                memchr::memchr(a, rest)
            } else {
                memchr::memchr3(a, b, c, rest)
            };
            if let Some(index) = found {
                self.next += index;
                return Ok(true);
            }
            self.next = self.valid;
            if !self.fill()? {
                return Ok(false);
            }
        }
    }

    /// Bytes of the current piece that the cursor has seen.
    #[inline]
    pub(super) fn slice(&self, range: Range<usize>) -> &[u8] {
        &self.buffer[self.start + range.start..self.start + range.end]
    }

    /// The offset in the input and the place of an offset in the piece.
    pub(super) fn place(&self, offset: usize) -> (u64, Position) {
        let at = self.base + self.start as u64;
        let bytes = &self.buffer[self.start..self.start + offset];
        let replaced = self.input.replaced();
        if let Some(inside) = replaced
            .iter()
            .find(|one| one.at < at + offset as u64 && at + (offset as u64) < one.end())
        {
            return (inside.offset, inside.position);
        }
        let place = self.origin.after(replaced, bytes, at);
        (place.offset, place.position)
    }

    /// The error for something that begins at `offset` and never ends.
    pub(super) fn unterminated(&self, what: &'static str, offset: usize) -> SplitError {
        let (offset, position) = self.place(offset);
        SplitError::Unterminated {
            what,
            offset,
            position,
        }
    }

    /// The error for a command of the interactive client at `from..to`.
    pub(super) fn client_command(&self, range: Range<usize>) -> SplitError {
        let (offset, position) = self.place(range.start);
        let command = String::from_utf8_lossy(self.slice(range)).into_owned();
        SplitError::ClientCommand {
            command,
            offset,
            position,
        }
    }

    /// Ends the current piece at the cursor and hands it out.
    pub(super) fn take(&mut self, cut: &Cut) -> Piece {
        let at = self.base + self.start as u64;
        let length = self.next - self.start;
        let bytes = if length < CHUNK {
            self.buffer[self.start..self.next].to_vec()
        } else {
            // A big statement is moved out, not copied: it would be in memory twice.
            let tail = self.buffer[self.next..self.filled].to_vec();
            let mut bytes = std::mem::replace(&mut self.buffer, tail);
            bytes.truncate(self.next);
            bytes.drain(..self.start);
            self.base += self.next as u64;
            self.valid -= self.next;
            self.filled -= self.next;
            self.next = 0;
            bytes
        };
        self.start = self.next;
        let replaced = self.input.replaced();
        let (first, last) = (cut.span.start, cut.span.end);
        let start = self.origin;
        let begin = start.after(replaced, &bytes[..first], at);
        let end = begin.after(replaced, &bytes[first..last], at + first as u64);
        self.origin = end.after(replaced, &bytes[last..], at + last as u64);
        let values = values(replaced, at, start, self.origin);
        // A statement that begins inside a value begins, for people, where its placeholder does.
        let position = values
            .iter()
            .find(|one| one.has(first) && one.start != Some(first))
            .map_or(begin.position, |one| one.position);
        let done = at + length as u64;
        while self.origin.passed > 0
            && self
                .input
                .replaced()
                .front()
                .is_some_and(|first| first.end() <= done)
        {
            self.input.let_go();
            self.origin.passed -= 1;
        }
        Piece {
            kind: cut.kind,
            full: Span::new(start.offset, self.origin.offset),
            position,
            span: Span::new(begin.offset, end.offset),
            text: String::from_utf8(bytes).expect("the cursor only passes checked UTF-8"),
            statement: cut.span.clone(),
            values,
        }
    }

    /// Makes more checked bytes available; false at the end of the input.
    fn fill(&mut self) -> Result<bool, SplitError> {
        loop {
            match self.rest {
                Rest::End => return Ok(false),
                Rest::Nul => {
                    let (offset, position) = self.place(self.valid - self.start);
                    return Err(SplitError::Nul { offset, position });
                }
                Rest::Invalid => {
                    let (offset, position) = self.place(self.valid - self.start);
                    return Err(SplitError::InvalidUtf8 { offset, position });
                }
                Rest::Open => {}
            }
            if (self.valid - self.start) as u64 > self.limit {
                let (offset, position) = self.place(0);
                return Err(SplitError::TooLong {
                    limit: self.limit,
                    offset,
                    position,
                });
            }
            let before = self.valid - self.next;
            let is_open = self.read_more()?;
            self.check();
            if !is_open && self.valid < self.filled && matches!(self.rest, Rest::Open) {
                // A character that is cut off by the end of the input.
                self.rest = Rest::Invalid;
            } else if !is_open && matches!(self.rest, Rest::Open) {
                self.rest = Rest::End;
            }
            if self.valid - self.next > before {
                return Ok(true);
            }
        }
    }

    /// Reads once; false when the input is at its end.
    fn read_more(&mut self) -> Result<bool, SplitError> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.filled, 0);
            self.base += self.start as u64;
            self.filled -= self.start;
            self.valid -= self.start;
            self.next -= self.start;
            self.start = 0;
        }
        if self.buffer.len() - self.filled < self.chunk / 2 {
            self.buffer.resize(
                (self.filled + self.chunk).max(self.filled.saturating_mul(3) / 2),
                0,
            );
        }
        let room = (self.buffer.len() - self.filled).min(CHUNK);
        let count = self
            .input
            .read(&mut self.buffer[self.filled..self.filled + room])?;
        if count == room {
            self.chunk = (self.chunk * 4).min(CHUNK);
        }
        self.filled += count;
        Ok(count > 0)
    }

    /// Extends the checked bytes as far as possible.
    fn check(&mut self) {
        if !matches!(self.rest, Rest::Open) {
            return;
        }
        let fresh = &self.buffer[self.valid..self.filled];
        let (text, rest) = match std::str::from_utf8(fresh) {
            Ok(_) => (fresh.len(), Rest::Open),
            Err(error) if error.error_len().is_none() => (error.valid_up_to(), Rest::Open),
            Err(error) => (error.valid_up_to(), Rest::Invalid),
        };
        self.rest = rest;
        match memchr::memchr(0, &fresh[..text]) {
            Some(index) => {
                self.rest = Rest::Nul;
                self.valid += index;
            }
            None => self.valid += text,
        }
    }
}
