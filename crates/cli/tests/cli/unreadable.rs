//! Files and folders that this user may not read or write. Root may do everything, so there the binary runs as somebody else.
#![cfg(unix)]

use crate::project::TestProject;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

fn is_root() -> bool {
    let output = Command::new("/usr/bin/id").arg("-u").output().unwrap();
    output.stdout == b"0\n"
}

/// Somebody who owns nothing here.
const NOBODY: &str = "65534";

/// A project and a copy of the binary where everybody may go.
struct Shared {
    project: TestProject,
    binary: PathBuf,
}

impl Shared {
    fn new(project: TestProject) -> Self {
        let binary = project.path().join("shoring");
        std::fs::copy(env!("CARGO_BIN_EXE_shoring"), &binary).unwrap();
        let shared = Self { project, binary };
        shared.allow(".", 0o755);
        shared
    }

    fn allow(&self, path: &str, mode: u32) {
        let path = self.project.path().join(path);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    fn run(&self, line: &str) -> Output {
        let mut command = if is_root() {
            let mut command = Command::new("/usr/bin/setpriv");
            command
                .args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"])
                .arg(&self.binary);
            command
        } else {
            Command::new(&self.binary)
        };
        command
            .args(line.split(' '))
            .current_dir(self.project.path())
            .env_clear()
            .env("NO_COLOR", "1")
            .output()
            .unwrap()
    }

    fn refused(&self, line: &str) -> (serde_json::Value, Option<i32>) {
        let output = self.run(&format!("{line} --json"));
        let text = String::from_utf8(output.stdout).unwrap();
        let found: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|error| {
            panic!(
                "{line}: {error}: {text}{}",
                String::from_utf8_lossy(&output.stderr)
            )
        });
        (found["error"].clone(), output.status.code())
    }
}

#[test]
fn a_file_that_may_not_be_read_is_named() {
    let shared = Shared::new(TestProject::shop());
    shared.allow("migrations/002_create_orders.up.sql", 0o000);
    for line in ["status", "plan", "up"] {
        let (error, code) = shared.refused(line);
        assert_eq!(code, Some(2), "{line}: {error:#}");
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains("migrations/002_create_orders.up.sql")
                && message.contains("ermission denied"),
            "{line}: {message}"
        );
    }
    assert!(!shared.project.has("shoring.db"));
}

#[test]
fn a_folder_that_may_not_be_read_is_named() {
    let shared = Shared::new(TestProject::shop());
    shared.allow("migrations", 0o000);
    let (error, code) = shared.refused("status");
    shared.allow("migrations", 0o755);
    assert_eq!(code, Some(2), "{error:#}");
    assert!(
        error["message"].as_str().unwrap().contains("migrations"),
        "{error:#}"
    );
}

#[test]
fn a_database_file_that_may_not_be_written_is_read_and_not_migrated() {
    let shared = Shared::new(TestProject::shop());
    shared.project.run("up 1");
    shared.allow("shoring.db", 0o444);
    shared.allow(".", 0o555);
    let status = shared.run("status --json");
    let (error, code) = shared.refused("up");
    shared.allow(".", 0o755);
    assert_eq!(
        status.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&status.stderr)
    );
    assert_eq!(code, Some(2), "{error:#}");
    assert!(
        error["state"][0].as_str().unwrap().contains("Nothing was"),
        "{error:#}"
    );
    assert_eq!(shared.project.json("status").0["current"], "001");
}

#[test]
fn a_folder_where_no_database_can_be_made_is_named() {
    let shared = Shared::new(TestProject::shop());
    shared.allow(".", 0o555);
    let (error, code) = shared.refused("up");
    shared.allow(".", 0o755);
    assert!(matches!(code, Some(2 | 9)), "{code:?} {error:#}");
    assert!(
        error["message"].as_str().unwrap().contains("shoring.db"),
        "{error:#}"
    );
}
