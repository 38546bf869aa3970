//! Ctrl-C and its relatives: stop at a safe point first, cancel second, leave third.

use crate::terminal::Terminal;
use shoring::StopSignal;
use std::sync::Arc;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What the first signal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caution {
    /// The command only reads: leave at once.
    Reads,
    /// The command changes the database: stop at the next safe point.
    Writes,
}

/// Listens until the command shall be left where it stands, and says which signal did it. Until then every signal is
/// passed on to `stop`.
pub(crate) async fn abandoned(stop: StopSignal, caution: Caution, terminal: Arc<Terminal>) -> i32 {
    let Some(mut signals) = Signals::listen() else {
        return std::future::pending().await;
    };
    let mut count = 0;
    loop {
        let number = signals.next().await;
        count += 1;
        stop.request(number);
        match (caution, count) {
            (Caution::Reads, _) => return number,
            (Caution::Writes, 1) => terminal.complain(
                "\nstopping at the next safe point; once more cancels the running statement\n",
            ),
            (Caution::Writes, 2) => {
                terminal.complain("cancelling the running statement and waiting for its end\n");
            }
            (Caution::Writes, _) => {
                terminal.complain(
                    "leaving without waiting; how the database stands tells  shoring doctor\n",
                );
                return number;
            }
        }
    }
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Option<Signal>,
}

impl Signals {
    fn listen() -> Option<Self> {
        Some(Self {
            interrupt: signal(SignalKind::interrupt()).ok()?,
            terminate: signal(SignalKind::terminate()).ok()?,
            hangup: if is_hangup_ignored() {
                None
            } else {
                signal(SignalKind::hangup()).ok()
            },
        })
    }

    async fn next(&mut self) -> i32 {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => SignalKind::interrupt().as_raw_value(),
            _ = self.terminate.recv() => SignalKind::terminate().as_raw_value(),
            _ = hangup => SignalKind::hangup().as_raw_value(),
        }
    }
}

/// Whether `nohup` (or a service manager) asked that SIGHUP shall not end us. Only Linux tells.
fn is_hangup_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .split('\n')
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 1 != 0)
}
