//! How often a program waits for the disk, counted by strace.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::machine;

const CALLS: [&str; 2] = ["fsync", "fdatasync"];

/// Runs the command under strace.
pub(in crate::bench) fn count(command: &Command, scratch: &Path) -> Result<u64, String> {
    let strace = machine::find_program("strace").ok_or("not counted: strace is not installed")?;
    let summary = scratch.join("strace.txt");
    let mut traced = Command::new(strace);
    traced
        // Stops only at the calls that are counted, not at every one.
        .args(["-f", "--seccomp-bpf", "-c"])
        .arg(format!("-etrace={}", CALLS.join(",")))
        .arg("-o")
        .arg(&summary)
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear();
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            traced.env(name, value);
        }
    }
    if let Some(folder) = command.get_current_dir() {
        traced.current_dir(folder);
    }
    machine::output_of(&mut traced)?;
    let text = fs::read_to_string(&summary)
        .map_err(|error| format!("cannot read what strace wrote: {error}"))?;
    Ok(calls(&text))
}

/// Adds up the calls of the table that `strace -c` writes.
fn calls(table: &str) -> u64 {
    let counts = table.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        // % time, seconds, usecs/call, calls, perhaps errors, and the name at the end.
        let calls = words.nth(3)?.parse::<u64>().ok()?;
        CALLS.contains(&words.next_back()?).then_some(calls)
    });
    counts.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_of_strace_is_read() {
        let table = "\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 99.90    0.123456          30      4011           fdatasync
  0.10    0.000123          12        10         1 fsync
------ ----------- ----------- --------- --------- ----------------
100.00    0.123579          30      4021         1 total
";
        assert_eq!(calls(table), 4021);
        assert_eq!(calls(""), 0);
    }
}
