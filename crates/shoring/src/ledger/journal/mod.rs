//! The journal of attempts and steps: SQL out, rows in.

mod attempt;
mod read;
mod sql;
mod write;

pub(crate) use attempt::{Attempt, OpenAttempt, RunState, Step, StepState};
pub(crate) use sql::JournalSql;
