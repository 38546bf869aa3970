//! What the splitter hands out.

use shoring_core::{Position, Span};
use std::borrow::Cow;
use std::ops::Range;

/// What a [`Piece`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PieceKind {
    /// One statement for the server.
    Statement,
    /// Whole lines of data for the `COPY … FROM stdin` before it, at most 64 KiB unless one line is longer.
    CopyData {
        /// Whether the data ends with this piece (which may be empty).
        is_last: bool,
    },
    /// A command for the client that the splitter itself has obeyed: MySQL's `DELIMITER`.
    ClientCommand,
    /// Blanks and comments that no statement follows, or a terminator without a statement.
    Trivia,
}

/// A stretch of the input. The [`full_text`](Piece::full_text)s of all pieces, joined, are the input, and their
/// [`file_text`](Piece::file_text)s are the file. The two differ where placeholders were replaced. Spans and places are those
/// of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub kind: PieceKind,
    /// Everything: leading blanks and comments, the statement, its terminator.
    pub full: Span,
    /// The place of the first character of `span`.
    pub position: Position,
    /// The statement alone: no blanks or comments around it, no terminator. Empty for [`PieceKind::Trivia`]. On SQLite, which
    /// keeps definitions as they are written, what stands before the terminator is a part of it.
    pub span: Span,
    pub(super) text: String,
    /// The statement in `text`.
    pub(super) statement: Range<usize>,
    /// The values in `text`, in order.
    pub(super) values: Vec<Value>,
}

/// A value in the text of a piece, and what is written for it in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    /// Where it begins in the text; `None` when it began in an earlier piece: values may hold whole statements.
    pub(super) start: Option<usize>,
    /// Where it ends; beyond the text when it goes on in the next piece.
    pub(super) end: usize,
    /// The placeholder.
    pub(super) written: String,
    /// Where that stands.
    pub(super) position: Position,
}

impl Value {
    /// Whether a byte of the text is one of it.
    pub(super) fn has(&self, at: usize) -> bool {
        self.start.is_none_or(|start| start <= at) && at < self.end
    }
}

/// A place in a piece, in terms of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePlace {
    /// Line and column.
    pub position: Position,
    /// Byte offset in [`Piece::file_text`]; 0 for a place in a value that began before the piece.
    pub offset: usize,
    /// The placeholder in whose value the place is.
    pub placeholder: Option<String>,
}

impl Piece {
    /// The text of `full`.
    pub fn full_text(&self) -> &str {
        &self.text
    }

    /// The text of `span`: what the server is sent. For [`PieceKind::CopyData`], the lines without the final `\.`.
    pub fn sql(&self) -> &str {
        &self.text[self.statement.clone()]
    }

    /// The blanks and comments before `span` (with the byte order mark, if the file begins with one).
    pub fn leading(&self) -> &str {
        &self.text[..self.statement.start]
    }

    /// As [`Piece::full_text`], as it is written in the file. A placeholder whose value goes on in the next piece is a part
    /// of the piece in which it begins.
    pub fn file_text(&self) -> Cow<'_, str> {
        if self.values.is_empty() {
            return Cow::Borrowed(&self.text);
        }
        Cow::Owned(self.written_up_to(self.text.len()))
    }

    /// As [`Piece::sql`], as it is written in the file. Of a statement that lies in a value alone, the placeholder.
    pub fn file_sql(&self) -> Cow<'_, str> {
        let Some(first) = self.values.first() else {
            return Cow::Borrowed(self.sql());
        };
        let start = self.file_offset(self.statement.start);
        let written = self.written_up_to(self.statement.end);
        match written.get(start..) {
            None | Some("") => Cow::Owned(first.written.clone()),
            Some(written) => Cow::Owned(written.to_owned()),
        }
    }

    /// The place of byte `offset` of [`Piece::sql`].
    pub fn file_place(&self, offset: usize) -> FilePlace {
        let at = self.statement.start + offset;
        if let Some(one) = self.value_around(at) {
            return FilePlace {
                position: one.position,
                offset: self.file_offset(at),
                placeholder: Some(one.written.clone()),
            };
        }
        // From the last placeholder on, or from the beginning of the statement, the text is that of the file.
        let last = self
            .values
            .iter()
            .rfind(|one| one.end <= at && one.end >= self.statement.start);
        let position = match last {
            Some(one) => one
                .position
                .advanced_by(&one.written)
                .advanced_by(&self.text[one.end..at]),
            None => self
                .position
                .advanced_by(&self.text[self.statement.start..at]),
        };
        FilePlace {
            position,
            offset: self.file_offset(at),
            placeholder: None,
        }
    }

    /// The byte of [`Piece::file_text`] that is byte `at` of [`Piece::full_text`].
    pub fn file_offset(&self, at: usize) -> usize {
        if self.values.is_empty() {
            return at;
        }
        let start = match self.value_around(at) {
            Some(one) => one.start.unwrap_or(0),
            None => at,
        };
        self.written_up_to(start).len()
    }

    fn value_around(&self, at: usize) -> Option<&Value> {
        self.values.iter().find(|one| one.has(at))
    }

    /// What is written in the file for the first `end` bytes of the text.
    fn written_up_to(&self, end: usize) -> String {
        let mut written = String::new();
        let mut done = 0;
        for one in &self.values {
            if let Some(start) = one.start {
                let is_empty_at_end = start == end && one.end == end;
                if start >= end && !is_empty_at_end {
                    break;
                }
                written.push_str(&self.text[done..start]);
                written.push_str(&one.written);
            }
            done = one.end.min(end).max(done);
        }
        written.push_str(&self.text[done..end]);
        written
    }
}
