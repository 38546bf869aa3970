//! What is sent of a changeset: some stretches of its file, with properties in the place of their names. Knows for each byte
//! where it comes from, so that what is sent can be said as edits of the file.

use super::parameters::Lookup;
use shoring_core::{Edit, Edits, Span};
use std::ops::Range;

/// A text made of stretches of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) text: String,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    /// In the file.
    written: Range<usize>,
    /// In the text.
    sent: Range<usize>,
    /// Whether a value stands for a name here; else it is sent as it is written.
    is_value: bool,
}

/// A change of the text: what is sent in the place of a stretch.
pub(super) type Change = (Range<usize>, &'static str);

impl Sent {
    /// Of these stretches of the file, in order, with values in the place of names.
    pub(super) fn new(file: &str, stretches: &[Range<usize>], lookup: &Lookup<'_>) -> Self {
        let mut sent = Self {
            text: String::new(),
            pieces: Vec::new(),
        };
        let mut joined: Vec<Range<usize>> = Vec::new();
        for stretch in stretches {
            match joined.last_mut().filter(|last| last.end == stretch.start) {
                Some(last) => last.end = stretch.end,
                None => joined.push(stretch.clone()),
            }
        }
        for stretch in joined {
            let mut at = stretch.start;
            for (name, value) in lookup.values_in(&file[stretch.clone()]) {
                let name = stretch.start + name.start..stretch.start + name.end;
                sent.push(at..name.start, &file[at..name.start], false);
                at = name.end;
                sent.push(name, &value, true);
            }
            sent.push(at..stretch.end, &file[at..stretch.end], false);
        }
        sent
    }

    fn push(&mut self, written: Range<usize>, text: &str, is_value: bool) {
        if written.is_empty() {
            return;
        }
        let start = self.text.len();
        self.text.push_str(text);
        self.pieces.push(Piece {
            written,
            sent: start..self.text.len(),
            is_value,
        });
    }

    /// Where a byte of the text stands in the file.
    pub(super) fn place(&self, at: usize) -> usize {
        let piece = self.pieces.iter().find(|piece| at < piece.sent.end);
        match piece {
            Some(piece) if piece.is_value => piece.written.start,
            Some(piece) => piece.written.start + (at - piece.sent.start),
            None => self.pieces.last().map_or(0, |last| last.written.end),
        }
    }

    /// The edits that make a part of the file into this text with some changes, which are in order.
    pub(super) fn edits(&self, file: &str, part: Range<usize>, changes: &[Change]) -> Edits {
        let mut list: Vec<Edit> = Vec::new();
        let mut drops_carriage_returns = false;
        let mut push = |range: Range<usize>, text: &str| {
            if range.is_empty() {
                return;
            }
            if text.is_empty() && &file[range.clone()] == "\r" {
                drops_carriage_returns = true;
                return;
            }
            let span = Span::new(range.start as u64, range.end as u64);
            match list.last_mut() {
                // One stretch that is left out is one edit.
                Some(last)
                    if text.is_empty() && last.text.is_empty() && last.span.end == span.start =>
                {
                    last.span.end = span.end;
                }
                _ => list.push(Edit {
                    span,
                    text: text.to_owned(),
                }),
            }
        };
        let mut done = part.start;
        let mut changes = changes.iter().peekable();
        for piece in &self.pieces {
            push(done..piece.written.start, "");
            done = piece.written.end;
            let mut at = piece.sent.start;
            let mut outcome = String::new();
            while let Some((range, text)) = changes.peek() {
                if range.start >= piece.sent.end {
                    break;
                }
                let start = range.start.max(at);
                let end = range.end.min(piece.sent.end);
                // A change over several pieces is said once.
                let text = if range.start >= piece.sent.start {
                    *text
                } else {
                    ""
                };
                if piece.is_value {
                    outcome.push_str(&self.text[at..start]);
                    outcome.push_str(text);
                } else {
                    let base = piece.written.start;
                    let offset = piece.sent.start;
                    push(base + start - offset..base + end - offset, text);
                }
                at = end;
                if range.end > piece.sent.end {
                    break;
                }
                changes.next();
            }
            if piece.is_value {
                outcome.push_str(&self.text[at..piece.sent.end]);
                push(piece.written.clone(), &outcome);
            }
        }
        push(done..part.end, "");
        Edits {
            list: list.into(),
            drops_carriage_returns,
        }
    }
}
