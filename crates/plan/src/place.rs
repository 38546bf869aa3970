//! Turns a place inside a split piece into a label that points into the user's file, with the whole line around it, while
//! the file is read as a stream.

use shoring_core::{Label, Position};
use shoring_sql::split::Piece;

/// How much of a line before a statement is kept for the excerpt.
const PREFIX_LIMIT: usize = 4096;

/// Remembers how the current line began, so that a statement in the middle of a line is shown with the whole line.
#[derive(Debug, Default, Clone)]
pub struct PlaceFinder {
    prefix: String,
    /// Line ends before the current piece.
    lines: u64,
}

impl PlaceFinder {
    /// For a text that begins in the middle of its file, at the start of a line.
    pub fn starting_at(position: Position) -> Self {
        Self {
            prefix: String::new(),
            lines: position.line - 1,
        }
    }

    /// A label for the character at byte `offset` of the piece's statement, `length` bytes long.
    pub fn label(
        &self,
        file: &str,
        piece: &Piece,
        offset: usize,
        length: usize,
        text: impl Into<String>,
    ) -> Label {
        let sql = piece.sql();
        let mut offset = offset.min(sql.len());
        while !sql.is_char_boundary(offset) {
            offset -= 1;
        }
        let position = piece.position.advanced_by(&sql[..offset]);
        let before = (piece.span.start - piece.full.start) as usize + offset;
        let full = piece.full_text();
        let line_start = full[..before].rfind('\n').map(|at| at + 1);
        let line_end = full[before..]
            .find('\n')
            .map_or(full.len(), |at| before + at);
        let mut excerpt = String::new();
        if line_start.is_none() {
            excerpt.push_str(&self.prefix);
        }
        excerpt.push_str(full[line_start.unwrap_or(0)..line_end].trim_end_matches('\r'));
        let mut end = (offset + length).min(sql.len());
        while !sql.is_char_boundary(end) {
            end += 1;
        }
        let on_line = sql[offset..end]
            .split('\n')
            .next()
            .unwrap_or_default()
            .trim_end_matches('\r');
        Label {
            file: file.to_owned(),
            position,
            length: (on_line.chars().count() as u64).max(1),
            excerpt: excerpt.trim_start_matches('\u{feff}').to_owned(),
            excerpt_line: position.line,
            text: text.into(),
        }
    }

    /// Moves past a piece.
    pub fn advance(&mut self, piece: &Piece) {
        let full = piece.full_text();
        self.lines += line_ends(full);
        match full.rfind('\n') {
            Some(at) => {
                self.prefix.clear();
                self.prefix.push_str(&full[at + 1..]);
            }
            None => self.prefix.push_str(full),
        }
        if self.prefix.len() > PREFIX_LIMIT {
            // A caret far out on a giant line is drawn without its beginning.
            let spaces = self.prefix.chars().count();
            self.prefix = " ".repeat(spaces.min(PREFIX_LIMIT));
        }
    }

    /// A label for a line comment (with its `--`) that starts at byte `offset` of the piece and has its line to itself.
    pub fn comment_label(&self, file: &str, piece: &Piece, offset: usize) -> Label {
        let full = piece.full_text();
        let line = 1 + self.lines + line_ends(&full[..offset]);
        let text = full[offset..]
            .split('\n')
            .next()
            .unwrap_or_default()
            .trim_end();
        Label {
            file: file.to_owned(),
            position: Position { line, column: 1 },
            length: (text.chars().count() as u64).max(1),
            excerpt: text.to_owned(),
            excerpt_line: line,
            text: String::new(),
        }
    }

    /// A label for a place of which only the position is known.
    pub fn bare(file: &str, position: Position) -> Label {
        Label {
            file: file.to_owned(),
            position,
            length: 1,
            excerpt: String::new(),
            excerpt_line: position.line,
            text: String::new(),
        }
    }
}

fn line_ends(text: &str) -> u64 {
    text.bytes().filter(|byte| *byte == b'\n').count() as u64
}
