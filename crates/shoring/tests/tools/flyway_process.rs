//! One Flyway in a process of its own, told by words what to do.

use shoring_core::Dialect;
use shoring_testkit::TestDatabase;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const VARIABLE: &str = "SHORING_TEST_TOOL_FLYWAY";

/// The tool on one database.
pub(crate) struct Flyway {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Flyway {
    /// Starts it, with the scripts below `folder`.
    pub(crate) fn start(db: &TestDatabase, folder: &Path, settings: &[(&str, &str)]) -> Self {
        let program = shoring_testkit::variable::value(VARIABLE);
        let (url, user, password) = jdbc(db);
        let mut command = Command::new(program);
        command
            .arg(format!("flyway.url={url}"))
            .arg(format!("flyway.user={user}"))
            .arg(format!("flyway.password={password}"))
            .arg(format!("flyway.locations=filesystem:{}", folder.display()))
            .args(
                settings
                    .iter()
                    .map(|(name, value)| format!("flyway.{name}={value}")),
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut process = command.spawn().unwrap();
        Self {
            input: process.stdin.take().unwrap(),
            output: BufReader::new(process.stdout.take().unwrap()),
            process,
        }
    }

    /// Says a word and waits for the answer.
    pub(crate) fn say(&mut self, words: &str) -> Vec<String> {
        self.begin(words);
        self.answer()
    }

    /// Says a word.
    pub(crate) fn begin(&mut self, words: &str) {
        writeln!(self.input, "{words}").unwrap();
        self.input.flush().unwrap();
    }

    /// Waits for the answer to the last word.
    pub(crate) fn answer(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            let length = self.output.read_line(&mut line).unwrap();
            assert!(length > 0, "Flyway ended after {lines:?}");
            match line.trim_end() {
                "." => return lines,
                line => lines.push(line.to_owned()),
            }
        }
    }
}

impl Drop for Flyway {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The URL of a test's database as Java drivers want it, and the login apart.
fn jdbc(db: &TestDatabase) -> (String, String, String) {
    if db.engine.dialect() == Dialect::Sqlite {
        return (
            format!("jdbc:sqlite:{}", db.file().display()),
            String::new(),
            String::new(),
        );
    }
    let url = db.url_text();
    let (_, rest) = url.split_once("://").unwrap();
    let (login, place) = rest.split_once('@').unwrap();
    let (user, password) = login.split_once(':').unwrap();
    let scheme = db.engine.pick("postgresql", "mariadb", "sqlite");
    (
        format!("jdbc:{scheme}://{place}"),
        user.to_owned(),
        password.to_owned(),
    )
}
