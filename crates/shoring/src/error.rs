//! The one error of the engine: what happened and where, what state the database is in now, what to do next.

use shoring_core::Diagnostic;
use std::fmt;

/// What kind of ending it was. `cli` maps each to an exit code of the contract; nothing else does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A bug of ours.
    Internal,
    /// A flag, a file name, a configuration value or a directive is wrong.
    Usage,
    /// Migrations are pending and the command was asked to tell.
    Pending,
    /// Files and history disagree: changed, missing, out of order, damaged.
    Mismatch,
    /// A migration failed and nothing of it remains.
    FailedRolledBack,
    /// A migration failed and a part of it remains; the journal says which.
    FailedPartly,
    /// A lock was not to be had in time.
    LockTimeout,
    /// The database cannot be reached.
    Unreachable,
    /// The database refuses us: password, rights, TLS.
    Authentication,
    /// The database has migrations this checkout does not know.
    Ahead,
    /// Refused: destructive or not confirmed, or it cannot be done safely.
    Refused,
    /// Whether it took effect could not be found out.
    OutcomeUnknown,
    /// Stopped by a signal at a safe point; the number is the signal's.
    Stopped(i32),
}

/// An error of the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The kind.
    pub kind: ErrorKind,
    /// What happened, with the place in the user's file if it has one.
    pub diagnostic: Box<Diagnostic>,
    /// What state the database is in now, line by line.
    pub state: Vec<String>,
    /// What to do next, line by line. Commands stand between backticks.
    pub next: Vec<String>,
}

/// A result of the engine.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error with a message. `code` is stable, `kebab-case`.
    pub fn new(kind: ErrorKind, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind,
            diagnostic: Box::new(Diagnostic::error(code, message)),
            state: Vec::new(),
            next: Vec::new(),
        }
    }

    /// An error from a diagnostic that already has its place.
    pub fn from_diagnostic(kind: ErrorKind, diagnostic: Diagnostic) -> Self {
        Self {
            kind,
            diagnostic: Box::new(diagnostic),
            state: Vec::new(),
            next: Vec::new(),
        }
    }

    /// Adds a fact under the message.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.diagnostic.notes.push(note.into());
        self
    }

    /// Adds a line about the state of the database.
    #[must_use]
    pub fn state(mut self, line: impl Into<String>) -> Self {
        self.state.push(line.into());
        self
    }

    /// Adds a thing to do.
    #[must_use]
    pub fn next(mut self, line: impl Into<String>) -> Self {
        self.next.push(line.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.diagnostic.fmt(f)
    }
}

impl std::error::Error for Error {}
