//! Looks for a word in the small text files at the root of a project: what it requires, what it calls.

use shoring_core::{Tree, TreeError};
use std::fmt;
use std::io::Read;

/// No more of a file is read; `go.mod` and Makefiles are small.
const LIMIT: u64 = 256 * 1024;

/// Files in which projects call programs.
pub(crate) const CALLERS: &[&str] = &[
    "Makefile",
    "makefile",
    "GNUmakefile",
    "justfile",
    "Justfile",
    "Taskfile.yml",
    "Taskfile.yaml",
    "Dockerfile",
    "docker-compose.yml",
    "docker-compose.yaml",
    "compose.yml",
    "compose.yaml",
    "package.json",
];

/// A place where something was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mention {
    file: String,
    line: usize,
}

impl fmt::Display for Mention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// The first line that contains `word` in the first of `files` that has one.
pub(crate) fn find(
    tree: &dyn Tree,
    files: &[&str],
    word: &str,
) -> Result<Option<Mention>, TreeError> {
    let found = first_line(tree, files, |line| line.contains(word).then_some(()))?;
    Ok(found.map(|((), mention)| mention))
}

/// The line of `Cargo.toml` that requires one of these crates.
pub(crate) fn required_crate(
    tree: &dyn Tree,
    crates: &[&str],
) -> Result<Option<Mention>, TreeError> {
    let found = first_line(tree, &["Cargo.toml"], |line| {
        let line = line.trim();
        let is_required = crates.iter().any(|name| {
            let entry = line
                .strip_prefix(name)
                .is_some_and(|rest| rest.trim_start().starts_with(['=', '.']));
            let section = line
                .strip_prefix('[')
                .and_then(|line| line.strip_suffix(']'))
                .and_then(|line| line.strip_suffix(name))
                .is_some_and(|line| line.ends_with("dependencies."));
            entry || section
        });
        is_required.then_some(())
    })?;
    Ok(found.map(|((), mention)| mention))
}

/// The first line of which `look` makes something.
pub(crate) fn first_line<T>(
    tree: &dyn Tree,
    files: &[&str],
    look: impl Fn(&str) -> Option<T>,
) -> Result<Option<(T, Mention)>, TreeError> {
    for file in files.iter().filter(|file| tree.has_file(file)) {
        let Some(text) = small_text(tree, file)? else {
            continue;
        };
        for (index, line) in text.split('\n').enumerate() {
            if let Some(found) = look(line) {
                let mention = Mention {
                    file: (*file).to_owned(),
                    line: index + 1,
                };
                return Ok(Some((found, mention)));
            }
        }
    }
    Ok(None)
}

/// The text of a small file; `None` when it is not UTF-8.
pub(crate) fn small_text(tree: &dyn Tree, file: &str) -> Result<Option<String>, TreeError> {
    Ok(String::from_utf8(small_file(tree, file)?).ok())
}

/// As [`small_text`], with bytes that are not UTF-8 replaced.
pub(crate) fn lossy_text(tree: &dyn Tree, file: &str) -> Result<String, TreeError> {
    Ok(String::from_utf8_lossy(&small_file(tree, file)?).into_owned())
}

fn small_file(tree: &dyn Tree, file: &str) -> Result<Vec<u8>, TreeError> {
    let mut bytes = Vec::new();
    tree.open(file)?
        .take(LIMIT)
        .read_to_end(&mut bytes)
        .map_err(|source| TreeError::Io {
            path: file.to_owned(),
            source,
        })?;
    Ok(bytes)
}
