//! Scripts that run around migrations, and are none: they leave no row in the history.

use shoring_core::Migration;
use std::sync::Arc;

/// When a script runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallbackEvent {
    /// Once connected.
    AfterConnect,
    /// Before files and history are compared for a run.
    BeforeValidate,
    /// After that.
    AfterValidate,
    /// Before an `up`, also when nothing is pending.
    BeforeMigrate,
    /// Before each migration.
    BeforeEachMigrate,
    /// After each migration.
    AfterEachMigrate,
    /// After a migration that failed.
    AfterEachMigrateError,
    /// After the last versioned migration.
    AfterVersioned,
    /// Before the first repeatable migration.
    BeforeRepeatables,
    /// After an `up` that applied something.
    AfterMigrateApplied,
    /// After an `up` that went well.
    AfterMigrate,
    /// After an `up` that failed.
    AfterMigrateError,
    /// Before a `down`.
    BeforeUndo,
    /// Before each migration that is rolled back.
    BeforeEachUndo,
    /// After each of them.
    AfterEachUndo,
    /// After one that could not be rolled back.
    AfterEachUndoError,
    /// After a `down` that went well.
    AfterUndo,
    /// After a `down` that failed.
    AfterUndoError,
    /// Before a `baseline`.
    BeforeBaseline,
    /// After it.
    AfterBaseline,
    /// After one that failed.
    AfterBaselineError,
    /// Before a `repair`.
    BeforeRepair,
    /// After it.
    AfterRepair,
    /// After one that failed.
    AfterRepairError,
}

/// One such script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    /// When it runs.
    pub event: CallbackEvent,
    /// The script, in the shape of a migration that only goes up. Its version is the name of the file.
    pub migration: Arc<Migration>,
}
