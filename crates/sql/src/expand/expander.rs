//! The stream: reads, replaces, gives out, and counts.

use super::between;
use super::error::ExpandError;
use super::shell;
use super::stretch::{Mistake, Stretch};
use shoring_core::{PlaceholderSyntax, Placeholders, Position};
use std::collections::VecDeque;
use std::io::{self, Read};

const CHUNK: usize = 64 * 1024;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// One placeholder that was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// Offset of the value in the outcome.
    pub at: u64,
    /// Length of the value in bytes.
    pub length: u64,
    /// What is written in its place.
    pub written: String,
    /// Byte offset of that.
    pub offset: u64,
    /// Its line and column.
    pub position: Position,
}

impl Replaced {
    /// The end of the value in the outcome.
    pub const fn end(&self) -> u64 {
        self.at + self.length
    }
}

/// A stream with its placeholders replaced.
#[derive(Debug)]
pub struct Expander<R> {
    input: R,
    placeholders: Placeholders,
    /// Bytes that were read and not yet given out.
    buffer: VecDeque<u8>,
    /// What is read into.
    chunk: Vec<u8>,
    is_at_end: bool,
    is_begun: bool,
    /// Bytes of a byte order mark that are still to be given out.
    mark: usize,
    /// Bytes of the buffer that are known to be given out as they are.
    plain: usize,
    /// Where the first byte of `buffer` stands.
    offset: u64,
    position: Position,
    /// Bytes given out.
    given: u64,
    /// A value on its way, and how much of it was given out.
    value: Option<(Vec<u8>, usize)>,
    /// What was replaced and not yet taken note of.
    replaced: VecDeque<Replaced>,
}

impl<R: Read> Expander<R> {
    /// A stream over `input`.
    pub fn new(input: R, placeholders: Placeholders) -> Self {
        Self {
            input,
            placeholders,
            buffer: VecDeque::new(),
            chunk: vec![0; CHUNK],
            is_at_end: false,
            is_begun: false,
            mark: 0,
            plain: 0,
            offset: 0,
            position: Position::START,
            given: 0,
            value: None,
            replaced: VecDeque::new(),
        }
    }

    /// Says where the input begins in its file.
    pub fn start_at(&mut self, offset: u64, position: Position) {
        self.offset = offset;
        self.position = position;
        self.given = offset;
    }

    /// The placeholders replaced so far that nobody has let go of, in order.
    pub const fn replaced(&self) -> &VecDeque<Replaced> {
        &self.replaced
    }

    /// Lets go of the first of them; false when there is none.
    pub fn let_go(&mut self) -> bool {
        self.replaced.pop_front().is_some()
    }

    /// Gives out the next bytes of the outcome; 0 at its end. What stands before a mistake is given out before it is told.
    pub fn read(&mut self, out: &mut [u8]) -> Result<usize, ExpandError> {
        let mut filled = 0;
        self.begin()?;
        while filled < out.len() {
            if self.mark > 0 {
                // It has no column.
                let count = self.mark.min(out.len() - filled);
                for (to, from) in out[filled..].iter_mut().zip(self.buffer.drain(..count)) {
                    *to = from;
                }
                self.mark -= count;
                self.offset += count as u64;
                filled += count;
                continue;
            }
            if let Some((value, from)) = &mut self.value {
                let count = (value.len() - *from).min(out.len() - filled);
                out[filled..filled + count].copy_from_slice(&value[*from..*from + count]);
                *from += count;
                filled += count;
                if *from == value.len() {
                    self.value = None;
                }
                continue;
            }
            if self.plain > 0 {
                let length = self.plain.min(out.len() - filled);
                let plain = &mut out[filled..filled + length];
                for (to, from) in plain.iter_mut().zip(self.buffer.drain(..length)) {
                    *to = from;
                }
                self.plain -= length;
                self.offset += length as u64;
                self.position = advanced(self.position, plain);
                filled += length;
                continue;
            }
            match self.next_stretch()? {
                Stretch::Plain(length) => self.plain = length,
                Stretch::Placeholder { length, value } => {
                    self.replace(length, value, filled as u64);
                }
                // Found again, as the first thing, when asked for more.
                Stretch::Mistake { .. } if filled > 0 => break,
                Stretch::Mistake { length, what } => return Err(self.mistake(length, what)),
                // `next_stretch` has asked for all there is.
                Stretch::Unknown | Stretch::End => break,
            }
        }
        self.given += filled as u64;
        Ok(filled)
    }

