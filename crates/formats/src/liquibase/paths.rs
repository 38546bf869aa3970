//! The names that changelogs have: paths below one of the roots of the tool's search path. They are written into the history.

use crate::numbered::join;
use shoring_core::Tree;

/// A path as the tool compares and records it.
pub(super) fn normalised(path: &str) -> String {
    let path = path.trim().replace('\\', "/");
    let path = path.strip_prefix("classpath:").unwrap_or(&path);
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The path of what stands beside a changelog.
pub(super) fn beside(changelog: &str, path: &str) -> String {
    let folder = changelog.rsplit_once('/').map_or("", |(folder, _)| folder);
    normalised(&join(folder, path))
}

/// Where a changelog is in the project: below the first root that has it.
pub(super) fn find(tree: &dyn Tree, roots: &[String], name: &str) -> Option<String> {
    let name = normalised(name);
    if name.starts_with("..") || name.is_empty() {
        return None;
    }
    roots
        .iter()
        .map(|root| join(root, &name))
        .find(|path| tree.has_file(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_history() {
        for (path, expected) in [
            ("classpath:db/a.sql", "db/a.sql"),
            ("classpath:/db/a.sql", "db/a.sql"),
            ("./db//x/../a.sql", "db/a.sql"),
            ("db\\a.sql", "db/a.sql"),
            ("../a.sql", "../a.sql"),
        ] {
            assert_eq!(normalised(path), expected, "{path}");
        }
        assert_eq!(beside("db/master.yaml", "parts/a.sql"), "db/parts/a.sql");
        assert_eq!(beside("master.yaml", "a.sql"), "a.sql");
    }
}
