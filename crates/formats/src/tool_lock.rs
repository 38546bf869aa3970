//! The lock of the tool whose project it is, taken beside ours, so that a stray run of it waits for us.

/// How the server says that a lock was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// The query gives one row whose first value is true or 1.
    ByQuery,
    /// The statement changes one row.
    ByUpdate,
}

/// A lock of another tool, as SQL. It is tried, never waited for in the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolLock {
    /// What it is, for people: `the lock of golang-migrate`.
    pub title: String,
    /// The statement that tries to take it.
    pub take: String,
    /// How its success is told.
    pub taken: Taken,
    /// The statement that gives it back.
    pub release: String,
    /// Whether it belongs to the session: then it is gone with it, and behind a transaction pooler it must not be taken.
    pub is_of_session: bool,
}
