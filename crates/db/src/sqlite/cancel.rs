//! Stopping a statement from another task: a flag that is read between statements, while waiting for a lock and every few
//! thousand virtual machine steps, and `sqlite3_interrupt` for what runs inside one step.
//!
//! `sqlite3_interrupt` alone loses a call that arrives between two statements of a batch.

use crate::error::DbError;
use crate::session::{BoxFuture, Canceller};
use rusqlite::InterruptHandle;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What the session, its thread and its cancellers know in common.
#[derive(Debug, Default)]
pub(super) struct Signals {
    is_running: AtomicBool,
    is_cancelled: AtomicBool,
}

impl Signals {
    /// A command is about to be sent to the thread: from now on a cancel counts.
    pub(super) fn begin(&self) {
        self.is_cancelled.store(false, Ordering::SeqCst);
        self.is_running.store(true, Ordering::SeqCst);
    }

    /// The command is over.
    pub(super) fn end(&self) {
        self.is_running.store(false, Ordering::SeqCst);
    }

    /// Whether the command that runs was cancelled.
    pub(super) fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::SeqCst)
    }

    /// Cancels the running command, if there is one.
    pub(super) fn cancel(&self, interrupt: &InterruptHandle) {
        if self.is_running.load(Ordering::SeqCst) {
            self.is_cancelled.store(true, Ordering::SeqCst);
            interrupt.interrupt();
        }
    }
}

/// The canceller of an SQLite session.
pub(super) struct SqliteCanceller {
    pub(super) signals: Arc<Signals>,
    pub(super) interrupt: Arc<InterruptHandle>,
}

impl Canceller for SqliteCanceller {
    fn cancel(&self) -> BoxFuture<'_, Result<(), DbError>> {
        Box::pin(async {
            self.signals.cancel(&self.interrupt);
            Ok(())
        })
    }
}
