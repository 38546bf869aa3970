//! Everything Shoring itself keeps in a database: the history table of the format, the journal of attempts
//! (`shoring_runs`, `shoring_run_steps`) and the lease (`shoring_lock`).
//!
//! All SQL of these tables is built here, with quoting, and nowhere else. Every write of the journal carries the lease's
//! fencing number where it is not protected by the transaction it stands in.

mod beginning;
mod elsewhere;
mod find;
mod journal;
mod lease;
mod snapshot;
mod tables;
mod version_key;

pub(crate) use beginning::{Beginning, look_at_ground};
pub(crate) use elsewhere::names as tables_elsewhere;
pub(crate) use find::{FoundHistory, WantedHistory, find_history};
pub(crate) use journal::{Attempt, JournalSql, OpenAttempt, RunState, Step, StepState};
pub(crate) use lease::{LeaseRow, LeaseSql};
pub(crate) use snapshot::{Ledger, Snapshot, query_patiently};
pub(crate) use tables::{RUNS, add_compatible_with};
