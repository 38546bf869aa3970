//! The version of the SQLite that is linked in, known without opening a file.

use shoring_core::ServerVersion;

/// The library's version.
pub fn library_version() -> ServerVersion {
    ServerVersion::parse(rusqlite::version()).unwrap_or(ServerVersion::new(3, 0, 0))
}
