//! Starting one server under the supervisor and waiting until it answers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use super::supervisor::Supervisor;

const PATIENCE: Duration = Duration::from_mins(2);

/// A server process that was started; `probe` tells when it can be used.
#[derive(Debug)]
pub(super) struct Launch {
    name: &'static str,
    pid_file: PathBuf,
    log: PathBuf,
}

impl Launch {
    /// Writes the start script of `command` into `directory` and has it run.
    ///
    /// `signal` stops the server; its output goes to `NAME.log`.
    pub(super) fn start(
        supervisor: &Supervisor,
        directory: &Path,
        name: &'static str,
        signal: &str,
        command: &Command,
    ) -> Result<Self, String> {
        let script = directory.join(format!("{name}.sh"));
        let launch = Self {
            name,
            pid_file: directory.join(format!("{name}.pid")),
            log: directory.join(format!("{name}.log")),
        };
        let text = format!(
            "echo $$ >{}\nexec {} >>{} 2>&1\n",
            quoted(&launch.pid_file.to_string_lossy()),
            quoted_command(command),
            quoted(&launch.log.to_string_lossy()),
        );
        fs::write(&script, text).map_err(|error| format!("cannot write a script: {error}"))?;
        supervisor.start_server(&script, signal)?;
        Ok(launch)
    }

    /// Calls `probe` until it succeeds; fails early when the process has ended.
    pub(super) fn wait_for<T>(&self, probe: impl Fn() -> Result<T, String>) -> Result<T, String> {
        let start = Instant::now();
        loop {
            let error = match probe() {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let reason = if self.has_ended() && start.elapsed() > Duration::from_secs(1) {
                "ended at once"
            } else if start.elapsed() > PATIENCE {
                "did not answer in two minutes"
            } else {
                thread::sleep(Duration::from_millis(100));
                continue;
            };
            return Err(format!(
                "{} {reason}: {error}\n{}",
                self.name,
                self.end_of_log()
            ));
        }
    }

    fn has_ended(&self) -> bool {
        let pid = fs::read_to_string(&self.pid_file).unwrap_or_default();
        !pid.is_empty() && !Path::new("/proc").join(pid.trim()).exists()
    }

    fn end_of_log(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.split('\n').collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }
}

fn quoted_command(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<String> = words.map(|word| quoted(&word.to_string_lossy())).collect();
    words.join(" ")
}

/// One word of sh.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_the_shell() {
        let mut command = Command::new("/a b/postgres");
        command.args(["-c", "it's=$HOME"]);
        assert_eq!(
            quoted_command(&command),
            r"'/a b/postgres' '-c' 'it'\''s=$HOME'"
        );
    }
}
