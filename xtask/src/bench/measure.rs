//! Runs one command and says what it took.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use wait4::Wait4;

/// Nothing that is measured here takes so long; what does hangs.
const PATIENCE: Duration = Duration::from_mins(15);

/// What one piece of work took, over all its processes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Measurement {
    pub(super) wall: Duration,
    /// Of the tool, in user and kernel; not of the server.
    pub(super) cpu: Duration,
    /// The largest resident set of the tool, in bytes.
    pub(super) peak: u64,
}

impl Measurement {
    /// Adds another process of the same work, after the first.
    fn then(self, next: Self) -> Self {
        Self {
            wall: self.wall + next.wall,
            cpu: self.cpu + next.cpu,
            peak: self.peak.max(next.peak),
        }
    }
}

/// Runs the command `times` times, one after the other. `scratch` gets its output; an error ends with the last of it.
pub(super) fn measure(
    command: &mut Command,
    times: u32,
    scratch: &Path,
) -> Result<Measurement, String> {
    let mut total = Measurement::default();
    for _ in 0..times {
        total = total.then(measure_once(command, scratch)?);
    }
    Ok(total)
}

fn measure_once(command: &mut Command, scratch: &Path) -> Result<Measurement, String> {
    // Where it is installed is a matter of this machine, and the answer may go into a page.
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let cannot = |error: std::io::Error| format!("cannot run `{program}`: {error}");
    let log = scratch.join("output.txt");
    let output = File::create(&log).map_err(cannot)?;
    command
        .stdin(Stdio::null())
        .stdout(output.try_clone().map_err(cannot)?)
        .stderr(output);
    let start = Instant::now();
    let child = command.spawn().map_err(cannot)?;
    let watch = Watch::over(child.id());
    let used = child.wait4().map_err(cannot)?;
    let wall = start.elapsed();
    drop(watch);
    if !used.status.success() {
        return Err(format!(
            "`{program}` ended with {}: {}",
            used.status,
            end_of(&log)
        ));
    }
    Ok(Measurement {
        wall,
        cpu: used.rusage.utime + used.rusage.stime,
        peak: used.rusage.maxrss,
    })
}

/// Kills a process that outlives our patience; dropping it lets go.
struct Watch {
    _alive: mpsc::Sender<()>,
}

impl Watch {
    fn over(pid: u32) -> Self {
        let (alive, gone) = mpsc::channel();
        thread::spawn(move || {
            if gone.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
                // The standard library can only kill through the `Child`, which is being waited for.
                let pid = pid.to_string();
                drop(Command::new("kill").args(["-KILL", &pid]).status());
            }
        });
        Self { _alive: alive }
    }
}

fn end_of(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    let end = lines[lines.len().saturating_sub(4)..].join(" / ");
    // Some print the whole file before what is wrong with it.
    let skipped = end.chars().count().saturating_sub(END_LIMIT);
    end.chars().skip(skipped).collect()
}

/// How much of the end of an output tells enough, in characters.
const END_LIMIT: usize = 240;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_of_several_processes_adds_up() {
        let one = Measurement {
            wall: Duration::from_millis(5),
            cpu: Duration::from_millis(3),
            peak: 10,
        };
        let two = Measurement { peak: 20, ..one };
        let both = one.then(two);
        assert_eq!(both.wall, Duration::from_millis(10));
        assert_eq!(both.cpu, Duration::from_millis(6));
        assert_eq!(both.peak, 20);
    }

    #[test]
    fn a_failure_says_what_the_program_said() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo no such table >&2; exit 3"]);
        let scratch = std::env::temp_dir();
        let error = measure(&mut command, 1, &scratch).unwrap_err();
        assert!(error.contains("no such table"), "{error}");
        assert!(error.contains('3'), "{error}");
    }
}
