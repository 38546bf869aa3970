//! Edits a stream and remembers what was written where, so that whoever reads the outcome can still point into the text as it
//! is written. What is edited is said by [`Edits`] alone, by its place; nothing is understood of the text.

use crate::expand::{Replaced, advanced};
use shoring_core::{Edits, Position};
use std::collections::VecDeque;
use std::io::{self, Read};

const CHUNK: usize = 64 * 1024;
/// A byte order mark is given out in one go: its length is not a column.
const LONGEST_MARK: usize = 3;

/// A stream with its edits made.
#[derive(Debug)]
pub(crate) struct Editor<R> {
    input: R,
    edits: Edits,
    /// The next edit to be made.
    next: usize,
    /// Bytes that were read and not yet given out.
    buffer: VecDeque<u8>,
    chunk: Vec<u8>,
    is_at_end: bool,
    /// Where the first byte of `buffer` stands.
    offset: u64,
    position: Position,
    /// Bytes given out.
    given: u64,
    /// A text on its way, and how much of it was given out.
    text: Option<(Vec<u8>, usize)>,
    /// What was replaced and not yet taken note of.
    replaced: VecDeque<Replaced>,
}

impl<R: Read> Editor<R> {
    /// A stream over `input`.
    pub(crate) fn new(input: R, edits: Edits) -> Self {
        Self {
            input,
            edits,
            next: 0,
            buffer: VecDeque::new(),
            chunk: vec![0; CHUNK],
            is_at_end: false,
            offset: 0,
            position: Position::START,
            given: 0,
            text: None,
            replaced: VecDeque::new(),
        }
    }

    /// Says where the input begins in its file.
    pub(crate) fn start_at(&mut self, offset: u64, position: Position) {
        self.offset = offset;
        self.position = position;
        self.given = offset;
    }

    /// The edits made so far that nobody has let go of, in order.
    pub(crate) const fn replaced(&self) -> &VecDeque<Replaced> {
        &self.replaced
    }

    /// Lets go of the first of them.
    pub(crate) fn let_go(&mut self) {
        self.replaced.pop_front();
    }

    /// Gives out the next bytes of the outcome; 0 at its end.
    pub(crate) fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < out.len() {
            if let Some((text, from)) = &mut self.text {
                let count = (text.len() - *from).min(out.len() - filled);
                out[filled..filled + count].copy_from_slice(&text[*from..*from + count]);
                *from += count;
                filled += count;
                if *from == text.len() {
                    self.text = None;
                }
                continue;
            }
            let edit = self.edits.list.get(self.next);
            if let Some(edit) = edit.filter(|edit| edit.span.start <= self.offset) {
                let length = edit.span.end.saturating_sub(self.offset) as usize;
                let text = edit.text.clone();
                self.next += 1;
                self.need(length)?;
                self.replace(length, text, filled as u64);
                continue;
            }
            let room = edit.map_or(usize::MAX, |edit| (edit.span.start - self.offset) as usize);
            self.need(LONGEST_MARK)?;
            if self.buffer.is_empty() {
                break;
            }
            let limit = room.min(self.buffer.len()).min(out.len() - filled);
            let bytes = &self.buffer.make_contiguous()[..limit];
            let length = match memchr::memchr(b'\r', bytes) {
                Some(0) if self.edits.drops_carriage_returns => {
                    self.replace(1, String::new(), filled as u64);
                    continue;
                }
                Some(at) if self.edits.drops_carriage_returns => at,
                Some(_) | None => limit,
            };
            let plain = &mut out[filled..filled + length];
            for (to, from) in plain.iter_mut().zip(self.buffer.drain(..length)) {
                *to = from;
            }
            self.offset += length as u64;
            self.position = advanced(self.position, plain);
            filled += length;
        }
        self.given += filled as u64;
        Ok(filled)
    }

    /// Reads until so many bytes are there, or the input ends.
    fn need(&mut self, count: usize) -> io::Result<()> {
        while self.buffer.len() < count && !self.is_at_end {
            match self.input.read(&mut self.chunk) {
                Ok(0) => self.is_at_end = true,
                Ok(count) => self.buffer.extend(&self.chunk[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn replace(&mut self, length: usize, text: String, filled: u64) {
        let length = length.min(self.buffer.len());
        let bytes: Vec<u8> = self.buffer.drain(..length).collect();
        let written = String::from_utf8_lossy(&bytes).into_owned();
        let (offset, position) = (self.offset, self.position);
        self.offset += length as u64;
        self.position = advanced(position, &bytes);
        self.replaced.push_back(Replaced {
            at: self.given + filled,
            length: text.len() as u64,
            written,
            offset,
            position,
        });
        if !text.is_empty() {
            self.text = Some((text.into_bytes(), 0));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::split::{SplitOptions, Splitter};
    use shoring_core::{Edit, Edits, Position, Product, Span};
    use std::io::Read;

    /// Gives out a text a few bytes at a time.
    struct Drip<'t>(&'t [u8], usize);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let count = self.0.len().min(self.1).min(buffer.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn edit(file: &str, written: &str, text: &str) -> Edit {
        let start = file.find(written).unwrap() as u64;
        Edit {
            span: Span::new(start, start + written.len() as u64),
            text: text.to_owned(),
        }
    }

    #[test]
    fn pieces_hold_what_is_sent_and_places_are_those_of_the_file() {
        let file = "\u{feff}SELECT 1;\r\n--rollback drop\r\nSELECT /* é */ ${x},\r\n  2\r\nGO\r\nSELECT 'a\r\nb' , oops;\r\n";
        let edits = Edits {
            list: [
                edit(file, "--rollback drop", ""),
                edit(file, "/* é */", ""),
                edit(file, "${x}", "longer than it"),
                edit(file, "GO", ";"),
            ]
            .into(),
            drops_carriage_returns: true,
        };
        for step in [1, 2, 3, 7, 4096] {
            let options = SplitOptions::for_product(Product::Postgresql);
            let mut splitter = Splitter::new(Drip(file.as_bytes(), step), options)
                .starting_at(0, Position::START)
                .editing(Some(edits.clone()));
            let mut told = Vec::new();
            let mut whole = String::new();
            while let Some(piece) = splitter.next_piece().unwrap() {
                whole.push_str(&piece.file_text());
                if piece.sql().is_empty() {
                    continue;
                }
                let place = |word: &str| {
                    piece.sql().find(word).map(|at| {
                        let position = piece.file_place(at).position;
                        (position.line, position.column)
                    })
                };
                told.push((
                    piece.sql().to_owned(),
                    piece.position.line,
                    place("2"),
                    place("oops"),
                ));
            }
            assert_eq!(whole, file, "steps of {step}");
            assert_eq!(
                told,
                [
                    ("SELECT 1".to_owned(), 1, None, None),
                    (
                        "SELECT  longer than it,\n  2".to_owned(),
                        3,
                        Some((4, 3)),
                        None
                    ),
                    ("SELECT 'a\nb' , oops".to_owned(), 6, None, Some((7, 6))),
                ],
                "steps of {step}"
            );
        }
    }
}
