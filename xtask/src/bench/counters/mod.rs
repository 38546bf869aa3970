//! What is counted instead of timed: it is the same on a busy machine.

pub(super) mod backend_memory;
pub(super) mod fsyncs;
pub(super) mod proxy;
pub(super) mod wal_syncs;
