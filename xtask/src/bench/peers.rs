//! The other tools, each with its version pinned, in a cache folder outside the checkout.
//!
//! They come through their own package managers. One that cannot be had is named in the tables; the rest goes on.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{machine, workspace};

/// One tool that is installed for the comparison.
struct Peer {
    name: &'static str,
    version: &'static str,
    /// Installs it into an empty folder and returns its program.
    install: fn(folder: &Path, version: &str) -> Result<(), String>,
    /// Where its program is then.
    program: fn(folder: &Path) -> Option<PathBuf>,
}

const PEERS: [Peer; 3] = [
    Peer {
        name: "sqlx-cli",
        version: "0.9.0",
        install: |folder, version| {
            let mut cargo = workspace::cargo();
            cargo
                .args(["install", "sqlx-cli", "--version", version, "--locked"])
                .args(["--no-default-features", "--features"])
                .arg("rustls,postgres,mysql,sqlite")
                .arg("--root")
                .arg(folder)
                .env("CARGO_TARGET_DIR", folder.join("target"));
            machine::output_of(&mut cargo)?;
            drop(fs::remove_dir_all(folder.join("target")));
            Ok(())
        },
        program: |folder| Some(folder.join("bin/sqlx")),
    },
    Peer {
        name: "dbmate",
        version: "2.36.0",
        install: |folder, version| {
            let mut npm = Command::new(needed("npm", "Node.js")?);
            npm.args(["install", "--no-save", "--no-audit", "--no-fund"])
                .arg("--prefix")
                .arg(folder)
                .arg(format!("dbmate@{version}"));
            machine::output_of(&mut npm).map(drop)
        },
        // The program itself, not the script that starts it through node.
        program: |folder| {
            let platforms = fs::read_dir(folder.join("node_modules/@dbmate")).ok()?;
            let mut programs = platforms
                .flatten()
                .map(|entry| entry.path().join("bin/dbmate"));
            programs.find(|program| program.is_file())
        },
    },
    Peer {
        name: "golang-migrate",
        version: "4.20.1",
        install: |folder, version| {
            let mut go = Command::new(needed("go", "Go")?);
            let package = "github.com/golang-migrate/migrate/v4/cmd/migrate";
            go.args(["install", "-tags", "postgres mysql sqlite"])
                .arg(format!("{package}@v{version}"))
                .env("GOBIN", folder)
                .current_dir(folder);
            machine::output_of(&mut go).map(drop)
        },
        program: |folder| Some(folder.join("migrate")),
    },
];

/// Everything that is run and measured.
#[derive(Debug)]
pub(super) struct Programs {
    shoring: PathBuf,
    peers: BTreeMap<&'static str, Result<PathBuf, String>>,
    scratch: PathBuf,
}

impl Programs {
    /// Installs the peers that are not there yet.
    pub(super) fn provide(shoring: PathBuf, scratch: PathBuf) -> Result<Self, String> {
        let cache = workspace::cache_folder()?.join("peers");
        let peers = PEERS
            .iter()
            .map(|peer| (peer.name, peer.provide(&cache)))
            .collect();
        Ok(Self {
            shoring,
            peers,
            scratch,
        })
    }

    /// Names and versions, for the page.
    pub(super) fn versions(&self) -> Vec<String> {
        let known = |peer: &&Peer| self.peers.get(peer.name).is_some_and(Result::is_ok);
        let peers = PEERS.iter().filter(known);
        peers
            .map(|peer| format!("{} {}", peer.name, peer.version))
            .collect()
    }

    /// The release build of this checkout.
    pub(super) fn shoring(&self) -> Command {
        self.command(&self.shoring)
    }

    /// One of the other tools, or why it is not there.
    pub(super) fn peer(&self, name: &str) -> Result<Command, String> {
        match self.peers.get(name) {
            Some(Ok(program)) => Ok(self.command(program)),
            Some(Err(error)) => Err(format!("could not be had: {error}")),
            None => Err("nobody installs it".into()),
        }
    }

    /// One of the databases' own clients.
    pub(super) fn client(&self, name: &str) -> Result<Command, String> {
        let program =
            machine::find_program(name).ok_or_else(|| format!("`{name}` is not installed"))?;
        Ok(self.command(&program))
    }

    /// Nothing of the caller's environment or home changes what a tool does.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(workspace::variable("PATH").map(|path| ("PATH", path)))
            .env("HOME", &self.scratch)
            .env("LANG", "C.UTF-8")
            .current_dir(&self.scratch);
        command
    }
}

impl Peer {
    fn provide(&self, cache: &Path) -> Result<PathBuf, String> {
        let folder = cache.join(format!("{}-{}", self.name, self.version));
        let present = || (self.program)(&folder).filter(|program| program.is_file());
        if let Some(program) = present() {
            return Ok(program);
        }
        println!("installing {} {}", self.name, self.version);
        fs::create_dir_all(&folder)
            .map_err(|error| format!("cannot create {}: {error}", folder.display()))?;
        (self.install)(&folder, self.version)?;
        present().ok_or_else(|| format!("its program is not in {}", folder.display()))
    }
}

fn needed(program: &str, product: &str) -> Result<PathBuf, String> {
    machine::find_program(program)
        .or_else(|| {
            // Where its own installer puts it, outside the PATH of a service.
            let path = Path::new("/usr/local/go/bin").join(program);
            path.is_file().then_some(path)
        })
        .ok_or_else(|| format!("{product} is not installed"))
}
