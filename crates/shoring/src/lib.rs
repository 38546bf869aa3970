//! Shoring as a library: run, prove and make safe the database migrations of a project.
//!
//! Start with [`Migrator`]. The command line (`shoring-cli`) is a thin layer over the same calls.
#![warn(missing_docs)]

pub mod blocking;
mod context;
mod convert;
mod database_error;
pub mod error;
mod execute;
mod executor;
mod history_error;
mod ledger;
mod lock;
mod migrator;
mod pause;
mod project;
pub mod report;
pub mod request;
pub mod saved_plan;
pub mod settings;
mod shell_word;

pub use error::{Error, ErrorKind, Result};
pub use migrator::Migrator;
pub use project::{EmbeddedFile, EmbeddedTree};
pub use request::{
    Commit, Confirmation, ConvertRequest, DownRequest, GateRequest, Identity, MarkAs, PlanRequest,
    SeedRequest, StopSignal, Surroundings, UpRequest,
};
pub use saved_plan::SavedPlan;
pub use settings::{Origin, Overrides, Settings, Sourced};
pub use shoring_core as core;
pub use shoring_core::{Event, Observer};
pub use shoring_db as db;

/// The migrations that the build script embedded with `shoring_embed::folder("migrations")`: a
/// `&'static [EmbeddedFile]` for [`Migrator::from_embedded`].
#[macro_export]
macro_rules! embed_migrations {
    () => {{
        const FILES: &[$crate::EmbeddedFile] =
            include!(concat!(env!("OUT_DIR"), "/shoring_migrations.rs"));
        FILES
    }};
}
