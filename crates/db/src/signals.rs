//! What a session and its cancellers know in common where a cancel must be remembered: one that arrives between two statements of
//! a batch stops the batch, and one that arrives between two commands stops nothing.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a command runs, and whether it was cancelled.
#[derive(Debug, Default)]
pub(crate) struct Signals {
    is_running: AtomicBool,
    is_cancelled: AtomicBool,
}

impl Signals {
    /// A command is about to start: from now on a cancel counts.
    pub(crate) fn begin(&self) {
        self.is_cancelled.store(false, Ordering::SeqCst);
        self.is_running.store(true, Ordering::SeqCst);
    }

    /// The command is over.
    pub(crate) fn end(&self) {
        self.is_running.store(false, Ordering::SeqCst);
    }

    /// Whether a command runs.
    pub(crate) fn is_running(&self) -> bool {
        self.is_running.load(Ordering::SeqCst)
    }

    /// Whether the command that runs, or ran last, was cancelled.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::SeqCst)
    }

    /// Cancels the command that runs; says whether there is one.
    pub(crate) fn cancel(&self) -> bool {
        let is_running = self.is_running();
        if is_running {
            self.is_cancelled.store(true, Ordering::SeqCst);
        }
        is_running
    }
}
