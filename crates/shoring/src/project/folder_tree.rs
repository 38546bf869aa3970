//! The files of a project folder, behind [`Tree`]: nothing outside the root is read, and nothing that is not a plain file.

use shoring_core::{Listing, Names, Tree, TreeError};
use std::collections::HashSet;
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A folder on disk.
#[derive(Debug)]
pub(crate) struct FolderTree {
    root: PathBuf,
    /// Folders that were found to be inside, so that thousands of files do not ask again for each.
    inside: Mutex<HashSet<PathBuf>>,
}

/// A path of the tree on disk.
struct Place {
    path: PathBuf,
    stands: Stands,
}

/// What stands at a place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    Nothing,
    /// A plain file that is not reached through a link.
    PlainFile,
    /// A folder, a link, or what is neither.
    Other,
}

impl FolderTree {
    /// The tree below `root`.
    pub(crate) fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            inside: Mutex::default(),
        }
    }

    /// The place on disk of a path of the tree. Refuses what leads out: `..`, absolute paths, and links whose end is
    /// outside the root.
    fn locate(&self, path: &str) -> Result<Place, TreeError> {
        let refuse = |reason| TreeError::Refused {
            path: path.to_owned(),
            reason,
        };
        if path.contains('\0') {
            return Err(refuse("its name contains NUL"));
        }
        let relative = Path::new(path);
        for component in relative.components() {
            match component {
                Component::Normal(_) | Component::CurDir => {}
                Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                    return Err(refuse("it leads out of the project"));
                }
            }
        }
        let full = self.root.join(relative);
        let io = |source| TreeError::Io {
            path: path.to_owned(),
            source,
        };
        let place = |path, stands| Ok(Place { path, stands });
        if self.inside().contains(&full) {
            return place(full, Stands::Other);
        }
        let metadata = match fs::symlink_metadata(&full) {
            // Whoever opens it is told.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return place(full, Stands::Nothing);
            }
            looked => looked.ok(),
        };
        let is_plain = metadata.as_ref().is_some_and(fs::Metadata::is_file);
        let is_folder = metadata.as_ref().is_some_and(fs::Metadata::is_dir);
        let is_inside = match full.parent() {
            Some(folder) if is_plain => self.is_inside_folder(folder),
            // What was just looked at is no link.
            Some(_) | None if is_folder => self.is_inside_as(&full, false),
            // A link to nowhere: the same.
            Some(_) | None if !full.exists() => Ok(true),
            Some(_) | None => self.is_inside(&full),
        };
        if is_inside.map_err(io)? {
            let stands = if is_plain {
                Stands::PlainFile
            } else {
                Stands::Other
            };
            place(full, stands)
        } else {
            Err(refuse("it is a link that leads out of the project"))
        }
    }

    /// The usual case, in one question to the system: a plain file, no link, in a folder known to be inside, and its size.
    /// `None` when it is anything else, which takes a closer look.
    fn open_plain(&self, path: &str) -> Option<(fs::File, u64)> {
        let relative = Path::new(path);
        let is_plain_path = relative
            .components()
            .all(|component| matches!(component, Component::Normal(_)));
        let full = self.root.join(relative);
        if !is_plain_path || !self.is_inside_folder(full.parent()?).ok()? {
            return None;
        }
        // Neither follows a link nor waits for the other end of a FIFO.
        let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK;
        let opened = fs::OpenOptions::new()
            .read(true)
            .custom_flags(flags)
            .open(&full);
        let file = opened.ok()?;
        let metadata = file.metadata().ok()?;
        metadata.is_file().then_some((file, metadata.len()))
    }

    fn is_inside(&self, full: &Path) -> std::io::Result<bool> {
        Ok(full.canonicalize()?.starts_with(self.root.canonicalize()?))
    }

    /// As [`FolderTree::is_inside`], looked up once for each folder. One that is no link is where its parent is, so that a
    /// folder for each migration costs one look.
    fn is_inside_folder(&self, folder: &Path) -> std::io::Result<bool> {
        if folder == self.root || self.inside().contains(folder) {
            return Ok(true);
        }
        let is_link = fs::symlink_metadata(folder)?.is_symlink();
        self.is_inside_as(folder, is_link)
    }

    fn is_inside_as(&self, folder: &Path, is_link: bool) -> std::io::Result<bool> {
        if folder == self.root || self.inside().contains(folder) {
            return Ok(true);
        }
        let is_inside = match folder.parent() {
            Some(parent) if !is_link && parent.starts_with(&self.root) => {
                self.is_inside_folder(parent)?
            }
            Some(_) | None => self.is_inside(folder)?,
        };
        if is_inside {
            self.inside().insert(folder.to_path_buf());
        }
        Ok(is_inside)
    }

    fn inside(&self) -> std::sync::MutexGuard<'_, HashSet<PathBuf>> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The names in a folder, and a file among them whose name cannot be used. What cannot be looked at (a link to nowhere,
    /// a folder without the right to enter) and what is no plain file stands among the files: a reader that wants it
    /// fails on it, where a name left out would be a migration that never runs.
    fn entries(&self, folder: &str) -> Result<(Listing, Option<TreeError>), TreeError> {
        let full = self.locate(folder)?.path;
        let io = |source| TreeError::Io {
            path: folder.to_owned(),
            source,
        };
        let listing = match fs::read_dir(&full) {
            Ok(listing) => listing,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok((Listing::default(), None));
            }
            Err(source) => return Err(io(source)),
        };
        let is_inside = full == self.root || self.inside().contains(&full);
        let mut files = Vec::new();
        let mut folders = Vec::new();
        let mut unusable = None;
        for entry in listing {
            let entry = entry.map_err(io)?;
            let is_folder = match entry.file_type().map_err(io)? {
                // Follows links, so that a linked migration counts; `open` refuses those that lead out.
                kind if kind.is_symlink() => {
                    fs::metadata(entry.path()).is_ok_and(|metadata| metadata.is_dir())
                }
                kind => {
                    // No link, in a folder that is inside: a folder for each migration need not be looked at by itself.
                    if is_inside && kind.is_dir() {
                        self.inside().insert(entry.path());
                    }
                    kind.is_dir()
                }
            };
            let names = if is_folder { &mut folders } else { &mut files };
            match entry.file_name().into_string() {
                Ok(name) => names.push(name),
                Err(name) if !is_folder && name.as_encoded_bytes().ends_with(b".sql") => {
                    unusable = Some(TreeError::Refused {
                        path: full.join(name).to_string_lossy().into_owned(),
                        reason: "its name is not UTF-8",
                    });
                }
                Err(_) => {}
            }
        }
        files.sort_unstable();
        folders.sort_unstable();
        let found = Listing {
            files: files.into(),
            folders: folders.into(),
        };
        Ok((found, unusable))
    }
}

