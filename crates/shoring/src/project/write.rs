//! Writes the few files Shoring writes into a project: never over an existing one, never outside the root.

use crate::error::{Error, ErrorKind, Result};
use std::fs;
use std::io::Write;
use std::path::{Component, Path};

/// Writes a new file; folders on the way are made.
pub(crate) fn write_new_file(root: &Path, path: &str, content: &str) -> Result<()> {
    let failed = |error: std::io::Error| {
        Error::new(
            ErrorKind::Usage,
            "cannot-write",
            format!("cannot write `{path}`: {error}"),
        )
    };
    let relative = Path::new(path);
    if relative
        .components()
        .any(|component| !matches!(component, Component::Normal(_) | Component::CurDir))
    {
        return Err(Error::new(
            ErrorKind::Usage,
            "cannot-write",
            format!("`{path}` leads out of the project"),
        ));
    }
    let full = root.join(relative);
    if let Some(folder) = full.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&full)
        .map_err(failed)?;
    file.write_all(content.as_bytes()).map_err(failed)
}
