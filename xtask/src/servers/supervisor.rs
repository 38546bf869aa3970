//! The process that starts the servers and outlives xtask.
//!
//! xtask holds the write end of a pipe and never handles signals itself: when it
//! ends for whatever reason, `kill -9` included, the kernel closes the pipe and
//! `supervisor.sh` stops and deletes everything.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Mutex;

const SCRIPT: &str = include_str!("supervisor.sh");

/// The running supervisor; dropping it stops everything and waits for that.
#[derive(Debug)]
pub(crate) struct Supervisor {
    process: Child,
    orders: Mutex<Option<ChildStdin>>,
}

impl Supervisor {
    /// Starts a supervisor in a process group of its own, out of reach of Ctrl-C.
    pub(crate) fn start() -> Result<Self, String> {
        let mut process = Command::new("sh")
            .args(["-c", SCRIPT, "shoring-supervisor"])
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(|error| format!("cannot run `sh`: {error}"))?;
        let orders = Mutex::new(process.stdin.take());
        Ok(Self { process, orders })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Deletes this directory at the end, after the servers.
    pub(crate) fn remove_at_end(&self, directory: &Path) -> Result<(), String> {
        self.order(&format!("remove {}", directory.display()))
    }

    /// Starts the server of this script; stops it at the end with `signal`.
    pub(crate) fn start_server(&self, script: &Path, signal: &str) -> Result<(), String> {
        self.order(&format!("start {signal} {}", script.display()))
    }

    /// Ends this process group too if xtask goes away.
    pub(crate) fn watch_group(&self, leader: u32) -> Result<(), String> {
        self.order(&format!("group {leader}"))
    }

    /// Ends this one process too if xtask goes away.
    pub(crate) fn watch_process(&self, pid: u32) -> Result<(), String> {
        self.order(&format!("process {pid}"))
    }

    /// What was watched has ended by itself.
    pub(crate) fn forget(&self) -> Result<(), String> {
        self.order("forget")
    }

    fn order(&self, line: &str) -> Result<(), String> {
        let mut orders = self.orders.lock().map_err(|error| error.to_string())?;
        let pipe = orders.as_mut().ok_or("the supervisor was stopped")?;
        writeln!(pipe, "{line}").map_err(|error| format!("the supervisor is gone: {error}"))
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        if let Ok(mut orders) = self.orders.lock() {
            drop(orders.take());
        }
        drop(self.process.wait());
    }
}
