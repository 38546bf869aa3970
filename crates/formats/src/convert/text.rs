//! A text that is made of stretches of files and of words of ours, and read as a stream.

use shoring_core::{Placeholders, Position, Span, Tree, TreeError};
use shoring_sql::Expander;
use std::io::{self, Read};
use std::ops::Deref;

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextPiece {
    /// Words of ours.
    Words(String),
    /// A stretch of a file.
    Stretch {
        /// The file.
        path: String,
        /// The bytes.
        span: Span,
    },
    /// A stretch of a file with its placeholders replaced.
    Expanded {
        /// The file.
        path: String,
        /// The bytes.
        span: Span,
        /// What is replaced.
        placeholders: Placeholders,
    },
}

impl TextPiece {
    /// A stretch of a file.
    pub fn stretch(path: &str, span: Span) -> Self {
        Self::Stretch {
            path: path.to_owned(),
            span,
        }
    }

    /// The same with placeholders replaced, where it is of a file.
    pub(super) fn expanded(self, placeholders: &Placeholders) -> Self {
        match self {
            Self::Stretch { path, span } => Self::Expanded {
                path,
                span,
                placeholders: placeholders.clone(),
            },
            other => other,
        }
    }

    fn open(&self, tree: &(impl Tree + ?Sized)) -> Result<Box<dyn Read + Send>, TreeError> {
        let stretch = |path: &str, span: Span| -> Result<_, TreeError> {
            Ok(tree.open_at(path, span.start)?.take(span.len()))
        };
        Ok(match self {
            Self::Words(words) => Box::new(io::Cursor::new(words.clone().into_bytes())),
            Self::Stretch { path, span } => Box::new(stretch(path, *span)?),
            Self::Expanded {
                path,
                span,
                placeholders,
            } => {
                let mut expander = Expander::new(stretch(path, *span)?, placeholders.clone());
                expander.start_at(span.start, Position::START);
                Box::new(ExpandedReader(expander))
            }
        })
    }
}

/// An expander as a reader. Its mistakes were told with their places when the project was read.
struct ExpandedReader<R>(Expander<R>);

impl<R: Read> Read for ExpandedReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(out).map_err(io::Error::other)?;
        while self.0.let_go() {}
        Ok(count)
    }
}

/// Reads pieces one after the other. A file is opened when it is its turn, so that a text of a thousand stretches does not
/// hold a thousand files open.
pub struct TextReader<T> {
    tree: T,
    pieces: std::vec::IntoIter<TextPiece>,
    current: Option<Box<dyn Read + Send>>,
}

impl<T> TextReader<T> {
    /// A reader over pieces of the files of `tree`.
    pub fn new(tree: T, pieces: Vec<TextPiece>) -> Self {
        Self {
            tree,
            pieces: pieces.into_iter(),
            current: None,
        }
    }
}

impl<T> Read for TextReader<T>
where
    T: Deref,
    T::Target: Tree,
{
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            if let Some(current) = &mut self.current {
                let count = current.read(out)?;
                if count > 0 {
                    return Ok(count);
                }
            }
            let Some(next) = self.pieces.next() else {
                return Ok(0);
            };
            self.current = Some(next.open(&*self.tree).map_err(io::Error::other)?);
        }
    }
}

/// The bytes from `start` to `end` of a text whose pieces are stretches or words. `None` when one of them has no known length.
pub(crate) fn slice(pieces: &[TextPiece], start: u64, end: u64) -> Option<Vec<TextPiece>> {
    let mut slice = Vec::new();
    let mut at = 0;
    for piece in pieces {
        let length = match piece {
            TextPiece::Words(words) => words.len() as u64,
            TextPiece::Stretch { span, .. } => span.len(),
            TextPiece::Expanded { .. } => return None,
        };
        let from = start.clamp(at, at + length) - at;
        let to = end.clamp(at, at + length) - at;
        if from < to {
            slice.push(match piece {
                TextPiece::Words(words) => {
                    TextPiece::Words(words.get(from as usize..to as usize)?.to_owned())
                }
                TextPiece::Stretch { path, span } => {
                    TextPiece::stretch(path, Span::new(span.start + from, span.start + to))
                }
                TextPiece::Expanded { .. } => return None,
            });
        }
        at += length;
    }
    Some(slice)
}

/// The first placeholder of a text, looked for without replacing anything for good.
pub(super) fn first_replaced(
    input: impl Read,
    (offset, position): (u64, Position),
    placeholders: &Placeholders,
) -> Option<(Position, String)> {
    let mut expander = Expander::new(input, placeholders.clone());
    expander.start_at(offset, position);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = expander.read(&mut buffer);
        if let Some(first) = expander.replaced().front() {
            return Some((first.position, first.written.clone()));
        }
        match read {
            Ok(0) => return None,
            Ok(_) => {}
            // Whoever reads the text for good says what cannot be read.
            Err(error) => {
                let place = error.place();
                return place.map(|(_, position, written)| (position, written.to_owned()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory_tree::MemoryTree;

    fn text(tree: &MemoryTree, pieces: Vec<TextPiece>) -> String {
        let mut text = String::new();
        TextReader::new(tree, pieces)
            .read_to_string(&mut text)
            .unwrap();
        text
    }

    #[test]
    fn pieces_are_read_in_order_and_cut_anywhere() {
        let tree = MemoryTree::new(&[("a", "0123456789")]);
        let pieces = vec![
            TextPiece::stretch("a", Span::new(2, 5)),
            TextPiece::Words("xyz".to_owned()),
            TextPiece::stretch("a", Span::new(0, 0)),
            TextPiece::stretch("a", Span::new(8, 10)),
        ];
        let whole = "234xyz89";
        assert_eq!(text(&tree, pieces.clone()), whole);
        for start in 0..=whole.len() {
            for end in start..=whole.len() {
                let cut = slice(&pieces, start as u64, end as u64).unwrap();
                assert_eq!(text(&tree, cut), whole[start..end]);
            }
        }
    }
}
