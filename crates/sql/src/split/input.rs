//! What a cursor reads: the bytes of a file, or what becomes of them when placeholders are replaced; and the way back from
//! there to places in the file.

use super::error::SplitError;
use super::piece::Value;
use crate::edit::Editor;
use crate::expand::{ExpandError, Expander, Replaced, advanced};
use shoring_core::{Edits, Placeholders, Position};
use std::collections::VecDeque;
use std::io::{ErrorKind, Read};

/// What is read.
#[derive(Debug)]
pub(super) enum Input<R> {
    /// The file.
    Plain(R),
    /// The file with its placeholders replaced.
    Expanding(Box<Expander<R>>),
    /// The file with edits made.
    Editing(Box<Editor<R>>),
}

static NONE: VecDeque<Replaced> = VecDeque::new();

impl<R: Read> Input<R> {
    pub(super) fn expanding(self, placeholders: Placeholders) -> Self {
        match self {
            Self::Plain(input) => Self::Expanding(Box::new(Expander::new(input, placeholders))),
            Self::Expanding(_) | Self::Editing(_) => self,
        }
    }

    pub(super) fn editing(self, edits: Edits) -> Self {
        match self {
            Self::Plain(input) => Self::Editing(Box::new(Editor::new(input, edits))),
            Self::Expanding(_) | Self::Editing(_) => self,
        }
    }

    pub(super) fn start_at(&mut self, offset: u64, position: Position) {
        match self {
            Self::Plain(_) => {}
            Self::Expanding(expander) => expander.start_at(offset, position),
            Self::Editing(editor) => editor.start_at(offset, position),
        }
    }

    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, SplitError> {
        match self {
            Self::Plain(input) => loop {
                match input.read(buffer) {
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    read => return read.map_err(SplitError::Read),
                }
            },
            Self::Expanding(expander) => expander.read(buffer).map_err(|error| match error {
                ExpandError::Read(error) => SplitError::Read(error),
                error @ (ExpandError::NoValue { .. }
                | ExpandError::NotSet { .. }
                | ExpandError::Unterminated { .. }
                | ExpandError::Malformed { .. }) => SplitError::Placeholder(error),
            }),
            Self::Editing(editor) => editor.read(buffer).map_err(SplitError::Read),
        }
    }

    /// What was replaced in what was read and not let go of.
    pub(super) fn replaced(&self) -> &VecDeque<Replaced> {
        match self {
            Self::Plain(_) => &NONE,
            Self::Expanding(expander) => expander.replaced(),
            Self::Editing(editor) => editor.replaced(),
        }
    }

    /// Lets go of the first of them.
    pub(super) fn let_go(&mut self) {
        match self {
            Self::Plain(_) => {}
            Self::Expanding(expander) => drop(expander.let_go()),
            Self::Editing(editor) => editor.let_go(),
        }
    }
}

/// How far one is, in the file and in what was replaced in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin {
    /// Byte offset in the file.
    pub(super) offset: u64,
    /// Line and column.
    pub(super) position: Position,
    /// How many placeholders that were not let go of lie behind. The value of the last one may go on.
    pub(super) passed: usize,
}

impl Origin {
    pub(super) const fn at(offset: u64, position: Position) -> Self {
        Self {
            offset,
            position,
            passed: 0,
        }
    }

    /// After `bytes`, which stand at offset `at` of what was read. A placeholder counts as passed as soon as its value begins,
    /// and one without a value as soon as one is there.
    pub(super) fn after(self, replaced: &VecDeque<Replaced>, bytes: &[u8], at: u64) -> Self {
        if replaced.is_empty() {
            return Self {
                offset: self.offset + bytes.len() as u64,
                position: advanced(self.position, bytes),
                passed: 0,
            };
        }
        let end = at + bytes.len() as u64;
        let mut after = self;
        let before = self
            .passed
            .checked_sub(1)
            .and_then(|last| replaced.get(last));
        let mut done = before.map_or(at, |last| last.end().clamp(at, end));
        for one in replaced.iter().skip(self.passed) {
            let has_begun = one.at < end || (one.at == end && one.length == 0);
            if !has_begun {
                break;
            }
            let plain = &bytes[(done - at) as usize..(one.at - at) as usize];
            after.offset += plain.len() as u64 + one.written.len() as u64;
            after.position = advanced(after.position, plain).advanced_by(&one.written);
            after.passed += 1;
            done = one.end().min(end);
        }
        let rest = &bytes[(done - at) as usize..];
        after.offset += rest.len() as u64;
        after.position = advanced(after.position, rest);
        after
    }
}

/// The values in a piece that begins at offset `at` of what was read: those passed on the way through it, and one before
/// them that goes on.
pub(super) fn values(
    replaced: &VecDeque<Replaced>,
    at: u64,
    begin: Origin,
    end: Origin,
) -> Vec<Value> {
    let first = begin
        .passed
        .checked_sub(1)
        .filter(|last| replaced.get(*last).is_some_and(|last| last.end() > at))
        .unwrap_or(begin.passed);
    replaced
        .range(first..end.passed)
        .map(|one| Value {
            start: one.at.checked_sub(at).map(|start| start as usize),
            end: (one.end() - at) as usize,
            written: one.written.clone(),
            position: one.position,
        })
        .collect()
}
