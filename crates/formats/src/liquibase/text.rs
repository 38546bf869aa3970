//! The text of a changelog.

use super::changelog::wrong;
use shoring_core::{Diagnostic, Tree, TreeError};
use std::io::Read;

/// No changelog is larger: the tool holds each as a whole, and so do we.
const LARGEST: u64 = 256 * 1024 * 1024;
/// Few are larger.
const USUAL: usize = 8 * 1024;

/// The text of a file, or why it has none.
pub(super) fn read(
    tree: &dyn Tree,
    path: &str,
) -> Result<Result<String, Box<Diagnostic>>, TreeError> {
    // Most files are read at once, where an empty buffer would grow a few bytes at a time.
    let mut bytes = Vec::with_capacity(USUAL);
    let mut input = tree.open(path)?.take(LARGEST + 1);
    input
        .read_to_end(&mut bytes)
        .map_err(|source| TreeError::Io {
            path: path.to_owned(),
            source,
        })?;
    if bytes.len() as u64 > LARGEST {
        let message = format!("`{path}` is larger than 256 MiB");
        let diagnostic = Diagnostic::error("liquibase-changelog", message)
            .hint("load so many rows with the client of the database, not with a changelog");
        return Ok(Err(Box::new(diagnostic)));
    }
    Ok(String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + memchr::memchr_iter(b'\n', valid).count() as u64;
        wrong(
            path,
            line,
            "",
            "this line is not UTF-8",
            "save the file as UTF-8; it may be in another encoding, such as Latin-1",
        )
    }))
}
