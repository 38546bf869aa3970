//! What a fake server was asked, in order.

use shoring_core::Target;

/// One call. The first field is the number of the session, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// A session was opened.
    Connect(usize),
    /// One statement of a batch arrived.
    Execute(usize, String),
    /// A query arrived.
    Query(usize, String),
    /// A `COPY … FROM stdin` with its whole data.
    CopyIn(usize, String, Vec<u8>),
    /// A try for a lock of this name.
    TryLock(usize, String),
    /// A lock was given back.
    Unlock(usize, String),
    /// The catalogue was asked about one thing.
    Probe(usize, Target),
    /// The session was reset.
    Reset(usize),
    /// A cancel was asked for.
    Cancel(usize),
    /// The session was closed politely.
    Close(usize),
    /// The session was dropped without closing.
    Drop(usize),
}

impl Call {
    /// The text of a statement, query or copy.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Execute(_, text) | Self::Query(_, text) | Self::CopyIn(_, text, _) => Some(text),
            Self::Connect(_)
            | Self::TryLock(..)
            | Self::Unlock(..)
            | Self::Probe(..)
            | Self::Reset(_)
            | Self::Cancel(_)
            | Self::Close(_)
            | Self::Drop(_) => None,
        }
    }
}
