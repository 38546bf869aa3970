//! Stopping a statement from another task: a flag that is read between statements, while waiting for a lock and every few
//! thousand virtual machine steps, and `sqlite3_interrupt` for what runs inside one step.
//!
//! `sqlite3_interrupt` alone loses a call that arrives between two statements of a batch.

use crate::error::DbError;
use crate::session::{BoxFuture, Canceller};
use crate::signals::Signals;
use rusqlite::InterruptHandle;
use std::sync::Arc;

/// The canceller of an SQLite session.
pub(super) struct SqliteCanceller {
    pub(super) signals: Arc<Signals>,
    pub(super) interrupt: Arc<InterruptHandle>,
}

impl Canceller for SqliteCanceller {
    fn cancel(&self) -> BoxFuture<'_, Result<(), DbError>> {
        Box::pin(async {
            if self.signals.cancel() {
                self.interrupt.interrupt();
            }
            Ok(())
        })
    }
}
