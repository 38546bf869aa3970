//! `status --watch`: one document for each change, until it is interrupted. No test asserts a time.

use crate::project::TestProject;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

#[test]
fn each_change_is_a_line_until_it_is_interrupted() {
    let project = TestProject::shop();
    let mut watch = project
        .command("--json=stream status --watch")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(watch.stdout.take().unwrap()).lines();
    let mut pending = || {
        let line = lines.next().unwrap().unwrap();
        let document: serde_json::Value = serde_json::from_str(&line).unwrap();
        document["pending"].as_u64()
    };
    assert_eq!(pending(), Some(3));
    assert!(!project.has("shoring.db"), "watching makes nothing");
    assert_eq!(project.run("up --steps 2").code, Some(0));
    // A look may have fallen between the two migrations.
    while pending() != Some(1) {}
    let interrupted = Command::new("/bin/kill")
        .args(["-INT", &watch.id().to_string()])
        .status()
        .unwrap();
    assert!(interrupted.success());
    assert_eq!(watch.wait().unwrap().code(), Some(130));
    assert!(!project.has("shoring_lock"));
}

#[test]
fn one_document_cannot_be_many() {
    let refused = TestProject::shop().run("status --watch --json");
    assert_eq!(refused.code, Some(2));
    insta::assert_snapshot!(refused.stdout, @r#"
    {
      "v": 1,
      "error": {
        "code": "watch-json",
        "message": "--watch prints one document after the other, and --json promises a single one",
        "hints": [
          "take  --json=stream  which prints each as a line"
        ],
        "notes": [],
        "state": [],
        "exit": 2,
        "file": null,
        "line": null,
        "column": null
      }
    }
    "#);
}
