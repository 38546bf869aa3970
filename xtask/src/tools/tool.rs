//! One tool: what it is called, where it comes from, where its program is.

use std::fs;
use std::path::{Path, PathBuf};

use super::TOOLS;
use crate::workspace;

/// A migration tool that is not ours.
#[derive(Debug)]
pub(crate) struct Tool {
    /// Its name in tables, and of the module with its tests, with `_` for `-`.
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    /// What it cannot be tried with, and why.
    pub(crate) untried: Option<&'static str>,
    /// Installs this version into an empty folder.
    pub(super) install: fn(folder: &Path, version: &str) -> Result<(), String>,
    /// Where its program is then.
    pub(super) program: fn(folder: &Path) -> Option<PathBuf>,
}

impl Tool {
    /// Its program, installed now if it is not there yet.
    pub(crate) fn provide(&self) -> Result<PathBuf, String> {
        let cache = workspace::cache_folder()?.join("tools");
        let folder = cache.join(format!("{}-{}", self.name, self.version));
        let present = || (self.program)(&folder).filter(|program| program.is_file());
        if let Some(program) = present() {
            return Ok(program);
        }
        println!("installing {} {}", self.name, self.version);
        fs::create_dir_all(&folder)
            .map_err(|error| format!("cannot create {}: {error}", folder.display()))?;
        (self.install)(&folder, self.version)?;
        present().ok_or_else(|| format!("its program is not in {}", folder.display()))
    }
}

/// The tool of this name.
pub(crate) fn by_name(name: &str) -> Option<&'static Tool> {
    TOOLS.into_iter().find(|tool| tool.name == name)
}
