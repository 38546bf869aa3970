//! Running a server as the user that it insists on.

use std::path::Path;
use std::process::Command;

use crate::machine;

/// A command that runs `program` as `user` when we are root, and as ourselves otherwise.
pub(super) fn command_as(user: &str, program: &Path) -> Command {
    if !machine::is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .arg(format!("--reuid={user}"))
        .arg(format!("--regid={user}"))
        .args(["--init-groups", "--"])
        .arg(program);
    command
}

/// Gives a file or a folder with all that is in it to `user` when we are root.
pub(super) fn give_to(user: &str, path: &Path) -> Result<(), String> {
    if !machine::is_root() {
        return Ok(());
    }
    let mut chown = Command::new("chown");
    chown.args(["-R", &format!("{user}:{user}")]).arg(path);
    machine::output_of(&mut chown).map(drop)
}
