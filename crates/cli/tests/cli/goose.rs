//! Variables of the environment in a project of goose, from outside: what is put in, what is missing, what is kept to itself.

use crate::project::TestProject;

fn project(text: &str) -> TestProject {
    TestProject::empty()
        .with_variable("GOOSE_DRIVER", "sqlite3")
        .with_variable("GOOSE_DBSTRING", "app.db")
        .with("migrations/00001_users.sql", text)
}

#[test]
fn a_variable_that_is_not_set_has_a_caret_and_stops_everything() {
    let project = project(
        "-- +goose Up\n-- +goose ENVSUB ON\nCREATE TABLE a (id integer);\nCREATE TABLE ${PREFIX}users (id integer);\n",
    );
    insta::assert_snapshot!(project.run("up"), @r"
    --- stderr
    error: the variable `PREFIX` is not set (line 4, column 14)
     ┌─ migrations/00001_users.sql:4:14
      │
    4 │ CREATE TABLE ${PREFIX}users (id integer);
      │              ^^^^^^^^^
      │
      = set it in the environment or in `.env`, or say what stands for it otherwise:  ${NAME:-otherwise}

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    ");
    assert!(!project.has("app.db"));
    // What is set to nothing is set.
    assert_eq!(project.with_variable("PREFIX", "").run("up").code, Some(0));
}

#[test]
fn what_the_file_wants_said_is_said() {
    let project = project(
        "-- +goose Up\n-- +goose ENVSUB ON\nCREATE TABLE ${SCHEMA?ask the operators}.users (id integer);\n",
    );
    insta::assert_snapshot!(project.run("up"), @r"
    --- stderr
    error: the variable `SCHEMA` is not set: ask the operators (line 3, column 14)
     ┌─ migrations/00001_users.sql:3:14
      │
    3 │ CREATE TABLE ${SCHEMA?ask the operators}.users (id integer);
      │              ^^^^^^^^^^^^^^^^^^^^^^^^^^^
      │
      = set it in the environment or in `.env`, or say what stands for it otherwise:  ${NAME:-otherwise}

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    ");
}

#[test]
fn what_is_no_variable_has_a_caret() {
    let project = project(
        "-- +goose Up\n-- +goose ENVSUB ON\nCREATE TABLE users (hash text DEFAULT '$2a$10$x');\n",
    );
    insta::assert_snapshot!(project.run("up"), @r"
    --- stderr
    error: `$2` is no placeholder: the name of a variable begins with a letter (line 3, column 40)
     ┌─ migrations/00001_users.sql:3:40
      │
    3 │ CREATE TABLE users (hash text DEFAULT '$2a$10$x');
      │                                        ^^
      │
      = write `$$` where a `$` is meant

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    ");
}

#[test]
fn no_value_is_shown() {
    let project = project(
        "-- +goose Up\n-- +goose ENVSUB ON\nCREATE TABLE users (secret text DEFAULT '$SECRET');\nCREATE TABLE;\n",
    )
    .with(".env", "SECRET=geheim\n");
    for command in [
        "plan -v",
        "plan --json",
        "plan --save plan.json",
        "up -v",
        "status -v",
        "config",
        "doctor",
        "history",
    ] {
        let run = project.run(command);
        assert!(!run.to_string().contains("geheim"), "{command}: {run}");
    }
    let saved = std::fs::read_to_string(project.path().join("plan.json")).unwrap();
    assert!(!saved.contains("geheim"), "{saved}");
    insta::assert_snapshot!(project.run("up"), @r"
      database  sqlite:app.db      project  migrations/, goose project      1 to run

      ✗ 00001 users                     statement 2 of 2

    --- stderr
    error: incomplete input
     ┌─ migrations/00001_users.sql:4:1
      │
    4 │ CREATE TABLE;
      │ ^^^^^^^^^^^^ SQLITE_ERROR
      │
      = statement 2 of 2 in 00001_users: CREATE TABLE

      State:  00001 was rolled back completely. The database is before the first migration, nothing of 00001 remains.
      Next:   fix the file, then run  shoring up
    --- exit 6
    ");
}
