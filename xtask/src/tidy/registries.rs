//! Registries are const slices; every entry of their folder is in them.

use std::collections::BTreeSet;

use super::files::File;
use super::finding::Finding;

/// A slice and the folder whose entries it lists.
struct Registry {
    slice: &'static str,
    folder: &'static str,
    entries: Entries,
}

enum Entries {
    /// Folders with this file in them.
    FoldersWith(&'static str),
    /// Every file but those that start with this.
    FilesBut(&'static str),
}

const REGISTRIES: [Registry; 3] = [
    Registry {
        slice: "FORMATS",
        folder: "crates/formats/src",
        entries: Entries::FoldersWith("history.rs"),
    },
    Registry {
        slice: "COMMANDS",
        folder: "crates/cli/src/commands",
        entries: Entries::FilesBut("mod.rs"),
    },
    Registry {
        slice: "RULES",
        folder: "crates/lint/src/rules",
        entries: Entries::FilesBut("mod.rs"),
    },
];

pub(super) fn check(files: &[File]) -> Vec<Finding> {
    REGISTRIES
        .iter()
        .flat_map(|registry| check_one(registry, files))
        .collect()
}

/// No finding while there is no such slice.
fn check_one(registry: &Registry, files: &[File]) -> Vec<Finding> {
    let prefix = format!("{}/", registry.folder);
    let crate_source = registry
        .folder
        .split_inclusive("/src")
        .next()
        .unwrap_or(registry.folder);
    let slice = files
        .iter()
        .filter(|file| file.path.starts_with(crate_source))
        .find_map(|file| slice_text(file, registry.slice).map(|text| (file, text)));
    let Some((file, text)) = slice else {
        return Vec::new();
    };
    let entries: BTreeSet<&str> = files
        .iter()
        .filter_map(|file| entry_of(&registry.entries, file.path.strip_prefix(&prefix)?))
        .collect();
    let missing = entries.into_iter().filter(|entry| !mentions(text, entry));
    let finding = |entry| {
        Finding::of_file(
            &file.path,
            format!("`{}` does not list `{entry}`", registry.slice),
        )
    };
    missing.map(finding).collect()
}

fn entry_of<'a>(entries: &Entries, path: &'a str) -> Option<&'a str> {
    match entries {
        Entries::FoldersWith(name) => path
            .split_once('/')
            .filter(|(_, rest)| rest == name)
            .map(|(folder, _)| folder),
        Entries::FilesBut(name) => path
            .strip_suffix(".rs")
            .filter(|stem| path != *name && !stem.contains('/')),
    }
}

/// The text between `SLICE` and the end of its value.
fn slice_text<'a>(file: &'a File, slice: &str) -> Option<&'a str> {
    let text = file.text.as_ref()?;
    let ways = [format!("const {slice}:"), format!("static {slice}:")];
    let start = ways.iter().find_map(|way| text.find(way.as_str()))?;
    text[start..]
        .split(';')
        .next()
        .filter(|value| value.contains('['))
        .map(|_| {
            // `[T; 3]` has a semicolon of its own: end at the line that closes the value.
            text[start..].split("\n]").next().unwrap_or_default()
        })
}

fn mentions(text: &str, entry: &str) -> bool {
    text.contains(&format!("{entry}::")) || text.contains(&entry.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::super::files::tests::file;
    use super::*;

    #[test]
    fn a_forgotten_entry_is_found() {
        let slice = "pub const FORMATS: &[&dyn Format] = &[\n    &shoring::FORMAT,\n];\n";
        let files = [
            file("crates/formats/src/registry.rs", slice),
            file("crates/formats/src/shoring/history.rs", ""),
            file("crates/formats/src/manual/history.rs", ""),
            file("crates/formats/src/tree/read.rs", ""),
        ];
        let findings = check(&files);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].message.contains("`manual`"));
        assert_eq!(findings[0].path, "crates/formats/src/registry.rs");
    }

    #[test]
    fn no_slice_means_no_finding() {
        assert!(check(&[file("crates/cli/src/commands/up.rs", "")]).is_empty());
    }
}
