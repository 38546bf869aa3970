//! Renders a project in another format, and reads what was rendered as that format's projects are read.

use super::align::{Side, align, is_same};
use super::refuse;
use crate::error::{Error, Result};
use crate::project::{Project, tree_error};
use shoring_core::{Migration, MigrationSet, Product, Terms, Tree};
use shoring_formats::Format;
use shoring_formats::convert::{
    Portable, RenderInto, RenderedFile, RenderedTree, Spelling, TextPiece, first_placeholder,
    portable, spell, words_of,
};
use std::sync::Arc;

/// A project in the files of another tool.
pub(crate) struct Converted {
    /// The project, with the files that are not written yet.
    pub(crate) project: Project,
    /// The files that are to be written, in order.
    pub(crate) files: Vec<RenderedFile>,
    /// Its migrations, each in the place of the one it was made of.
    pub(crate) migrations: Vec<Arc<Migration>>,
    /// How many of them were there already.
    pub(crate) known: usize,
}

/// Renders the migrations of `source`, read as `set`, for the one candidate of `target`.
pub(crate) fn convert(
    source: &Project,
    format: &'static dyn Format,
    set: &MigrationSet,
    mut target: Project,
    product: Product,
    choices: Choices,
) -> Result<Converted> {
    let goal = target.best().format;
    for migration in &set.migrations {
        if let Some(language) = migration.program {
            return Err(refuse::is_program(migration, language));
        }
        if migration.terms != Terms::default() {
            return Err(refuse::has_terms(migration));
        }
        if !goal.can_render(migration.kind) {
            return Err(refuse::no_such_kind(migration, goal));
        }
        if !choices.expands_placeholders {
            refuse_placeholders(source, migration, |found, label| {
                refuse::placeholder(found, goal, label)
            })?;
        }
    }
    let mut migrations: Vec<&Migration> = set.migrations.iter().map(AsRef::as_ref).collect();
    migrations.sort_by(|left, right| left.order.cmp(&right.order));
    let here = Side {
        format,
        tree: source.tree.as_ref(),
        migrations: &migrations,
    };
    let own_folder = set.folder.trim_end_matches('/');
    let is_shared = target.best().folder.trim_end_matches('/') == own_folder;
    let expands = choices.expands_placeholders;
    let attempt = |target: &Project| -> Result<(Vec<RenderedFile>, usize)> {
        let there = target.read(goal)?;
        let mut known: Vec<&Migration> = there.migrations.iter().map(AsRef::as_ref).collect();
        known.sort_by(|left, right| left.order.cmp(&right.order));
        let there = Side {
            format: goal,
            tree: target.tree.as_ref(),
            migrations: &known,
        };
        let folder = &target.best().folder;
        let aligned = align(here, there, folder, expands)?;
        let count = aligned.iter().flatten().count();
        Ok((render(here, &aligned, target, product, expands)?, count))
    };
    let mut result = attempt(&target);
    // Files of two tools in one folder would be read by both.
    let is_mixed = result.as_ref().map_or(true, |(files, _)| !files.is_empty());
    if is_shared && is_mixed && !choices.has_named_folder {
        move_beside(&mut target, goal);
        result = attempt(&target);
    }
    let (files, known) = result?;
    target.tree = Arc::new(RenderedTree::new(
        Arc::clone(&target.tree),
        files.iter().cloned(),
    ));
    let migrations = read_again(here, &target, expands)?;
    Ok(Converted {
        project: target,
        files,
        migrations,
        known,
    })
}

/// What the user chose.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choices {
    /// The folder was named.
    pub(crate) has_named_folder: bool,
    /// Placeholders become their values.
    pub(crate) expands_placeholders: bool,
}

/// A folder of its own beside the one that both would use: `migrations-goose`.
fn move_beside(target: &mut Project, goal: &'static dyn Format) {
    for candidate in &mut target.candidates {
        let folder = candidate.folder.trim_end_matches('/');
        candidate.folder = format!("{folder}-{}", goal.name());
    }
}

/// The files of the migrations that have none yet.
fn render(
    here: Side<'_>,
    aligned: &[Option<&Migration>],
    target: &Project,
    product: Product,
    expands: bool,
) -> Result<Vec<RenderedFile>> {
    let candidate = target.best();
    let goal = candidate.format;
    let new: Vec<&Migration> = here
        .migrations
        .iter()
        .zip(aligned)
        .filter(|(_, same)| same.is_none())
        .map(|(migration, _)| *migration)
        .collect();
    let steps: Vec<&Migration> = new
        .iter()
        .filter(|migration| migration.order.is_step())
        .copied()
        .collect();
    let last = aligned
        .iter()
        .flatten()
        .rfind(|migration| migration.order.is_step());
    let mut spellings = spell(goal, &steps, last.copied())
        .ok_or_else(|| refuse::no_version(goal, &candidate.folder))?
        .into_iter();
    let into = RenderInto {
        tree: here.tree,
        folder: &candidate.folder,
        config: &candidate.config,
        product,
        has_ways_back: here.migrations.iter().any(|one| one.down.is_some()),
    };
    let mut files = Vec::new();
    for migration in new {
        // What is no step has no version.
        let is_step = migration.order.is_step();
        let spelling = is_step.then(|| spellings.next()).flatten();
        let spelling = spelling.unwrap_or_else(|| Spelling {
            version: String::new(),
            name: words_of(&migration.name),
        });
        let neutral = portable(here.format, here.tree, migration, expands)
            .map_err(|error| tree_error(&error))?;
        let neutral = Portable {
            version: spelling.version,
            name: spelling.name,
            ..neutral
        };
        files.extend(goal.render(into, &neutral));
    }
    if !files.is_empty() {
        let beside = goal.render_beside(&candidate.folder, product);
        let missing = beside
            .into_iter()
            .filter(|file| !target.tree.has_file(&file.path));
        files.extend(
            missing.map(|file| RenderedFile::new(file.path, vec![TextPiece::Words(file.content)])),
        );
    }
    Ok(files)
}

/// Reads the project as the target's tool would, and compares.
fn read_again(here: Side<'_>, target: &Project, expands: bool) -> Result<Vec<Arc<Migration>>> {
    let goal = target.best().format;
    let mut set = target.read(goal)?;
    set.migrations
        .sort_by(|left, right| left.order.cmp(&right.order));
    let there = Side {
        format: goal,
        tree: target.tree.as_ref(),
        migrations: &[],
    };
    for (index, migration) in here.migrations.iter().enumerate() {
        let found = set.migrations.get(index);
        let same = match found {
            Some(found) => is_same(here, there, (migration, found), expands)?,
            None => false,
        };
        if !same {
            return Err(refuse::not_the_same(migration, goal));
        }
    }
    for migration in &set.migrations {
        refuse_placeholders(target, migration, |found, label| {
            refuse::new_placeholder(found, goal, label)
        })?;
    }
    Ok(set.migrations)
}

fn refuse_placeholders(
    project: &Project,
    migration: &Migration,
    error: impl Fn(&shoring_formats::convert::NoticedPlaceholder, shoring_core::Label) -> Error,
) -> Result<()> {
    let tree: &dyn Tree = project.tree.as_ref();
    for script in [Some(&migration.up), migration.down.as_ref()]
        .into_iter()
        .flatten()
    {
        let found = first_placeholder(tree, script).map_err(|error| tree_error(&error))?;
        if let Some(found) = found {
            let mut label = refuse::bare(&found.path, found.position);
            label.length = found.written.chars().count() as u64;
            project.fill_excerpt(&mut label);
            return Err(error(&found, label));
        }
    }
    Ok(())
}
