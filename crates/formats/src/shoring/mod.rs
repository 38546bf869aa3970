//! The native format: numbered files with their way back beside them, history in `shoring_history`.

mod history;
mod native;

pub use history::table_options;
pub use native::Native;
