//! What goes to the server in one batch: statements of the user's and of ours, each remembering what it is.

use super::source::Statement;

/// What a statement of ours is for. Decides what its failure means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ours {
    /// `BEGIN`.
    Begin,
    /// Changes one row, or the lease is lost.
    Guard,
    /// Fails when the lease is lost, so that what stands behind it in the message does not run.
    Proof,
    /// Writes the history table.
    History,
    /// Writes the journal; one row or the lease is lost.
    GuardedJournal,
    /// Writes the journal.
    Journal,
    /// `COMMIT`.
    Commit,
}

/// One statement of a batch.
pub(super) enum Entry {
    /// One of ours.
    Ours(Ours, String),
    /// One of the file.
    User(Box<Statement>),
}

impl Entry {
    pub(super) fn sql(&self) -> &str {
        match self {
            Self::Ours(_, sql) => sql,
            Self::User(statement) => statement.piece.sql(),
        }
    }

    /// Whether what came before may be committed once this was sent.
    pub(super) fn commits(&self) -> bool {
        match self {
            Self::Ours(Ours::Commit, _) => true,
            Self::Ours(
                Ours::Begin
                | Ours::Guard
                | Ours::Proof
                | Ours::History
                | Ours::GuardedJournal
                | Ours::Journal,
                _,
            ) => false,
            Self::User(statement) => matches!(
                statement.facts.transaction,
                shoring_core::TransactionRule::Commit
                    | shoring_core::TransactionRule::ImplicitCommit
            ),
        }
    }
}
