//! Pure decisions: how files and history compare, what a TARGET means, which migrations run, and how the statements of
//! one file are grouped into transactions. No IO; a file is read through [`std::io::Read`].
//!
//! Start reading at [`mod@reconcile`], then [`mod@select`] and [`mod@analyse`].
#![warn(missing_docs)]

pub mod analyse;
pub mod group;
pub mod place;
pub mod reconcile;
pub mod select;
pub mod target;

pub use analyse::{analyse, statement_hash};
pub use place::PlaceFinder;
pub use reconcile::{Ahead, Entry, HalfDone, JournalView, Reconciliation, reconcile};
pub use select::{SelectError, select_down, select_up};
pub use target::{TargetError, resolve, resolve_migration};
