//! Why a text has no outcome. No message shows a value: they may be secrets.

use shoring_core::Position;
use std::io;

/// Why a text has no outcome.
#[derive(Debug, thiserror::Error)]
pub enum ExpandError {
    /// A placeholder without a value.
    #[error("there is no value for the placeholder `{placeholder}` (line {}, column {})", position.line, position.column)]
    NoValue {
        /// As written.
        placeholder: String,
        /// Byte offset of its first character in the text as written.
        offset: u64,
        /// Its place.
        position: Position,
    },
    /// A placeholder for a variable that is not set.
    #[error("the variable `{variable}` is not set{} (line {}, column {})", told(message), position.line, position.column)]
    NotSet {
        /// The placeholder as written.
        placeholder: String,
        /// The name of the variable.
        variable: String,
        /// What the file wants said of it, as written there.
        message: String,
        /// Byte offset of the first character of the placeholder in the text as written.
        offset: u64,
        /// Its place.
        position: Position,
    },
    /// A placeholder that begins and does not end.
    #[error("the placeholder that begins with `{prefix}` at line {}, column {} has no end", position.line, position.column)]
    Unterminated {
        /// What it begins with.
        prefix: String,
        /// Byte offset of its first character in the text as written.
        offset: u64,
        /// Its place.
        position: Position,
    },
    /// What begins like a placeholder and is none.
    #[error("`{written}` is no placeholder: {reason} (line {}, column {})", position.line, position.column)]
    Malformed {
        /// As written, up to what is wrong.
        written: String,
        /// What is wrong.
        reason: &'static str,
        /// Byte offset of its first character in the text as written.
        offset: u64,
        /// Its place.
        position: Position,
    },
    /// The input could not be read.
    #[error("cannot read the input")]
    Read(#[source] io::Error),
}

fn told(message: &str) -> String {
    if message.is_empty() {
        String::new()
    } else {
        format!(": {message}")
    }
}

impl ExpandError {
    /// Byte offset, place and text of the placeholder in the text as written, where it is about one.
    pub fn place(&self) -> Option<(u64, Position, &str)> {
        match self {
            Self::NoValue {
                placeholder: written,
                offset,
                position,
            }
            | Self::NotSet {
                placeholder: written,
                offset,
                position,
                ..
            }
            | Self::Unterminated {
                prefix: written,
                offset,
                position,
            }
            | Self::Malformed {
                written,
                offset,
                position,
                ..
            } => Some((*offset, *position, written)),
            Self::Read(_) => None,
        }
    }

    /// What to do about it, where it is about a placeholder.
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::NoValue { .. } | Self::Unterminated { .. } => {
                Some("give it a value in the configuration of the tool, or correct the name")
            }
            Self::NotSet { .. } => Some(
                "set it in the environment or in `.env`, or say what stands for it otherwise:  ${NAME:-otherwise}",
            ),
            Self::Malformed { .. } => Some("write `$$` where a `$` is meant"),
            Self::Read(_) => None,
        }
    }
}
