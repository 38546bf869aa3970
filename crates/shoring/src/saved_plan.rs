//! A plan as a document: what `plan --save` writes, and what `up --plan` runs and nothing else. It holds no URL and no
//! secret, so it can be reviewed and kept.
//!
//! What runs are the files. The document says which, with the checksum of each, how their statements are grouped, what the
//! history said and which server it was made for; whatever no longer agrees stops the run before anything happens.

use crate::error::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use shoring_core::{Direction, MigrationPlan, PlannedStatement, Segment, Server};
use shoring_plan::{Entry, Reconciliation};

/// A plan of `up` as it was when it was saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedPlan {
    /// Version of this document's shape: [`SavedPlan::VERSION`].
    pub v: u32,
    /// Always [`SavedPlan::KIND`], so that a file tells what it is.
    pub kind: String,
    /// Name and version of the program that made it.
    pub tool: String,
    /// How the migrations are written.
    pub format: String,
    /// The server it was made for.
    pub server: SavedServer,
    /// The history table's rows, in order.
    pub history: Vec<SavedRow>,
    /// Whether migrations that stand before an applied one were allowed.
    pub allow_out_of_order: bool,
    /// What runs, in order.
    pub migrations: Vec<SavedMigration>,
}

/// The server a plan was made for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedServer {
    /// `postgresql`, `mysql`, `mariadb`, `sqlite`.
    pub product: String,
    /// Its version: what may stand in a transaction depends on it.
    pub version: String,
}

/// One row of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedRow {
    /// Version.
    pub version: String,
    /// Checksum of what was applied, where known.
    pub checksum: Option<String>,
}

/// One migration of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedMigration {
    /// Version.
    pub version: String,
    /// Name.
    pub name: String,
    /// The file, relative to the project root.
    pub file: String,
    /// Checksum of the file.
    pub checksum: String,
    /// Statements in the file.
    pub statement_count: u64,
    /// Its transactions, in order.
    pub transactions: Vec<SavedTransaction>,
}

/// Statements that run together, or one by one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedTransaction {
    /// `transaction` or `autocommit`.
    pub mode: String,
    /// Number of the first statement.
    pub first: u64,
    /// Number of the last statement.
    pub last: u64,
    /// The statements; of very many only the first.
    pub statements: Vec<SavedStatement>,
}

/// One statement, for those who review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedStatement {
    /// Number in the file, from 1.
    pub number: u64,
    /// Line in the file.
    pub line: u64,
    /// Column in the file.
    pub column: u64,
    /// The text; of a long one the beginning.
    pub sql: String,
}

impl SavedPlan {
    /// The shape this version reads and writes.
    pub const VERSION: u32 = 1;
    /// What `kind` says.
    pub const KIND: &'static str = "plan";

    pub(crate) fn new(
        tool: &str,
        format: &str,
        server: &Server,
        reconciliation: &Reconciliation,
        allow_out_of_order: bool,
        plans: &[MigrationPlan],
    ) -> Self {
        Self {
            v: Self::VERSION,
            kind: Self::KIND.to_owned(),
            tool: tool.to_owned(),
            format: format.to_owned(),
            server: saved_server(server),
            history: reconciliation.entries.iter().filter_map(row).collect(),
            allow_out_of_order,
            migrations: plans.iter().map(migration).collect(),
        }
    }

