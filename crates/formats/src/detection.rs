//! What a look at the files says about whose project this is, and how sure that is.

use crate::format::View;
use crate::host_config::HostConfig;
use crate::numbered::{is_sql, join, plain_folder};
use shoring_core::{Tree, TreeError};

/// How sure a detection is. Of several formats the strongest sign counts; equal signs for two formats are a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// There is no migration yet, and the project has the tool's configuration, or requires it and has an empty folder: it gives way
    /// to whatever else is there.
    Expected,
    /// Only the names of the files fit. Several formats share names: the history table in the database decides.
    Names,
    /// The names fit, and the project uses the tool: its package is required, a Makefile calls it.
    Dependency,
    /// The files say so themselves, by marks or a layout that no other tool has.
    Content,
    /// The tool's own configuration file or variables are there.
    Configuration,
}

/// A project that looks like a format's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detection {
    /// The folder of its migrations.
    pub folder: String,
    /// How sure.
    pub strength: Strength,
    /// What was seen, for people.
    pub evidence: String,
}

/// Where a format looks: in the folder that was named, else in the one that its tool is configured to use, else in the usual ones.
pub(crate) fn folders<'v>(
    view: View<'v>,
    config: &'v HostConfig,
    usual: &[&'v str],
) -> Vec<&'v str> {
    let configured = config.folders.first();
    let named = view
        .folder
        .or_else(|| configured.map(|setting| setting.value.as_str()));
    match named {
        Some(folder) => vec![plain_folder(folder)],
        None => usual.to_vec(),
    }
}

/// How many folders of one are entered to see whether they hold a file: projects with a folder for each migration have
/// thousands, and reading them is for later, on all cores.
const ENTERED: usize = 20;

/// What is said of a folder with folders that hold a file of this name; `None` when the first ones do not.
pub(crate) fn folders_that_hold(
    tree: &dyn Tree,
    folder: &str,
    file: &str,
) -> Result<Option<String>, TreeError> {
    let names = tree.folders(folder)?;
    let names: Vec<&String> = names.iter().filter(|name| !name.starts_with('.')).collect();
    let holds = |name: &&&String| tree.has_file(&join(&join(folder, name), file));
    let found = names.iter().take(ENTERED).find(holds);
    Ok(found.map(|name| match names.len() {
        1 => format!("{folder}/ has a folder {name} with {file}"),
        count => format!("{folder}/ has {count} folders such as {name} with {file}"),
    }))
}

/// A project that has a tool and no migration yet. `configured` is what configures the tool: then its folder need not be there.
/// Else `required` tells what uses it, and one of the folders has to be there, without SQL and without folders.
pub(crate) fn awaiting(
    view: View<'_>,
    folders: &[&str],
    configured: Option<String>,
    required: impl FnOnce() -> Result<Option<String>, TreeError>,
) -> Result<Option<Detection>, TreeError> {
    let expected = |folder: &str, what: &str| Detection {
        folder: folder.to_owned(),
        strength: Strength::Expected,
        evidence: format!("{what}; {folder}/ has no migration yet"),
    };
    let mut there = None;
    for folder in folders.iter().filter(|folder| **folder != ".") {
        if holds_anything(view.tree, folder)? {
            // It is somebody else's.
            return Ok(None);
        }
        if there.is_none() && has_folder(view.tree, folder)? {
            there = Some(*folder);
        }
    }
    if let (Some(what), Some(folder)) = (configured, there.or(folders.first().copied())) {
        return Ok(Some(expected(folder, &what)));
    }
    // Who has a shoring.toml and nothing of the tool has begun a project of ours.
    let Some(folder) = there.filter(|_| !view.tree.has_file("shoring.toml")) else {
        return Ok(None);
    };
    Ok(required()?.map(|what| expected(folder, &what)))
}

fn has_folder(tree: &dyn Tree, folder: &str) -> Result<bool, TreeError> {
    let (parent, name) = folder.rsplit_once('/').unwrap_or((".", folder));
    Ok(tree.folders(parent)?.iter().any(|other| *other == name))
}

/// Whether there are files of SQL in a folder, or folders that may have some.
fn holds_anything(tree: &dyn Tree, folder: &str) -> Result<bool, TreeError> {
    let is_shown = |folder: &String| !folder.starts_with('.');
    Ok(tree.files(folder)?.iter().any(|file| is_sql(file))
        || tree.folders(folder)?.iter().any(is_shown))
}

/// Whether all of these files have a tool's mark, and there is one at least. A single one may be left over from another life
/// of the project, and its tool would stop at the others.
pub(crate) fn all_have(
    paths: &[String],
    has_mark: impl Fn(&str) -> Result<bool, TreeError>,
) -> Result<bool, TreeError> {
    for path in paths {
        if !has_mark(path)? {
            return Ok(false);
        }
    }
    Ok(!paths.is_empty())
}
