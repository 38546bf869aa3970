//! What a reader needs to know about the machine before comparing with another.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use super::peers::Programs;
use super::report::seconds;
use super::statistics::spread;
use crate::machine;
use crate::servers::{Fleet, Outcome};

/// Lines of Markdown about machine, servers and tools.
pub(super) fn lines(fleet: &Fleet, programs: &Programs, scratch: &Path) -> Vec<String> {
    let command = |words: &[&str]| {
        let mut command = Command::new(words[0]);
        machine::output_of(command.args(&words[1..])).unwrap_or_else(|_| "unknown".into())
    };
    let scratch_text = scratch.display().to_string();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let mut lines = vec![
        format!(
            "- measured on {}",
            command(&["date", "-u", "+%F %H:%M UTC"])
        ),
        format!(
            "- {cores} cores, {}, {} GB of memory, Linux {}",
            after_colon("/proc/cpuinfo", "model name"),
            memory_in_gb(),
            command(&["uname", "-r"]),
        ),
        format!(
            "- load average when it began: {}",
            fs::read_to_string("/proc/loadavg")
                .unwrap_or_default()
                .split(' ')
                .take(3)
                .collect::<Vec<_>>()
                .join(" ")
        ),
        format!(
            "- files and databases on {}, where writing 8 KiB and fdatasync takes {}",
            command(&["df", "-PT", &scratch_text])
                .split_whitespace()
                .rev()
                .nth(5)
                .unwrap_or("an unknown file system"),
            sync_time(scratch).map_or_else(|| "an unknown time".into(), seconds),
        ),
    ];
    let running = fleet
        .outcomes
        .iter()
        .filter_map(|(server, outcome)| match outcome {
            Outcome::Running { version, .. } => Some(format!("{} {version}", server.segment())),
            Outcome::Failed(_) | Outcome::NotAsked => None,
        });
    lines.push(format!(
        "- servers: {}; default durability, on TCP without TLS",
        running.collect::<Vec<_>>().join(", ")
    ));
    let shell = command(&["sqlite3", "--version"]);
    lines.push(format!(
        "- tools: {}; sqlite3 {}",
        programs.versions().join(", "),
        shell.split(' ').next().unwrap_or_default()
    ));
    lines
}

fn after_colon(path: &str, key: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(key));
    let value = line.and_then(|line| line.split_once(':'));
    value.map_or_else(|| "unknown".into(), |(_, value)| value.trim().to_owned())
}

fn memory_in_gb() -> u64 {
    let text = after_colon("/proc/meminfo", "MemTotal");
    let kib = text
        .split(' ')
        .next()
        .and_then(|kib| kib.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024 / 1_000_000_000
}

/// The median of what a database waits for at each commit.
fn sync_time(folder: &Path) -> Option<f64> {
    let path = folder.join("sync_time");
    let mut file = File::create(&path).ok()?;
    let mut values = Vec::new();
    for _ in 0..200 {
        let start = Instant::now();
        file.write_all(&[0; 8192]).ok()?;
        file.sync_data().ok()?;
        values.push(start.elapsed().as_secs_f64());
    }
    drop(fs::remove_file(&path));
    spread(values).map(|spread| spread.median)
}
