//! What a new user sees first.

use crate::project::TestProject;

#[test]
fn up_status_down_up() {
    let project = TestProject::shop();
    insta::assert_snapshot!(project.run("up"), @"");
    insta::assert_snapshot!(project.run("status"), @"");
    insta::assert_snapshot!(project.run("up"), @"");
    project.write("migrations/003_fill.down.sql", "DELETE FROM users;\n");
    insta::assert_snapshot!(project.run("down"), @"");
    insta::assert_snapshot!(project.run("status"), @"");
    insta::assert_snapshot!(project.run("up"), @"");
}

#[test]
fn looking_makes_nothing() {
    let project = TestProject::shop();
    insta::assert_snapshot!(project.run("status"), @"");
    insta::assert_snapshot!(project.run("plan"), @"");
    insta::assert_snapshot!(project.run("history"), @"");
    for line in [
        "status",
        "plan",
        "history",
        "config",
        "doctor",
        "expect 001",
        "wait --timeout 0",
    ] {
        project.run(line);
    }
    assert!(!project.has("shoring.db"));
}

#[test]
fn init_and_new_on_an_empty_folder() {
    let project = TestProject::empty();
    insta::assert_snapshot!(project.run("init"), @"");
    insta::assert_snapshot!(project.run("new create_users"), @"");
    insta::assert_snapshot!(project.run("status"), @"");
}

#[test]
fn up_to_a_target_and_by_steps() {
    let project = TestProject::shop();
    insta::assert_snapshot!(project.run("up --steps 1"), @"");
    insta::assert_snapshot!(project.run("up 2"), @"");
    insta::assert_snapshot!(project.run("goto 1"), @"");
    insta::assert_snapshot!(project.run("redo"), @"");
    insta::assert_snapshot!(project.run("up --dry-run"), @"");
}

#[test]
fn the_documents() {
    let project = TestProject::shop();
    let (up, code) = project.json("up --steps 2");
    assert_eq!(code, Some(0));
    assert_eq!(up["v"], 1);
    assert_eq!(up["applied"][1]["version"], "002");
    assert_eq!(up["applied"][1]["direction"], "up");
    assert_eq!(up["applied"][0]["statements"], 2);
    assert_eq!(up["current"], "002");
    assert_eq!(up["pending"], 1);
    assert_eq!(up["outcome"], "done");

    let (status, _) = project.json("status");
    assert_eq!(status["format"], "shoring");
    assert_eq!(status["dir"], "migrations");
    assert_eq!(status["database"]["dialect"], "sqlite");
    assert_eq!(status["database"]["url"], "sqlite:shoring.db");
    assert_eq!(status["history"]["exists"], true);
    assert_eq!(status["current"], "002");
    assert_eq!(status["pending"], 1);
    assert_eq!(status["migrations"][0]["state"], "applied");
    assert_eq!(status["migrations"][0]["reversible"], true);
    assert_eq!(status["migrations"][2]["state"], "pending");
    assert_eq!(status["migrations"][2]["reversible"], false);

    let (plan, _) = project.json("plan");
    let transaction = &plan["migrations"][0]["transactions"][0];
    assert_eq!(plan["migrations"][0]["version"], "003");
    assert_eq!(transaction["mode"], "transaction");
    assert_eq!(
        transaction["statements"][0]["file"],
        "migrations/003_fill.up.sql"
    );
    assert_eq!(transaction["statements"][0]["line"], 1);

    let (down, _) = project.json("down");
    assert_eq!(down["applied"][0]["direction"], "down");
    assert_eq!(down["current"], "001");

    let (history, _) = project.json("history");
    assert_eq!(history["history"][0]["outcome"], "applied");
}

#[test]
fn the_stream_ends_with_the_document() {
    let project = TestProject::shop();
    let run = project.run("up --json=stream");
    let lines: Vec<serde_json::Value> = run
        .stdout
        .split_terminator('\n')
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let finished = lines
        .iter()
        .filter(|line| line["event"] == "migration-finished");
    assert_eq!(finished.count(), 3);
    assert_eq!(lines.last().unwrap()["outcome"], "done");
    assert_eq!(run.stderr, "");
}
