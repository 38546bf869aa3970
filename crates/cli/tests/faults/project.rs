//! A project folder and a database of its own.

use crate::oracle::Oracle;
use crate::runner::{Ended, Runner};
use crate::scripts;
use crate::tool_projects::HistoryRows;
use shoring_testkit::{Engine, TestDatabase};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;

/// A project whose runs are to be disturbed.
pub(crate) struct FaultProject {
    folder: TempDir,
    pub(crate) database: TestDatabase,
    variables: Vec<(String, String)>,
    history: HistoryRows,
    edited: Option<Edited>,
    runs: AtomicUsize,
}

/// A file as it is first, and as it is after somebody edited it.
struct Edited {
    path: String,
    first: String,
    then: String,
}

impl FaultProject {
    /// A project without migrations.
    pub(crate) fn empty(database: TestDatabase) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            database,
            variables: Vec::new(),
            history: HistoryRows::NATIVE,
            edited: None,
            runs: AtomicUsize::new(0),
        }
    }

    /// A project with one migration of every kind that this database knows.
    pub(crate) fn mixed(database: TestDatabase) -> Self {
        let project = Self::empty(database);
        for (path, text) in scripts::of(project.database.engine) {
            project.write(&format!("migrations/{path}"), text);
        }
        project
    }

    /// Adds (or replaces) a file.
    #[must_use]
    pub(crate) fn with(self, path: &str, text: &str) -> Self {
        self.write(path, text);
        self
    }

    /// Says where its history is.
    #[must_use]
    pub(crate) fn with_history(mut self, history: HistoryRows) -> Self {
        self.history = history;
        self
    }

    /// Names the file that [`FaultProject::write_edited`] changes.
    #[must_use]
    pub(crate) fn edited(mut self, path: &str, first: &str, then: &str) -> Self {
        self.edited = Some(Edited {
            path: path.to_owned(),
            first: first.to_owned(),
            then: then.to_owned(),
        });
        self
    }

    /// As the file was first.
    pub(crate) fn write_first(&self) {
        let edited = self.edited.as_ref().unwrap();
        self.write(&edited.path, &edited.first);
    }

    /// As somebody left it.
    pub(crate) fn write_edited(&self) {
        let edited = self.edited.as_ref().unwrap();
        self.write(&edited.path, &edited.then);
    }

    /// Sets an environment variable for every run.
    #[must_use]
    pub(crate) fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Removes a file or a folder, if it is there.
    pub(crate) fn remove(&self, path: &str) {
        let path = self.folder.path().join(path);
        if path.is_dir() {
            std::fs::remove_dir_all(path).unwrap();
        } else {
            drop(std::fs::remove_file(path));
        }
    }

    /// The SQLite file.
    pub(crate) fn file(&self) -> PathBuf {
        self.database.file()
    }

    /// The URL, perhaps through something on another port.
    pub(crate) fn url(&self, port: Option<u16>) -> String {
        let text = self.database.url_text();
        match port {
            None => text,
            Some(port) => {
                let direct = format!(":{}/", self.database.server().port());
                let suffix = match self.database.engine {
                    Engine::Postgresql => "?sslmode=disable",
                    Engine::Mariadb | Engine::Mysql | Engine::Sqlite => "?ssl-mode=DISABLED",
                };
                assert!(text.contains(&direct), "the server's port is in its URL");
                format!("{}{suffix}", text.replace(&direct, &format!(":{port}/")))
            }
        }
    }

    /// The command, not yet run.
    pub(crate) fn command(&self, url: &str, line: &str) -> Command {
        self.command_under(&[], url, line)
    }

    /// The command, run by another program with these arguments.
    pub(crate) fn command_under(&self, words: &[&str], url: &str, line: &str) -> Command {
        let words = [words, &[env!("CARGO_BIN_EXE_shoring")]].concat();
        let mut command = Command::new(words[0]);
        command
            .args(&words[1..])
            .args(line.split(' '))
            .current_dir(self.folder.path())
            .env_clear()
            .env("NO_COLOR", "1")
            .env("COLUMNS", "100")
            .env("USER", "tester")
            .env("PATH", "/nowhere")
            .env("SHORING_DATABASE_URL", url)
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Starts the command at this URL.
    pub(crate) fn start_at(&self, url: &str, line: &str) -> Runner {
        self.start_command(self.command(url, line))
    }

    /// Starts a command that was prepared further.
    pub(crate) fn start_command(&self, command: Command) -> Runner {
        let number = self.runs.fetch_add(1, Ordering::SeqCst);
        Runner::start(command, self.folder.path(), &format!("run-{number}"))
    }

    /// Starts the command.
    pub(crate) fn start(&self, line: &str) -> Runner {
        self.start_at(&self.url(None), line)
    }

    /// Runs the command to its end.
    pub(crate) async fn run(&self, line: &str) -> Ended {
        self.start(line).end().await
    }

    /// Runs the command to its end and expects this exit code.
    pub(crate) async fn expect(&self, line: &str, code: i32) -> Ended {
        let ended = self.run(line).await;
        assert_eq!(ended.code, Some(code), "{line}: {ended:#?}");
        ended
    }

    /// Reads the database on a session of its own.
    pub(crate) async fn oracle(&self) -> Oracle {
        Oracle::new(self.database.engine, self.database.connect().await).reading(self.history)
    }

    /// Empties the database, as if it had just been made.
    pub(crate) async fn wipe(&self) {
        if self.database.engine == Engine::Sqlite {
            let file = self.file();
            for suffix in ["", "-journal", "-wal", "-shm", ".shoring-lock"] {
                let mut name = file.clone().into_os_string();
                name.push(suffix);
                drop(std::fs::remove_file(name));
            }
            return;
        }
        self.oracle().await.wipe(&self.database.name).await;
    }
}
