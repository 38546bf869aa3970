//! Replaces placeholders in a stream and remembers where each one stood, so that whoever reads the outcome can still point
//! into the text as it is written.
//!
//! What counts as a placeholder is said by [`Placeholders`] alone; the rest is the same for every way to write them. Nothing
//! is understood of the text: a placeholder in a comment or in a string is one too, as the tools have it.

use shoring_core::{Placeholders, Position, WithoutValue};
use std::collections::VecDeque;
use std::io::{self, Read};

const CHUNK: usize = 64 * 1024;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// No name is longer; a prefix whose end is further away than this is taken for one that has none.
const LONGEST_NAME: usize = 4096;

/// Why a text has no outcome.
#[derive(Debug, thiserror::Error)]
pub enum ExpandError {
    /// A placeholder without a value.
    #[error("there is no value for the placeholder `{placeholder}` (line {}, column {})", position.line, position.column)]
    NoValue {
        /// As written.
        placeholder: String,
        /// Byte offset of its first character in the text as written.
        offset: u64,
        /// Its place.
        position: Position,
    },
    /// A placeholder that begins and does not end.
    #[error("the placeholder that begins with `{prefix}` at line {}, column {} has no end", position.line, position.column)]
    Unterminated {
        /// What it begins with.
        prefix: String,
        /// Byte offset of its first character in the text as written.
        offset: u64,
        /// Its place.
        position: Position,
    },
    /// The input could not be read.
    #[error("cannot read the input")]
    Read(#[source] io::Error),
}

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
            match self.next_stretch()? {
                Stretch::Plain(length) => {
                    let length = length.min(out.len() - filled);
                    let plain = &mut out[filled..filled + length];
                    for (to, from) in plain.iter_mut().zip(self.buffer.drain(..length)) {
                        *to = from;
                    }
                    self.offset += length as u64;
                    self.position = advanced(self.position, plain);
                    filled += length;
                }
                Stretch::Placeholder(_) if filled > 0 && self.is_a_mistake() => break,
                Stretch::Placeholder(length) => self.replace(length, filled as u64)?,
                Stretch::Open if filled > 0 => break,
                Stretch::Open => {
                    return Err(ExpandError::Unterminated {
                        prefix: self.placeholders.prefix.clone(),
                        offset: self.offset,
                        position: self.position,
                    });
                }
                Stretch::End => break,
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
            let prefix = self.placeholders.prefix.as_bytes();
            let bytes = self.buffer.make_contiguous();
            match memchr::memmem::find(bytes, prefix) {
                Some(0) => {
                    let suffix = self.placeholders.suffix.as_bytes();
                    let name = &bytes[prefix.len()..];
                    if let Some(length) = memchr::memmem::find(name, suffix)
                        && length <= LONGEST_NAME
                    {
                        return Ok(Stretch::Placeholder(prefix.len() + length + suffix.len()));
                    }
                    if self.is_at_end || name.len() > LONGEST_NAME + suffix.len() {
                        return Ok(match self.placeholders.without_value {
                            WithoutValue::Refuse => Stretch::Open,
                            WithoutValue::Keep => Stretch::Plain(prefix.len()),
                        });
                    }
                }
                Some(at) => return Ok(Stretch::Plain(at)),
                None if self.is_at_end && bytes.is_empty() => return Ok(Stretch::End),
                None if self.is_at_end => return Ok(Stretch::Plain(bytes.len())),
                // The last bytes may be the beginning of a prefix.
                None if bytes.len() >= prefix.len().max(1) => {
                    return Ok(Stretch::Plain(bytes.len() + 1 - prefix.len().max(1)));
                }
                None => {}
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

    /// The placeholder at the beginning of the buffer.
    fn written(&self, length: usize) -> String {
        let bytes: Vec<u8> = self.buffer.iter().take(length).copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn value_of(&self, written: &str) -> Option<&str> {
        let name = written
            .strip_prefix(self.placeholders.prefix.as_str())?
            .strip_suffix(self.placeholders.suffix.as_str())?;
        self.placeholders.value(name)
    }

    /// Whether the placeholder at the beginning of the buffer will be refused.
    fn is_a_mistake(&mut self) -> bool {
        match self.next_stretch() {
            Ok(Stretch::Placeholder(length)) => {
                let written = self.written(length);
                self.placeholders.without_value == WithoutValue::Refuse
                    && self.value_of(&written).is_none()
            }
            Ok(Stretch::Plain(_) | Stretch::Open | Stretch::End) | Err(_) => false,
        }
    }

    fn replace(&mut self, length: usize, filled: u64) -> Result<(), ExpandError> {
        let written = self.written(length);
        let offset = self.offset;
        let position = self.position;
        let value = match (self.value_of(&written), self.placeholders.without_value) {
            (Some(value), _) => value.as_bytes().to_vec(),
            (None, WithoutValue::Keep) => written.clone().into_bytes(),
            (None, WithoutValue::Refuse) => {
                return Err(ExpandError::NoValue {
                    placeholder: written,
                    offset,
                    position,
                });
            }
        };
        self.buffer.drain(..length);
        self.offset += length as u64;
        self.position = position.advanced_by(&written);
        self.replaced.push_back(Replaced {
            at: self.given + filled,
            length: value.len() as u64,
            written,
            offset,
            position,
        });
        if !value.is_empty() {
            self.value = Some((value, 0));
        }
        Ok(())
    }
}

enum Stretch {
    /// So many bytes as they are.
    Plain(usize),
    /// A placeholder of so many bytes.
    Placeholder(usize),
    /// The beginning of a placeholder that does not end.
    Open,
    End,
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::sync::Arc;

    fn placeholders(without_value: WithoutValue) -> Placeholders {
        let values: BTreeMap<String, String> = [
            ("schema", "app"),
            ("empty", ""),
            ("long", &*"x".repeat(70_000)),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        Placeholders {
            prefix: "${".to_owned(),
            suffix: "}".to_owned(),
            values: Arc::new(values),
            own: [("file".to_owned(), "V1.sql".to_owned())].into(),
            without_value,
        }
    }

    /// Gives out a text one byte at a time.
    struct Drip<'t>(&'t [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(1);
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn expand(
        input: impl Read,
        size: usize,
        without_value: WithoutValue,
    ) -> (String, Result<Vec<Replaced>, ExpandError>) {
        let mut expander = Expander::new(input, placeholders(without_value));
        let mut outcome = Vec::new();
        let mut buffer = vec![0; size];
        loop {
            match expander.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => outcome.extend_from_slice(&buffer[..count]),
                Err(error) => return (String::from_utf8(outcome).unwrap(), Err(error)),
            }
        }
        (
            String::from_utf8(outcome).unwrap(),
            Ok(expander.replaced().iter().cloned().collect()),
        )
    }

    #[test]
    fn values_take_the_place_of_names_however_the_text_arrives() {
        let text = "a ${SCHEMA}.b\n-- ${empty}é$ $${schema}{ ${file} $";
        for size in [1, 2, 7, 4096] {
            for (found, replaced) in [
                expand(Drip(text.as_bytes()), size, WithoutValue::Refuse),
                expand(text.as_bytes(), size, WithoutValue::Refuse),
            ] {
                assert_eq!(found, "a app.b\n-- é$ $app{ V1.sql $");
                let places: Vec<(u64, u64, u64, u64, u64)> = replaced
                    .unwrap()
                    .iter()
                    .map(|one| {
                        let position = one.position;
                        (
                            one.at,
                            one.length,
                            one.offset,
                            position.line,
                            position.column,
                        )
                    })
                    .collect();
                assert_eq!(
                    places,
                    [
                        (2, 3, 2, 1, 3),
                        (11, 0, 17, 2, 4),
                        (16, 3, 30, 2, 16),
                        (21, 6, 41, 2, 27)
                    ]
                );
            }
        }
    }

    #[test]
    fn a_value_longer_than_a_chunk_is_whole() {
        let (found, _) = expand("<${long}>".as_bytes(), 1000, WithoutValue::Refuse);
        assert_eq!(found.len(), 70_002);
    }

    #[test]
    fn a_name_without_a_value_is_told_after_what_stands_before_it() {
        let (before, error) = expand("é\n  ${none} x".as_bytes(), 4096, WithoutValue::Refuse);
        assert_eq!(before, "é\n  ");
        assert_eq!(
            error.unwrap_err().to_string(),
            "there is no value for the placeholder `${none}` (line 2, column 3)"
        );
        let (before, error) = expand("a ${b\n".as_bytes(), 4096, WithoutValue::Refuse);
        assert_eq!(before, "a ");
        assert_eq!(
            error.unwrap_err().to_string(),
            "the placeholder that begins with `${` at line 1, column 3 has no end"
        );
        let (kept, _) = expand("${none} ${schema} ${b".as_bytes(), 3, WithoutValue::Keep);
        assert_eq!(kept, "${none} app ${b");
    }
}
