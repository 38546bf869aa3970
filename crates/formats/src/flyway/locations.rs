//! Where the scripts are: `filesystem:` and `classpath:` locations, with wildcards, as files of the project.

use crate::numbered::join;
use crate::walk::Walk;
use shoring_core::{Tree, TreeError};

/// Where build tools keep what ends up on the classpath.
const RESOURCES: &[&str] = &["src/main/resources", "resources", "src/main/java", ""];

/// No deeper: a link may lead back up.
const WALK: Walk = Walk {
    skipped: 0,
    depth: 24,
    width: usize::MAX,
    enters_hidden: false,
};

/// A file at a location.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LocatedFile {
    /// Path in the tree.
    pub(super) path: String,
    /// Path below its location, as the table has it.
    pub(super) script: String,
}

impl LocatedFile {
    /// The name alone.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

/// A location in the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Location {
    /// The folder without wildcards that everything is below.
    pub(super) folder: String,
    /// The whole pattern, where there are wildcards.
    pattern: Option<String>,
    /// The path on the classpath, where it is one: there may be Java beside it.
    pub(super) class_path: Option<String>,
}

/// Why a location is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Elsewhere {
    /// It is in a store of another kind: `s3:`.
    Store(String),
    /// It is outside of the project.
    Outside,
}

/// The location that a text means. `vendor` takes the place of `{vendor}` (Spring Boot).
pub(super) fn resolve(
    tree: &dyn Tree,
    text: &str,
    vendor: Option<&str>,
) -> Result<Result<Location, Elsewhere>, TreeError> {
    let text = match vendor {
        Some(vendor) => text.replace("{vendor}", vendor),
        None => text.to_owned(),
    };
    let (scheme, path) = match text.split_once(':') {
        Some((scheme, path)) if scheme.len() > 1 => (Some(scheme.to_ascii_lowercase()), path),
        _ => (None, text.as_str()),
    };
    let path = path.replace('\\', "/");
    match scheme.as_deref() {
        Some("filesystem") => Ok(on_disk(&path, None)),
        Some("classpath") | None => {
            let path = path.trim_matches('/').to_owned();
            let own = sets(tree, "resources")?;
            let usual = RESOURCES.iter().map(|folder| (*folder).to_owned());
            for resources in usual.chain(own) {
                let folder = join(&resources, &path);
                let found = located(&folder, Some(path.clone()));
                if !tree.files(&found.folder)?.is_empty()
                    || !tree.folders(&found.folder)?.is_empty()
                {
                    return Ok(Ok(found));
                }
            }
            Ok(on_disk(&join(RESOURCES[0], &path), Some(path)))
        }
        Some(other) => Ok(Err(Elsewhere::Store(other.to_owned()))),
    }
}

/// The folders of a kind in source sets of the project's own (Gradle): `src/NAME/resources`. Tests have theirs for themselves.
fn sets(tree: &dyn Tree, kind: &str) -> Result<Vec<String>, TreeError> {
    let names = tree.folders("src")?;
    Ok(names
        .iter()
        .filter(|name| *name != "main" && !name.to_ascii_lowercase().contains("test"))
        .map(|name| format!("src/{name}/{kind}"))
        .collect())
}

/// A folder that somebody named.
pub(super) fn of_folder(folder: &str) -> Location {
    located(folder, None)
}

fn on_disk(path: &str, class_path: Option<String>) -> Result<Location, Elsewhere> {
    let path = path
        .strip_prefix("./")
        .unwrap_or(path)
        .trim_end_matches('/');
    let leads_out = path.starts_with('/')
        || path.split('/').any(|part| part == "..")
        || matches!(path.as_bytes(), [_, b':', ..]);
    if leads_out {
        return Err(Elsewhere::Outside);
    }
    let path = if path.is_empty() { "." } else { path };
    Ok(located(path, class_path))
}

fn located(path: &str, class_path: Option<String>) -> Location {
    let has_wildcard = |part: &str| part.contains(['*', '?']);
    if !has_wildcard(path) {
        return Location {
            folder: path.to_owned(),
            pattern: None,
            class_path,
        };
    }
    let root: Vec<&str> = path
        .split('/')
        .take_while(|part| !has_wildcard(part))
        .collect();
    Location {
        folder: if root.is_empty() {
            ".".to_owned()
        } else {
            root.join("/")
        },
        pattern: Some(path.to_owned()),
        class_path,
    }
}

impl Location {
    /// All files below it, in order.
    pub(super) fn files(&self, tree: &dyn Tree) -> Result<Vec<LocatedFile>, TreeError> {
        self.files_named(tree, &|_| true)
    }

    /// The files below it whose name is wanted, in order.
    pub(super) fn files_named(
        &self,
        tree: &dyn Tree,
        is_wanted: &dyn Fn(&str) -> bool,
    ) -> Result<Vec<LocatedFile>, TreeError> {
        let mut files = Vec::new();
        self.each(tree, &mut |folder, name| {
            if !is_wanted(name) {
                return;
            }
            let path = join(folder, name);
            let script = if self.folder == "." {
                path.clone()
            } else {
                path[self.folder.len() + 1..].to_owned()
            };
            files.push(LocatedFile { path, script });
        })?;
        files.sort();
        Ok(files)
    }

