//! A tree in memory, for the tests of the readers.

use shoring_core::{Names, Tree, TreeError};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};

/// Paths and texts.
pub(crate) struct MemoryTree {
    files: BTreeMap<String, String>,
}

impl MemoryTree {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        Self {
            files: files
                .iter()
                .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
                .collect(),
        }
    }

    /// What stands below a folder, without it.
    fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a str> {
        let is_root = folder.is_empty() || folder == ".";
        self.files.keys().filter_map(move |path| {
            if is_root {
                return Some(path.as_str());
            }
            path.strip_prefix(folder)?.strip_prefix('/')
        })
    }
}

impl Tree for MemoryTree {
    fn files(&self, folder: &str) -> Result<Names, TreeError> {
        Ok(self
            .below(folder)
            .filter(|path| !path.contains('/'))
            .map(str::to_owned)
            .collect())
    }

    fn folders(&self, folder: &str) -> Result<Names, TreeError> {
        let names: BTreeSet<String> = self
            .below(folder)
            .filter_map(|path| Some(path.split_once('/')?.0.to_owned()))
            .collect();
        Ok(names.into_iter().collect())
    }

    fn open(&self, path: &str) -> Result<Box<dyn Read + Send>, TreeError> {
        match self.files.get(path) {
            Some(text) => Ok(Box::new(Cursor::new(text.clone().into_bytes()))),
            None => Err(TreeError::Io {
                path: path.to_owned(),
                source: std::io::ErrorKind::NotFound.into(),
            }),
        }
    }

    fn has_file(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }
}
