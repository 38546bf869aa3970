//! One runner at a time: takes and gives back the migration lock (research/reliability, section 2).
//!
//! The lock is tried, never waited for with an open snapshot, so that a `CREATE INDEX CONCURRENTLY` of the holder is not
//! stopped by those who wait. Where the server's session lock is sound it decides and dies with its session; the lease row
//! names the holder and carries the fencing number. Behind a transaction pooler and on Galera the lease row decides: see
//! [`crate::ledger::LeaseSql`].

mod acquire;
mod heartbeat;
mod held;
mod kind;
mod lease;
mod lost;
mod row;
mod tables;
mod tool;
mod wait;

pub(crate) use acquire::acquire;
pub(crate) use held::{Moved, RunLock};
pub(crate) use lost::{LEASE_LOST, lease_lost};
pub(crate) use row::{holder as row_holder, release as release_row};
pub(crate) use tool::wait_for_tool;
