//! What a tool of the comparison has to say: how it does each piece of work, or why it cannot.

use std::process::Command;

use super::database::Database;
use super::peers::Programs;
use super::project::Project;
use super::tools;

/// The tools, in the order in which they run.
pub(super) const TOOLS: [&Tool; 5] = [
    &tools::shoring::TOOL,
    &tools::client::TOOL,
    &tools::sqlx::TOOL,
    &tools::dbmate::TOOL,
    &tools::golang_migrate::TOOL,
];

/// One tool.
#[derive(Debug)]
pub(super) struct Tool {
    /// The name in the tables, and a part of the names of its databases.
    pub(super) name: &'static str,
    /// Called for each piece of work.
    pub(super) way: fn(Work, &Setting<'_>) -> Way,
}

/// A piece of work that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// Says what is applied and what is pending.
    Status,
    /// Applies everything that is pending.
    Up,
    /// Takes the last so many migrations back.
    Down(usize),
}

/// Where the work is done.
#[derive(Debug)]
pub(super) struct Setting<'a> {
    pub(super) programs: &'a Programs,
    pub(super) database: &'a Database,
    pub(super) project: &'a Project,
}

/// How a tool does a piece of work.
#[derive(Debug)]
pub(super) enum Way {
    Once(Command),
    /// The same process so many times: the tool takes one migration each.
    Repeated(Command, u32),
    /// It has nothing for this, and why.
    Cannot(String),
}

impl Way {
    pub(super) fn cannot(reason: &str) -> Self {
        Self::Cannot(reason.to_owned())
    }
}