    /// What is left to run of it, when files and history are still those it was made from. A part of it may have been
    /// applied meanwhile: a run of the same plan that was cut off, or another runner.
    pub(crate) fn remaining(&self, pending: &[Entry], all: &Reconciliation) -> Result<Vec<Entry>> {
        let mut moved = Vec::new();
        let is_planned = |version: &str| {
            let found = self.migrations.iter().find(|one| one.version == version);
            found.is_some()
        };
        let applied: Vec<SavedRow> = all.entries.iter().filter_map(row).collect();
        let before: Vec<&SavedRow> = applied
            .iter()
            .filter(|row| !is_planned(&row.version) || self.history.contains(row))
            .collect();
        for row in &self.history {
            if !before.contains(&row) {
                moved.push(format!("{} was applied when it was saved", row.version));
            }
        }
        for row in before {
            if !self.history.contains(row) {
                moved.push(format!("{} was applied since", row.version));
            }
        }
        let mut remaining = Vec::new();
        for planned in &self.migrations {
            let done = applied.iter().find(|row| row.version == planned.version);
            match done {
                Some(row) => {
                    if row
                        .checksum
                        .as_ref()
                        .is_some_and(|sum| *sum != planned.checksum)
                    {
                        moved.push(format!(
                            "{} was applied since, with another text",
                            row.version
                        ));
                    }
                    if !remaining.is_empty() {
                        moved.push(format!(
                            "{} was applied since, out of its turn",
                            row.version
                        ));
                    }
                }
                None => match pending
                    .iter()
                    .find(|entry| entry.version() == planned.version)
                {
                    Some(entry) => remaining.push(entry.clone()),
                    None => moved.push(format!("`{}` is gone", planned.file)),
                },
            }
        }
        if let Some(last) = remaining.last() {
            for entry in pending {
                if entry.order < last.order && !is_planned(entry.version()) {
                    moved.push(format!(
                        "{} is new and stands before {}",
                        entry.id(),
                        last.id()
                    ));
                }
            }
        }
        if moved.is_empty() {
            Ok(remaining)
        } else {
            Err(outdated(moved))
        }
    }

    /// Compares what would run with what was saved.
    pub(crate) fn check(
        &self,
        format: &str,
        server: &Server,
        plans: &[MigrationPlan],
    ) -> Result<()> {
        let mut moved = Vec::new();
        let now = saved_server(server);
        if now != self.server {
            moved.push(format!(
                "it was made for {} {}, this is {} {}",
                self.server.product, self.server.version, now.product, now.version
            ));
        }
        if self.format != format {
            moved.push(format!(
                "the project was read as {}, now as {format}",
                self.format
            ));
        }
        for plan in plans {
            let now = migration(plan);
            let planned = self
                .migrations
                .iter()
                .find(|one| one.version == now.version);
            match planned {
                Some(planned) if *planned == now => {}
                Some(planned) if planned.checksum != now.checksum => {
                    moved.push(format!("`{}` was changed since", now.file));
                }
                Some(_) | None => moved.push(format!(
                    "{} would not run as the plan says",
                    plan.migration.id()
                )),
            }
        }
        if moved.is_empty() {
            Ok(())
        } else {
            Err(outdated(moved))
        }
    }
}

fn outdated(moved: Vec<String>) -> Error {
    let error = Error::new(
        ErrorKind::Mismatch,
        "outdated-plan",
        "the saved plan is not what would run now",
    );
    let more = moved.len().saturating_sub(8);
    let mut error = moved.into_iter().take(8).fold(error, Error::note);
    if more > 0 {
        error = error.note(format!("… and {more} more"));
    }
    error
        .state("Nothing was run and nothing was changed.")
        .next("look at what would run now, and save it again:  shoring plan --save FILE")
}

fn saved_server(server: &Server) -> SavedServer {
    SavedServer {
        product: server.product.name().to_owned(),
        version: server.version.to_string(),
    }
}

fn row(entry: &Entry) -> Option<SavedRow> {
    entry.applied.as_ref().map(|_| SavedRow {
        version: entry.version().to_owned(),
        checksum: entry
            .applied_checksum
            .as_ref()
            .map(|checksum| checksum.as_str().to_owned()),
    })
}

fn migration(plan: &MigrationPlan) -> SavedMigration {
    let up = &plan.migration.up;
    debug_assert_eq!(plan.direction, Direction::Up, "only `up` is saved");
    SavedMigration {
        version: plan.migration.version.as_str().to_owned(),
        name: plan.migration.name.clone(),
        file: up.path.clone(),
        checksum: up.checksum.as_str().to_owned(),
        statement_count: plan.statement_count,
        transactions: plan
            .segments
            .iter()
            .map(|segment| transaction(segment, &plan.statements))
            .collect(),
    }
}

fn transaction(segment: &Segment, statements: &[PlannedStatement]) -> SavedTransaction {
    SavedTransaction {
        mode: segment.mode.name().to_owned(),
        first: segment.first,
        last: segment.last,
        statements: statements
            .iter()
            .filter(|statement| (segment.first..=segment.last).contains(&statement.number))
            .map(|statement| SavedStatement {
                number: statement.number,
                line: statement.position.line,
                column: statement.position.column,
                sql: statement.text.clone(),
            })
            .collect(),
    }
}
