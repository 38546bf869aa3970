//! The terms on which a migration runs: questions that the database is asked just before, and what is otherwise than usual.
//! Plain data; formats fill it in, the plan and the engine keep to it.

use crate::diagnostic::Diagnostic;
use crate::span::Position;

/// The terms of one migration. The default: it runs once, whatever the database says, and its failure stops the run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// What has to be true of the database when it begins.
    pub conditions: Option<Conditions>,
    /// Why it is not for this database or this environment: then it is never run, and its row is not compared.
    pub passed_over: Option<String>,
    /// Whether every `up` runs it again.
    pub runs_always: bool,
    /// Whether the run goes on when it fails.
    pub may_fail: bool,
    /// What is wrong with it, where its tool would find that out when it runs it. Where it is applied, nothing is.
    pub refused: Option<Box<Diagnostic>>,
}

/// Questions of a migration, all of which have to be answered as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conditions {
    /// In the order in which they are asked.
    pub all: Vec<Condition>,
    /// What becomes of the migration when one is answered otherwise.
    pub on_fail: Unmet,
    /// What becomes of it when one cannot be answered.
    pub on_error: Unmet,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The query. The first value of its one row is the answer.
    pub question: String,
    /// The answer that is expected, as text.
    pub expected: String,
    /// What is asked, for people.
    pub title: String,
    /// Where it stands in the file.
    pub position: Position,
}

/// What becomes of a migration whose conditions are not met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unmet {
    /// The run stops before it.
    Halt,
    /// It is left for the next run.
    Skip,
    /// It is recorded as applied without running.
    MarkApplied,
    /// It runs all the same, and a warning says so.
    Warn,
}
