//! Writes the few files Shoring writes into a project: never over an existing one, never outside the root.

use crate::error::{Error, ErrorKind, Result};
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Component, Path};

/// Writes a new file; folders on the way are made.
pub(crate) fn write_new_file(root: &Path, path: &str, content: &str) -> Result<()> {
    write_new_file_from(root, path, &mut content.as_bytes())
}

/// As [`write_new_file`], with a content that is read while it is written. A file appears under its name when it is whole.
pub(crate) fn write_new_file_from(root: &Path, path: &str, content: &mut dyn Read) -> Result<()> {
    let failed = |error: io::Error| {
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
    let mut file = unfinished(full.parent().unwrap_or(root)).map_err(failed)?;
    io::copy(content, &mut file).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist_noclobber(&full)
        .map(drop)
        .map_err(|error| failed(error.error))
}

/// Puts a text in the place of a file that is there, in one step.
pub(crate) fn replace_file(root: &Path, path: &str, content: &str) -> Result<()> {
    let write = || {
        let mut file = unfinished(root)?;
        file.write_all(content.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(root.join(path))
            .map(drop)
            .map_err(|error| error.error)
    };
    write().map_err(|error: io::Error| {
        Error::new(
            ErrorKind::Usage,
            "cannot-write",
            format!("cannot write `{path}`: {error}"),
        )
    })
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
