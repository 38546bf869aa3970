//! Where the names of changelogs count from when nobody says it: the tool may be told on its command line, or by a container's
//! mount. What the first changelog includes tells it, and what the history calls the files.

use super::master::{self, Element};
use super::settings::Settings;
use super::{detect, paths};
use crate::host_config::{HostConfig, HostSetting};
use crate::mentions::lossy_text;
use crate::numbered::join;
use shoring_core::{Applied, MigrationSet, Tree, TreeError};
use std::collections::HashSet;
use std::sync::Arc;

/// The option that names it.
const OPTION: &str = "searchPath";

/// Adds the folder that the includes of the first changelog count from, where they are found nowhere else.
pub(super) fn add_deduced(
    tree: &dyn Tree,
    settings: &mut Settings,
    folder: &str,
) -> Result<(), TreeError> {
    if settings.changelog.is_some() || settings.has_search_path {
        return Ok(());
    }
    let Some(first) = detect::first_in(tree, folder)? else {
        return Ok(());
    };
    let text = lossy_text(tree, &first)?;
    let Some(asked) = first_name(&first, &text) else {
        return Ok(());
    };
    let is_there = |root: &str| {
        let path = join(root, &asked);
        tree.has_file(&path)
            || tree
                .list(&path)
                .is_ok_and(|listing| !listing.files.is_empty() || !listing.folders.is_empty())
    };
    if settings.roots.iter().any(|root| is_there(root)) {
        return Ok(());
    }
    let mut root = detect::folder_of(&first);
    while root != "." {
        if is_there(root) {
            settings.roots.insert(0, root.to_owned());
            break;
        }
        root = detect::folder_of(root);
    }
    Ok(())
}

/// The first name in a master that counts from the search path.
fn first_name(path: &str, text: &str) -> Option<String> {
    if !master::has_extension(path) {
        return None;
    }
    let elements = master::read(path, text).ok()?;
    let counts = |element: &&Element| !element.is("relativeToChangelogFile", false);
    let name = elements
        .iter()
        .filter(counts)
        .find_map(|element| match element.name.as_str() {
            "include" => element.get(&["file"]),
            "includeAll" => element.get(&["path"]),
            _ => None,
        })?;
    Some(paths::normalised(name))
}

/// The configuration with the search path under which the history knows these files, where nobody configured one and it knows
/// none of them under the names they have here.
pub(super) fn by_history(
    config: &HostConfig,
    set: &MigrationSet,
    applied: &[Arc<Applied>],
) -> Option<HostConfig> {
    let settings = Settings::of(config);
    if settings.changelog.is_some() || settings.has_search_path {
        return None;
    }
    let applied: HashSet<&str> = applied.iter().map(|row| row.version.as_str()).collect();
    let is_applied = |name: &str| applied.contains(name);
    let names = || {
        set.migrations
            .iter()
            .map(|migration| migration.version.as_str())
    };
    if names().any(is_applied) {
        return None;
    }
    let root = names().find_map(|name| {
        let path = name.split("::").next()?;
        path.match_indices('/')
            .map(|(at, _)| (&path[..at], &name[at + 1..]))
            .find(|(_, rest)| is_applied(rest))
            .map(|(root, _)| root)
    })?;
    let mut config = config.clone();
    config.options.insert(
        OPTION,
        HostSetting {
            value: root.to_owned(),
            origin: "the names in the history".to_owned(),
        },
    );
    Some(config)
}
