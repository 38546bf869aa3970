//! An attempt and its steps, as they are written and as they are read.

use shoring_core::{Checksum, Direction, Version};

/// How an attempt stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunState {
    /// Running, or its program died.
    Started,
    /// Done; the history says so.
    Applied,
    /// Failed.
    Failed,
    /// Settled by a person with `doctor`, `mark` or `repair`.
    Settled,
}

impl RunState {
    /// The text in the table.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Applied => "applied",
            Self::Failed => "failed",
            Self::Settled => "settled",
        }
    }
}

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StepState {
    /// Written before it runs: it may or may not have taken effect.
    Intent,
    /// It took effect.
    Done,
    /// The server refused it: it did not take effect.
    Failed,
}

impl StepState {
    /// The text in the table.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Intent => "intent",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// One attempt, as it is written.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    /// Its id.
    pub(crate) id: String,
    /// The run's id, which also owns the lease.
    pub(crate) run: String,
    /// Fencing number of the lease.
    pub(crate) fence: i64,
    /// The command.
    pub(crate) command: &'static str,
    /// Version.
    pub(crate) version: String,
    /// Name.
    pub(crate) name: String,
    /// The way.
    pub(crate) direction: Direction,
    /// Checksum of the file.
    pub(crate) checksum: Option<Checksum>,
    /// Statements in the file.
    pub(crate) statements: u64,
    /// What its file says about older programs.
    pub(crate) compatible_with: Option<Version>,
}

/// An attempt of which a part may be in the database, as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenAttempt {
    /// Its id.
    pub(crate) id: String,
    /// Version.
    pub(crate) version: String,
    /// The way.
    pub(crate) direction: Direction,
    /// `started` or `failed`.
    pub(crate) state: String,
    /// Statements in the file as it was.
    pub(crate) statements: u64,
    /// Fencing number of its run.
    pub(crate) fence: i64,
    /// The message of its failure.
    pub(crate) error: Option<String>,
    /// Its steps, in order.
    pub(crate) steps: Vec<Step>,
}

impl OpenAttempt {
    /// The last statement of the unbroken row of done steps from the first on; 0 if none.
    pub(crate) fn done_through(&self) -> u64 {
        let mut through = 0;
        for step in &self.steps {
            if step.state != StepState::Done {
                break;
            }
            through = step.last;
        }
        through
    }

    /// The step that was begun and never reported back.
    pub(crate) fn unresolved(&self) -> Option<&Step> {
        self.steps
            .iter()
            .find(|step| step.state == StepState::Intent)
    }

    /// How far it got, for people.
    pub(crate) fn describe(&self) -> String {
        let what = match self.direction {
            Direction::Up => "applied",
            Direction::Down => "rolled back",
        };
        let done = self.done_through();
        match self.unresolved() {
            Some(step) => format!(
                "{done} of {} statements {what}, statement {} unknown",
                self.statements, step.first
            ),
            None => format!("{done} of {} statements {what}", self.statements),
        }
    }
}

/// One step of an attempt, as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// First statement, from 1.
    pub(crate) first: u64,
    /// Last statement.
    pub(crate) last: u64,
    /// Hash over the hashes of its statements.
    pub(crate) hash: String,
    /// How it stands.
    pub(crate) state: StepState,
    /// What the catalogue said before: lines of `kind schema name table<TAB>probe`.
    pub(crate) probe: Option<String>,
}
