//! The memory of its own that a PostgreSQL backend takes while a tool runs.
//!
//! Sampled from `RssAnon`: the peak that the kernel keeps (`VmHWM`) counts the shared buffers too, which say nothing
//! about what the tool sends.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

const INTERVAL: Duration = Duration::from_millis(20);

/// Between two looks for backends that are new.
const LOOK_AGAIN: usize = 25;

/// A thread that looks at the backends of one database until it is asked.
#[derive(Debug)]
pub(in crate::bench) struct BackendMemory {
    stop: Sender<()>,
    thread: JoinHandle<u64>,
}

impl BackendMemory {
    pub(in crate::bench) fn watch(database: &str) -> Self {
        let (stop, stopped) = mpsc::channel();
        // `postgres: USER DATABASE HOST(PORT) COMMAND` is how a backend calls itself.
        let mark = format!(" {database} ");
        let thread = thread::spawn(move || {
            let mut backends: Vec<PathBuf> = Vec::new();
            let mut most = 0;
            let mut round = 0;
            while stopped.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                if backends.is_empty() || round % LOOK_AGAIN == 0 {
                    backends = find(&mark);
                }
                round += 1;
                let memory = backends.iter().filter_map(|backend| own_kib(backend));
                most = memory.fold(most, u64::max);
            }
            most
        });
        Self { stop, thread }
    }

    /// The most that one backend had, in megabytes.
    pub(in crate::bench) fn finish(self) -> Result<f64, String> {
        drop(self.stop);
        let kib = self
            .thread
            .join()
            .map_err(|_| "the watch over the backends panicked")?;
        #[expect(clippy::cast_precision_loss, reason = "megabytes with two digits")]
        Ok(kib as f64 * 1024.0 / 1e6)
    }
}

fn find(mark: &str) -> Vec<PathBuf> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let is_backend = |path: &PathBuf| {
        let title = fs::read(path.join("cmdline")).unwrap_or_default();
        let title = String::from_utf8_lossy(&title);
        title.starts_with("postgres: ") && title.contains(mark)
    };
    processes
        .map(|entry| entry.path())
        .filter(is_backend)
        .collect()
}

fn own_kib(process: &Path) -> Option<u64> {
    let status = fs::read_to_string(process.join("status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"))?;
    line.split_whitespace().next()?.parse().ok()
}
