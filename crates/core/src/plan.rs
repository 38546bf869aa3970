//! What will run, in order, with its transaction borders. A value: printed by `plan`, executed by `up` and `down`.

use crate::migration::{Direction, Migration, Version};
use crate::span::{Position, Span};
use crate::statement::Facts;
use std::sync::Arc;

/// One statement of a plan, as it will be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedStatement {
    /// Number in its file, from 1.
    pub number: u64,
    /// The bytes of the statement in its file, without comments around it and without its terminator.
    pub span: Span,
    /// Where `span` starts.
    pub position: Position,
    /// The text as it is written in the file, with placeholders and not their values, which may be secrets; cut to
    /// [`PlannedStatement::TEXT_LIMIT`] characters. The executor reads the whole from the file.
    pub text: String,
    /// SHA-256 of the whole text as it is sent, with `\r\n` as `\n`: what the journal compares when a half-done file goes on.
    pub hash: String,
    /// What is known about it.
    pub facts: Facts,
    /// Whether data lines follow (PostgreSQL `COPY … FROM stdin`).
    pub has_copy_data: bool,
}

impl PlannedStatement {
    /// How many characters of a statement a plan keeps.
    pub const TEXT_LIMIT: usize = 4096;
}

/// How the statements of a [`Segment`] are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SegmentMode {
    /// In one transaction that we open and close.
    Transaction,
    /// In one transaction that the file itself opens and closes; our records go in before its `COMMIT`.
    OwnTransaction,
    /// Each statement on its own.
    Autocommit,
}

impl SegmentMode {
    /// The name used in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Transaction | Self::OwnTransaction => "transaction",
            Self::Autocommit => "autocommit",
        }
    }
}

/// Statements of one migration that succeed or fail together, or run one by one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// How they run.
    pub mode: SegmentMode,
    /// Number of the first statement, from 1.
    pub first: u64,
    /// Number of the last statement.
    pub last: u64,
    /// Whether it only changes the session (`SET`, `USE`, `PRAGMA foreign_keys`) and leaves nothing in the database.
    pub is_session_only: bool,
}

/// One migration of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationPlan {
    /// The migration.
    pub migration: Arc<Migration>,
    /// The way it runs.
    pub direction: Direction,
    /// Its transactions, in order. Empty for a file without statements.
    pub segments: Vec<Segment>,
    /// Its statements, in order. For files of very many statements only the first
    /// [`MigrationPlan::STATEMENT_LIMIT`] are kept, see `statement_count`.
    pub statements: Vec<PlannedStatement>,
    /// How many statements the file has.
    pub statement_count: u64,
    /// SQLite: run with `foreign_keys` off and check all references before the commit, because the file rebuilds tables.
    pub checks_foreign_keys: bool,
    /// Whether the session must be put back afterwards.
    pub changes_session: bool,
    /// Whether the file has commands for the client, which we obey: MySQL's `DELIMITER`.
    pub has_client_commands: bool,
}

impl MigrationPlan {
    /// How many statements of one file a plan keeps; memory stays flat on seed files of millions of statements.
    pub const STATEMENT_LIMIT: usize = 2_000;

    /// What the journal records about older programs: the word of the up file, when it is applied.
    pub fn recorded_compatible_with(&self) -> Option<&Version> {
        match self.direction {
            Direction::Up => self.migration.compatible_with(),
            Direction::Down => None,
        }
    }

    /// Whether everything that lasts happens in one transaction together with its history row.
    pub fn is_atomic(&self) -> bool {
        let mut lasting = self
            .segments
            .iter()
            .filter(|segment| !segment.is_session_only);
        match (lasting.next(), lasting.next()) {
            (None, _) => true,
            (Some(only), None) => match only.mode {
                SegmentMode::Transaction | SegmentMode::OwnTransaction => true,
                SegmentMode::Autocommit => false,
            },
            (Some(_), Some(_)) => false,
        }
    }

    /// Index of the last segment that leaves something in the database: the one the history row goes with.
    pub fn last_lasting_segment(&self) -> Option<usize> {
        self.segments
            .iter()
            .rposition(|segment| !segment.is_session_only)
    }
}
