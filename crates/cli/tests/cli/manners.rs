//! Streams, pipes, colours, hostile names.

use crate::project::TestProject;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

#[test]
fn a_closed_pipe_is_no_failure() {
    let project = TestProject::shop();
    for line in ["status", "plan", "up", "help"] {
        let mut child = project
            .command(line)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut stderr = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut stderr)
            .unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{line}: {stderr}");
        assert_eq!(stderr, "", "{line}");
    }
    let (status, _) = project.json("status");
    assert_eq!(status["current"], "003");
}

#[test]
fn colour_is_only_printed_where_it_is_wanted() {
    let project = TestProject::shop();
    let coloured = |line: &str, variables: &[(&str, &str)]| {
        let mut command = project.command(line);
        command
            .env_remove("NO_COLOR")
            .envs(variables.iter().copied());
        let output = command.output().unwrap();
        output.stdout.contains(&0x1b)
    };
    assert!(!coloured("status", &[]));
    assert!(coloured("status --color always", &[]));
    assert!(coloured("status", &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(
        "status --color never",
        &[("CLICOLOR_FORCE", "1")]
    ));
    assert!(!coloured(
        "status",
        &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "")]
    ));
}

#[test]
fn names_cannot_steer_the_terminal() {
    let project = TestProject::shop().with(
        "migrations/004_a\u{1b}]0;owned\u{7}\u{202e}b.up.sql",
        "SELECT \u{1b}[31mnope;\n",
    );
    for line in ["status", "plan", "up", "doctor", "history"] {
        let run = project.run(line);
        let shown = format!("{run}");
        assert!(
            !shown
                .chars()
                .any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'),
            "{line}: {shown:?}"
        );
    }
}

#[test]
fn quiet_says_nothing_of_what_went_well() {
    let project = TestProject::shop();
    let run = project.run("-q up");
    assert_eq!(
        (run.stdout.as_str(), run.stderr.as_str(), run.code),
        ("", "", Some(0))
    );
    assert_ne!(project.run("-q status").stdout, "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_no_success() {
    let project = TestProject::shop();
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let status = project
        .command("status")
        .stdout(full)
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(2));
}

/// Sends a signal to a child of this test.
fn signal(child: &Child, name: &str) {
    let status = Command::new("/bin/kill")
        .args(["-s", name, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

/// Reads lines until one contains the text.
fn read_until(stream: &mut impl BufRead, text: &str) {
    let mut line = String::new();
    while !line.contains(text) {
        line.clear();
        assert_ne!(
            stream.read_line(&mut line).unwrap(),
            0,
            "`{text}` never came"
        );
    }
}

#[cfg(unix)]
#[test]
fn the_second_signal_cancels_the_running_statement() {
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let project = TestProject::shop().with(
            "migrations/004_endless.up.sql",
            "INSERT INTO users (email) WITH RECURSIVE c(x) AS \
             (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c;\n",
        );
        let mut child = project
            .command("up --json=stream")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        read_until(
            &mut stdout,
            r#""event":"statement-started","version":"004""#,
        );
        signal(&child, name);
        read_until(&mut stderr, "stopping at the next safe point");
        signal(&child, name);
        read_until(&mut stderr, "cancelling the running statement");
        assert_eq!(child.wait().unwrap().code(), Some(code), "{name}");
        let (status, _) = project.json("status");
        assert_eq!(status["current"], "003", "{name}");
    }
}
