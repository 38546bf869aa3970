//! What goes wrong, how it is told, and with which exit code.

use crate::project::TestProject;

#[test]
fn a_failing_statement_has_a_caret_and_leaves_nothing() {
    let project = TestProject::shop().with(
        "migrations/004_broken.up.sql",
        "CREATE TABLE one (id INTEGER);\n\nINSERT INTO one (id) SELECT nope\n  FROM users;\n",
    );
    insta::assert_snapshot!(project.run("up"), @r"
      database  sqlite:shoring.db (new)      project  migrations/, native format      4 to run

      ✓ 001 create_users                2 statements # ms
      ✓ 002 create_orders               1 statement # ms
      ✓ 003 fill                        1 statement # ms   2 rows
      ✗ 004 broken                    statement 2 of 2

    --- stderr
    error: no such column: nope
     ┌─ migrations/004_broken.up.sql:3:29
      │
    3 │ INSERT INTO one (id) SELECT nope
      │                             ^^^^ SQLITE_ERROR
      │
      = statement 2 of 2 in 004_broken: INSERT

      State:  004 was rolled back completely. The database is at 003, nothing of 004 remains.
      Next:   fix the file, then run  shoring up
    --- exit 6
    ");
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
fn what_was_there_before_was_called_nothing() {
    let project = TestProject::shop();
    project.run("up");
    let project = project.with(
        "migrations/004_users.up.sql",
        "CREATE TABLE users (id INTEGER);\n",
    );
    insta::assert_snapshot!(project.run("up").stderr, @r"
    error: table users already exists
     ┌─ migrations/004_users.up.sql:1:14
      │
    1 │ CREATE TABLE users (id INTEGER);
      │              ^^^^^ SQLITE_ERROR
      │
      = statement 1 of 1 in 004_users: CREATE TABLE
      = table users was there before this run
      = it may be the rest of an earlier run that stopped in the middle of this file, or made by hand or by another migration

      State:  Nothing of this run remains. The database is at 003, with what was there before.
      Next:   if it is such a rest, compare it with the file, drop it, and run  shoring up
              if all of 004 is there:  shoring mark 004 applied
              else fix the file, then run  shoring up
    ");
    let project = project.with(
        "migrations/004_users.up.sql",
        "CREATE TABLE t (id INTEGER);\nCREATE TABLE t (id INTEGER);\n",
    );
    let said = project.run("up").stderr;
    assert!(said.contains("nothing of 004 remains"), "{said}");
}

#[test]
fn a_migration_without_a_way_back_is_refused_before_anything_runs() {
    let project = TestProject::shop();
    project.run("up");
    insta::assert_snapshot!(project.run("down --all"), @r"
    --- stderr
    error: 003_fill has no down file, so it cannot be rolled back
     = nothing was run

      State:  Nothing was run and nothing was changed.
      Next:   write migrations/003_fill.down.sql
    --- exit 11
    ");
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
    insta::assert_snapshot!(project.run("up"), @r"
    --- stderr
    error: files were changed after they had been applied
     = 001_create_users: the file is not what was applied; applied [day] [time] UTC by tester (checksum 27d863a8, now 55514a98)

      State:  Nothing was run and nothing was changed.
      Next:   put the old text back and write a new migration;  if the change is meant:  shoring repair
    --- exit 4
    ");
    insta::assert_snapshot!(project.run("status --exit-code"), @r"
      sqlite:shoring.db ([version])      shoring project, migrations, history shoring_history

      state     version   name            applied                       by took
      changed   001       create users    [day] [time]   just now   tester # ms   the file differs from what was applied
      applied   002       create orders   [day] [time]   just now   tester # ms
      pending   003       fill

      at 002, 1 pending, 1 changed file. Put the files back, or accept them:  shoring repair
    --- exit 4
    ");
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
    insta::assert_snapshot!(project.run("up"), @r"
    --- stderr
    error: there are migrations that stand before the current version and were never applied
     = 004_earlier: never applied

      State:  Nothing was run and nothing was changed.
      Next:   give the file a number after the current version;  or run it all the same:  shoring up --allow-out-of-order
    --- exit 4
    ");
    assert_eq!(project.run("up --allow-out-of-order").code, Some(0));
}

#[test]
fn an_unknown_directive_has_a_caret() {
    let project = TestProject::shop().with(
        "migrations/004_vacuum.up.sql",
        "-- shoring: no-transactoin\nVACUUM;\n",
    );
    insta::assert_snapshot!(project.run("up"), @r"
    --- stderr
    error: unknown directive `no-transactoin`
     ┌─ migrations/004_vacuum.up.sql:1:4
      │
    1 │ -- shoring: no-transactoin
      │    ^^^^^^^^^^^^^^^^^^^^^^^
      │
      = did you mean `-- shoring: no-transaction`?

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    ");
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
    insta::assert_snapshot!(project.run("up"), @r"
      Nothing to do: nothing is applied, nothing pending.
    --- exit 0
    ");
    insta::assert_snapshot!(project.run("-C nowhere status"), @r"
    --- stderr
    error: `nowhere` (given with -C) does not exist
    --- exit 2
    ");
    insta::assert_snapshot!(project.run("--dir nowhere status"), @r"
    --- stderr
    error: there is no folder `nowhere`

      State:  Nothing was run and nothing was changed.
      Next:   name the folder of the migrations:  --dir DIR
              or begin one:  shoring new NAME
    --- exit 2
    ");
}
