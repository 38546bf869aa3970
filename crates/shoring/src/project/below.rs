//! Projects in folders below: the root of a repository with several, from where nothing is in the usual folders. They are named,
//! with the command for each; which is meant, nobody guesses. Of folders that are named after databases, the database decides.

use super::database_folder::{Fit, fit};
use super::load::{Project, detect};
use crate::error::{Error, ErrorKind};
use crate::settings::HostVariables;
use crate::shell_word::shell_word;
use shoring_core::{Dialect, Listing, Names, Severity, Tree, TreeError};
use shoring_formats::{FORMATS, Format, Strength};
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
    /// Its folder, seen from here.
    folder: String,
    /// The root of the project it belongs to, seen from here; empty where that is here.
    root: String,
    format: &'static dyn Format,
    command: String,
}

impl Found {
    /// Whether the tool, reading this folder, reads that one too.
    fn reads(&self, other: &Self) -> bool {
        let below = other.folder.strip_prefix(self.folder.as_str());
        self.format.reads_folders_below()
            && self.format.name() == other.format.name()
            && other.root.len() <= self.folder.len()
            && below.is_some_and(|rest| rest.starts_with('/'))
    }

    fn is_beside(&self, other: &Self) -> bool {
        self.format.name() == other.format.name() && self.root == other.root
    }
}

/// The folder of the one project below that is named after this database, where every other is the same for another database.
pub(super) fn folder_of(tree: &Arc<dyn Tree>, database: Dialect) -> Option<String> {
    let all = all(tree);
    let (fitting, others): (Vec<&Found>, Vec<&Found>) = all
        .iter()
        .partition(|one| fit(&one.folder, database) == Fit::This);
    let [one] = fitting.as_slice() else {
        return None;
    };
    let are_of_others = others.iter().all(|other| {
        fit(&other.folder, database) == Fit::Other && beside(&other.folder) == beside(&one.folder)
    });
    (one.root.is_empty() && !others.is_empty() && are_of_others).then(|| one.folder.clone())
}

/// The folder that a folder is in.
fn beside(folder: &str) -> &str {
    folder.rsplit_once('/').map_or("", |(above, _)| above)
}

/// What there is below, each project once.
fn all(tree: &Arc<dyn Tree>) -> Vec<Found> {
    let mut folders = Vec::new();
    let mut left = MOST;
    walk(tree.as_ref(), ".", DEEPEST, &mut left, &mut folders);
    let mut found: Vec<Found> = Vec::new();
    for folder in folders {
        if let Some(one) = look_at(tree, &folder)
            && found
                .iter()
                .all(|other| other.command != one.command && !other.reads(&one))
        {
            found.push(one);
        }
    }
    join_parts(tree, found)
}

/// One project instead of its parts: folders that their tool reads as one, from the folder they are all in.
fn join_parts(tree: &Arc<dyn Tree>, found: Vec<Found>) -> Vec<Found> {
    let mut joined: Vec<Found> = Vec::new();
    for one in found {
        if joined.iter().any(|other| other.reads(&one)) {
            continue;
        }
        let whole = joined
            .iter()
            .position(|other| other.is_beside(&one))
            .and_then(|index| Some((index, whole(tree, &joined[index], &one)?)));
        match whole {
            Some((index, whole)) => {
                joined.retain(|other| !whole.reads(other));
                joined.insert(index.min(joined.len()), whole);
            }
            None => joined.push(one),
        }
    }
    joined
}

/// The folder that holds both, where it is one project: it can be read, and no version is there twice.
fn whole(tree: &Arc<dyn Tree>, left: &Found, right: &Found) -> Option<Found> {
    let shared = left
        .folder
        .split('/')
        .zip(right.folder.split('/'))
        .take_while(|(left, right)| left == right)
        .map(|(part, _)| part)
        .collect::<Vec<_>>()
        .join("/");
    let is_inside = shared.len() > left.root.len() && left.format.reads_folders_below();
    let whole = is_inside.then(|| look_at(tree, &shared)).flatten()?;
    let config = shoring_formats::HostConfig::default();
    let set = left.format.read(tree.as_ref(), &shared, &config).ok()?;
    let is_readable = set
        .diagnostics
        .iter()
        .all(|diagnostic| diagnostic.severity != Severity::Error);
    (is_readable && whole.is_beside(left)).then_some(whole)
}

