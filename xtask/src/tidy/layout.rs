//! Rules about which files there are.

use std::collections::BTreeSet;

use super::files::File;
use super::finding::Finding;

const FORBIDDEN_NAMES: [&str; 5] = [
    "utils.rs",
    "helpers.rs",
    "common.rs",
    "types.rs",
    "errors.rs",
];
const REQUIRED: [&str; 7] = [
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
];
const LARGEST: u64 = 1024 * 1024;

pub(super) fn check(files: &[File]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = files.iter().flat_map(check_one).collect();
    let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    for path in REQUIRED {
        if !paths.contains(path) {
            findings.push(Finding::of_file(path, "is missing"));
        }
    }
    findings.extend(orphans(files));
    findings
}

fn check_one(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    if FORBIDDEN_NAMES.contains(&file.name()) && !file.is_in_tests() {
        findings.push(Finding::of_file(
            &file.path,
            "says nothing: name the one concept in it",
        ));
    }
    if file.size > LARGEST {
        let message = format!(
            "{} bytes: files of more than 1 MiB are made, not committed",
            file.size
        );
        findings.push(Finding::of_file(&file.path, message));
    }
    findings
}

/// Source files that no `mod` line names: the compiler does not see them.
fn orphans(files: &[File]) -> Vec<Finding> {
    let sources: Vec<&File> = files.iter().filter(|file| is_module(file)).collect();
    let is_declared = |file: &&File| {
        let (folder, module) = place_of(&file.path);
        let mut parents = files
            .iter()
            .filter(|other| may_declare(&other.path, folder));
        parents.any(|parent| declares(parent, module))
    };
    let orphans = sources.into_iter().filter(|file| !is_declared(file));
    orphans
        .map(|file| Finding::of_file(&file.path, "no `mod` line names this file"))
        .collect()
}

fn is_module(file: &File) -> bool {
    let is_root = ["main.rs", "lib.rs"].contains(&file.name()) || file.path.contains("/src/bin/");
    file.has_extension("rs")
        && file.path.contains("/src/")
        && (file.path.starts_with("crates/") || file.path.starts_with("xtask/"))
        && !file.is_in_tests()
        && !is_root
}

/// The folder that a module is in, and its name.
fn place_of(path: &str) -> (&str, &str) {
    let stem = path
        .strip_suffix("/mod.rs")
        .or_else(|| path.strip_suffix(".rs"))
        .unwrap_or(path);
    stem.rsplit_once('/').unwrap_or(("", stem))
}

/// Whether the file can have the `mod` line of a module in `folder`: a file beside
/// it (`mod.rs`, `lib.rs`, or by `#[path]`), or the one named like the folder.
fn may_declare(path: &str, folder: &str) -> bool {
    let is_beside = path
        .rsplit_once('/')
        .is_some_and(|(other, _)| other == folder);
    is_beside || path.strip_suffix(".rs") == Some(folder)
}

fn declares(parent: &File, module: &str) -> bool {
    let wanted = format!("mod {module};");
    let by_path = format!("#[path = \"{module}.rs\"]");
    parent.lines().any(|(_, line)| {
        let line = line.trim_start();
        line == by_path
            || line.ends_with(&wanted) && (line.starts_with("mod") || line.starts_with("pub"))
    })
}

#[cfg(test)]
mod tests {
    use super::super::files::tests::file;
    use super::*;

    #[test]
    fn files_that_nobody_declares_are_found() {
        let files = [
            file("crates/a/src/lib.rs", "pub mod b;\nmod c;"),
            file("crates/a/src/b/mod.rs", "mod d;"),
            file("crates/a/src/b/d.rs", ""),
            file("crates/a/src/b/forgotten.rs", ""),
            file("crates/a/src/c.rs", "mod tests;"),
            file("crates/a/src/c/tests.rs", ""),
        ];
        let orphans = orphans(&files);
        assert_eq!(orphans.len(), 1);
        assert_eq!(orphans[0].path, "crates/a/src/b/forgotten.rs");
    }

    #[test]
    fn names_and_sizes_are_judged() {
        assert_eq!(check_one(&file("crates/a/src/utils.rs", "")).len(), 1);
        let big = File {
            size: LARGEST + 1,
            ..file("a.bin", "")
        };
        assert_eq!(check_one(&big).len(), 1);
        assert!(check_one(&file("crates/a/src/error.rs", "")).is_empty());
    }
}