    /// Looks for a byte order mark. To be called first.
    fn begin(&mut self) -> Result<(), ExpandError> {
        if self.is_begun {
            return Ok(());
        }
        while self.buffer.len() < BYTE_ORDER_MARK.len() && !self.is_at_end {
            self.fill()?;
        }
        self.is_begun = true;
        let is_marked =
            self.offset == 0 && self.buffer.make_contiguous().starts_with(BYTE_ORDER_MARK);
        if is_marked {
            self.mark = BYTE_ORDER_MARK.len();
        }
        Ok(())
    }

    /// What stands at the beginning of the buffer.
    fn next_stretch(&mut self) -> Result<Stretch, ExpandError> {
        loop {
            let bytes = self.buffer.make_contiguous();
            let stretch = match &self.placeholders.syntax {
                PlaceholderSyntax::Between { prefix, suffix } => between::look(
                    bytes,
                    self.is_at_end,
                    (prefix.as_str(), suffix.as_str()),
                    &self.placeholders,
                ),
                PlaceholderSyntax::Shell { within } => shell::look(
                    bytes,
                    self.is_at_end,
                    (self.offset, within),
                    &self.placeholders,
                ),
            };
            if !matches!(stretch, Stretch::Unknown) {
                return Ok(stretch);
            }
            self.fill()?;
        }
    }

    fn fill(&mut self) -> Result<(), ExpandError> {
        loop {
            match self.input.read(&mut self.chunk) {
                Ok(0) => self.is_at_end = true,
                Ok(count) => self.buffer.extend(&self.chunk[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(ExpandError::Read(error)),
            }
            return Ok(());
        }
    }

    /// So many bytes of the buffer as text.
    fn written(&self, length: usize) -> String {
        let bytes: Vec<u8> = self.buffer.iter().take(length).copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn mistake(&self, length: usize, what: Mistake) -> ExpandError {
        let written = self.written(length);
        let (offset, position) = (self.offset, self.position);
        match what {
            Mistake::NoValue => ExpandError::NoValue {
                placeholder: written,
                offset,
                position,
            },
            Mistake::NotSet { variable, message } => ExpandError::NotSet {
                placeholder: written,
                variable,
                message,
                offset,
                position,
            },
            Mistake::Unterminated => ExpandError::Unterminated {
                prefix: written,
                offset,
                position,
            },
            Mistake::Malformed(reason) => ExpandError::Malformed {
                written,
                reason,
                offset,
                position,
            },
        }
    }

    fn replace(&mut self, length: usize, value: Vec<u8>, filled: u64) {
        let written = self.written(length);
        self.replaced.push_back(Replaced {
            at: self.given + filled,
            length: value.len() as u64,
            written: written.clone(),
            offset: self.offset,
            position: self.position,
        });
        self.buffer.drain(..length);
        self.offset += length as u64;
        self.position = self.position.advanced_by(&written);
        if !value.is_empty() {
            self.value = Some((value, 0));
        }
    }
}

/// The place after `bytes`, when they begin at `position`. A byte order mark at the start of the input has no column.
pub(crate) fn advanced(position: Position, bytes: &[u8]) -> Position {
    let bytes = if position == Position::START {
        bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes)
    } else {
        bytes
    };
    let characters =
        |bytes: &[u8]| bytes.iter().filter(|byte| (**byte & 0xC0) != 0x80).count() as u64;
    match memchr::memrchr(b'\n', bytes) {
        None => Position {
            line: position.line,
            column: position.column + characters(bytes),
        },
        Some(last) => Position {
            line: position.line + memchr::memchr_iter(b'\n', bytes).count() as u64,
            column: 1 + characters(&bytes[last + 1..]),
        },
    }
}
