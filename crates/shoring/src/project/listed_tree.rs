//! A tree whose folders are listed once: every format that looks for its signs lists the same ones, and a folder may have ten
//! thousand files. What does not stand in the list of its folder is not looked for on disk. For the time of one command only; a longer-lived one would not see new files.

use shoring_core::{Listing, Names, Tree, TreeError};
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};

/// A folder among so many is one of a migration: it is asked for a file or two, and a list of it costs more than they do.
const MANY: usize = 20;

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
        let is_absent = self.is_absent(folder);
        let listing = Arc::new(if is_absent {
            Listing::default()
        } else {
            self.inner.list(folder)?
        });
        known().insert(folder.to_owned(), Arc::clone(&listing));
        Ok(listing)
    }

    fn is_known(&self, folder: &str) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.contains_key(folder)
    }

    /// Whether the lists of the folders on the way say that nothing stands at a path. Most of what is a sign of a tool is
    /// not there, and one list tells that of hundreds.
    fn is_absent(&self, path: &str) -> bool {
        let mut folder = ".".to_owned();
        let mut is_one_of_many = false;
        for part in path.split('/') {
            // The root itself, or a path that is refused.
            if matches!(part, "" | "." | "..") {
                return false;
            }
            if is_one_of_many && !self.is_known(&folder) {
                return false;
            }
            let Ok(listing) = self.listing(&folder) else {
                return false;
            };
            let stands_in = |names: &[String]| {
                let found = names.binary_search_by(|name| name.as_str().cmp(part));
                found.is_ok()
            };
            if !stands_in(&listing.folders) {
                return !stands_in(&listing.files);
            }
            is_one_of_many = listing.folders.len() > MANY;
            folder = match folder.as_str() {
                "." => part.to_owned(),
                _ => format!("{folder}/{part}"),
            };
        }
        false
    }
}

impl Tree for ListedTree {
    fn files(&self, folder: &str) -> Result<Names, TreeError> {
        Ok(self.listing(folder)?.files.clone())
    }

    fn folders(&self, folder: &str) -> Result<Names, TreeError> {
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
        !self.is_absent(path) && self.inner.has_file(path)
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
        assert_eq!(*tree.files(".").unwrap(), ["a.sql"]);
        write("a.sql", "2");
        write("b.sql", "3");
        std::fs::create_dir(root.path().join("late")).unwrap();
        assert_eq!(*tree.files(".").unwrap(), ["a.sql"]);
        assert_eq!(*tree.folders(".").unwrap(), ["sub"]);
        let mut text = String::new();
        tree.open("a.sql")
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, "2");
    }

    #[test]
    fn a_folder_for_each_migration_is_not_listed_for_one_file() {
        let root = tempfile::tempdir().unwrap();
        for number in 0..=MANY {
            let folder = root.path().join(format!("m/{number}"));
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("up.sql"), "1").unwrap();
        }
        let tree = ListedTree::new(Arc::new(FolderTree::new(root.path())));
        assert!(tree.has_file("m/3/up.sql") && !tree.has_file("m/3/down.sql"));
        assert!(!tree.has_file("m/none/up.sql"));
        assert!(!tree.is_known("m/3") && tree.is_known("m"));
        assert_eq!(*tree.files("m/4").unwrap(), ["up.sql"]);
        assert!(tree.is_known("m/4") && !tree.has_file("m/4/down.sql"));
    }

    #[test]
    fn what_is_not_in_the_list_of_its_folder_is_not_there() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("a/b")).unwrap();
        std::fs::write(root.path().join("a/b/c.sql"), "1").unwrap();
        std::os::unix::fs::symlink("a", root.path().join("link")).unwrap();
        let tree = ListedTree::new(Arc::new(FolderTree::new(root.path())));
        for path in ["a/b/c.sql", "./a/b/c.sql", "link/b/c.sql"] {
            assert!(tree.has_file(path), "{path}");
        }
        for path in [
            "a/b",
            "a/c.sql",
            "b/c.sql",
            "a/b/c.sql/d",
            "/etc/passwd",
            "../x",
            "",
        ] {
            assert!(!tree.has_file(path), "{path}");
        }
        assert_eq!(*tree.files("a/b").unwrap(), ["c.sql"]);
        assert_eq!(*tree.files("link/b").unwrap(), ["c.sql"]);
        assert!(tree.files("b/c").unwrap().is_empty());
        assert!(tree.files("../x").is_err() && tree.files("/etc").is_err());
    }
}
