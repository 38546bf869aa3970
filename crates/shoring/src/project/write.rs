//! Writes the few files Shoring writes into a project: never over an existing one, never outside the root.

use crate::error::{Error, ErrorKind, Result};
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

/// Writes a new file; folders on the way are made.
pub(crate) fn write_new_file(root: &Path, path: &str, content: &str) -> Result<()> {
    write_new_file_from(root, path, &mut content.as_bytes())
}

/// As [`write_new_file`], with a content that is read while it is written. A file appears under its name when it is whole.
pub(crate) fn write_new_file_from(root: &Path, path: &str, content: &mut dyn Read) -> Result<()> {
    let full = place(root, path)?;
    let folder = full.parent().unwrap_or(root);
    let write = |content: &mut dyn Read| {
        fs::create_dir_all(folder)?;
        let mut file = unfinished(folder)?;
        io::copy(content, &mut file)?;
        file.as_file().sync_all()?;
        file.persist_noclobber(&full).map_err(|error| error.error)
    };
    write(content)
        .map(drop)
        .map_err(|error| failed(path, &error))
}

/// Adds to the end of a file that is there.
pub(crate) fn add_to_file(root: &Path, path: &str, content: &str) -> Result<()> {
    let full = place(root, path)?;
    let write = || {
        let mut file = fs::OpenOptions::new().append(true).open(&full)?;
        file.write_all(content.as_bytes())
    };
    write().map_err(|error| failed(path, &error))
}

/// Puts a text in the place of a file that is there, in one step.
pub(crate) fn replace_file(root: &Path, path: &str, content: &str) -> Result<()> {
    let full = place(root, path)?;
    let write = || {
        let mut file = unfinished(full.parent().unwrap_or(root))?;
        file.write_all(content.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(&full).map_err(|error| error.error)
    };
    write().map(drop).map_err(|error| failed(path, &error))
}

/// A file without its name yet, with the rights that new files have.
fn unfinished(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.prefix(".shoring-").tempfile_in(folder)
}

fn failed(path: &str, error: &io::Error) -> Error {
    let next = match error.kind() {
        io::ErrorKind::AlreadyExists => "take another name, or finish the file that is there",
        _ => "see to it that the file can be made there, then run the same command again",
    };
    Error::new(
        ErrorKind::Usage,
        "cannot-write",
        format!("cannot write `{path}`: {error}"),
    )
    .next(next)
}

/// Where a path of the project is.
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
