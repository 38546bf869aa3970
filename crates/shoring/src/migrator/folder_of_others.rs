//! A folder in which nothing is a migration of this format holds another tool's, or none by mistake. "Nothing to do" or "a new
//! project" would be a success that did nothing.

use crate::error::{Error, ErrorKind, Result};
use shoring_core::MigrationSet;
use shoring_formats::Format;

/// How many files are named.
const NAMED: usize = 3;

pub(super) fn refuse_folder_of_others(set: &MigrationSet, format: &dyn Format) -> Result<()> {
    let ignored = &set.ignored;
    if !set.migrations.is_empty() || ignored.is_empty() {
        return Ok(());
    }
    let mut error = Error::new(
        ErrorKind::Usage,
        "no-migrations",
        format!(
            "nothing in `{}` is a migration of the {}",
            set.folder,
            format.title()
        ),
    );
    for (path, reason) in ignored.iter().take(NAMED) {
        error = error.note(format!("`{path}`: {reason}"));
    }
    if ignored.len() > NAMED {
        error = error.note(format!("and {} more", ignored.len() - NAMED));
    }
    Err(error
        .state("Nothing was run and nothing was changed.")
        .next("name them NUMBER_name.up.sql;  all of them with the reason:  shoring status"))
}
