//! What stands at the beginning of a text that is looked through for placeholders.

/// What stands there, in bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stretch {
    /// So many as they are.
    Plain(usize),
    /// A placeholder.
    Placeholder {
        /// Its length.
        length: usize,
        /// What is put in its place.
        value: Vec<u8>,
    },
    /// Something that has no outcome.
    Mistake {
        /// Its length.
        length: usize,
        /// What it is.
        what: Mistake,
    },
    /// Only more of the text tells.
    Unknown,
    /// Nothing, and nothing will come.
    End,
}

/// Why something has no outcome.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Mistake {
    NoValue,
    NotSet { variable: String, message: String },
    Unterminated,
    Malformed(&'static str),
}
