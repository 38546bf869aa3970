//! A project in a temporary folder, and the binary run in it with an empty environment.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A project in a temporary folder.
pub(crate) struct TestProject {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

/// What a run of the binary gave.
pub(crate) struct Run {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: Option<i32>,
}

impl TestProject {
    /// An empty folder.
    pub(crate) fn empty() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
        }
    }

    /// Three migrations, the last without a way back.
    pub(crate) fn shop() -> Self {
        Self::empty()
            .with(
                "migrations/001_create_users.up.sql",
                "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL);\n\
                 CREATE UNIQUE INDEX users_email ON users (email);\n",
            )
            .with("migrations/001_create_users.down.sql", "DROP TABLE users;\n")
            .with(
                "migrations/002_create_orders.up.sql",
                "CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id));\n",
            )
            .with("migrations/002_create_orders.down.sql", "DROP TABLE orders;\n")
            .with(
                "migrations/003_fill.up.sql",
                "INSERT INTO users (email) VALUES ('a@example.com'), ('b@example.com');\n",
            )
    }

    /// Adds (or replaces) a file.
    #[must_use]
    pub(crate) fn with(self, path: &str, text: &str) -> Self {
        self.write(path, text);
        self
    }

    /// Sets an environment variable for every run.
    #[must_use]
    pub(crate) fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Writes a file.
    pub(crate) fn write(&self, path: &str, text: &str) {
        self.write_bytes(path, text.as_bytes());
    }

    /// Adds (or replaces) a file that need not be text.
    pub(crate) fn write_bytes(&self, path: &str, text: &[u8]) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Removes a file.
    pub(crate) fn remove(&self, path: &str) {
        std::fs::remove_file(self.folder.path().join(path)).unwrap();
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Whether a file is there.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.folder.path().join(path).exists()
    }

    /// The command, not yet run.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shoring"));
        command
            .args(line.split(' ').filter(|word| !word.is_empty()))
            .current_dir(self.folder.path())
            .env_clear()
            .env("NO_COLOR", "1")
            .env("COLUMNS", "100")
            .env("TZ", "UTC")
            .env("USER", "tester")
            .env("PATH", "/nowhere")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    /// Runs the binary; times and paths are replaced.
    pub(crate) fn run(&self, line: &str) -> Run {
        let output = self.command(line).output().unwrap();
        Run {
            stdout: self.redacted(&output.stdout),
            stderr: self.redacted(&output.stderr),
            code: output.status.code(),
        }
    }

    /// Runs with `--json` and reads the document.
    pub(crate) fn json(&self, line: &str) -> (serde_json::Value, Option<i32>) {
        let output = self.command(&format!("{line} --json")).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let document =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{line}: {error}: {text}"));
        (document, output.status.code())
    }

    fn redacted(&self, bytes: &[u8]) -> String {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let root: PathBuf = self.folder.path().canonicalize().unwrap();
        let text = text
            .replace(root.to_str().unwrap(), "[root]")
            .replace(self.folder.path().to_str().unwrap(), "[root]");
        let mut out = String::new();
        for line in text.split_inclusive('\n') {
            out.push_str(&without_times(line));
        }
        out
    }
}

/// Replaces what changes from run to run: durations, times of the day, the version of SQLite.
fn without_times(line: &str) -> String {
    let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    for at in 0..words.len() {
        let word = words[at].trim_end_matches(['\n', ',', '.', ')']).to_owned();
        let is_unit = matches!(word.as_str(), "ms" | "s");
        if is_unit
            && at > 0
            && words[at - 1]
                .chars()
                .all(|c| c.is_ascii_digit() || c == '.')
        {
            words[at - 1] = String::from("#");
        }
        let is_day = word.len() == 10
            && word.bytes().filter(|byte| *byte == b'-').count() == 2
            && word
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'-');
        if is_day && at + 1 < words.len() {
            words[at] = String::from("[day]");
            words[at + 1] = String::from("[time]");
        }
        if word.starts_with("(3.") {
            words[at] = words[at].replace(&word, "([version]");
        }
    }
    let mut joined = words.join(" ");
    // The widest duration decides how much the others are indented, and the head of their column.
    for column in ["#", "took"] {
        while joined.contains(&format!("  {column}")) {
            joined = joined.replace(&format!("  {column}"), &format!(" {column}"));
        }
    }
    joined
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.stdout.is_empty() {
            write!(f, "{}", self.stdout)?;
        }
        if !self.stderr.is_empty() {
            write!(f, "--- stderr\n{}", self.stderr)?;
        }
        write!(
            f,
            "--- exit {}",
            self.code
                .map_or("by a signal".to_owned(), |code| code.to_string())
        )
    }
}

#[test]
fn the_width_of_a_duration_changes_nothing() {
    for [narrow, wide] in [
        ["by       took", "by        took"],
        ["tester   2 ms   the file", "tester    2 ms   the file"],
        ["tester   2 ms", "tester   12 ms"],
    ] {
        assert_eq!(without_times(narrow), without_times(wide));
    }
}
