//! Looks for signs of Liquibase: its configuration, changelogs where they usually are, files that say they are one.

use super::changelog;
use super::configure::{SOURCE, VARIABLE, may_be_changelog};
use super::master;
use super::paths;
use super::settings::Settings;
use crate::detection::{Detection, Strength};
use crate::format::View;
use crate::host_config::HostConfig;
use crate::mentions::lossy_text;
use crate::numbered::{self, join};
use shoring_core::{Tree, TreeError};

/// How many files of a folder are looked into.
const LOOKED_AT: usize = 3;

/// What a first changelog is called.
const STEMS: [&str; 6] = [
    "db.changelog-master",
    "db.changelog-root",
    "changelog-master",
    "master",
    "changelog",
    "dbchangelog",
];

const EXTENSIONS: [&str; 5] = ["yaml", "yml", "xml", "json", "sql"];

/// Where it is when nothing is configured, in the order they are tried.
const USUAL: [&str; 11] = [
    "src/main/resources/db/changelog",
    "src/main/resources/liquibase",
    "db/changelog",
    "db/changelogs",
    "db",
    "changelog",
    "changelogs",
    "liquibase",
    "liquibase/changelog",
    "migrations",
    ".",
];

pub(super) fn detect(view: View<'_>, config: &HostConfig) -> Result<Option<Detection>, TreeError> {
    let settings = Settings::of(config);
    let file = config.option(SOURCE);
    let variable = config
        .options
        .get(VARIABLE)
        .map(|setting| setting.origin.as_str());
    let configured = settings
        .changelog
        .as_ref()
        .and_then(|name| paths::find(view.tree, &settings.roots, name));
    if let (Some(source), Some(path)) = (file.or(variable), &configured) {
        let folder = folder_of(path);
        let is_meant = view
            .folder
            .is_none_or(|wanted| paths::normalised(wanted) == paths::normalised(folder));
        if is_meant {
            return Ok(Some(Detection {
                folder: folder.to_owned(),
                strength: Strength::Configuration,
                evidence: format!("{source} configures Liquibase, and {path} is its changelog"),
            }));
        }
    }
    let changelog = match view.folder {
        Some(folder) => first_in(view.tree, folder)?,
        None => usual(view.tree)?,
    };
    if let Some(path) = changelog {
        return Ok(Some(Detection {
            folder: folder_of(&path).to_owned(),
            strength: Strength::Content,
            evidence: format!("{path} is a changelog of Liquibase"),
        }));
    }
    let folders = match view.folder {
        Some(folder) => vec![folder],
        None => [&USUAL[..], numbered::FOLDERS].concat(),
    };
    for folder in folders {
        if let Some(path) = formatted_in(view.tree, folder)? {
            return Ok(Some(Detection {
                folder: folder.to_owned(),
                strength: Strength::Content,
                evidence: format!("{path} begins with `--liquibase formatted sql`"),
            }));
        }
    }
    Ok(None)
}

/// The name of the changelog that a project in this folder begins with; `None` where all files of the folder are read.
pub(super) fn changelog(
    tree: &dyn Tree,
    settings: &Settings,
    folder: &str,
) -> Result<Option<String>, TreeError> {
    let plain = |folder: &str| paths::normalised(folder);
    if let Some(name) = &settings.changelog {
        let path = paths::find(tree, &settings.roots, name);
        if path
            .as_ref()
            .is_none_or(|path| plain(folder_of(path)) == plain(folder))
        {
            return Ok(Some(name.clone()));
        }
    }
    Ok(first_in(tree, folder)?.map(|path| {
        // Below the class path it is called as it is found there.
        let root = settings
            .roots
            .iter()
            .filter(|root| *root != ".")
            .find_map(|root| path.strip_prefix(root.as_str())?.strip_prefix('/'));
        root.map_or(path.clone(), str::to_owned)
    }))
}

pub(super) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or(".", |(folder, _)| folder)
}

/// A first changelog where they usually are.
pub(super) fn usual(tree: &dyn Tree) -> Result<Option<String>, TreeError> {
    for folder in USUAL {
        if let Some(path) = first_in(tree, folder)? {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// The first changelog of a folder, by its name and what it says.
pub(super) fn first_in(tree: &dyn Tree, folder: &str) -> Result<Option<String>, TreeError> {
    // What may not be listed has none that can be read.
    let files = tree.files(folder).unwrap_or_default();
    let mut named: Vec<_> = files
        .iter()
        .filter_map(|file| Some((rank(file)?, file)))
        .collect();
    named.sort_unstable();
    for (_, file) in named {
        let path = join(folder, file);
        if tree.has_file(&path) && is_changelog(tree, &path)? {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// Where the name of a first changelog stands among those that are tried; `None` for any other name.
fn rank(file: &str) -> Option<(usize, usize)> {
    let (stem, extension) = file.rsplit_once('.')?;
    let stem = STEMS.iter().position(|known| *known == stem)?;
    let extension = EXTENSIONS.iter().position(|known| *known == extension)?;
    Some((stem, extension))
}

/// Whether a first changelog may be called so.
pub(super) fn is_first_name(file: &str) -> bool {
    rank(file).is_some()
}

fn is_changelog(tree: &dyn Tree, path: &str) -> Result<bool, TreeError> {
    let text = lossy_text(tree, path)?;
    Ok(if path.ends_with(".sql") {
        changelog::is_formatted(&text)
    } else {
        master::is_changelog(&text)
    })
}

/// The first file of a folder, where all that are looked at are formatted SQL.
fn formatted_in(tree: &dyn Tree, folder: &str) -> Result<Option<String>, TreeError> {
    let folder = if folder == "." {
        "."
    } else {
        folder.trim_end_matches('/')
    };
    let files = tree.files(folder)?;
    let mut first = None;
    for file in files
        .iter()
        .filter(|file| may_be_changelog(file) && !master::has_extension(file))
        .take(LOOKED_AT)
    {
        let path = join(folder, file);
        if !changelog::is_formatted(&lossy_text(tree, &path)?) {
            return Ok(None);
        }
        first.get_or_insert(path);
    }
    Ok(first)
}
