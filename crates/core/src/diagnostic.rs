//! A message that points into a file. Rendered only at the edge (`cli`); built everywhere.

use crate::span::Position;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// For information.
    Notice,
    /// Worth a look.
    Warning,
    /// Stops the command.
    Error,
}

/// A place in a file with the text around it, so that a caret can be drawn without reading the file again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Path relative to the project root.
    pub file: String,
    /// The place of the first character meant.
    pub position: Position,
    /// How many characters are meant, at least 1. They all lie on the first line of `excerpt` after `excerpt_line`.
    pub length: u64,
    /// The whole lines around the place, without the last line end. Long lines are cut by the renderer, not here.
    pub excerpt: String,
    /// The line number of the first line of `excerpt`.
    pub excerpt_line: u64,
    /// What to write under the caret, may be empty.
    pub text: String,
}

/// A message with its place and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Stable id, `kebab-case`.
    pub code: &'static str,
    /// What is wrong: a lowercase fragment without a full stop.
    pub message: String,
    /// Where, if it has a place.
    pub label: Option<Label>,
    /// Further facts, one line each.
    pub notes: Vec<String>,
    /// What to do next, one line each.
    pub hints: Vec<String>,
}

impl Diagnostic {
    /// An error without a place.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// A warning without a place.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    fn new(severity: Severity, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity,
            code,
            message: message.into(),
            label: None,
            notes: Vec::new(),
            hints: Vec::new(),
        }
    }

    /// Adds a place.
    #[must_use]
    pub fn at(mut self, label: Label) -> Self {
        self.label = Some(label);
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Adds something to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(label) = &self.label {
            write!(
                f,
                "{}:{}:{}: ",
                label.file, label.position.line, label.position.column
            )?;
        }
        f.write_str(&self.message)
    }
}
