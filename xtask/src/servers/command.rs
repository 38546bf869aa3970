//! `cargo xtask servers`: the servers of the tests for any command, to try things by hand.

use std::process::{Command, ExitCode};

use super::fleet::{Durability, Fleet, Outcome};
use crate::arguments::ServersOptions;
use crate::workspace;

/// Runs the command among the servers; its exit code is ours.
///
/// Ctrl-C ends xtask and with it the servers, whatever the command makes of it.
pub(crate) fn run_command(options: &ServersOptions) -> Result<ExitCode, String> {
    Fleet::install(options.servers)?;
    let fleet = Fleet::start(options.servers, Durability::None)?;
    for (server, outcome) in &fleet.outcomes {
        if let Outcome::Failed(error) = outcome {
            return Err(format!("{}: {error}", server.segment()));
        }
    }
    let shell = workspace::variable("SHELL").unwrap_or_else(|| "sh".into());
    let mut words = options.command.iter();
    let mut command = Command::new(words.next().unwrap_or(&shell));
    workspace::forget_package(&mut command);
    command.args(words).envs(fleet.variables().iter().cloned());
    if options.command.is_empty() {
        for (name, value) in fleet.variables() {
            println!("{name}={value}");
        }
    }
    let cannot = |error| format!("cannot run the command: {error}");
    // In our own process group, so that it may read from the terminal.
    let mut child = command.spawn().map_err(cannot)?;
    fleet.watch_process(child.id())?;
    let status = child.wait().map_err(cannot)?;
    fleet.forget()?;
    drop(fleet);
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(1)))
}
