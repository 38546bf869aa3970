//! What goes wrong, how it is told, and with which exit code.

use crate::project::TestProject;

#[test]
fn a_failing_statement_has_a_caret_and_leaves_nothing() {
    let project = TestProject::shop().with(
        "migrations/004_broken.up.sql",
        "CREATE TABLE one (id INTEGER);\n\nINSERT INTO one (id) SELECT nope\n  FROM users;\n",
    );
    insta::assert_snapshot!(project.run("up"), @"");
    let (document, code) = project.json("up");
    assert_eq!(code, Some(6));
    assert_eq!(document["error"]["file"], "migrations/004_broken.up.sql");
    assert_eq!(document["error"]["line"], 3);
    let (status, _) = project.json("status");
    assert_eq!(status["current"], "003");
}

#[test]
fn a_failure_lists_what_was_done_before() {
    let project = TestProject::shop().with(
        "migrations/004_broken.up.sql",
        "CREATE TABLE users (id INTEGER);\n",
    );
    let (document, code) = project.json("up");
    assert_eq!(code, Some(6));
    assert_eq!(document["v"], 1);
    assert_eq!(document["applied"][2]["version"], "003");
    assert!(
        document["error"]["message"]
            .as_str()
            .unwrap()
            .contains("already exists")
    );
    assert!(!document["error"]["hints"].as_array().unwrap().is_empty());
}

#[test]
fn a_migration_without_a_way_back_is_refused_before_anything_runs() {
    let project = TestProject::shop();
    project.run("up");
    insta::assert_snapshot!(project.run("down --all"), @"");
    let (status, _) = project.json("status");
    assert_eq!(status["current"], "003");
}

#[test]
fn a_changed_file_stops_the_next_run() {
    let project = TestProject::shop();
    project.run("up --steps 2");
    project.write(
        "migrations/001_create_users.up.sql",
        "CREATE TABLE users (id INTEGER);\n",
    );
    insta::assert_snapshot!(project.run("up"), @"");
    insta::assert_snapshot!(project.run("status --exit-code"), @"");
}

#[test]
fn line_ends_and_byte_order_marks_are_no_change() {
    let project = TestProject::shop();
    project.run("up");
    project.write(
        "migrations/001_create_users.up.sql",
        "\u{feff}CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL);\r\n\
         CREATE UNIQUE INDEX users_email ON users (email);\r\n",
    );
    assert_eq!(project.run("status --exit-code").code, Some(0));
}

#[test]
fn a_missing_file_stops_the_next_run() {
    let project = TestProject::shop();
    project.run("up");
    project.remove("migrations/002_create_orders.up.sql");
    project.remove("migrations/002_create_orders.down.sql");
    assert_eq!(project.run("status --exit-code").code, Some(4));
    assert_eq!(project.run("up").code, Some(4));
}

#[test]
fn a_file_before_an_applied_one_needs_a_flag() {
    let project = TestProject::shop();
    project.run("up");
    project.write(
        "migrations/0005_late.up.sql",
        "CREATE TABLE five (id INTEGER);\n",
    );
    project.run("up");
    project.write(
        "migrations/004_earlier.up.sql",
        "CREATE TABLE four (id INTEGER);\n",
    );
    insta::assert_snapshot!(project.run("up"), @"");
    assert_eq!(project.run("up --allow-out-of-order").code, Some(0));
}

#[test]
fn an_unknown_directive_has_a_caret() {
    let project = TestProject::shop().with(
        "migrations/004_vacuum.up.sql",
        "-- shoring: no-transactoin\nVACUUM;\n",
    );
    insta::assert_snapshot!(project.run("up"), @"");
}

#[test]
fn a_server_that_is_not_there() {
    let project = TestProject::shop();
    let run = project.run("status --database postgres://app:canary@127.0.0.1:1/app");
    assert_eq!(run.code, Some(9));
    assert!(!format!("{run}").contains("canary"), "{run}");
    let (document, code) = project.json("up --database mysql://app:canary@127.0.0.1:1/app");
    assert_eq!(code, Some(9));
    assert!(!document.to_string().contains("canary"), "{document}");
}

#[test]
fn pending_as_an_exit_code() {
    let project = TestProject::shop();
    assert_eq!(project.run("status --exit-code").code, Some(3));
    assert_eq!(project.run("status").code, Some(0));
    assert_eq!(project.run("expect head").code, Some(3));
    assert_eq!(project.run("wait --timeout 0").code, Some(3));
    project.run("up");
    assert_eq!(project.run("status --exit-code").code, Some(0));
    assert_eq!(project.run("expect head").code, Some(0));
    assert_eq!(project.run("wait --at-least 2 --timeout 0").code, Some(0));
}

#[test]
fn an_empty_and_an_absent_folder() {
    let project = TestProject::empty();
    insta::assert_snapshot!(project.run("up"), @"");
    insta::assert_snapshot!(project.run("-C nowhere status"), @"");
    insta::assert_snapshot!(project.run("--dir nowhere status"), @"");
}
