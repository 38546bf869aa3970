//! A project in a folder with its database, the tool that can be run in it, and Shoring, which finds out by itself what it is.

use shoring::{Identity, Migrator, Overrides, Settings, Surroundings, UpRequest};
use shoring_testkit::{TestDatabase, variable};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// Host, port, user and password of a server, for tools that want them apart.
pub(crate) struct Login {
    pub(crate) authority: String,
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) host: String,
    pub(crate) port: String,
}

/// A project in a folder.
pub(crate) struct Site {
    root: TempDir,
    pub(crate) db: TestDatabase,
    tool: &'static str,
    variables: BTreeMap<String, String>,
}

impl Site {
    /// An empty project of a tool, with a database of its own.
    pub(crate) fn new(tool: &'static str, db: &TestDatabase) -> Self {
        Self {
            root: tempfile::tempdir().unwrap(),
            db: db.clone(),
            tool,
            variables: BTreeMap::new(),
        }
    }

    /// Sets a variable of the environment for the tool and for Shoring.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.variables.insert(name.to_owned(), value.into());
    }

    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// The parts of the server's URL.
    pub(crate) fn login(&self) -> Login {
        let url = self.db.url_text();
        let (_, rest) = url.split_once("://").unwrap();
        let (authority, _) = rest.split_once('/').unwrap();
        let (login, place) = authority.rsplit_once('@').unwrap();
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        let (host, port) = place.rsplit_once(':').unwrap();
        Login {
            authority: authority.to_owned(),
            user: user.to_owned(),
            password: password.to_owned(),
            host: host.to_owned(),
            port: port.to_owned(),
        }
    }

    /// The program of the tool.
    pub(crate) fn program(&self) -> PathBuf {
        let name = self.tool.replace('-', "_").to_uppercase();
        variable::path(&format!("SHORING_TEST_TOOL_{name}"))
    }

    /// A run of the tool, not started yet. Nothing of the caller's environment but the path reaches it.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.program());
        command
            .args(arguments)
            .env_clear()
            .envs(variable::optional("PATH").map(|path| ("PATH", path)))
            .env("HOME", self.root.path())
            .env("LANG", "C.UTF-8")
            .envs(&self.variables)
            .current_dir(self.root.path());
        command
    }

    /// Runs the tool; it has to succeed. Gives all it said.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        let said = said(&output);
        assert!(
            output.status.success(),
            "{} {arguments:?}: {}\n{said}",
            self.tool,
            output.status
        );
        said
    }

    /// Shoring as a user starts it in the folder: no setting but the environment.
    pub(crate) fn shoring(&self) -> Migrator {
        self.shoring_with(&Overrides::default())
    }

    /// The same with flags.
    pub(crate) fn shoring_with(&self, flags: &Overrides) -> Migrator {
        let surroundings = Surroundings {
            root: self.root.path().to_path_buf(),
            environment: self.variables.clone(),
            identity: Identity {
                os_user: "tester".to_owned(),
                host: "here".to_owned(),
                pid: std::process::id(),
                git: shoring::Commit::NONE,
                tool: "shoring test".to_owned(),
            },
        };
        Migrator::new(Settings::load(flags, &surroundings).unwrap())
    }

    /// Applies everything with Shoring.
    pub(crate) async fn up(&self) -> usize {
        match self.shoring().up(&UpRequest::default()).await {
            Ok(report) => report.ran.len(),
            Err(error) => panic!("{error}\n{:?}\n{:?}", error.diagnostic, error.next),
        }
    }
}

/// All that a run said.
pub(crate) fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
