//! Writes the few files Shoring writes into a project: never over an existing one, never outside the root. What is added to a
//! file goes to its end.

use crate::error::{Error, ErrorKind, Result};
use std::fs;
use std::io::Write;
use std::path::{Component, Path, PathBuf};

/// Writes a new file; folders on the way are made.
pub(crate) fn write_new_file(root: &Path, path: &str, content: &str) -> Result<()> {
    let full = place(root, path)?;
    if let Some(folder) = full.parent() {
        fs::create_dir_all(folder).map_err(|error| failed(path, &error))?;
    }
    let mut options = fs::OpenOptions::new();
    write(options.write(true).create_new(true), &full, path, content)
}

/// Adds to the end of a file that is there.
pub(crate) fn add_to_file(root: &Path, path: &str, content: &str) -> Result<()> {
    let full = place(root, path)?;
    write(fs::OpenOptions::new().append(true), &full, path, content)
}

fn write(options: &mut fs::OpenOptions, full: &Path, path: &str, content: &str) -> Result<()> {
    let mut file = options.open(full).map_err(|error| failed(path, &error))?;
    file.write_all(content.as_bytes())
        .map_err(|error| failed(path, &error))
}

fn failed(path: &str, error: &std::io::Error) -> Error {
    Error::new(
        ErrorKind::Usage,
        "cannot-write",
        format!("cannot write `{path}`: {error}"),
    )
}

fn place(root: &Path, path: &str) -> Result<PathBuf> {
    let relative = Path::new(path);
    let leads_out = relative
        .components()
        .any(|component| !matches!(component, Component::Normal(_) | Component::CurDir));
    if leads_out {
        return Err(Error::new(
            ErrorKind::Usage,
            "cannot-write",
            format!("`{path}` leads out of the project"),
        ));
    }
    Ok(root.join(relative))
}
