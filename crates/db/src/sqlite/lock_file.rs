//! One run at a time on one database file: an operating system lock on `<database>.shoring-lock` beside it.
//!
//! The kernel frees the lock when the process dies, however it dies. The file is removed while its lock is still held, so
//! nothing stays behind; whoever then gets the lock on the removed file sees that the path no longer leads to it and
//! opens again.

use super::open::beside;
use crate::error::{DbError, DbErrorKind};
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Opening, locking and checking again more often than this means that something else deletes the file.
const TRIES: usize = 1000;

/// A held lock.
#[derive(Debug)]
pub(super) struct LockFile {
    path: PathBuf,
    file: File,
}

impl LockFile {
    /// Tries to lock; `None` when another session (of this process or another) has the lock.
    pub(super) fn try_lock(database: &Path) -> Result<Option<Self>, DbError> {
        let path = beside(database, ".shoring-lock");
        for _ in 0..TRIES {
            let file = open(&path).map_err(|error| failure(&path, &error))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(failure(&path, &error)),
            }
            if leads_to(&path, &file) {
                return Ok(Some(Self { path, file }));
            }
        }
        Err(DbError::new(
            DbErrorKind::Internal,
            format!("lock file `{}` is removed again and again", path.display()),
        ))
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        // Not ours any more when somebody deleted the file by hand and another run made a new one.
        if cfg!(unix) && leads_to(&self.path, &self.file) {
            drop(std::fs::remove_file(&self.path));
        }
    }
}

/// A lock needs no write access: another user's file can be locked through a read-only descriptor.
fn open(path: &Path) -> io::Result<File> {
    let opened = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path);
    match opened {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => File::open(path),
        other => other,
    }
}

/// Whether the path still leads to the opened file.
#[cfg(unix)]
fn leads_to(path: &Path, file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (std::fs::symlink_metadata(path), file.metadata()) {
        (Ok(named), Ok(opened)) => named.dev() == opened.dev() && named.ino() == opened.ino(),
        _ => false,
    }
}

/// An open file cannot be removed on Windows, so the file stays and always is the one at the path.
#[cfg(not(unix))]
fn leads_to(_path: &Path, _file: &File) -> bool {
    true
}

fn failure(path: &Path, error: &io::Error) -> DbError {
    let kind = match error.kind() {
        io::ErrorKind::PermissionDenied => DbErrorKind::Permission,
        io::ErrorKind::ReadOnlyFilesystem => DbErrorKind::ReadOnly,
        io::ErrorKind::NotFound => DbErrorKind::Unreachable,
        // No room for it, or the disk fails.
        _ => DbErrorKind::Storage,
    };
    DbError::new(
        kind,
        format!("cannot use lock file `{}`: {error}", path.display()),
    )
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn only_one_holds_it_and_nothing_stays_behind() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("app.db");
        let first = LockFile::try_lock(&database).unwrap();
        assert!(first.is_some());
        assert!(LockFile::try_lock(&database).unwrap().is_none());
        assert!(folder.path().join("app.db.shoring-lock").exists());
        drop(first);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(LockFile::try_lock(&database).unwrap().is_some());
    }

    #[test]
    fn a_lock_on_a_removed_file_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("app.db");
        let inside = AtomicUsize::new(0);
        let most = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    let mut rounds = 0;
                    while rounds < 50 {
                        let Some(lock) = LockFile::try_lock(&database).unwrap() else {
                            std::thread::yield_now();
                            continue;
                        };
                        most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::yield_now();
                        inside.fetch_sub(1, Ordering::SeqCst);
                        drop(lock);
                        rounds += 1;
                    }
                });
            }
        });
        assert_eq!(most.load(Ordering::SeqCst), 1);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