    /// Whether there is a file below it.
    pub(super) fn has_files(&self, tree: &dyn Tree) -> Result<bool, TreeError> {
        self.any(tree, &|_| true)
    }

    /// Whether there is a file below it whose name is wanted.
    pub(super) fn any(
        &self,
        tree: &dyn Tree,
        is_wanted: &dyn Fn(&str) -> bool,
    ) -> Result<bool, TreeError> {
        WALK.any(tree, &self.folder, &mut |folder, name| {
            is_wanted(name) && self.covers(folder, name)
        })
    }

    /// Shows each file below it as its folder and its name.
    pub(super) fn each(
        &self,
        tree: &dyn Tree,
        visit: &mut dyn FnMut(&str, &str),
    ) -> Result<(), TreeError> {
        WALK.each(tree, &self.folder, &mut |folder, name| {
            if self.covers(folder, name) {
                visit(folder, name);
            }
        })
    }

    fn covers(&self, folder: &str, name: &str) -> bool {
        let pattern = self.pattern.as_ref();
        pattern.is_none_or(|pattern| covers(pattern, &join(folder, name)))
    }

    /// Where the Java of this location is, by the habits of build tools.
    pub(super) fn java(&self, tree: &dyn Tree) -> Result<Vec<Location>, TreeError> {
        let Some(path) = &self.class_path else {
            return Ok(Vec::new());
        };
        let mut roots = vec!["src/main/java".to_owned(), "src/main/kotlin".to_owned()];
        roots.extend(sets(tree, "java")?);
        roots.extend(sets(tree, "kotlin")?);
        let folders = roots.iter().map(|root| located(&join(root, path), None));
        Ok(folders
            .filter(|location| location.folder != self.folder)
            .collect())
    }
}

/// Whether a path is covered by a pattern: it, or a folder above it, matches. `?` is one character and `*` any number within
/// a name, `**` any number of folders.
fn covers(pattern: &str, path: &str) -> bool {
    let pattern: Vec<&str> = pattern.split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    parts_match(&pattern, &path)
}

fn parts_match(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern, path) {
        ([], _) => true,
        (["**", rest @ ..], _) => {
            parts_match(rest, path)
                || path
                    .split_first()
                    .is_some_and(|(_, path)| parts_match(pattern, path))
        }
        (_, []) => false,
        ([first, rest @ ..], [name, path @ ..]) => {
            name_matches(first.as_bytes(), name.as_bytes()) && parts_match(rest, path)
        }
    }
}

fn name_matches(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern, name) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => {
            name_matches(rest, name)
                || name
                    .split_first()
                    .is_some_and(|(_, name)| name_matches(pattern, name))
        }
        ([b'?', rest @ ..], [_, name @ ..]) => name_matches(rest, name),
        ([one, rest @ ..], [other, name @ ..]) => one == other && name_matches(rest, name),
        ([], _) | (_, []) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory_tree::MemoryTree;

    #[test]
    fn locations_are_folders_of_the_project() {
        let tree = MemoryTree::new(&[
            ("src/main/resources/db/migration/V1__a.sql", ""),
            ("src/main/resources/db/migration/sub/V2__b.sql", ""),
            ("src/main/resources/db/mysql/V3__c.sql", ""),
            ("sql/release1/pg/V4__d.sql", ""),
            ("sql/release2/pg/deep/V5__e.sql", ""),
            ("sql/release2/my/V6__f.sql", ""),
            ("sql/.hidden/V7__g.sql", ""),
            ("src/flyway/resources/moves/V8__h.sql", ""),
            ("src/integrationTest/resources/nowhere/V9__i.sql", ""),
        ]);
        let scripts = |text: &str| match resolve(&tree, text, Some("mysql")).unwrap() {
            Ok(location) => location
                .files(&tree)
                .unwrap()
                .into_iter()
                .map(|file| file.script)
                .collect::<Vec<_>>()
                .join(" "),
            Err(elsewhere) => format!("{elsewhere:?}"),
        };
        assert_eq!(scripts("classpath:db/migration"), "V1__a.sql sub/V2__b.sql");
        assert_eq!(scripts("classpath:/db/{vendor}"), "V3__c.sql");
        assert_eq!(scripts("classpath:moves"), "V8__h.sql");
        assert_eq!(scripts("db/migration"), "V1__a.sql sub/V2__b.sql");
        assert_eq!(
            scripts("filesystem:sql"),
            "release1/pg/V4__d.sql release2/my/V6__f.sql release2/pg/deep/V5__e.sql"
        );
        assert_eq!(
            scripts("filesystem:./sql/release*/pg"),
            "release1/pg/V4__d.sql release2/pg/deep/V5__e.sql"
        );
        assert_eq!(
            scripts("filesystem:sql/**/deep"),
            "release2/pg/deep/V5__e.sql"
        );
        assert_eq!(
            scripts("filesystem:sql/release?/my"),
            "release2/my/V6__f.sql"
        );
        assert_eq!(scripts("filesystem:/flyway/sql"), "Outside");
        assert_eq!(scripts("s3:bucket/sql"), "Store(\"s3\")");
        assert_eq!(scripts("classpath:nowhere"), "");
    }
}
