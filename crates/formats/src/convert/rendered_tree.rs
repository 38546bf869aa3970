//! Files that are not written yet, over the files that are.

use super::text::{TextPiece, TextReader};
use shoring_core::{Names, Tree, TreeError};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::sync::Arc;

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedFile {
    /// Path in the tree.
    pub path: String,
    /// Its text.
    pub pieces: Vec<TextPiece>,
}

impl RenderedFile {
    /// A file of pieces.
    pub fn new(path: impl Into<String>, pieces: Vec<TextPiece>) -> Self {
        Self {
            path: path.into(),
            pieces,
        }
    }
}

/// The files of a tree, with rendered ones among them. A rendered one stands for a file of the same path.
pub struct RenderedTree {
    base: Arc<dyn Tree>,
    files: BTreeMap<String, Vec<TextPiece>>,
}

impl RenderedTree {
    /// A view of `base` with `files`.
    pub fn new(base: Arc<dyn Tree>, files: impl IntoIterator<Item = RenderedFile>) -> Self {
        Self {
            base,
            files: files
                .into_iter()
                .map(|file| (file.path, file.pieces))
                .collect(),
        }
    }

    /// The paths below a folder, without it.
    fn below<'a>(&'a self, folder: &str) -> impl Iterator<Item = &'a str> {
        let folder = folder.trim_end_matches('/');
        let prefix = match folder {
            "" | "." => String::new(),
            folder => format!("{folder}/"),
        };
        let first = self.files.range(prefix.clone()..);
        first
            .map(|(path, _)| path.as_str())
            .map_while(move |path| path.strip_prefix(prefix.as_str()))
    }
}

impl Tree for RenderedTree {
    fn files(&self, folder: &str) -> Result<Names, TreeError> {
        let mut names: BTreeSet<String> = self.base.files(folder)?.iter().cloned().collect();
        let rendered = self.below(folder).filter(|path| !path.contains('/'));
        names.extend(rendered.map(str::to_owned));
        Ok(names.into_iter().collect())
    }

    fn folders(&self, folder: &str) -> Result<Names, TreeError> {
        let mut names: BTreeSet<String> = self.base.folders(folder)?.iter().cloned().collect();
        let rendered = self.below(folder).filter_map(|path| path.split_once('/'));
        names.extend(rendered.map(|(name, _)| name.to_owned()));
        Ok(names.into_iter().collect())
    }

    fn open(&self, path: &str) -> Result<Box<dyn Read + Send>, TreeError> {
        match self.files.get(path) {
            Some(pieces) => Ok(Box::new(TextReader::new(
                Arc::clone(&self.base),
                pieces.clone(),
            ))),
            None => self.base.open(path),
        }
    }

    fn open_at(&self, path: &str, offset: u64) -> Result<Box<dyn Read + Send>, TreeError> {
        match self.files.get(path) {
            Some(pieces) => {
                if let Some(rest) = super::text::slice(pieces, offset, u64::MAX) {
                    return Ok(Box::new(TextReader::new(Arc::clone(&self.base), rest)));
                }
                let mut input = self.open(path)?;
                std::io::copy(&mut input.by_ref().take(offset), &mut std::io::sink()).map_err(
                    |source| TreeError::Io {
                        path: path.to_owned(),
                        source,
                    },
                )?;
                Ok(input)
            }
            None => self.base.open_at(path, offset),
        }
    }

    fn has_file(&self, path: &str) -> bool {
        self.files.contains_key(path) || self.base.has_file(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory_tree::MemoryTree;
    use shoring_core::Span;

    #[test]
    fn rendered_files_stand_among_the_others() {
        let base: Arc<dyn Tree> =
            Arc::new(MemoryTree::new(&[("m/1.sql", "one"), ("m-x/9.sql", "")]));
        let piece = |start| TextPiece::stretch("m/1.sql", Span::new(start, 3));
        let tree = RenderedTree::new(
            base,
            [
                RenderedFile::new("m/2.sql", vec![TextPiece::Words("> ".into()), piece(0)]),
                RenderedFile::new("n/a/up.sql", vec![piece(1)]),
            ],
        );
        assert_eq!(*tree.files("m").unwrap(), ["1.sql", "2.sql"]);
        assert_eq!(*tree.folders("n").unwrap(), ["a"]);
        assert_eq!(*tree.folders(".").unwrap(), ["m", "m-x", "n"]);
        let read = |path: &str, offset| {
            let mut text = String::new();
            let mut input = tree.open_at(path, offset).unwrap();
            input.read_to_string(&mut text).unwrap();
            text
        };
        assert_eq!(read("m/2.sql", 0), "> one");
        assert_eq!(read("m/2.sql", 3), "ne");
        assert_eq!(read("m/1.sql", 1), "ne");
        assert!(tree.has_file("n/a/up.sql") && !tree.has_file("n/a"));
    }
}
