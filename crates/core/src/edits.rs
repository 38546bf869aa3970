//! What of a file is sent otherwise than it is written: lines that are for another tool, comments that it strips. Plain data;
//! who makes the edits is the reader of the script.

use crate::span::Span;
use std::fmt;
use std::sync::Arc;

/// One stretch of a file that is replaced.
#[derive(Clone, PartialEq, Eq)]
pub struct Edit {
    /// Its bytes in the file.
    pub span: Span,
    /// What is sent in its place; may be empty.
    pub text: String,
}

/// The edits of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edits {
    /// In the order of the file; none overlap.
    pub list: Arc<[Edit]>,
    /// Whether each `\r` outside of them is left out.
    pub drops_carriage_returns: bool,
}

/// The place only: what is sent may be a secret.
impl fmt::Debug for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edit")
            .field("span", &self.span)
            .field("length", &self.text.len())
            .finish()
    }
}
