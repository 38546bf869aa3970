//! Files and folders that cannot be: each refused with its place and the next step, before anything is made.

use crate::project::TestProject;
use shoring_db::{Batch, DatabaseUrl};
use shoring_testkit::TestDatabase;

/// One bad file after a good one: the error, with nothing made.
fn refused(name: &str, bytes: &[u8]) -> String {
    let project = TestProject::empty().with(
        "migrations/001_good.up.sql",
        "CREATE TABLE good (id INTEGER);\n",
    );
    project.write_bytes(&format!("migrations/{name}"), bytes);
    refused_in(&project)
}

/// What `up` says; `plan` and `status` refuse too, and nothing is made.
fn refused_in(project: &TestProject) -> String {
    let run = project.run("up");
    assert_eq!(run.code, Some(2), "{run}");
    assert_eq!(project.run("plan").code, Some(2));
    assert!(!project.has("shoring.db"), "{run}");
    let (document, _) = project.json("up");
    assert!(document["error"]["code"].is_string(), "{document:#}");
    run.to_string()
}

#[test]
fn bytes_that_are_no_text() {
    insta::assert_snapshot!(refused("002_bad.up.sql", b"SELECT 1;\nSELECT 'caf\xE9';\n"), @r"
    --- stderr
    error: invalid UTF-8 at byte 21 (line 2, column 12)
     ┌─ migrations/002_bad.up.sql:2:12
      │
    2 │ SELECT 'caf�';
      │            ^
      │
      = save the file as UTF-8; it may be in another encoding, such as Latin-1

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    ");
    let utf16: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain("SELECT 1;".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    insta::assert_snapshot!(refused("002_bad.up.sql", &utf16), @r"
    --- stderr
    error: the text is encoded in UTF-16LE; save it as UTF-8
     ┌─ migrations/002_bad.up.sql:1:1

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    ");
    insta::assert_snapshot!(refused("002_bad.up.sql", b"SELECT 1;\nSELECT 'a\0b';\n"), @r"
    --- stderr
    error: NUL byte at byte 19 (line 2, column 10)
     ┌─ migrations/002_bad.up.sql:2:10
      │
    2 │ SELECT 'a\u{0}b';
      │          ^^^^^
      │
      = no server takes a NUL in SQL; UTF-16 without a byte order mark looks like this: save the file as UTF-8

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    ");
}

#[test]
fn a_byte_order_mark_is_no_statement() {
    let project = TestProject::empty().with(
        "migrations/001_bom.up.sql",
        "\u{feff}CREATE TABLE t (id INTEGER);\n",
    );
    assert_eq!(project.run("up").code, Some(0));
}

#[test]
fn what_never_ends() {
    insta::assert_snapshot!(refused("002_bad.up.sql", b"SELECT 1;\nSELECT 'never ends;\n"), @r"
    --- stderr
    error: unterminated string that begins at line 2, column 8
     ┌─ migrations/002_bad.up.sql:2:8
      │
    2 │ SELECT 'never ends;
      │        ^

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    ");
}

#[test]
fn all_files_with_the_version_of_another_are_named_at_once() {
    let project = TestProject::empty();
    for name in ["001_a", "1_b", "002_c", "002_d", "0002_e", "003_f"] {
        project.write(&format!("migrations/{name}.up.sql"), "SELECT 1;\n");
    }
    insta::assert_snapshot!(refused_in(&project), @r"
    --- stderr
    error: `migrations/0002_e.up.sql` and `migrations/002_c.up.sql` have the same version
     = also `migrations/002_c.up.sql` and `migrations/002_d.up.sql` have the same version
     = also `migrations/001_a.up.sql` and `migrations/1_b.up.sql` have the same version
     = give the one that was never applied the next free number

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    ");
}

#[test]
fn all_files_with_a_wrong_directive_are_named_at_once() {
    let project = TestProject::empty();
    for name in ["001_a", "002_b"] {
        let text = "-- a comment\n-- shoring: no-transactoin\nSELECT 1;\n";
        project.write(&format!("migrations/{name}.up.sql"), text);
    }
    insta::assert_snapshot!(refused_in(&project), @r"
    --- stderr
    error: unknown directive `no-transactoin`
     ┌─ migrations/001_a.up.sql:2:4
      │
    2 │ -- shoring: no-transactoin
      │    ^^^^^^^^^^^^^^^^^^^^^^^
      │
      = also migrations/002_b.up.sql:2:4: unknown directive `no-transactoin`
      = did you mean `-- shoring: no-transaction`?

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    ");
}

#[test]
fn a_way_back_without_a_way_forth() {
    insta::assert_snapshot!(refused("002_bad.down.sql", b"DROP TABLE good;\n"), @r"
    --- stderr
    error: `migrations/002_bad.down.sql` has no file that applies it
     = write the .up.sql beside it, or remove it

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    ");
}

#[test]
fn things_that_are_no_files() {
    let project = TestProject::shop();
    let folder = project.path().join("migrations/004_folder.up.sql");
    std::fs::create_dir(&folder).unwrap();
    insta::assert_snapshot!(refused_in(&project), @r"
    --- stderr
    error: `migrations/004_folder.up.sql` is a folder, not a file
     = move it away, or give it a name that is not that of a migration

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    ");
    std::fs::remove_dir(folder).unwrap();
    let link = project.path().join("migrations/004_loop.up.sql");
    std::os::unix::fs::symlink("004_loop.up.sql", &link).unwrap();
    insta::assert_snapshot!(refused_in(&project), @r"
    --- stderr
    error: cannot read `migrations/004_loop.up.sql`: Too many levels of symbolic links (os error 40)

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    ");
    std::fs::remove_file(link).unwrap();
    std::os::unix::fs::symlink("round", project.path().join("round")).unwrap();
    insta::assert_snapshot!(project.run("up --dir round"), @r"
    --- stderr
    error: cannot read `round`: Too many levels of symbolic links (os error 40)

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    ");
    assert!(!project.has("shoring.db"));
}

#[test]
fn a_history_that_contradicts_itself() {
    let project = TestProject::shop();
    project.run("up 1");
    // As a hand that restored a dump without its keys leaves it.
    change(
        &project,
        &[
            "CREATE TABLE loose AS SELECT * FROM shoring_history",
            "INSERT INTO loose SELECT * FROM loose",
            "DROP TABLE shoring_history",
            "ALTER TABLE loose RENAME TO shoring_history",
        ],
    );
    insta::assert_snapshot!(project.run("up"), @r"
    --- stderr
    error: row 2 of `shoring_history` cannot be read: version `001` stands there twice (also as `001`)

      State:  Nothing was run and nothing was changed.
      Next:   correct or delete that row with SQL; then look again:  shoring status
    --- exit 4
    ");
    change(
        &project,
        &[
            "DELETE FROM shoring_history WHERE rowid > 1",
            "UPDATE shoring_history SET version = NULL",
        ],
    );
    insta::assert_snapshot!(project.run("up"), @r"
    --- stderr
    error: row 1 of `shoring_history` cannot be read: version is NULL

      State:  Nothing was run and nothing was changed.
      Next:   correct or delete that row with SQL; then look again:  shoring status
    --- exit 4
    ");
    assert_eq!(project.run("status").code, Some(4));
    assert_eq!(project.run("repair --yes").code, Some(4));
}

#[test]
fn a_table_that_is_not_ours_is_not_advised_again() {
    let project = TestProject::shop();
    project.run("up 1");
    change(&project, &["ALTER TABLE shoring_history DROP COLUMN name"]);
    insta::assert_snapshot!(project.run("status"), @r#"
    --- stderr
    error: `shoring_history` has the columns (version, kind, checksum, applied_at, applied_by, milliseconds, attempt), not those of shoring_history

      State:  Nothing was run and nothing was changed.
      Next:   name another table for this project in shoring.toml:  history_table = "shoring_migrations"
    --- exit 2
    "#);
}

/// Changes the database behind the program's back.
fn change(project: &TestProject, statements: &[&str]) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let url = DatabaseUrl::parse("sqlite:shoring.db", project.path()).unwrap();
        let mut session = shoring_db::connect(&url, &TestDatabase::options())
            .await
            .unwrap();
        session
            .execute(Batch { statements }, &mut |_| {})
            .await
            .unwrap();
        session.close().await.unwrap();
    });
}
