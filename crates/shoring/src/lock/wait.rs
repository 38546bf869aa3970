//! Waiting for the lock: between two tries, without a snapshot, for as long as `lock_wait` allows.

use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::pause::jitter;
use shoring_core::Event;
use std::time::{Duration, Instant};

/// One run's waiting, from its first try on.
#[derive(Clone, Copy)]
pub(super) struct Wait<'c> {
    context: &'c Context,
    started: Instant,
}

impl<'c> Wait<'c> {
    pub(super) fn start(context: &'c Context) -> Self {
        Self {
            context,
            started: Instant::now(),
        }
    }

    pub(super) fn milliseconds(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }

    /// One pause between two tries, or the end of waiting.
    pub(super) async fn once_more(&self, holder: &str) -> Result<()> {
        self.once_more_or(holder, None).await
    }

    /// The same, for a holder that a person may have to judge: `next` says how.
    pub(super) async fn once_more_or(&self, holder: &str, next: Option<&str>) -> Result<()> {
        let limit = self.context.tuning.lock_wait;
        let waited = self.started.elapsed();
        if waited >= limit {
            let held = Error::new(
                ErrorKind::LockTimeout,
                "lock-held",
                "another run holds the migration lock",
            )
            .note(holder.to_owned())
            .state(format!(
                "Nothing was run: waited {} s for the lock.",
                limit.as_secs()
            ))
            .next("wait longer with  --lock-wait 5m , or look at it with  shoring status --watch");
            return Err(match next {
                Some(next) => held.next(next),
                None => held,
            });
        }
        self.context.emit(&Event::LockWaiting {
            holder: holder.to_owned(),
            waited_ms: waited.as_millis() as u64,
            limit_ms: limit.as_millis() as u64,
        });
        let pause =
            jitter(Duration::from_millis(250)).min(limit.checked_sub(waited).unwrap_or_default());
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.context.stop.changed() => {}
        }
        self.context.check_stop()
    }
}
