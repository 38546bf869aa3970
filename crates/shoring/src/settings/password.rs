//! A password that stands outside the URL.

use super::keys::key;
use super::layers::Layers;
use super::origin::{Origin, Sourced};
use crate::error::{Error, ErrorKind, Result};
use shoring_db::Secret;
use std::path::Path;

/// The password from `SHORING_PASSWORD`, else from the file named by `password_file`.
pub(super) fn find(layers: &Layers<'_>, root: &Path) -> Result<Option<Sourced<Secret>>> {
    let direct = layers.text(key("password"));
    let file = layers.text(key("password_file"));
    match (direct, file) {
        (Some(direct), Some(file)) if direct.origin.rank() <= file.origin.rank() => {
            Ok(Some(direct.map(Secret::new)))
        }
        (Some(direct), None) => Ok(Some(direct.map(Secret::new))),
        (_, Some(file)) => Ok(Some(Sourced::new(
            read(root, &file.value, &file.origin)?,
            file.origin,
        ))),
        (None, None) => Ok(None),
    }
}

/// Reads the file; one line end at its end does not belong to the password.
fn read(root: &Path, path: &str, origin: &Origin) -> Result<Secret> {
    let failure = |reason: String| {
        Error::new(
            ErrorKind::Usage,
            "unreadable-password-file",
            format!("cannot read the password file `{path}`: {reason}"),
        )
        .note(format!("named by {origin}"))
    };
    let bytes = std::fs::read(root.join(path)).map_err(|error| failure(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| failure("it is not UTF-8".to_owned()))?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() {
        return Err(failure("it is empty".to_owned()));
    }
    Ok(Secret::new(text))
}
