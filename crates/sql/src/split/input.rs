//! What a cursor reads: the bytes of a file, or what becomes of them when placeholders are replaced; and the way back from
//! there to places in the file.

use super::error::SplitError;
use super::piece::Value;
use crate::expand::{ExpandError, Expander, Replaced, advanced};
use shoring_core::{Placeholders, Position};
use std::collections::VecDeque;
use std::io::{ErrorKind, Read};

/// What is read.
#[derive(Debug)]
pub(super) enum Input<R> {
    /// The file.
    Plain(R),
    /// The file with its placeholders replaced.
    Expanding(Box<Expander<R>>),
}

static NONE: VecDeque<Replaced> = VecDeque::new();

impl<R: Read> Input<R> {
    pub(super) fn expanding(self, placeholders: Placeholders) -> Self {
        match self {
            Self::Plain(input) => Self::Expanding(Box::new(Expander::new(input, placeholders))),
            Self::Expanding(_) => self,
        }
    }

    pub(super) fn start_at(&mut self, offset: u64, position: Position) {
        match self {
            Self::Plain(_) => {}
            Self::Expanding(expander) => expander.start_at(offset, position),
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
                error @ (ExpandError::NoValue { .. } | ExpandError::Unterminated { .. }) => {
                    SplitError::Placeholder(error)
                }
            }),
        }
    }

    /// What was replaced in what was read and not let go of.
    pub(super) fn replaced(&self) -> &VecDeque<Replaced> {
        match self {
            Self::Plain(_) => &NONE,
            Self::Expanding(expander) => expander.replaced(),
        }
    }

    /// What was replaced between two offsets of what was read, as the piece between them is to know it.
    pub(super) fn within(&self, from: u64, to: u64) -> Vec<Value> {
        self.replaced()
            .iter()
            .take_while(|one| one.at < to)
            .filter(|one| one.end() > from || one.at >= from)
            .map(|one| Value {
                start: one.at.checked_sub(from).map(|start| start as usize),
                end: (one.end() - from) as usize,
                written: one.written.clone(),
                position: one.position,
            })
            .collect()
    }

    pub(super) fn let_go(&mut self, before: u64) {
        match self {
            Self::Plain(_) => {}
            Self::Expanding(expander) => expander.let_go(before),
        }
    }
}

/// The offset and place in the file after `bytes`, which stand at offset `at` of what was read and begin in the file at
/// `from`. A placeholder counts as passed as soon as its value begins.
pub(super) fn walk(
    replaced: &VecDeque<Replaced>,
    bytes: &[u8],
    at: u64,
    from: (u64, Position),
) -> (u64, Position) {
    let end = at + bytes.len() as u64;
    let (mut offset, mut position) = from;
    let mut done = at;
    for one in replaced {
        if one.at >= end {
            break;
        }
        if one.at >= at {
            let plain = &bytes[(done - at) as usize..(one.at - at) as usize];
            offset += plain.len() as u64 + one.written.len() as u64;
            position = advanced(position, plain).advanced_by(&one.written);
        }
        done = done.max(one.end().min(end));
    }
    let rest = &bytes[(done - at) as usize..];
    (offset + rest.len() as u64, advanced(position, rest))
}
