//! Shoring as a library: run, prove and make safe the database migrations of a project.
//!
//! Start with [`Migrator`]. The command line (`shoring-cli`) is a thin layer over the same calls.
#![warn(missing_docs)]

pub mod error;
pub mod report;
pub mod request;
pub mod settings;

pub use error::{Error, ErrorKind, Result};
pub use request::{
    Confirmation, DownRequest, GateRequest, Identity, MarkAs, PlanRequest, SeedRequest, StopSignal,
    Surroundings, UpRequest,
};
pub use settings::{Origin, Overrides, Settings, Sourced};
