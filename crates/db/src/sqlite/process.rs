//! Which process a session belongs to, told apart from a later process with the same number by its start time.

use crate::session::BackendId;
use std::path::Path;

/// This process: `pid:<start time in clock ticks>` on Linux, `pid` elsewhere.
pub(super) fn current() -> BackendId {
    let pid = std::process::id();
    match start_ticks(pid) {
        Some(ticks) => BackendId(format!("{pid}:{ticks}")),
        None => BackendId(pid.to_string()),
    }
}

/// Whether that process still runs on this machine; `None` when it cannot be told. The caller compares hosts itself.
pub(super) fn is_alive(backend: &BackendId) -> Option<bool> {
    if *backend == current() {
        return Some(true);
    }
    let (pid, ticks) = backend.0.split_once(':')?;
    let (pid, ticks) = (pid.parse::<u32>().ok()?, ticks.parse::<u64>().ok()?);
    // With `hidepid` other users' processes are invisible, and so is process 1: nothing may be concluded then.
    if !Path::new("/proc/1/stat").exists() {
        return None;
    }
    Some(start_ticks(pid) == Some(ticks))
}

/// Field 22 of `/proc/<pid>/stat` (`proc(5)`), counted after the last `)`: the command name may hold anything.
fn start_ticks(pid: u32) -> Option<u64> {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    let after_name = stat.iter().rposition(|byte| *byte == b')')? + 1;
    let fields = String::from_utf8_lossy(stat.get(after_name..)?).into_owned();
    fields.split_whitespace().nth(19)?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_told_from_a_later_one_of_the_same_number() {
        let current = current();
        assert_eq!(is_alive(&current), Some(true));
        let (pid, ticks) = current.0.split_once(':').unwrap();
        let later = ticks.parse::<u64>().unwrap() + 1;
        assert_eq!(is_alive(&BackendId(format!("{pid}:{later}"))), Some(false));
        assert_eq!(is_alive(&BackendId("4194305:1".to_owned())), Some(false));
        for foreign in ["", "7", "x:1", "7@server"] {
            assert_eq!(is_alive(&BackendId(foreign.to_owned())), None, "{foreign}");
        }
    }
}
