//! The answer of a command, before it is decided how to print it.

use crate::exit_code;
use serde_json::Value;

/// The answer of a command.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// For people, with colour.
    pub(crate) text: String,
    /// For programs.
    pub(crate) json: Value,
    /// The exit code.
    pub(crate) exit: u8,
    /// Whether `--quiet` leaves the text out.
    pub(crate) is_talk: bool,
}

impl Answer {
    /// An answer of a command that is done.
    pub(crate) fn new(text: impl Into<String>, json: Value) -> Self {
        Self {
            text: text.into(),
            json,
            exit: exit_code::DONE,
            is_talk: false,
        }
    }

    /// The same as something that `--quiet` leaves out.
    pub(crate) fn into_talk(mut self) -> Self {
        self.is_talk = true;
        self
    }

    /// The same with an exit code.
    pub(crate) fn with_exit(mut self, exit: u8) -> Self {
        self.exit = exit;
        self
    }
}
