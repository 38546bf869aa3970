//! The version of SQLite that is compiled into the tests.

use std::fs;

use crate::metadata::Metadata;
use crate::servers::Outcome;

/// Reads it from the source that the driver bundles.
pub(super) fn outcome(metadata: &Metadata) -> Outcome {
    let Some(package) = metadata.package("libsqlite3-sys") else {
        return Outcome::Failed("the workspace does not use SQLite".into());
    };
    let header = package.manifest.with_file_name("sqlite3").join("sqlite3.h");
    let text = fs::read_to_string(header).unwrap_or_default();
    Outcome::Running {
        version: version_in(&text).unwrap_or("bundled").to_owned(),
        origin: format!("bundled, libsqlite3-sys {}", package.version),
    }
}

fn version_in(header: &str) -> Option<&str> {
    let (_, rest) = header.split_once("#define SQLITE_VERSION ")?;
    rest.split('"').nth(1)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_version_is_read_from_the_header() {
        let header =
            "#define SQLITE_VERSION        \"3.51.1\"\n#define SQLITE_VERSION_NUMBER 3051001";
        assert_eq!(super::version_in(header), Some("3.51.1"));
        assert_eq!(super::version_in(""), None);
    }
}
