//! The files of the checkout that are or would be committed.

use std::fs;
use std::process::Command;

use crate::{machine, workspace};

/// One file; binary files have no text.
#[derive(Debug)]
pub(super) struct File {
    /// Relative to the root, with `/`.
    pub(super) path: String,
    pub(super) size: u64,
    pub(super) text: Option<String>,
}

impl File {
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Lines without their ends; empty for binary files.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .iter()
            .flat_map(|text| text.split('\n'))
            .enumerate()
    }

    pub(super) fn has_extension(&self, extension: &str) -> bool {
        self.path
            .rsplit_once('.')
            .is_some_and(|(_, end)| end == extension)
    }

    /// Whether it is data or code of tests.
    pub(super) fn is_in_tests(&self) -> bool {
        self.path
            .split('/')
            .any(|folder| folder == "tests" || folder == "fuzz")
    }
}

/// Asks git for tracked files and for new ones that are not ignored.
pub(super) fn list() -> Result<Vec<File>, String> {
    let root = workspace::root();
    let mut git = Command::new("git");
    git.current_dir(&root).args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]);
    let names = machine::output_of(&mut git)?;
    let mut files = Vec::new();
    for path in names.split('\0').filter(|name| !name.is_empty()) {
        // Deleted but still in the index, or a link to a folder.
        let Ok(bytes) = fs::read(root.join(path)) else {
            continue;
        };
        files.push(File {
            path: path.to_owned(),
            size: bytes.len() as u64,
            text: String::from_utf8(bytes)
                .ok()
                .filter(|text| !text.contains('\0')),
        });
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(files)
}

#[cfg(test)]
pub(super) mod tests {
    use super::File;

    pub(in crate::tidy) fn file(path: &str, text: &str) -> File {
        File {
            path: path.into(),
            size: text.len() as u64,
            text: Some(text.into()),
        }
    }

    #[test]
    fn names_and_places_are_told_apart() {
        let file = file("crates/db/tests/a.b.rs", "one\ntwo");
        assert_eq!(file.name(), "a.b.rs");
        assert!(file.has_extension("rs") && file.is_in_tests());
        assert_eq!(file.lines().nth(1), Some((1, "two")));
    }
}
