//! A tree whose folders are listed once: every format that looks for its signs lists the same ones, and a folder may have ten
//! thousand files. For the time of one command only; a longer-lived one would not see new files.

use shoring_core::{Listing, Tree, TreeError};
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};

/// A tree that remembers what its folders hold.
pub(crate) struct ListedTree {
    inner: Arc<dyn Tree>,
    known: Mutex<BTreeMap<String, Arc<Listing>>>,
}

impl ListedTree {
    /// The same files as in `inner`.
    pub(crate) fn new(inner: Arc<dyn Tree>) -> Self {
        Self {
            inner,
            known: Mutex::default(),
        }
    }

    /// What is remembered of a folder, else what it holds now. An error is not remembered.
    fn listing(&self, folder: &str) -> Result<Arc<Listing>, TreeError> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(listing) = known().get(folder) {
            return Ok(Arc::clone(listing));
        }
        let listing = Arc::new(self.inner.list(folder)?);
        known().insert(folder.to_owned(), Arc::clone(&listing));
        Ok(listing)
    }
}

impl Tree for ListedTree {
    fn files(&self, folder: &str) -> Result<Vec<String>, TreeError> {
        Ok(self.listing(folder)?.files.clone())
    }

    fn folders(&self, folder: &str) -> Result<Vec<String>, TreeError> {
        match self.listing(folder) {
            Ok(listing) => Ok(listing.folders.clone()),
            // What is wrong with a file's name is a matter for those who want the files.
            Err(_) => self.inner.folders(folder),
        }
    }

    fn open(&self, path: &str) -> Result<Box<dyn Read + Send>, TreeError> {
        self.inner.open(path)
    }

    fn open_at(&self, path: &str, offset: u64) -> Result<Box<dyn Read + Send>, TreeError> {
        self.inner.open_at(path, offset)
    }

    fn has_file(&self, path: &str) -> bool {
        self.inner.has_file(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::FolderTree;

    #[test]
    fn a_folder_is_listed_once_and_its_files_are_read_anew() {
        let root = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(root.path().join(name), text).unwrap();
        write("a.sql", "1");
        std::fs::create_dir(root.path().join("sub")).unwrap();
        let tree = ListedTree::new(Arc::new(FolderTree::new(root.path())));
        assert_eq!(tree.files(".").unwrap(), ["a.sql"]);
        write("a.sql", "2");
        write("b.sql", "3");
        std::fs::create_dir(root.path().join("late")).unwrap();
        assert_eq!(tree.files(".").unwrap(), ["a.sql"]);
        assert_eq!(tree.folders(".").unwrap(), ["sub"]);
        let mut text = String::new();
        tree.open("a.sql")
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, "2");
    }
}
