//! Projects in folders below: the root of a repository with several, from where nothing is in the usual folders. They are named,
//! with the command for each; which is meant, nobody guesses.

use super::load::detect;
use crate::error::{Error, ErrorKind};
use crate::settings::HostVariables;
use shoring_core::{Listing, Names, Tree, TreeError};
use std::io::Read;
use std::sync::Arc;

/// How deep, and how many folders are looked at: a repository may be large.
const DEEPEST: usize = 9;
const MOST: usize = 5_000;

/// How many are named.
const NAMED: usize = 5;

/// Folders of things that others made, and of tests.
const OTHERS: &[&str] = &[
    "node_modules",
    "target",
    "vendor",
    "dist",
    "build",
    "out",
    "venv",
    "test",
    "tests",
    "testdata",
    "fixtures",
];

/// What stands in the root of a project.
const MANIFESTS: &[&str] = &[
    "go.mod",
    "Cargo.toml",
    "package.json",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "pyproject.toml",
    "Makefile",
    "diesel.toml",
    "shoring.toml",
];

struct Found {
    folder: String,
    format: &'static str,
    command: String,
}

/// The question that is left where a project has nothing in its usual folders, and there are migrations below.
pub(super) fn question(tree: &Arc<dyn Tree>) -> Option<Error> {
    let mut folders = Vec::new();
    let mut left = MOST;
    walk(tree.as_ref(), ".", DEEPEST, &mut left, &mut folders);
    let mut found: Vec<Found> = Vec::new();
    for folder in folders {
        if let Some(one) = look_at(tree, &folder)
            && found.iter().all(|other| other.command != one.command)
        {
            found.push(one);
        }
    }
    let mut error = Error::new(
        ErrorKind::Usage,
        "projects-below",
        "the usual folders have no migrations here, and folders below have some",
    );
    for one in found.iter().take(NAMED) {
        let whose = match one.format {
            // Whose they are, the history table will tell.
            "shoring" | "manual" => "numbered files".to_owned(),
            tool => format!("files of {tool}"),
        };
        error = error.note(format!("`{}`: {whose}", one.folder));
    }
    if found.len() > NAMED {
        error = error.note(format!("and {} more", found.len() - NAMED));
    }
    error = error.state("Nothing was run and nothing was changed.");
    for (index, one) in found.iter().take(NAMED).enumerate() {
        let introduced = if index == 0 {
            "say which is meant:  "
        } else {
            "or "
        };
        error = error.next(format!("{introduced}{}", one.command));
    }
    (!found.is_empty())
        .then(|| error.next("or start a project here:  shoring init --format shoring"))
}

/// The folders that hold SQL, or folders of it as Prisma and diesel have them.
fn walk(tree: &dyn Tree, folder: &str, depth: usize, left: &mut usize, found: &mut Vec<String>) {
    // What cannot be listed is not looked into.
    let (Ok(listing), Some(fewer)) = (tree.list(folder), left.checked_sub(1)) else {
        return;
    };
    *left = fewer;
    let join = |name: &str| match folder {
        "." => name.to_owned(),
        folder => format!("{folder}/{name}"),
    };
    let holds_folders = listing.folders.iter().any(|name| {
        let has = |file: &str| tree.has_file(&format!("{}/{file}", join(name)));
        name.starts_with(|c: char| c.is_ascii_digit()) && (has("up.sql") || has("migration.sql"))
    });
    let is_root = folder == ".";
    if !is_root && (holds_folders || listing.files.iter().any(|name| name.ends_with(".sql"))) {
        found.push(folder.to_owned());
    }
    if holds_folders || depth == 0 {
        return;
    }
    for name in listing.folders.iter() {
        if !name.starts_with('.') && !OTHERS.contains(&name.as_str()) {
            walk(tree, &join(name), depth - 1, left, found);
        }
    }
}

/// Whose files these are, seen from the project they belong to: the next folder above that has a manifest.
fn look_at(tree: &Arc<dyn Tree>, folder: &str) -> Option<Found> {
    let mut root = folder;
    let root = loop {
        root = root.rsplit_once('/').map_or("", |(above, _)| above);
        let has = |name: &str| tree.has_file(&format!("{root}/{name}"));
        if root.is_empty() || MANIFESTS.iter().any(|name| has(name)) {
            break root;
        }
    };
    let rest = folder[root.len()..].trim_start_matches('/');
    let there: Arc<dyn Tree> = match root {
        "" => Arc::clone(tree),
        root => Arc::new(Below {
            inner: Arc::clone(tree),
            root: root.to_owned(),
        }),
    };
    let variables = HostVariables::new();
    let by_itself = detect(Arc::clone(&there), None, None, &variables)
        .ok()
        .filter(|project| !project.evidence().is_empty() && project.best().folder == rest);
    let is_found_by_itself = by_itself.is_some();
    let project = match by_itself {
        Some(project) => project,
        None => detect(there, Some(rest), None, &variables).ok()?,
    };
    if project.evidence().is_empty() {
        return None;
    }
    let mut command = "shoring".to_owned();
    if !root.is_empty() {
        command.push_str(&format!(" -C {root}"));
    }
    if !is_found_by_itself {
        command.push_str(&format!(" --dir {rest}"));
    }
    command.push_str(" status");
    Some(Found {
        folder: folder.to_owned(),
        format: project.best().format.name(),
        command,
    })
}

/// A folder of a tree as a tree.
struct Below {
    inner: Arc<dyn Tree>,
    root: String,
}

impl Below {
    fn path(&self, path: &str) -> String {
        match path {
            "" | "." => self.root.clone(),
            path => format!("{}/{path}", self.root),
        }
    }
}

impl Tree for Below {
    fn files(&self, folder: &str) -> Result<Names, TreeError> {
        self.inner.files(&self.path(folder))
    }

    fn folders(&self, folder: &str) -> Result<Names, TreeError> {
        self.inner.folders(&self.path(folder))
    }

    fn list(&self, folder: &str) -> Result<Listing, TreeError> {
        self.inner.list(&self.path(folder))
    }

    fn open(&self, path: &str) -> Result<Box<dyn Read + Send>, TreeError> {
        self.inner.open(&self.path(path))
    }

    fn has_file(&self, path: &str) -> bool {
        self.inner.has_file(&self.path(path))
    }
}
