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
        let on_border = |mut offset: usize| {
            while !sql.is_char_boundary(offset) {
                offset -= 1;
            }
            offset
        };
        let offset = on_border(offset.min(sql.len()));
        let place = piece.file_place(offset);
        let full = piece.file_text();
        let before = place.offset;
        let line_start = full[..before].rfind('\n').map(|at| at + 1);
        let line_end = full[before..]
            .find('\n')
            .map_or(full.len(), |at| before + at);
        let mut excerpt = String::new();
        if line_start.is_none() {
            excerpt.push_str(&self.prefix);
        }
        excerpt.push_str(full[line_start.unwrap_or(0)..line_end].trim_end_matches('\r'));
        let meant = match &place.placeholder {
            // What is wrong is in the value; what can be pointed at is its name.
            Some(placeholder) => placeholder.clone(),
            None => {
                let end = on_border((offset + length.max(1)).min(sql.len()).max(offset));
                let end = piece.file_place(end).offset.max(before);
                full[before..end].to_owned()
            }
        };
        let on_line = meant
            .split('\n')
            .next()
            .unwrap_or_default()
            .trim_end_matches('\r');
        Label {
            file: file.to_owned(),
            position: place.position,
            length: (on_line.chars().count() as u64).max(1),
            excerpt: excerpt.trim_start_matches('\u{feff}').to_owned(),
            excerpt_line: place.position.line,
            text: text.into(),
        }
    }

    /// Moves past a piece.
    pub fn advance(&mut self, piece: &Piece) {
        let full = piece.file_text();
        self.lines += line_ends(&full);
        match full.rfind('\n') {
            Some(at) => {
                self.prefix.clear();
                self.prefix.push_str(&full[at + 1..]);
            }
            None => self.prefix.push_str(&full),
        }
        if self.prefix.len() > PREFIX_LIMIT {
            // A caret far out on a giant line is drawn without its beginning.
            let spaces = self.prefix.chars().count();
            self.prefix = " ".repeat(spaces.min(PREFIX_LIMIT));
        }
    }

    /// A label for a line comment (with its `--`) that starts at byte `offset` of the piece and has its line to itself.
    pub fn comment_label(&self, file: &str, piece: &Piece, offset: usize) -> Label {
        let full = piece.file_text();
        let offset = piece.file_offset(offset);
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

#[cfg(test)]
mod tests {
    use super::*;
    use shoring_core::{Placeholders, Product, WithoutValue};
    use shoring_sql::split::{SplitOptions, Splitter};
    use std::collections::BTreeMap;
    use std::sync::Arc;

    /// The label of `of` in the statement that has it, and what stands above its carets.
    fn label_of(text: &str, of: &str) -> (u64, u64, String, String) {
        let values: BTreeMap<String, String> = [
            ("t".to_owned(), "a_table".to_owned()),
            ("two".to_owned(), "SELECT 1; SELECT 2;".to_owned()),
        ]
        .into();
        let placeholders = Placeholders {
            syntax: shoring_core::PlaceholderSyntax::Between {
                prefix: "${".to_owned(),
                suffix: "}".to_owned(),
            },
            values: Arc::new(values),
            own: BTreeMap::new(),
            without_value: WithoutValue::Refuse,
        };
        let mut splitter = Splitter::new(
            text.as_bytes(),
            SplitOptions::for_product(Product::Postgresql),
        )
        .expanding(Some(placeholders));
        let mut place = PlaceFinder::default();
        while let Some(piece) = splitter.next_piece().unwrap() {
            if let Some(at) = piece.sql().find(of) {
                let label = place.label("f", &piece, at, of.len(), "");
                let meant = label
                    .excerpt
                    .chars()
                    .skip(label.position.column as usize - 1)
                    .take(label.length as usize)
                    .collect();
                return (
                    label.position.line,
                    label.position.column,
                    meant,
                    label.excerpt,
                );
            }
            place.advance(&piece);
        }
        panic!("no `{of}`");
    }

    #[test]
    fn carets_stand_in_the_file_as_it_is_written() {
        let text = "SELECT 1 FROM ${t}; DROP ${t} wrong;\n${two} SELECT 'é', oops";
        for (of, expected) in [
            ("wrong", (1, 31, "wrong")),
            // What the server means is in the value: its name is shown.
            ("able ", (1, 26, "${t}")),
            ("DROP a_table", (1, 21, "DROP ${t}")),
            ("2", (2, 1, "${two}")),
            ("oops", (2, 20, "oops")),
        ] {
            let (line, column, meant, excerpt) = label_of(text, of);
            assert_eq!((line, column, meant.as_str()), expected);
            let whole = text.split('\n').nth(line as usize - 1).unwrap();
            assert!(whole.starts_with(&excerpt), "{excerpt}");
        }
    }
}
