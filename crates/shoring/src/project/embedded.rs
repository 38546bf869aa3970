//! Migrations compiled into a program, behind the same [`Tree`] as those on disk.

use shoring_core::{Names, Tree, TreeError};
use std::io::{Cursor, Read};

/// One file of an embedded folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmbeddedFile {
    /// The file's name.
    pub name: &'static str,
    /// Its bytes.
    pub bytes: &'static [u8],
}

/// A folder compiled in by `shoring::embed_migrations!`.
#[derive(Debug, Clone, Copy)]
pub struct EmbeddedTree {
    /// The folder's files, sorted by name.
    pub files: &'static [EmbeddedFile],
}

impl EmbeddedTree {
    /// The name under which an embedded folder is addressed.
    pub const FOLDER: &'static str = "migrations";

    fn find(&self, path: &str) -> Option<&EmbeddedFile> {
        let name = path.strip_prefix(Self::FOLDER)?.strip_prefix('/')?;
        self.files.iter().find(|file| file.name == name)
    }
}

impl Tree for EmbeddedTree {
    fn files(&self, folder: &str) -> Result<Names, TreeError> {
        if folder == Self::FOLDER {
            Ok(self.files.iter().map(|file| file.name.to_owned()).collect())
        } else {
            Ok(Names::default())
        }
    }

    fn folders(&self, folder: &str) -> Result<Names, TreeError> {
        let is_root = matches!(folder, "" | ".");
        Ok(is_root
            .then(|| Self::FOLDER.to_owned())
            .into_iter()
            .collect())
    }

    fn open(&self, path: &str) -> Result<Box<dyn Read + Send>, TreeError> {
        match self.find(path) {
            Some(file) => Ok(Box::new(Cursor::new(file.bytes))),
            None => Err(TreeError::Io {
                path: path.to_owned(),
                source: std::io::ErrorKind::NotFound.into(),
            }),
        }
    }

    fn has_file(&self, path: &str) -> bool {
        self.find(path).is_some()
    }
}
