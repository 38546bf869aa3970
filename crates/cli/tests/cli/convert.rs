//! `convert` from outside: what is shown, what is written, what stops it.

use crate::project::TestProject;

#[test]
fn a_project_changes_over() {
    let project = TestProject::shop();
    project.run("up 2");
    insta::assert_snapshot!(project.run("convert --to goose --dry-run"), @r#"
      shoring in migrations becomes goose in migrations-goose

      + migrations-goose/001_create_users.sql
      + migrations-goose/002_create_orders.sql
      + migrations-goose/003_fill.sql
      + 2 rows in goose_db_version
      shoring.toml: format = "goose"
      shoring.toml: dir = "migrations-goose"

      Nothing was written. Without --dry-run it is.
    --- exit 0
    "#);
    assert!(!project.has("migrations-goose") && !project.has("shoring.toml"));
    insta::assert_snapshot!(project.run("convert --to goose"), @r#"
      shoring in migrations becomes goose in migrations-goose

      + migrations-goose/001_create_users.sql
      + migrations-goose/002_create_orders.sql
      + migrations-goose/003_fill.sql
      + 2 rows in goose_db_version
      shoring.toml: format = "goose"
      shoring.toml: dir = "migrations-goose"

      Done. The files in migrations and their table stay as they are. See:  shoring status
    --- exit 0
    "#);
    insta::assert_snapshot!(project.run("convert --to goose"), @r"
    --- stderr
    error: this is a goose project already

      State:  Nothing was written, and the database was not changed.
      Next:   to tell the history in one more database, name the old format:  shoring --format OLD --dir OLD_DIR convert --to goose
    --- exit 2
    ");
    insta::assert_snapshot!(
        project.run("--format shoring --dir migrations convert --to goose"),
        @r"
      shoring in migrations becomes goose in migrations-goose

      3 migrations are in migrations-goose already
      2 rows are in goose_db_version already

      Everything is there already; nothing was written.
    --- exit 0
    "
    );
    insta::assert_snapshot!(project.run("up"), @r"
      database  sqlite:shoring.db      project  migrations-goose/, goose project      1 to run

      ✓ 003 fill                        1 statement # ms   2 rows

      1 applied in # ms, now at 003.
    --- exit 0
    ");
    insta::assert_snapshot!(project.run("convert --to shoring --into migrations"), @r#"
      goose in migrations-goose becomes shoring in migrations

      3 migrations are in migrations already
      + 1 row in shoring_history
      2 rows are in shoring_history already
      shoring.toml: format = "shoring"
      shoring.toml: dir = "migrations"

      Done. The files in migrations-goose and their table stay as they are. See:  shoring status
    --- exit 0
    "#);
    let (status, _) = project.json("status");
    assert_eq!(status["format"], "shoring");
    assert_eq!(status["pending"], 0);
}

#[test]
fn the_document() {
    let project = TestProject::empty()
        .with("db/migration/V1__a.sql", "CREATE TABLE a (id integer);\n")
        .with("db/migration/V1.1__b.sql", "CREATE TABLE b (id integer);\n")
        .with("flyway.conf", "flyway.url=jdbc:sqlite:app.db\n");
    project.run("up");
    let (mut found, code) = project.json("convert --to dbmate");
    assert_eq!(code, Some(0));
    found["database"]["server"] = "[version]".into();
    let text = serde_json::to_string_pretty(&found).unwrap();
    insta::assert_snapshot!(text, @r#"
    {
      "v": 1,
      "database": {
        "dialect": "sqlite",
        "product": "sqlite",
        "server": "[version]",
        "url": "sqlite:app.db",
        "exists": true
      },
      "from": {
        "format": "flyway",
        "dir": "db/migration",
        "table": "flyway_schema_history"
      },
      "to": {
        "format": "dbmate",
        "dir": "db/migrations",
        "table": "schema_migrations"
      },
      "files": [
        "db/migrations/0001_a.sql",
        "db/migrations/0002_b.sql"
      ],
      "rows": [
        {
          "from": "1",
          "to": "0001",
          "name": "a"
        },
        {
          "from": "1.1",
          "to": "0002",
          "name": "b"
        }
      ],
      "unchanged": {
        "migrations": 0,
        "rows": 0
      },
      "settings": [
        "format = \"dbmate\"",
        "dir = \"db/migrations\"",
        "database = \"sqlite:app.db\""
      ],
      "warnings": [],
      "applied": true,
      "current": "0002"
    }
    "#);
    assert_eq!(project.json("status").0["database"]["url"], "sqlite:app.db");
}

#[test]
fn what_stops_it_is_said() {
    let project = TestProject::shop();
    project.run("up 2");
    insta::assert_snapshot!(project.run("convert --to gose"), @r"
    --- stderr
    error: unknown format `gose`

      Next:   did you mean `--format goose`?
    --- exit 2
    ");
    project.write("goose/1_x.sql", "-- +goose Up\nSELECT 1;\n");
    insta::assert_snapshot!(project.run("convert --to goose --into goose"), @r"
    --- stderr
    error: `goose/1_x.sql` is there already, and is not `migrations/001_create_users.up.sql`
     = migrations that are there already must be the first of this project, in the same order and with the same text

      State:  Nothing was written, and the database was not changed.
      Next:   write into another folder:  shoring convert --into DIR
    --- exit 11
    ");
    insta::assert_snapshot!(
        project.run("convert --to manual --into-table shoring_history"),
        @r"
    --- stderr
    error: `shoring_history` is the history table now, and would be that of manual too

      State:  Nothing was written, and the database was not changed.
      Next:   name another for the new one:  shoring convert --into-table NAME
              and tell the tool about it, in its own configuration
    --- exit 11
    "
    );
    project.write("migrations/004_text.up.sql", "SELECT '${x}';\n");
    insta::assert_snapshot!(project.run("convert --to flyway"), @r"
    --- stderr
    error: `${x}` would be a placeholder to flyway
     ┌─ db/migration/V004__text.sql:1:9
      │
    1 │ SELECT '${x}';
      │         ^^^^

      State:  Nothing was written, and the database was not changed.
      Next:   turn its placeholders off where the tool is configured, then run the same command again
    --- exit 11
    ");
    project.write("migrations/001_create_users.up.sql", "SELECT 1;\n");
    insta::assert_snapshot!(project.run("convert --to goose"), @r"
    --- stderr
    error: files were changed after they had been applied
     = 001_create_users: the file is not what was applied; applied [day] [time] UTC by tester (checksum 27d863a8, now b4e04978)

      State:  Nothing was run and nothing was changed.
      Next:   put the old text back and write a new migration;  if the change is meant:  shoring repair
    --- exit 4
    ");
}

#[test]
fn what_a_tool_has_not_is_refused_by_name() {
    let project = TestProject::empty()
        .with_variable("DATABASE_URL", "sqlite:shoring.db")
        .with(
            "flyway.conf",
            "flyway.url=jdbc:sqlite:app.db\nflyway.placeholders.n=1\n",
        )
        .with(
            "db/migration/V1__a.sql",
            "CREATE TABLE a (id integer);\nINSERT INTO a VALUES (${n});\n",
        );
    project.run("up");
    insta::assert_snapshot!(project.run("convert --to sqlx"), @r"
    --- stderr
    error: `${n}` is a placeholder, and sqlx has none
     ┌─ db/migration/V1__a.sql:2:23
      │
    2 │ INSERT INTO a VALUES (${n});
      │                       ^^^^
      │
      = values that are secrets would stand in files then

      State:  Nothing was written, and the database was not changed.
      Next:   to write the values into the new files:  shoring convert --expand-placeholders
    --- exit 11
    ");
    project.write("db/migration/R__view.sql", "SELECT 1;\n");
    insta::assert_snapshot!(project.run("convert --to sqlx --expand-placeholders"), @r"
    --- stderr
    error: `db/migration/R__view.sql` is a repeatable migration, and sqlx has none

      State:  Nothing was written, and the database was not changed.
      Next:   make it a versioned migration, or stay with a format that has them
    --- exit 11
    ");
    let project = TestProject::empty()
        .with_variable("DATABASE_URL", "sqlite:shoring.db")
        .with(
            "migrations/1_a.sql",
            "-- +goose Up\nCREATE TABLE a (id integer);\n",
        )
        .with("migrations/2_b.go", "package migrations\n");
    insta::assert_snapshot!(project.run("convert --to dbmate"), @r"
    --- stderr
    error: `migrations/2_b.go` is a program in Go, and not SQL

      State:  Nothing was written, and the database was not changed.
      Next:   write what it does as SQL, as a new migration, before the project is converted
    --- exit 11
    ");
}

#[test]
fn two_tables_that_say_different_things_are_a_question() {
    let project = TestProject::shop();
    project.run("up 2");
    project.run("convert --to goose");
    project.run("down 1");
    insta::assert_snapshot!(project.run("convert --to shoring --into migrations"), @r"
    --- stderr
    error: `shoring_history` says that 002 is applied, and `goose_db_version` does not

      State:  Nothing was written, and the database was not changed.
      Next:   one of them is right; correct the other:  shoring mark VERSION applied|pending --format NAME
    --- exit 4
    ");
    let project = TestProject::empty()
        .with_variable("DATABASE_URL", "sqlite:shoring.db")
        .with(
            "db/migrations/1_a.sql",
            "-- migrate:up\nSELECT 1;\n-- migrate:down\n",
        )
        .with(
            "db/migrations/3_c.sql",
            "-- migrate:up\nSELECT 1;\n-- migrate:down\n",
        );
    project.run("up");
    project.write(
        "db/migrations/2_b.sql",
        "-- migrate:up\nSELECT 1;\n-- migrate:down\n",
    );
    insta::assert_snapshot!(project.run("convert --to golang-migrate --into-table h"), @r"
    --- stderr
    error: 3_c is applied and one before it is not; `h` takes everything below its version as applied

      State:  Nothing was written, and the database was not changed.
      Next:   apply what is pending before:  shoring up --allow-out-of-order
    --- exit 11
    ");
}
