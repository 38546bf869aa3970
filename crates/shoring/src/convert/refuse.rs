//! Why a conversion is refused.

use crate::error::{Error, ErrorKind};
use shoring_core::{Diagnostic, Label, Migration, Position};
use shoring_formats::Format;
use shoring_formats::convert::NoticedPlaceholder;

const NOTHING_WRITTEN: &str = "Nothing was written, and the database was not changed.";

fn refused(code: &'static str, message: String) -> Error {
    Error::new(ErrorKind::Refused, code, message).state(NOTHING_WRITTEN)
}

/// It is what it is to become.
pub(crate) fn already(format: &dyn Format) -> Error {
    let name = format.name();
    Error::new(
        ErrorKind::Usage,
        "same-format",
        format!("this is a {} already", format.title()),
    )
    .state(NOTHING_WRITTEN)
    .next(format!(
        "to tell the history in one more database, name the old format:  shoring --format OLD --dir OLD_DIR convert --to {name}"
    ))
}

/// Only its own tool can run it.
pub(super) fn is_program(migration: &Migration, language: &str) -> Error {
    refused(
        "not-sql",
        format!(
            "`{}` is a program in {language}, and not SQL",
            migration.up.path
        ),
    )
    .next("write what it does as SQL, as a new migration, before the project is converted")
}

/// It does not run like any other.
pub(super) fn has_terms(migration: &Migration) -> Error {
    refused(
        "cannot-convert",
        format!(
            "`{}`, changeset {}, has preconditions, a context or another term that no other tool has",
            migration.up.path, migration.version
        ),
    )
    .next("take the term out, where the migration is applied everywhere; or stay with this format")
}

/// The target has no such migrations.
pub(super) fn no_such_kind(migration: &Migration, target: &dyn Format) -> Error {
    refused(
        "cannot-convert",
        format!(
            "`{}` is a {} migration, and {} has none",
            migration.up.path,
            migration.kind.name(),
            target.name()
        ),
    )
    .next("make it a versioned migration, or stay with a format that has them")
}

/// A placeholder that would stay as it is written.
pub(super) fn placeholder(
    found: &NoticedPlaceholder,
    target: &dyn Format,
    excerpt: Label,
) -> Error {
    let diagnostic = Diagnostic::error(
        "placeholder",
        format!(
            "`{}` is a placeholder, and {} has none",
            found.written,
            target.name()
        ),
    )
    .at(excerpt);
    Error::from_diagnostic(ErrorKind::Refused, diagnostic)
        .state(NOTHING_WRITTEN)
        .next("to write the values into the new files:  shoring convert --expand-placeholders")
        .note("values that are secrets would stand in files then")
}

/// A text that would become a placeholder.
pub(super) fn new_placeholder(
    found: &NoticedPlaceholder,
    target: &dyn Format,
    excerpt: Label,
) -> Error {
    let diagnostic = Diagnostic::error(
        "placeholder",
        format!(
            "`{}` would be a placeholder to {}",
            found.written,
            target.name()
        ),
    )
    .at(excerpt);
    Error::from_diagnostic(ErrorKind::Refused, diagnostic)
        .state(NOTHING_WRITTEN)
        .next("turn its placeholders off where the tool is configured, then run the same command again")
}

/// A place without its line.
pub(super) fn bare(path: &str, position: Position) -> Label {
    Label {
        file: path.to_owned(),
        position,
        length: 1,
        excerpt: String::new(),
        excerpt_line: position.line,
        text: String::new(),
    }
}

/// The folder has something else.
pub(super) fn other_text(there: &Migration, here: &Migration) -> Error {
    refused(
        "folder-in-use",
        format!(
            "`{}` is there already, and is not `{}`",
            there.up.path, here.up.path
        ),
    )
    .note("migrations that are there already must be the first of this project, in the same order and with the same text")
    .next("write into another folder:  shoring convert --into DIR")
}

/// The folder has more than the project.
pub(super) fn more_there(there: &Migration, folder: &str) -> Error {
    refused(
        "folder-in-use",
        format!(
            "`{folder}` has `{}`, which this project has not",
            there.up.path
        ),
    )
    .next("write into another folder:  shoring convert --into DIR")
}

/// No version is free.
pub(super) fn no_version(target: &dyn Format, folder: &str) -> Error {
    refused(
        "cannot-convert",
        format!(
            "no version of {} is left after the last one in `{folder}`",
            target.name()
        ),
    )
}

/// What was made is not what was meant.
pub(super) fn not_the_same(migration: &Migration, target: &dyn Format) -> Error {
    refused(
        "cannot-convert",
        format!(
            "`{}` cannot be told in the files of {}: read again, it would not be the same",
            migration.up.path,
            target.name()
        ),
    )
}

/// The table takes everything below the newest version as applied.
pub(crate) fn not_a_prefix(id: &str, table: &str) -> Error {
    refused(
        "cannot-convert",
        format!(
            "{id} is applied and one before it is not; `{table}` takes everything below its version as applied"
        ),
    )
    .next("apply what is pending before:  shoring up --allow-out-of-order")
}

/// Both formats would use one table.
pub(crate) fn same_table(table: &str, target: &dyn Format) -> Error {
    refused(
        "same-table",
        format!(
            "`{table}` is the history table now, and would be that of {} too",
            target.name()
        ),
    )
    .next("name another for the new one:  shoring convert --into-table NAME")
    .next("and tell the tool about it, in its own configuration")
}

/// The tables say different things.
pub(crate) fn not_said_so(version: &str, table: &str, old_table: &str) -> Error {
    Error::new(
        ErrorKind::Mismatch,
        "histories-differ",
        format!("`{table}` says that {version} is applied, and `{old_table}` does not"),
    )
    .state(NOTHING_WRITTEN)
    .next("one of them is right; correct the other:  shoring mark VERSION applied|pending --format NAME")
}
