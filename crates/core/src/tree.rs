//! A read-only view of a project's files, so that readers of formats need no file system.

use std::io::{Read, copy, sink};
use std::sync::Arc;

/// Why a file could not be listed or read.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The operating system refused.
    #[error("cannot read `{path}`: {source}")]
    Io {
        /// The path inside the project.
        path: String,
        /// The refusal.
        #[source]
        source: std::io::Error,
    },
    /// The path leads out of the project, or is not a plain file.
    #[error("`{path}` is not used: {reason}")]
    Refused {
        /// The path inside the project.
        path: String,
        /// Why.
        reason: &'static str,
    },
}

impl TreeError {
    /// Whether nothing stands at the path.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound)
    }
}

/// `None` of what was to be read and is not there: cheaper than to ask before.
pub fn if_there<T>(read: Result<T, TreeError>) -> Result<Option<T>, TreeError> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if error.is_absent() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Names, sorted bytewise. Shared, not copied: a folder may have ten thousand, and every format that looks for its signs asks for
/// them.
pub type Names = Arc<[String]>;

/// What stands directly in a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// See [`Tree::files`].
    pub files: Names,
    /// See [`Tree::folders`].
    pub folders: Names,
}

/// A folder of files. Paths use `/` and are relative to the root of the tree.
///
/// Implementations must not leave the root (no `..`, no symbolic link that leads out) and must refuse what is not a
/// plain file, so that a FIFO or a device cannot hang a reader.
pub trait Tree: Send + Sync {
    /// The names of what stands directly in a folder and is no folder, sorted bytewise: also of what [`Tree::open`] refuses.
    /// An absent folder has none.
    fn files(&self, folder: &str) -> Result<Names, TreeError>;

    /// The names of the folders directly in a folder, sorted bytewise. An absent folder has none.
    fn folders(&self, folder: &str) -> Result<Names, TreeError>;

    /// Both at once, where one look at the folder gives both.
    fn list(&self, folder: &str) -> Result<Listing, TreeError> {
        Ok(Listing {
            files: self.files(folder)?,
            folders: self.folders(folder)?,
        })
    }

    /// Opens a file for reading.
    fn open(&self, path: &str) -> Result<Box<dyn Read + Send>, TreeError>;

    /// Opens a file for reading from a byte on. Where the file can be sought in, that costs nothing.
    fn open_at(&self, path: &str, offset: u64) -> Result<Box<dyn Read + Send>, TreeError> {
        let mut input = self.open(path)?;
        copy(&mut input.by_ref().take(offset), &mut sink()).map_err(|source| TreeError::Io {
            path: path.to_owned(),
            source,
        })?;
        Ok(input)
    }

    /// Whether a plain file of this path exists.
    fn has_file(&self, path: &str) -> bool;
}
