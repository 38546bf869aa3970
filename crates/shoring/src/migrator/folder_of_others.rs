//! A folder in which nothing is a migration of this format holds another tool's, or none by mistake. "Nothing to do" or "a new
//! project" would be a success that did nothing.

use crate::error::{Error, ErrorKind, Result};
use crate::project::tree_error;
use crate::shell_word::shell_word;
use shoring_core::{MigrationSet, Tree, TreeError};
use shoring_formats::Format;

/// How many files are named.
const NAMED: usize = 3;

pub(super) fn refuse_folder_of_others(
    tree: &dyn Tree,
    set: &MigrationSet,
    format: &dyn Format,
) -> Result<()> {
    let ignored = &set.ignored;
    if !set.migrations.is_empty() {
        return Ok(());
    }
    if ignored.is_empty() {
        return refuse_folders_below(tree, &set.folder);
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

/// A folder for each database: which one is meant, nobody guesses.
fn refuse_folders_below(tree: &dyn Tree, folder: &str) -> Result<()> {
    let below = folders_with_files(tree, folder).map_err(|error| tree_error(&error))?;
    if below.is_empty() {
        return Ok(());
    }
    let told: Vec<String> = below.iter().map(|below| format!("`{below}`")).collect();
    let mut error = Error::new(
        ErrorKind::Usage,
        "no-migrations",
        format!(
            "`{folder}` has no migrations of its own, and there are {}",
            told.join(", ")
        ),
    )
    .state("Nothing was run and nothing was changed.");
    for below in below.iter().take(NAMED) {
        error = error.next(format!("shoring init --dir {}", shell_word(below)));
    }
    Err(error)
}

fn folders_with_files(
    tree: &dyn Tree,
    folder: &str,
) -> std::result::Result<Vec<String>, TreeError> {
    let mut found = Vec::new();
    for name in tree.folders(folder)?.iter() {
        let below = format!("{folder}/{name}");
        let is_file = tree
            .files(&below)?
            .iter()
            .any(|file| file.ends_with(".sql"));
        let is_folder = || -> std::result::Result<bool, TreeError> {
            let folders = tree.folders(&below)?;
            Ok(folders.iter().any(|one| {
                let has = |file: &str| tree.has_file(&format!("{below}/{one}/{file}"));
                has("up.sql") || has("migration.sql")
            }))
        };
        if is_file || is_folder()? {
            found.push(below);
        }
    }
    Ok(found)
}
