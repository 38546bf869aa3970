//! What a new user sees first.

use crate::project::TestProject;

#[test]
fn up_status_down_up() {
    let project = TestProject::shop();
    insta::assert_snapshot!(project.run("up"), @r"
      database  sqlite:shoring.db (new)      project  migrations/, native format      3 to run

      ✓ 001 create_users                2 statements # ms
      ✓ 002 create_orders               1 statement # ms
      ✓ 003 fill                        1 statement # ms   2 rows

      3 applied in # ms, now at 003.
    --- exit 0
    ");
    insta::assert_snapshot!(project.run("status"), @r"
      sqlite:shoring.db ([version])      shoring project, migrations, history shoring_history

      state     version   name            applied                       by took
      applied   001       create users    [day] [time]   just now   tester # ms
      applied   002       create orders   [day] [time]   just now   tester # ms
      applied   003       fill            [day] [time]   just now   tester # ms

      at 003, nothing pending.
    --- exit 0
    ");
    insta::assert_snapshot!(project.run("up"), @r"
      Nothing to do: at 003, nothing pending.
    --- exit 0
    ");
    project.write("migrations/003_fill.down.sql", "DELETE FROM users;\n");
    insta::assert_snapshot!(project.run("down"), @r"
      database  sqlite:shoring.db      project  migrations/, native format      1 to run

      ✓ 003 fill                        1 statement # ms   rolled back   2 rows

      1 rolled back in # ms, now at 002, 1 pending. Apply again with:  shoring up
    --- exit 0
    ");
    insta::assert_snapshot!(project.run("status"), @r"
      sqlite:shoring.db ([version])      shoring project, migrations, history shoring_history

      state     version   name            applied                       by took
      applied   001       create users    [day] [time]   just now   tester # ms
      applied   002       create orders   [day] [time]   just now   tester # ms
      pending   003       fill

      at 002, 1 pending. See what would run:  shoring plan
    --- exit 0
    ");
    insta::assert_snapshot!(project.run("up"), @r"
      database  sqlite:shoring.db      project  migrations/, native format      1 to run

      ✓ 003 fill                        1 statement # ms   2 rows

      1 applied in # ms, now at 003. Undo the last with:  shoring down
    --- exit 0
    ");
}

#[test]
fn looking_makes_nothing() {
    let project = TestProject::shop();
    insta::assert_snapshot!(project.run("status"), @r"
      sqlite:shoring.db (new)      shoring project, migrations, no history yet

      state     version   name
      pending   001       create users
      pending   002       create orders
      pending   003       fill

      nothing applied yet, 3 pending. See what would run:  shoring plan
    --- exit 0
    ");
    insta::assert_snapshot!(project.run("plan"), @r"
      001 create_users                                                                     1 transaction
        1  CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL)
        2  CREATE UNIQUE INDEX users_email ON users (email)
      002 create_orders                                                                    1 transaction
        1  CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id))
      003 fill                                                                             1 transaction
        1  INSERT INTO users (email) VALUES ('a@example.com'), ('b@example.com')

      Nothing was sent but reads. Run it with:  shoring up
    --- exit 0
    ");
    insta::assert_snapshot!(project.run("history"), @r"
      Nothing has been run yet.
    --- exit 0
    ");
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
    insta::assert_snapshot!(project.run("init"), @r"
      found   no migrations found in the usual folders: a new project
      wrote   shoring.toml

      shoring project in migrations, 0 migrations. Write the first:  shoring new create_users
    --- exit 0
    ");
    insta::assert_snapshot!(project.run("new create_users"), @r"
    migrations/001_create_users.up.sql
    migrations/001_create_users.down.sql
    --- exit 0
    ");
    insta::assert_snapshot!(project.run("status"), @r"
      sqlite:shoring.db (new)      shoring project, migrations, no history yet

      state     version   name
      pending   001       create users

      nothing applied yet, 1 pending. See what would run:  shoring plan
    --- exit 0
    ");
}

#[test]
fn init_takes_a_folder_of_other_files_for_no_new_project() {
    let project = TestProject::empty()
        .with("sql/V0001.Initial_Schema.up.sql", "SELECT 1;\n")
        .with("sql/V0001.Initial_Schema.down.sql", "SELECT 1;\n");
    insta::assert_snapshot!(project.run("init --dir sql"), @r"
    --- stderr
    error: nothing in `sql` is a migration of the native format
     = `sql/V0001.Initial_Schema.down.sql`: its name does not start with a number
     = `sql/V0001.Initial_Schema.up.sql`: its name does not start with a number

      State:  Nothing was run and nothing was changed.
      Next:   name them NUMBER_name.up.sql;  all of them with the reason:  shoring status
    --- exit 2
    ");
    assert!(!project.has("shoring.toml"));
}

#[test]
fn a_folder_for_each_database_is_a_question() {
    let project = TestProject::empty()
        .with("diesel.toml", "")
        .with("migrations/postgresql/2026-01-01_a/up.sql", "SELECT 1;\n")
        .with("migrations/sqlite/2026-01-01_a/up.sql", "SELECT 1;\n")
        .with("migrations/notes/readme.md", "");
    for command in ["init", "up"] {
        let said = project.run(command);
        insta::allow_duplicates! {
            insta::assert_snapshot!(said, @r"
            --- stderr
            error: the usual folders have no migrations here, and folders below have some
             = `migrations/postgresql`: files of diesel
             = `migrations/sqlite`: files of diesel

              State:  Nothing was run and nothing was changed.
              Next:   say which is meant:  shoring --dir migrations/postgresql status
                      or shoring --dir migrations/sqlite status
                      or name the database, which tells them apart:  shoring --database URL status
                      or start a project here:  shoring init --format shoring
            --- exit 2
            ");
        }
    }
    insta::assert_snapshot!(project.run("init --dir migrations"), @r"
    --- stderr
    error: `migrations` has no migrations of its own, and there are `migrations/postgresql`, `migrations/sqlite`

      State:  Nothing was run and nothing was changed.
      Next:   shoring init --dir migrations/postgresql
              shoring init --dir migrations/sqlite
    --- exit 2
    ");
    assert!(!project.has("shoring.toml") && !project.has("shoring.db"));
    assert_eq!(project.run("init --dir migrations/sqlite").code, Some(0));
}

#[test]
fn the_database_decides_between_the_folders_that_are_named_after_one() {
    let project = TestProject::empty()
        .with("diesel.toml", "")
        .with("migrations/postgresql/2026-01-01_a/up.sql", "SELECT 1;\n")
        .with("migrations/sqlite/2026-01-01_a/up.sql", "SELECT 1;\n")
        .with("migrations/sqlite/2026-01-01_a/down.sql", "SELECT 1;\n");
    insta::assert_snapshot!(project.run("--database sqlite:app.db init"), @r"
      found   migrations/sqlite/ has a folder 2026-01-01_a with up.sql, and there is diesel.toml; it is the folder of this database

      diesel project in migrations/sqlite, 1 migration. Nothing was written. See where the database is:  shoring status
    --- exit 0
    ");
    assert_eq!(project.run("--database sqlite:app.db up").code, Some(0));
    assert_eq!(project.run("--database sqlite:app.db down").code, Some(0));
    let new = project.run("--database sqlite:app.db new orders").stdout;
    assert!(new.contains("migrations/sqlite/"), "{new}");
    // Where another project is beside them, it is a question again, without what is for another database.
    let project = project.with("audit/001_a.up.sql", "SELECT 1;\n");
    insta::assert_snapshot!(project.run("--database sqlite:b.db status"), @r"
    --- stderr
    error: the usual folders have no migrations here, and folders below have some
     = `audit`: numbered files
     = `migrations/sqlite`: files of diesel

      State:  Nothing was run and nothing was changed.
      Next:   say which is meant:  shoring --dir audit status
              or shoring --dir migrations/sqlite status
              or start a project here:  shoring init --format shoring
    --- exit 2
    ");
}

#[test]
fn parts_of_one_project_below_are_named_once() {
    let project = TestProject::empty()
        .with("my app/pom.xml", "<artifactId>flyway-core</artifactId>\n")
        .with("my app/sql/1.0/ddl/V1_0_1__a.sql", "SELECT 1;\n")
        .with("my app/sql/1.0/dml/V1_0_2__b.sql", "SELECT 1;\n")
        .with("my app/sql/1.1/ddl/V1_1_1__c.sql", "SELECT 1;\n")
        .with("two/one/V1__a.sql", "SELECT 1;\n")
        .with("two/other/V1__a.sql", "SELECT 1;\n")
        .with(
            "lb/changelogs/db.changelog-master.yaml",
            "databaseChangeLog:\n  - include:\n      file: changes/a.sql\n",
        )
        .with(
            "lb/changelogs/changes/a.sql",
            "--liquibase formatted sql\n--changeset me:1\nSELECT 1;\n",
        );
    insta::assert_snapshot!(project.run("status"), @r"
    --- stderr
    error: the usual folders have no migrations here, and folders below have some
     = `lb/changelogs`: files of liquibase
     = `my app/sql`: files of flyway
     = `two/one`: files of flyway
     = `two/other`: files of flyway

      State:  Nothing was run and nothing was changed.
      Next:   say which is meant:  shoring --dir lb/changelogs status
              or shoring -C 'my app' status
              or shoring --dir two/one status
              or shoring --dir two/other status
              or start a project here:  shoring init --format shoring
    --- exit 2
    ");
    // Its master includes by names that count from its own folder.
    insta::assert_snapshot!(project.run("--dir lb/changelogs init"), @r"
      found   lb/changelogs/db.changelog-master.yaml is a changelog of Liquibase

      liquibase project in lb/changelogs, 1 migration. Nothing was written. See where the database is:  shoring status
    --- exit 0
    ");
}

#[test]
fn up_to_a_target_and_by_steps() {
    let project = TestProject::shop();
    insta::assert_snapshot!(project.run("up --steps 1"), @r"
      database  sqlite:shoring.db (new)      project  migrations/, native format      1 to run

      ✓ 001 create_users                2 statements # ms

      1 applied in # ms, now at 001, 2 pending. Undo the last with:  shoring down
    --- exit 0
    ");
    insta::assert_snapshot!(project.run("up 2"), @r"
      database  sqlite:shoring.db      project  migrations/, native format      1 to run

      ✓ 002 create_orders               1 statement # ms

      1 applied in # ms, now at 002, 1 pending. Undo the last with:  shoring down
    --- exit 0
    ");
    insta::assert_snapshot!(project.run("goto 1"), @r"
      database  sqlite:shoring.db      project  migrations/, native format      1 to run

      ✓ 002 create_orders               1 statement # ms   rolled back

      1 rolled back in # ms, now at 001, 2 pending.
    --- exit 0
    ");
    insta::assert_snapshot!(project.run("redo"), @r"
      database  sqlite:shoring.db      project  migrations/, native format      1 to run

      ✓ 001 create_users                1 statement # ms   rolled back
      ✓ 001 create_users                2 statements # ms

      1 rolled back, 1 applied in # ms, now at 001, 2 pending.
    --- exit 0
    ");
    insta::assert_snapshot!(project.run("up --dry-run"), @r"
      002 create_orders                                                                    1 transaction
        1  CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id))
      003 fill                                                                             1 transaction
        1  INSERT INTO users (email) VALUES ('a@example.com'), ('b@example.com')

      Nothing was sent but reads. Run it with:  shoring up
    --- exit 0
    ");
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

#[test]
fn a_name_that_fits_into_no_file_name_is_refused() {
    let project = TestProject::empty();
    let run = project.run(&format!("new {}", "x".repeat(151)));
    insta::assert_snapshot!(run, @r"
    --- stderr
    error: the name has 151 characters, more than the 150 that fit into a file name everywhere

      Next:   say it in a few words:  shoring new add_users_email
    --- exit 2
    ");
    assert!(!project.has("migrations"));
}

#[test]
fn projects_below_are_named_and_not_guessed() {
    let project = TestProject::empty()
        .with(
            "backend/go.mod",
            "module app\nrequire github.com/golang-migrate/migrate/v4 v4.19.1\n",
        )
        .with(
            "backend/resources/migrations/sqlite/001_a.up.sql",
            "CREATE TABLE a (id integer);\n",
        )
        .with("packages/data/package.json", "{}")
        .with(
            "packages/data/prisma/schema.prisma",
            "datasource db {\n  provider = \"sqlite\"\n}\n",
        )
        .with(
            "packages/data/prisma/migrations/20260101000000_a/migration.sql",
            "CREATE TABLE b (id integer);\n",
        )
        .with(
            "tests/migrations/001_not_this.sql",
            "CREATE TABLE c (id integer);\n",
        )
        .with_variable("DATABASE_URL", "sqlite:app.db");
    insta::assert_snapshot!(project.run("init"), @r"
    --- stderr
    error: the usual folders have no migrations here, and folders below have some
     = `backend/resources/migrations/sqlite`: files of golang-migrate
     = `packages/data/prisma/migrations`: files of prisma

      State:  Nothing was run and nothing was changed.
      Next:   say which is meant:  shoring -C backend --dir resources/migrations/sqlite status
              or shoring -C packages/data status
              or start a project here:  shoring init --format shoring
    --- exit 2
    ");
    assert!(!project.has("shoring.toml"));
    assert_eq!(project.run("status").code, Some(2));
    assert_eq!(project.run("up").code, Some(2));
    assert!(!project.has("app.db"));
    assert_eq!(
        project
            .run("-C backend --dir resources/migrations/sqlite init")
            .code,
        Some(0)
    );
    assert_eq!(project.run("init --format shoring").code, Some(0));
    assert_eq!(project.run("status").code, Some(0));
}
