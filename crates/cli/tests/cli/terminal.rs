//! The binary on a pseudo terminal, made by `script` (Debian: bsdutils, always installed): what moves, what stays, what is
//! asked. No test asserts a time.
#![cfg(target_os = "linux")]

use crate::project::TestProject;
use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

/// A run on a terminal of its own.
struct Session {
    child: Child,
    keyboard: ChildStdin,
    shown: String,
}

impl Session {
    fn start(project: &TestProject, columns: u16, line: &str) -> Self {
        let binary = env!("CARGO_BIN_EXE_shoring");
        let inside = format!("stty cols {columns} rows 24; exec {binary} {line}");
        let mut child = Command::new("/usr/bin/script")
            .args([
                "--quiet",
                "--return",
                "--flush",
                "--command",
                &inside,
                "/dev/null",
            ])
            .current_dir(project.path())
            .env_clear()
            .env("TERM", "xterm")
            .env("TZ", "UTC")
            .env("USER", "tester")
            .env("SHELL", "/bin/sh")
            .env("PATH", "/usr/bin:/bin")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let keyboard = child.stdin.take().unwrap();
        Self {
            child,
            keyboard,
            shown: String::new(),
        }
    }

    /// Reads until the text was shown, or the end.
    fn read_until(&mut self, text: &str) {
        let mut buffer = [0; 4096];
        let screen = self.child.stdout.as_mut().unwrap();
        while !self.shown.contains(text) {
            let read = screen.read(&mut buffer).unwrap();
            assert_ne!(read, 0, "`{text}` never came: {:?}", self.shown);
            self.shown
                .push_str(&String::from_utf8_lossy(&buffer[..read]));
        }
    }

    fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// Waits for the end; gives everything that was sent to the screen, and the exit code.
    fn end(mut self) -> (String, Option<i32>) {
        let mut rest = Vec::new();
        self.child
            .stdout
            .as_mut()
            .unwrap()
            .read_to_end(&mut rest)
            .unwrap();
        self.shown.push_str(&String::from_utf8_lossy(&rest));
        let code = self.child.wait().unwrap().code();
        (self.shown, code)
    }
}

/// What stands on the screen in the end: carriage returns, moves up and erased lines are followed, colours left out.
fn screen(bytes: &str) -> Vec<String> {
    let mut lines: Vec<Vec<char>> = vec![Vec::new()];
    let (mut row, mut column) = (0, 0);
    let mut characters = bytes.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' => column = 0,
            '\n' => {
                row += 1;
                if row == lines.len() {
                    lines.push(Vec::new());
                }
            }
            '\u{1b}' => {
                if characters.next_if_eq(&'[').is_none() {
                    continue;
                }
                let mut number = String::new();
                for character in characters.by_ref() {
                    if character.is_ascii_alphabetic() {
                        let count: usize = number.parse().unwrap_or(1);
                        match character {
                            'A' => row = row.saturating_sub(count),
                            'H' => (row, column) = (0, 0),
                            'J' => lines.truncate(row + 1),
                            'K' if number == "2" => lines[row].clear(),
                            'K' => lines[row].truncate(column),
                            _ => {}
                        }
                        break;
                    }
                    number.push(character);
                }
            }
            _ => {
                let line = &mut lines[row];
                line.resize(line.len().max(column + 1), ' ');
                line[column] = character;
                column += 1;
            }
        }
    }
    lines
        .into_iter()
        .map(|line| line.into_iter().collect::<String>().trim_end().to_owned())
        .collect()
}

/// About 30 MB of small statements.
fn long_seed() -> String {
    let mut text = String::from("CREATE TABLE measured (id INTEGER PRIMARY KEY, note TEXT);\n");
    for number in 0..300_000 {
        text.push_str("INSERT INTO measured (note) VALUES ('");
        text.push_str(&format!("{number:0>56}"));
        text.push_str("');\n");
    }
    text
}

