//! Runs one planned migration and makes sure that whatever happens, the database tells the truth about it.
//!
//! * A migration that is one transaction goes out with its history row and its journal row in that transaction: all or
//!   nothing (`transaction`).
//! * Everything else runs in steps. Before a step that cannot be rolled back, an intent with what the catalogue says is
//!   committed; after it, its end. A later run reads them and goes on (`steps`, `settle`).
//! * A lost connection is never guessed about: on a new session the attempt's id is looked up (`recover`).
//!
//! Start reading at [`Executor::run`].

mod carried;
mod conditions;
mod copy;
mod entry;
mod failed;
mod failure;
mod foreign_keys;
mod guard;
mod history;
mod index_shape;
mod invalid_index;
mod job;
mod one_try;
mod outgoing;
mod prepared_record;
mod progress;
mod records;
mod recover;
mod run;
mod send;
mod session;
mod settings;
mod settle;
mod source;
mod state;
mod step_hash;
mod steps;
#[cfg(test)]
mod tests;
mod there_already;
mod transaction;
mod trouble;
mod undo;
mod watch;

pub(crate) use conditions::Verdict;
pub(crate) use job::{HistoryPart, Job};
pub(crate) use session::Executor;
pub(crate) use settle::{Resolution, resolve_step};
pub(crate) use state::headline;
