//! Where the checkout is, and the only place that reads argv and the environment.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the workspace: the one that `cargo run` speaks of.
///
/// The path known at build time comes second, because checkouts that share a target
/// folder may share the binary too.
pub(crate) fn root() -> PathBuf {
    let now = variable("CARGO_MANIFEST_DIR").filter(|_| variable("CARGO").is_some());
    let manifest_dir = now.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&manifest_dir)
        .parent()
        .expect("xtask is a folder of the workspace")
        .to_path_buf()
}

/// The arguments after the program's name.
#[expect(clippy::disallowed_methods, reason = "xtask is a command")]
pub(crate) fn arguments() -> Vec<String> {
    std::env::args().skip(1).collect()
}

/// One variable of the environment, `None` if it is not set or empty.
#[expect(clippy::disallowed_methods, reason = "xtask is a command")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A cargo command in the root of the workspace.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(variable("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    forget_package(&mut command);
    command
}

/// Takes away what `cargo run` says of xtask. Build scripts ask for it (ring's does), and are run again when it comes and goes:
/// half a minute each time a cargo from here follows one from a shell.
pub(crate) fn forget_package(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let is_of_package = ["CARGO_PKG_", "CARGO_MANIFEST_", "OUT_DIR"]
            .iter()
            .any(|prefix| text.starts_with(prefix));
        if is_of_package {
            command.env_remove(&name);
        }
    }
}

/// Folder for what outlives a checkout, e.g. the MySQL system.
pub(crate) fn cache_folder() -> Result<PathBuf, String> {
    let base = variable("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| variable("HOME").map(|home| Path::new(&home).join(".cache")))
        .ok_or("neither XDG_CACHE_HOME nor HOME is set")?;
    Ok(base.join("shoring"))
}
