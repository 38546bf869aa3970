//! Which of the migrations stand in the target's folder already: a conversion that was begun, or one that goes back.

use super::refuse;
use crate::error::Result;
use crate::project::tree_error;
use shoring_core::{Migration, Tree};
use shoring_formats::Format;
use shoring_formats::convert::{is_same_script, portable, words_of};

/// A project, its format and its files, with the migrations in order.
#[derive(Clone, Copy)]
pub(super) struct Side<'a> {
    pub(super) format: &'static dyn Format,
    pub(super) tree: &'a dyn Tree,
    pub(super) migrations: &'a [&'a Migration],
}

/// For each migration of `here` the one of `there` that is the same. Steps must be the first ones, in order; others are found
/// by their names.
pub(super) fn align<'a>(
    here: Side<'_>,
    there: Side<'a>,
    folder: &str,
    expands: bool,
) -> Result<Vec<Option<&'a Migration>>> {
    let is_step = |migration: &&&Migration| migration.order.is_step();
    let mut steps = there.migrations.iter().filter(is_step);
    let mut aligned = Vec::with_capacity(here.migrations.len());
    for migration in here.migrations {
        let same = if migration.order.is_step() {
            steps.next()
        } else {
            there.migrations.iter().find(|other| {
                !other.order.is_step() && words_of(&other.name) == words_of(&migration.name)
            })
        };
        if let Some(same) = same
            && !is_same(here, there, (migration, same), expands)?
        {
            return Err(refuse::other_text(same, migration));
        }
        aligned.push(same.copied());
    }
    match steps.next() {
        Some(more) => Err(refuse::more_there(more, folder)),
        None => Ok(aligned),
    }
}

/// Whether two migrations have the same texts, both ways.
pub(super) fn is_same(
    here: Side<'_>,
    there: Side<'_>,
    (left, right): (&Migration, &Migration),
    expands: bool,
) -> Result<bool> {
    let compare = || {
        let left = portable(here.format, here.tree, left, expands)?;
        let right = portable(there.format, there.tree, right, false)?;
        let up = is_same_script((here.tree, Some(&left.up)), (there.tree, Some(&right.up)))?;
        let down = is_same_script(
            (here.tree, left.down.as_ref()),
            (there.tree, right.down.as_ref()),
        )?;
        Ok(up && down)
    };
    compare().map_err(|error| tree_error(&error))
}
