//! The programs of the comparison: Shoring, the other tools, the databases' own clients.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tools::{self, Tool};
use crate::{machine, workspace};

/// The tools of the comparison.
const PEERS: [&str; 3] = ["sqlx", "dbmate", "golang-migrate"];

fn compared() -> impl Iterator<Item = &'static Tool> {
    PEERS.into_iter().filter_map(tools::by_name)
}

/// Everything that is run and measured.
#[derive(Debug)]
pub(super) struct Programs {
    shoring: PathBuf,
    peers: BTreeMap<&'static str, Result<PathBuf, String>>,
    scratch: PathBuf,
}

impl Programs {
    /// Installs the peers that are not there yet.
    pub(super) fn provide(shoring: PathBuf, scratch: PathBuf) -> Self {
        let peers = compared().map(|tool| (tool.name, tool.provide())).collect();
        Self {
            shoring,
            peers,
            scratch,
        }
    }

    /// Names and versions, for the page.
    pub(super) fn versions(&self) -> Vec<String> {
        let known = |tool: &&Tool| self.peers.get(tool.name).is_some_and(Result::is_ok);
        compared()
            .filter(known)
            .map(|tool| format!("{} {}", tool.name, tool.version))
            .collect()
    }

    /// The release build of this checkout.
    pub(super) fn shoring(&self) -> Command {
        self.command(&self.shoring)
    }

    /// One of the other tools, or why it is not there.
    pub(super) fn peer(&self, name: &str) -> Result<Command, String> {
        match self.peers.get(name) {
            Some(Ok(program)) => Ok(self.command(program)),
            Some(Err(error)) => Err(format!("could not be had: {error}")),
            None => Err("nobody installs it".into()),
        }
    }

    /// One of the databases' own clients.
    pub(super) fn client(&self, name: &str) -> Result<Command, String> {
        let program =
            machine::find_program(name).ok_or_else(|| format!("`{name}` is not installed"))?;
        Ok(self.command(&program))
    }

    /// Nothing of the caller's environment or home changes what a tool does.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(workspace::variable("PATH").map(|path| ("PATH", path)))
            .env("HOME", &self.scratch)
            .env("LANG", "C.UTF-8")
            .current_dir(&self.scratch);
        command
    }
}