/// The question that is left where a project has nothing in its usual folders, and there are migrations below. Those for
/// another database than the one that is named are left out.
pub(super) fn question(tree: &Arc<dyn Tree>, database: Option<Dialect>) -> Option<Error> {
    let mut found = all(tree);
    let is_other =
        |one: &Found| database.is_some_and(|database| fit(&one.folder, database) == Fit::Other);
    if !found.iter().all(is_other) {
        found.retain(|one| !is_other(one));
    }
    let waits_for_database = database.is_none()
        && Dialect::ALL
            .iter()
            .any(|database| folder_of(tree, *database).is_some());
    let mut error = Error::new(
        ErrorKind::Usage,
        "projects-below",
        "the usual folders have no migrations here, and folders below have some",
    );
    for one in found.iter().take(NAMED) {
        let whose = match one.format.name() {
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
    if waits_for_database {
        error = error
            .next("or name the database, which tells them apart:  shoring --database URL status");
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
    let is_first = |name: &String| FORMATS.iter().any(|format| format.may_begin_with(name));
    if !is_root && (holds_folders || listing.files.iter().any(is_first)) {
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

/// Whose files these are, seen from the project they belong to: the next folder above that has a manifest, or else the
/// tool's configuration.
fn look_at(tree: &Arc<dyn Tree>, folder: &str) -> Option<Found> {
    let variables = HostVariables::new();
    let seen_from = |root: &str| -> Option<Project> {
        let project = detect(below(tree, root), None, None, &variables).ok()?;
        let is_it = project.best().folder == folder[root.len()..].trim_start_matches('/');
        (is_it && !project.evidence().is_empty()).then_some(project)
    };
    let above = || {
        std::iter::successors(Some(beside(folder)), |root| {
            (!root.is_empty()).then(|| beside(root))
        })
    };
    let has_manifest = |root: &str| {
        let has = |name: &&str| tree.has_file(&format!("{root}/{name}"));
        root.is_empty() || MANIFESTS.iter().any(has)
    };
    let is_configured = |project: &Project| {
        let found = project.best().detection.as_ref();
        found.is_some_and(|found| found.strength == Strength::Configuration)
    };
    let home = above().find(|root| has_manifest(root)).unwrap_or_default();
    let (root, by_itself) = match seen_from(home) {
        Some(project) => (home, Some(project)),
        None => above()
            .take_while(|root| *root != home)
            .find_map(|root| Some((root, seen_from(root).filter(is_configured)?)))
            .map_or((home, None), |(root, project)| (root, Some(project))),
    };
    let rest = folder[root.len()..].trim_start_matches('/');
    let is_found_by_itself = by_itself.is_some();
    let project = match by_itself {
        Some(project) => project,
        None => detect(below(tree, root), Some(rest), None, &variables).ok()?,
    };
    if project.evidence().is_empty() {
        return None;
    }
    let mut command = "shoring".to_owned();
    if !root.is_empty() {
        command.push_str(&format!(" -C {}", shell_word(root)));
    }
    if !is_found_by_itself {
        command.push_str(&format!(" --dir {}", shell_word(rest)));
    }
    command.push_str(" status");
    Some(Found {
        folder: folder.to_owned(),
        root: root.to_owned(),
        format: project.best().format,
        command,
    })
}

/// The tree as it is seen from a folder of it.
fn below(tree: &Arc<dyn Tree>, root: &str) -> Arc<dyn Tree> {
    match root {
        "" => Arc::clone(tree),
        root => Arc::new(Below {
            inner: Arc::clone(tree),
            root: root.to_owned(),
        }),
    }
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
