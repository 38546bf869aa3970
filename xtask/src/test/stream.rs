//! Runs one command in a process group of its own and hands out its output line by line.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::servers::Fleet;

/// How a command ended.
#[derive(Debug)]
pub(super) enum End {
    Exited(ExitStatus),
    Hung,
}

/// Runs `command` to its end, standard output and error merged in order.
///
/// One that prints nothing for as long as `patience` hangs.
///
/// The group dies with xtask. Grandchildren that are left behind are killed.
pub(super) fn run(
    fleet: &Fleet,
    mut command: Command,
    patience: Duration,
    mut on_line: impl FnMut(&str),
) -> Result<End, String> {
    let cannot = |error: std::io::Error| format!("cannot run a test binary: {error}");
    let (read, write) = std::io::pipe().map_err(cannot)?;
    command
        .stdin(Stdio::null())
        .stdout(write.try_clone().map_err(cannot)?)
        .stderr(write)
        .process_group(0);
    let mut child = command.spawn().map_err(cannot)?;
    // The command holds our copies of the write end.
    drop(command);
    fleet.watch_group(child.id())?;

    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        let mut reader = BufReader::new(read);
        let mut buffer = Vec::new();
        while reader
            .read_until(b'\n', &mut buffer)
            .is_ok_and(|length| length > 0)
        {
            let line = String::from_utf8_lossy(&buffer)
                .trim_end_matches('\n')
                .to_owned();
            buffer.clear();
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    let end = follow(&mut child, &lines, patience, &mut on_line).map_err(cannot)?;
    kill_group(child.id());
    if matches!(end, End::Hung) {
        drop(child.wait());
    }
    fleet.forget()?;
    Ok(end)
}

fn follow(
    child: &mut Child,
    lines: &Receiver<String>,
    patience: Duration,
    on_line: &mut impl FnMut(&str),
) -> std::io::Result<End> {
    let mut last = Instant::now();
    let mut ended: Option<(ExitStatus, Instant)> = None;
    loop {
        match lines.recv_timeout(Duration::from_millis(50)) {
            Ok(line) => {
                last = Instant::now();
                on_line(&line);
            }
            Err(RecvTimeoutError::Disconnected) => return child.wait().map(End::Exited),
            Err(RecvTimeoutError::Timeout) => {}
        }
        match ended {
            // Someone else still holds the pipe: do not wait for it.
            Some((status, since)) if since.elapsed() > Duration::from_secs(1) => {
                return Ok(End::Exited(status));
            }
            Some(_) => {}
            None => ended = child.try_wait()?.map(|status| (status, Instant::now())),
        }
        if last.elapsed() > patience {
            return Ok(End::Hung);
        }
    }
}

/// The standard library has no `kill`; the shell has.
fn kill_group(leader: u32) {
    let order = format!("kill -KILL -- -{leader} 2>/dev/null");
    drop(Command::new("sh").args(["-c", &order]).status());
}
