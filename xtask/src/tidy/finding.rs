//! A broken rule and its place.

use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Finding {
    pub(super) path: String,
    /// Counted from one; none if the whole file is meant.
    pub(super) line: Option<usize>,
    pub(super) message: String,
    pub(super) is_warning: bool,
}

impl Finding {
    /// About a file as a whole.
    pub(super) fn of_file(path: &str, message: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line: None,
            message: message.into(),
            is_warning: false,
        }
    }

    /// About the line with this index, counted from zero.
    pub(super) fn at(path: &str, index: usize, message: impl Into<String>) -> Self {
        Self {
            line: Some(index + 1),
            ..Self::of_file(path, message)
        }
    }

    /// Worth saying, but no reason to fail.
    pub(super) fn into_warning(self) -> Self {
        Self {
            is_warning: true,
            ..self
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_warning { "warning: " } else { "" };
        match self.line {
            Some(line) => write!(formatter, "{}:{line}: {kind}{}", self.path, self.message),
            None => write!(formatter, "{}: {kind}{}", self.path, self.message),
        }
    }
}
