//! Where a scanner wants the current piece to be cut, and which part of it is the statement.

use super::piece::PieceKind;
use std::ops::Range;

/// A piece as a scanner sees it: it ends where the cursor stands; offsets count from the start of the piece.
#[derive(Debug)]
pub(super) struct Cut {
    /// What it is.
    pub(super) kind: PieceKind,
    /// The statement alone.
    pub(super) span: Range<usize>,
}

/// Blanks and comments before a statement are handed out as a piece of their own when they grow beyond this, so that a
/// file of comments does not pile up in memory.
pub(super) const LONG_TRIVIA: usize = 64 * 1024;

/// The part of the piece that is code: from its first to its last significant byte.
#[derive(Debug, Default)]
pub(super) struct Code {
    first: Option<usize>,
    end: usize,
}

impl Code {
    /// Takes note of a significant stretch.
    #[inline]
    pub(super) fn add(&mut self, start: usize, end: usize) {
        if self.first.is_none() {
            self.first = Some(start);
        }
        self.end = end;
    }

    /// Whether nothing significant was seen yet.
    #[inline]
    pub(super) const fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// A statement, or trivia when there was no code. `otherwise` is where trivia are taken to end.
    pub(super) fn cut(&self, otherwise: usize) -> Cut {
        match self.first {
            Some(first) => Cut {
                kind: PieceKind::Statement,
                span: first..self.end,
            },
            None => Cut {
                kind: PieceKind::Trivia,
                span: otherwise..otherwise,
            },
        }
    }
}