#[test]
fn a_long_file_shows_a_bar_and_when_it_will_be_done() {
    let project = TestProject::shop().with("migrations/004_measured.up.sql", &long_seed());
    let mut session = Session::start(&project, 100, "up");
    session.read_until(" left");
    let moving = session.shown.clone();
    assert!(
        moving.contains('█') && moving.contains(" %") && moving.contains("MB"),
        "{moving:?}"
    );
    let (shown, code) = session.end();
    assert_eq!(code, Some(0), "{shown:?}");
    let lines = screen(&shown);
    let expected = [
        "  ✓ 001 create_users",
        "  ✓ 002 create_orders",
        "  ✓ 003 fill",
        "  ✓ 004 measured",
    ];
    let done: Vec<&String> = lines.iter().filter(|line| line.contains('✓')).collect();
    assert_eq!(done.len(), expected.len(), "{lines:#?}");
    for (line, expected) in done.iter().zip(expected) {
        assert!(line.starts_with(expected), "{lines:#?}");
    }
    // Nothing of what moved is left over.
    assert!(
        !lines
            .iter()
            .any(|line| line.contains('█') || line.contains("left")),
        "{lines:#?}"
    );
    assert!(
        shown.ends_with("\u{1b}[?25h") || !shown.contains("\u{1b}[?25l"),
        "the cursor stays hidden"
    );
}

#[test]
fn a_narrow_terminal_gets_lines_that_fit() {
    let project = TestProject::shop().with("migrations/004_measured.up.sql", &long_seed());
    let mut session = Session::start(&project, 50, "up 4");
    session.read_until(" % ");
    let (shown, code) = session.end();
    assert_eq!(code, Some(0), "{shown:?}");
    let lines = screen(&shown);
    assert_eq!(
        lines
            .iter()
            .filter(|line| line.contains("004 measured"))
            .count(),
        1,
        "{lines:#?}"
    );
    assert!(
        !shown.contains('█') && !shown.contains('░'),
        "there is no room for a bar"
    );
    assert!(!lines.iter().any(|line| line.contains('█')), "{lines:#?}");
}

#[test]
fn ctrl_c_stops_at_a_safe_point_and_leaves_no_line_behind() {
    let project = TestProject::shop().with(
        "migrations/004_endless.up.sql",
        "INSERT INTO users (email) WITH RECURSIVE c(x) AS \
         (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c;\n",
    );
    let mut session = Session::start(&project, 100, "up");
    session.read_until("004 endless  statement 1 of 1");
    session.press("\u{3}");
    session.read_until("stopping at the next safe point");
    session.press("\u{3}");
    let (shown, code) = session.end();
    assert_eq!(code, Some(130), "{shown:?}");
    let lines = screen(&shown);
    assert!(
        lines
            .iter()
            .any(|line| line.contains("cancelling the running statement")),
        "{lines:#?}"
    );
    assert!(
        !lines
            .iter()
            .any(|line| line.contains("statement 1 of 1   INSERT")),
        "{lines:#?}"
    );
    let (status, _) = project.json("status");
    assert_eq!(status["current"], "003");
}

#[test]
fn a_question_is_asked_and_the_answer_counts() {
    for (keys, expected) in [("y\n", 0), ("n\n", 11), ("\n", 11)] {
        let project = TestProject::shop();
        project.run("up");
        project.remove("migrations/003_fill.up.sql");
        let mut session = Session::start(&project, 100, "repair");
        session.read_until("[y/N]");
        session.press(keys);
        let (shown, code) = session.end();
        assert_eq!(code, Some(expected), "{keys:?}: {shown:?}");
        let table = project.json("history").0.to_string();
        assert_eq!(table.contains("\"repair\""), expected == 0, "{table}");
    }
    // Ctrl-C is no answer.
    let project = TestProject::shop();
    project.run("up");
    project.remove("migrations/003_fill.up.sql");
    let mut session = Session::start(&project, 100, "repair");
    session.read_until("[y/N]");
    session.press("\u{3}");
    let (shown, code) = session.end();
    assert_eq!(code, Some(130), "{shown:?}");
}

#[test]
fn a_watched_status_is_drawn_over_the_one_before() {
    let project = TestProject::shop();
    let mut session = Session::start(&project, 100, "status --watch");
    session.read_until("3 pending");
    project.run("up");
    session.read_until("nothing pending");
    session.press("\u{3}");
    let (shown, code) = session.end();
    assert_eq!(code, Some(130), "{shown:?}");
    let lines = screen(&shown);
    assert!(
        !lines.iter().any(|line| line.contains("3 pending")),
        "{lines:#?}"
    );
}
