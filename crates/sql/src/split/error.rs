//! Why a text cannot be cut. Every refusal happens before the piece it is in is handed out.

use crate::expand::ExpandError;
use shoring_core::Position;
use std::io;

/// A text that must not be sent to a server. Places are those of the beginning of what is wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SplitError {
    /// A byte sequence that is not UTF-8.
    #[error("invalid UTF-8 at byte {offset} (line {}, column {})", position.line, position.column)]
    InvalidUtf8 {
        /// Byte offset of the first bad byte.
        offset: u64,
        /// Its place.
        position: Position,
    },
    /// A byte order mark of another encoding at the start.
    #[error("the text is encoded in {encoding}; save it as UTF-8")]
    Utf16 {
        /// `UTF-16LE`, `UTF-16BE`, `UTF-32LE` or `UTF-32BE`.
        encoding: &'static str,
    },
    /// A NUL byte, which no server accepts in SQL; usually a sign of UTF-16 without a byte order mark.
    #[error("NUL byte at byte {offset} (line {}, column {})", position.line, position.column)]
    Nul {
        /// Byte offset.
        offset: u64,
        /// Its place.
        position: Position,
    },
    /// A command for an interactive client (`\i`, `\connect`, `source`, `.read`), which no server understands.
    #[error("`{command}` is a command of the interactive client, not SQL (line {}, column {})", position.line, position.column)]
    ClientCommand {
        /// The command as written, without its arguments.
        command: String,
        /// Byte offset of its first character.
        offset: u64,
        /// Its place.
        position: Position,
    },
    /// A `DELIMITER` line without a usable delimiter (none given, or one with a backslash).
    #[error("`DELIMITER` needs a delimiter without a backslash (line {}, column {})", position.line, position.column)]
    Delimiter {
        /// Byte offset of the word.
        offset: u64,
        /// Its place.
        position: Position,
    },
    /// Text after `COPY … FROM stdin;` on the same line: psql would run it after the data that follows.
    #[error("text after `COPY … FROM stdin;` on its line; the data begins on the next line (line {}, column {})", position.line, position.column)]
    AfterCopy {
        /// Byte offset of the text.
        offset: u64,
        /// Its place.
        position: Position,
    },
    /// A string whose end depends on a `sql_mode` that only the server knows.
    #[error("where this string ends depends on the `sql_mode` that an earlier statement sets, and its value cannot be seen in the file (line {}, column {})", position.line, position.column)]
    UnknownMode {
        /// Byte offset of the opening quote.
        offset: u64,
        /// Its place.
        position: Position,
    },
    /// Something that is opened and never closed.
    #[error("unterminated {what} that begins at line {}, column {}", position.line, position.column)]
    Unterminated {
        /// `string`, `quoted identifier`, `dollar-quoted string`, `comment`, `parenthesis`, `COPY data`, …
        what: &'static str,
        /// Byte offset of its beginning.
        offset: u64,
        /// Its place.
        position: Position,
    },
    /// A statement larger than the limit, see [`Splitter::with_limit`](super::Splitter::with_limit).
    #[error("statement longer than {limit} bytes that begins at line {}, column {}", position.line, position.column)]
    TooLong {
        /// The limit in bytes.
        limit: u64,
        /// Byte offset of the beginning of the piece.
        offset: u64,
        /// Its place.
        position: Position,
    },
    /// A placeholder without a value, or without an end.
    #[error(transparent)]
    Placeholder(ExpandError),
    /// The input could not be read.
    #[error("cannot read the input")]
    Read(#[source] io::Error),
}

impl SplitError {
    /// Byte offset of the beginning of what is wrong, where there is one.
    pub fn offset(&self) -> Option<u64> {
        match self {
            Self::InvalidUtf8 { offset, .. }
            | Self::Nul { offset, .. }
            | Self::ClientCommand { offset, .. }
            | Self::Delimiter { offset, .. }
            | Self::AfterCopy { offset, .. }
            | Self::UnknownMode { offset, .. }
            | Self::Unterminated { offset, .. }
            | Self::TooLong { offset, .. } => Some(*offset),
            Self::Placeholder(error) => error.place().map(|(offset, ..)| offset),
            Self::Utf16 { .. } => Some(0),
            Self::Read(_) => None,
        }
    }

    /// The place of the beginning of what is wrong, where there is one.
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::InvalidUtf8 { position, .. }
            | Self::Nul { position, .. }
            | Self::ClientCommand { position, .. }
            | Self::Delimiter { position, .. }
            | Self::AfterCopy { position, .. }
            | Self::UnknownMode { position, .. }
            | Self::Unterminated { position, .. }
            | Self::TooLong { position, .. } => Some(*position),
            Self::Placeholder(error) => error.place().map(|(_, position, _)| position),
            Self::Utf16 { .. } => Some(Position::START),
            Self::Read(_) => None,
        }
    }
}