impl Tree for FolderTree {
    fn files(&self, folder: &str) -> Result<Names, TreeError> {
        Ok(self.list(folder)?.files)
    }

    fn folders(&self, folder: &str) -> Result<Names, TreeError> {
        let (found, _) = self.entries(folder)?;
        Ok(found.folders)
    }

    fn list(&self, folder: &str) -> Result<Listing, TreeError> {
        match self.entries(folder)? {
            (found, None) => Ok(found),
            (_, Some(unusable)) => Err(unusable),
        }
    }

    fn open(&self, path: &str) -> Result<Box<dyn Read + Send>, TreeError> {
        self.open_at(path, 0)
    }

    fn open_at(&self, path: &str, offset: u64) -> Result<Box<dyn Read + Send>, TreeError> {
        if let Some((mut file, size)) = self.open_plain(path) {
            if offset > 0 {
                let sought = file.seek(SeekFrom::Start(offset));
                sought.map_err(|source| TreeError::Io {
                    path: path.to_owned(),
                    source,
                })?;
            }
            return Ok(match size.saturating_sub(offset) {
                // Some file systems do not tell the size.
                0 => Box::new(file),
                // Most files are read at once, and then need not be asked whether there is more.
                rest => Box::new(file.take(rest)),
            });
        }
        let place = self.locate(path)?;
        let io = |source| TreeError::Io {
            path: path.to_owned(),
            source,
        };
        // Asked before opening: opening a FIFO would wait for a writer for ever.
        if place.stands != Stands::PlainFile && !fs::metadata(&place.path).map_err(io)?.is_file() {
            return Err(TreeError::Refused {
                path: path.to_owned(),
                reason: "it is not a plain file",
            });
        }
        let mut file = fs::File::open(&place.path).map_err(io)?;
        if offset > 0 {
            file.seek(SeekFrom::Start(offset)).map_err(io)?;
        }
        Ok(Box::new(file))
    }

    fn has_file(&self, path: &str) -> bool {
        self.locate(path).is_ok_and(|place| match place.stands {
            Stands::Nothing => false,
            Stands::PlainFile => true,
            Stands::Other => place.path.is_file(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_the_root_is_read() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret.sql"), "x").unwrap();
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("migrations")).unwrap();
        std::os::unix::fs::symlink(
            outside.path().join("secret.sql"),
            root.path().join("migrations/001_a.sql"),
        )
        .unwrap();
        fs::write(root.path().join("migrations/002_b.sql"), "y").unwrap();
        let tree = FolderTree::new(root.path());
        assert!(matches!(
            tree.open("migrations/001_a.sql"),
            Err(TreeError::Refused { .. })
        ));
        assert!(matches!(tree.open("../x"), Err(TreeError::Refused { .. })));
        assert!(matches!(
            tree.open("/etc/passwd"),
            Err(TreeError::Refused { .. })
        ));
        assert!(tree.open("migrations/002_b.sql").is_ok());
        assert_eq!(
            *tree.files("migrations").unwrap(),
            ["001_a.sql", "002_b.sql"]
        );
        assert!(tree.files("absent").unwrap().is_empty());
    }

    #[test]
    fn a_folder_that_is_a_link_out_of_the_root_is_refused_for_each_file() {
        let outside = tempfile::tempdir().unwrap();
        for name in ["001_a.sql", "002_b.sql"] {
            fs::write(outside.path().join(name), "x").unwrap();
        }
        let root = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(outside.path(), root.path().join("linked")).unwrap();
        fs::create_dir(root.path().join("own")).unwrap();
        fs::write(root.path().join("own/003_c.sql"), "y").unwrap();
        std::os::unix::fs::symlink("own", root.path().join("alias")).unwrap();
        let tree = FolderTree::new(root.path());
        for _ in 0..2 {
            for path in ["linked/001_a.sql", "linked/002_b.sql"] {
                assert!(
                    matches!(tree.open(path), Err(TreeError::Refused { .. })),
                    "{path}"
                );
            }
            assert!(tree.open("own/003_c.sql").is_ok());
            assert!(tree.open("alias/003_c.sql").is_ok());
        }
    }
}
