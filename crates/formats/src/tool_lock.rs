//! The lock of the tool whose project it is, taken beside ours, so that a stray run of it waits for us.

use shoring_core::TableName;

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

/// A lock of another tool that is a row: it does not die with whoever wrote it, so it says whose it is. One of ours is taken over
/// by the next run of ours, which has our own lock; one of the tool is for a person to judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowLock {
    /// What it is, for people: `the lock row of Liquibase`.
    pub title: String,
    /// Its table.
    pub table: TableName,
    /// The statements that make the table and its row where they are missing.
    pub prepare: Vec<String>,
    /// The statement that takes it when it is free: one changed row.
    pub take: String,
    /// The same, also from a run of ours that died.
    pub take_from_dead: String,
    /// The statement that gives back what this run took.
    pub release: String,
    /// The query that tells who holds it, and since when. No row when it is free.
    pub select_holder: String,
    /// The statement that gives it back whoever took it; further conditions may follow.
    pub force_release: String,
    /// The column with the holder.
    pub holder_column: String,
    /// What to type when its holder is dead.
    pub next: String,
}
