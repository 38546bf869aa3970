//! Commands that write records without running migrations.

use crate::project::TestProject;

#[test]
fn baseline_adopts_a_database() {
    let project = TestProject::shop();
    insta::assert_snapshot!(project.run("baseline 2"), @"");
    let (status, _) = project.json("status");
    assert_eq!(status["current"], "002");
    assert_eq!(status["pending"], 1);
}

#[test]
fn repair_needs_a_yes() {
    let project = TestProject::shop();
    project.run("up");
    project.write(
        "migrations/001_create_users.up.sql",
        "CREATE TABLE users (id INTEGER);\n",
    );
    insta::assert_snapshot!(project.run("repair"), @"");
    assert_eq!(project.run("status --exit-code").code, Some(4));
    insta::assert_snapshot!(project.run("repair --yes"), @"");
    assert_eq!(project.run("status --exit-code").code, Some(0));
    insta::assert_snapshot!(project.run("repair"), @"");
}

#[test]
fn mark_writes_and_removes_a_record() {
    let project = TestProject::shop();
    project.run("up 1");
    insta::assert_snapshot!(project.run("mark 002 applied"), @"");
    insta::assert_snapshot!(project.run("mark 002 pending"), @"");
}

#[test]
fn down_all_needs_a_yes() {
    let project = TestProject::shop().with("migrations/003_fill.down.sql", "DELETE FROM users;\n");
    assert_eq!(
        project.run("down --all").code,
        Some(0),
        "nothing to lose yet"
    );
    project.run("up");
    insta::assert_snapshot!(project.run("down --all"), @"");
    insta::assert_snapshot!(project.run("--yes down --all"), @"");
}

#[test]
fn doctor_on_a_healthy_database() {
    let project = TestProject::shop();
    project.run("up");
    insta::assert_snapshot!(project.run("doctor"), @"");
}

#[test]
fn seeds_run_when_they_changed() {
    let project = TestProject::shop().with(
        "seeds/users.sql",
        "INSERT INTO users (email) VALUES ('seed@example.com') ON CONFLICT DO NOTHING;\n",
    );
    project.run("up");
    insta::assert_snapshot!(project.run("seed"), @"");
    insta::assert_snapshot!(project.run("seed"), @"");
}
