//! The package managers that tools come through.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{machine, workspace};

/// `cargo install` into `folder/bin`, with the features and no others.
pub(super) fn by_cargo(
    folder: &Path,
    package: &str,
    version: &str,
    features: &str,
) -> Result<(), String> {
    let mut cargo = workspace::cargo();
    cargo
        .args(["install", package, "--version", version, "--locked"])
        .args(["--no-default-features", "--features", features])
        .arg("--root")
        .arg(folder)
        .env("CARGO_TARGET_DIR", folder.join("target"));
    machine::output_of(&mut cargo)?;
    drop(fs::remove_dir_all(folder.join("target")));
    Ok(())
}

/// `npm install` of packages, each with its version, into `folder/node_modules`.
pub(super) fn by_npm(folder: &Path, packages: &[String]) -> Result<(), String> {
    let mut npm = Command::new(needed("npm", "Node.js")?);
    npm.args(["install", "--no-save", "--no-audit", "--no-fund"])
        .arg("--prefix")
        .arg(folder)
        .args(packages);
    machine::output_of(&mut npm).map(drop)
}

/// `go install` of a program into `folder`.
pub(super) fn by_go(folder: &Path, package: &str, version: &str, tags: &str) -> Result<(), String> {
    let mut go = Command::new(needed("go", "Go")?);
    go.args(["install", "-tags", tags])
        .arg(format!("{package}@v{version}"))
        .env("GOBIN", folder)
        .current_dir(folder);
    machine::output_of(&mut go).map(drop)
}

pub(super) fn needed(program: &str, product: &str) -> Result<PathBuf, String> {
    machine::find_program(program)
        .or_else(|| {
            // Where its own installer puts it, outside the PATH of a service.
            let path = Path::new("/usr/local/go/bin").join(program);
            path.is_file().then_some(path)
        })
        .ok_or_else(|| format!("{product} is not installed"))
}
