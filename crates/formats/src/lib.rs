//! Readers of migration folders, and descriptions of the history tables that belong to them.
//!
//! A format is a folder with `mod.rs` (recognise and read the files) and `history.rs` (the table), plus one line in
//! [`FORMATS`]. Nothing here touches a file system or a server: a [`Tree`](shoring_core::Tree) is read, SQL text goes
//! out, rows come in. Start reading at [`format::Format`] and [`history::History`].
#![warn(missing_docs)]

pub mod callback;
pub mod checksum;
mod conf_file;
pub mod convert;
pub mod dbmate;
pub mod detection;
pub mod diesel;
pub mod directive;
pub mod flyway;
pub mod foreign;
pub mod format;
pub mod golang_migrate;
pub mod goose;
pub mod history;
pub mod host_config;
mod jdbc_driver;
mod line_heads;
pub mod liquibase;
pub mod manual;
#[cfg(test)]
mod memory_tree;
mod mentions;
pub mod numbered;
mod one_row_each;
pub mod prisma;
pub mod refinery;
mod rows;
pub mod script;
mod sending;
pub mod server_clock;
mod session_schema;
pub mod shoring;
mod spring;
pub mod sqlx;
mod table_sql;
mod toml_file;
pub mod tool_lock;
mod walk;
mod yaml;

pub use callback::{Callback, CallbackEvent};
pub use detection::{Detection, Strength};
pub use format::{DefaultTarget, FirstRun, Format, HistoryPlace, NewFile, Numbering, View};
pub use history::{At, Change, FirstRow, History, HistoryEntry, HistoryError, Recorded};
pub use host_config::{DatabaseFacts, HostConfig, HostSetting};
pub use shoring::table_options;
pub use tool_lock::{RowLock, Taken, ToolLock};

/// Every format, in the order in which equal detections are preferred.
pub const FORMATS: &[&dyn Format] = &[
    &shoring::Native,
    &manual::Manual,
    &golang_migrate::GolangMigrate,
    &dbmate::Dbmate,
    &flyway::Flyway,
    &sqlx::Sqlx,
    &prisma::Prisma,
    &diesel::Diesel,
    &goose::Goose,
    &refinery::Refinery,
    &liquibase::Liquibase,
];

/// The format of this name.
pub fn by_name(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.name() == name)
}
