//! What the splitter hands out.

use shoring_core::{Position, Span};

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

/// A stretch of the input. The [`full_text`](Piece::full_text)s of all pieces, joined, are the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub kind: PieceKind,
    /// Everything: leading blanks and comments, the statement, its terminator.
    pub full: Span,
    /// The place of the first character of `span`.
    pub position: Position,
    /// The statement alone: no blanks or comments around it, no terminator. Empty for [`PieceKind::Trivia`].
    pub span: Span,
    pub(super) text: String,
}

impl Piece {
    /// The text of `full`.
    pub fn full_text(&self) -> &str {
        &self.text
    }

    /// The text of `span`: what the server is sent. For [`PieceKind::CopyData`], the lines without the final `\.`.
    pub fn sql(&self) -> &str {
        &self.text[self.local(self.span.start)..self.local(self.span.end)]
    }

    /// The blanks and comments before `span` (with the byte order mark, if the file begins with one).
    pub fn leading(&self) -> &str {
        &self.text[..self.local(self.span.start)]
    }

    fn local(&self, offset: u64) -> usize {
        (offset - self.full.start) as usize
    }
}
