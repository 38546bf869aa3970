//! Readers of migration folders, and descriptions of the history tables that belong to them.
//!
//! A format is a folder with `mod.rs` (recognise and read the files) and `history.rs` (the table), plus one line in
//! [`FORMATS`]. Nothing here touches a file system or a server: a [`Tree`](shoring_core::Tree) is read, SQL text goes
//! out, rows come in. Start reading at [`format::Format`] and [`history::History`].
#![warn(missing_docs)]

pub mod directive;
pub mod foreign;
pub mod format;
pub mod history;
pub mod manual;
pub mod numbered;
pub mod script;
pub mod server_clock;
pub mod shoring;

pub use format::{Detection, Format, NewFile, Numbering};
pub use history::{History, HistoryEntry, HistoryError};
pub use shoring::table_options;

/// Every format, in the order in which equal detections are preferred.
pub const FORMATS: &[&dyn Format] = &[&shoring::Native, &manual::Manual];

/// The format of this name.
pub fn by_name(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.name() == name)
}
