//! Compares the files of a project with the rows of its history: each migration gets one state.

mod ahead;
mod compare;
mod entry;
mod journal_view;
mod reconciliation;
mod renamed;
mod sides;
mod start;
#[cfg(test)]
pub(crate) mod tests;

pub use ahead::Ahead;
pub use compare::reconcile;
pub use entry::Entry;
pub use journal_view::{HalfDone, JournalView};
pub use reconciliation::Reconciliation;
pub use sides::is_renamed;
