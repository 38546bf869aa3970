//! Finding the servers and clients, and installing what is missing.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::fleet::OnRequest;
use super::release::Release;
use crate::machine;

const PG_FOLDERS: &str = "/usr/lib/postgresql";

/// Something that the tests need, and the Debian package that has it.
struct Need {
    program: &'static str,
    package: &'static str,
}

const NEEDS: [Need; 8] = [
    Need {
        program: "psql",
        package: "postgresql-client",
    },
    Need {
        program: "mariadbd",
        package: "mariadb-server",
    },
    Need {
        program: "mariadb",
        package: "mariadb-client",
    },
    Need {
        program: "pgbouncer",
        package: "pgbouncer",
    },
    Need {
        program: "sqlite3",
        package: "sqlite3",
    },
    Need {
        program: "openssl",
        package: "openssl",
    },
    Need {
        program: "rsync",
        package: "rsync",
    },
    Need {
        program: "setpriv",
        package: "util-linux",
    },
];

/// Installs what is missing as root on Debian; otherwise returns what to install.
///
/// Servers that are still missing afterwards are reported when they are started.
pub(super) fn provide(wanted: OnRequest) -> Result<(), String> {
    let missing = missing(wanted);
    if missing.is_empty() {
        return Ok(());
    }
    install(&missing)
}

/// Installs programs whose packages have their names, where that is possible.
pub(crate) fn install_programs(names: &[&'static str]) -> Result<(), String> {
    let is_missing = |name: &&&'static str| machine::find_program(name).is_none();
    let missing: Vec<&str> = names.iter().filter(is_missing).copied().collect();
    if missing.is_empty() {
        return Ok(());
    }
    install(&missing)
}

/// Installs packages, where that is possible.
pub(crate) fn install_packages(names: &[&'static str]) -> Result<(), String> {
    let is_missing = |name: &&&'static str| {
        let mut query = Command::new("dpkg");
        machine::output_of(query.args(["-s", name])).is_err()
    };
    let missing: Vec<&str> = names.iter().filter(is_missing).copied().collect();
    if missing.is_empty() {
        return Ok(());
    }
    install(&missing)
}

fn install(missing: &[&str]) -> Result<(), String> {
    let advice = format!("install these packages: {}", missing.join(" "));
    if !machine::is_root() || machine::find_program("apt-get").is_none() {
        return Err(format!(
            "{advice} (as root on Debian this happens by itself)"
        ));
    }
    println!("installing {}", missing.join(" "));
    let quiet = NoServices::begin();
    run_apt(&["update"])?;
    let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
    arguments.extend(missing);
    let installed = run_apt(&arguments);
    drop(quiet);
    installed.map_err(|error| format!("{error}\n{advice}"))
}

/// The folder with `initdb` and `postgres`: the newest of Debian's, else that on PATH.
pub(super) fn postgresql_folder() -> Option<PathBuf> {
    let versions = fs::read_dir(PG_FOLDERS).into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .map(|version| {
            (
                version,
                Path::new(PG_FOLDERS).join(version.to_string()).join("bin"),
            )
        })
        .filter(|(_, folder)| folder.join("initdb").is_file())
        .max();
    newest.map(|(_, folder)| folder).or_else(|| {
        let initdb = machine::find_program("initdb")?.canonicalize().ok()?;
        initdb.parent().map(Path::to_path_buf)
    })
}

/// The program's path, or what to do about it.
pub(super) fn program(name: &str) -> Result<PathBuf, String> {
    machine::find_program(name).ok_or_else(|| format!("`{name}` is not installed"))
}

fn missing(wanted: OnRequest) -> Vec<&'static str> {
    let mut packages: Vec<&str> = NEEDS
        .iter()
        .filter(|need| machine::find_program(need.program).is_none())
        .map(|need| need.package)
        .collect();
    if !Path::new(super::galera::PROVIDER).is_file() {
        packages.push("galera-4");
    }
    if wanted.postgresql == Release::Debian && postgresql_folder().is_none() {
        packages.push("postgresql");
    }
    if wanted.postgresql != Release::Debian && machine::find_program("npm").is_none() {
        packages.push("npm");
    }
    let needs_debootstrap = wanted.mysql && !super::mysql::is_present();
    if needs_debootstrap && machine::find_program("debootstrap").is_none() {
        packages.push("debootstrap");
    }
    packages
}

fn run_apt(arguments: &[&str]) -> Result<(), String> {
    let mut apt = Command::new("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive")
        .args([
            "-q",
            "-o",
            "DPkg::Lock::Timeout=300",
            "-o",
            "Acquire::Retries=3",
        ])
        .args(arguments);
    machine::output_of(&mut apt).map(drop)
}

/// While it lives, packages do not start services (Debian policy, `policy-rc.d`).
struct NoServices {
    policy: Option<&'static Path>,
}

impl NoServices {
    fn begin() -> Self {
        let path = Path::new("/usr/sbin/policy-rc.d");
        let is_ours = !path.exists()
            && fs::write(path, "#!/bin/sh\nexit 101\n").is_ok()
            && fs::set_permissions(path, fs::Permissions::from_mode(0o755)).is_ok();
        Self {
            policy: is_ours.then_some(path),
        }
    }
}

impl Drop for NoServices {
    fn drop(&mut self) {
        if let Some(path) = self.policy {
            drop(fs::remove_file(path));
        }
    }
}
