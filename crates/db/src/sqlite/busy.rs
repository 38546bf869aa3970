//! Waiting for another process's lock: SQLite's own back-off, up to a limit, ended early by a cancel.

use crate::signals::Signals;
use rusqlite::Connection;
use std::sync::Arc;
use std::time::Duration;

/// How long one statement waits. The engine tries again, so this only bridges short writes of others.
pub(super) const LIMIT: Duration = Duration::from_secs(3);

/// The pauses of `sqliteDefaultBusyCallback` (`main.c`), in milliseconds; the last one repeats.
const PAUSES: &[u64] = &[1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100];

/// Installs the waiting. Called again by `reset`, because `PRAGMA busy_timeout` in a migration replaces it.
pub(super) fn install(connection: &mut Connection, signals: &Arc<Signals>) -> rusqlite::Result<()> {
    let signals = Arc::clone(signals);
    connection.busy_handler(Some(move |tries: i32| {
        let Some(pause) = pause(usize::try_from(tries).unwrap_or(0)) else {
            return false;
        };
        if signals.is_cancelled() {
            return false;
        }
        std::thread::sleep(pause);
        true
    }))
}

/// The pause after `tries` vain tries, `None` when the limit is reached.
fn pause(tries: usize) -> Option<Duration> {
    let last = PAUSES.last().copied().unwrap_or(0);
    let waited: u64 = (0..tries)
        .map(|index| PAUSES.get(index).copied().unwrap_or(last))
        .sum();
    if Duration::from_millis(waited) >= LIMIT {
        return None;
    }
    Some(Duration::from_millis(
        PAUSES.get(tries).copied().unwrap_or(last),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_ends_at_the_limit() {
        let pauses: Vec<Duration> = (0..).map_while(pause).collect();
        let total: Duration = pauses.iter().sum();
        assert!(total >= LIMIT && total < LIMIT + Duration::from_millis(101));
        assert_eq!(pauses[0], Duration::from_millis(1));
    }
}
