//! A project of Liquibase from outside: what is found, what is said, and what is wrong in it.

use crate::project::TestProject;

const HEAD: &str = "--liquibase formatted sql\n";

fn changelog(text: &str) -> TestProject {
    TestProject::empty()
        .with_variable("DATABASE_URL", "sqlite:shoring.db")
        .with("db/changelog/changelog.sql", &format!("{HEAD}{text}"))
}

#[test]
fn the_history_tells_where_paths_count_from() {
    let master = "<databaseChangeLog>\n<include file=\"sql/users.sql\" relativeToChangelogFile=\"true\"/>\n</databaseChangeLog>\n";
    let users = "CREATE TABLE users (id integer);\n";
    // As a container runs it: the folder is all that the tool sees.
    let project = TestProject::empty()
        .with_variable("DATABASE_URL", "sqlite:app.db")
        .with("liquibase/master.xml", master)
        .with("liquibase/sql/users.sql", users);
    assert_eq!(
        project
            .run("-C liquibase --database sqlite:../app.db up")
            .code,
        Some(0)
    );
    insta::assert_snapshot!(project.run("status"), @r"
      sqlite:app.db ([version])      liquibase project, liquibase, history DATABASECHANGELOG

      state     version                          name   applied                       by took
      applied   sql/users.sql::raw::includeAll          [day] [time]   just now   tester # ms

      at sql/users.sql::raw::includeAll, nothing pending.
    --- exit 0
    ");
    assert_eq!(project.run("status --exit-code").code, Some(0));
    assert!(project.run("up").stdout.contains("Nothing to do"));
    // Where the names fit as they are, nothing is changed.
    let project = TestProject::empty()
        .with_variable("DATABASE_URL", "sqlite:app.db")
        .with("liquibase/master.xml", master)
        .with("liquibase/sql/users.sql", users);
    let (up, _) = project.json("up");
    assert_eq!(up["current"], "liquibase/sql/users.sql::raw::includeAll");
    assert!(project.run("up").stdout.contains("Nothing to do"));
}

#[test]
fn its_own_history_is_shown_without_a_word_of_configuration() {
    let project = TestProject::empty()
        .with(
            "src/main/resources/application.yaml",
            "spring:\n  datasource:\n    url: jdbc:sqlite:app.db\n    password: geheim\n  liquibase:\n    contexts: prod\n    parameters:\n      word: hello\n",
        )
        .with(
            "src/main/resources/db/changelog/db.changelog-master.yaml",
            "databaseChangeLog:\n  - includeAll:\n      path: changes\n      relativeToChangelogFile: true\n",
        )
        .with(
            "src/main/resources/db/changelog/changes/001-users.sql",
            &format!("{HEAD}--changeset jo:1\nCREATE TABLE users (id integer, note varchar(9) DEFAULT '${{word}}');\n--rollback DROP TABLE users;\n--changeset jo:2 context:test\nDROP TABLE users;\n"),
        );
    insta::assert_snapshot!(project.run("init"), @r"
      found   src/main/resources/application.yaml configures Liquibase, and src/main/resources/db/changelog/db.changelog-master.yaml is its changelog

      liquibase project in src/main/resources/db/changelog, 2 migrations. Nothing was written. See where the database is:  shoring status
    --- exit 0
    ");
    insta::assert_snapshot!(project.run("plan"), @r"
      db/changelog/changes/001-users.sql::1::jo                                            1 transaction
        1  CREATE TABLE users (id integer, note varchar(9) DEFAULT '${word}')

      Nothing was sent but reads. Run it with:  shoring up
    --- exit 0
    ");
    insta::assert_snapshot!(project.run("up"), @r"
      database  sqlite:app.db (new)      project  src/main/resources/db/changelog/, Liquibase project      1 to run

      ✓ db/changelog/changes/001-users.sql::1::jo                             1 statement # ms

      1 applied in # ms, now at db/changelog/changes/001-users.sql::1::jo. Undo the last with:  shoring down
    --- exit 0
    ");
    insta::assert_snapshot!(project.run("status"), @r"
      sqlite:app.db ([version])      liquibase project, src/main/resources/db/changelog, history DATABASECHANGELOG

      state     version                                     name   applied                       by took
      applied   db/changelog/changes/001-users.sql::1::jo          [day] [time]   just now   tester # ms
      ignored   db/changelog/changes/001-users.sql::2::jo                                                        its context is `test`

      at db/changelog/changes/001-users.sql::1::jo, nothing pending.
    --- exit 0
    ");
    insta::assert_snapshot!(project.run("down"), @r"
      database  sqlite:app.db      project  src/main/resources/db/changelog/, Liquibase project      1 to run

      ✓ db/changelog/changes/001-users.sql::1::jo                             1 statement # ms   rolled back

      1 rolled back in # ms, nothing is applied now, 1 pending. Apply again with:  shoring up
    --- exit 0
    ");
    let config = project.run("config");
    assert!(!config.to_string().contains("geheim"), "{config}");
    assert!(config.stdout.contains("application.yaml:3"), "{config}");
}

#[test]
fn changesets_that_the_tool_refuses_are_refused_with_their_place() {
    for text in [
        "--changeset me:1\nSELECT 1;\n--changeset me:2\nSELECT 2;\n--changeset me:1\nSELECT 3;\n",
        "--changeset me 1\nSELECT 1;\n",
        "--changeset me:1\nSELECT 1;\n-rollback SELECT 2;\n",
    ] {
        let run = changelog(text).run("status");
        assert!(run.to_string().ends_with("--- exit 2"), "{run}");
    }
    insta::assert_snapshot!(changelog("--changeset me:1\nSELECT 1;\n--changeset me:1\nSELECT 3;\n").run("status"), @r"
    --- stderr
    error: `db/changelog/changelog.sql`: the changeset `db/changelog/changelog.sql::1::me` is there twice, first in db/changelog/changelog.sql:2
     ┌─ db/changelog/changelog.sql:4:1
      │
    4 │ --changeset me:1
      │ ^^^^^^^^^^^^^^^^
      │
      = give the one that was never applied another id

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    ");
    insta::assert_snapshot!(changelog("--changeset me 1\nSELECT 1;\n").run("status"), @r"
    --- stderr
    error: `db/changelog/changelog.sql`: Liquibase knows such a line only as  --changeset AUTHOR:ID
     ┌─ db/changelog/changelog.sql:2:1
      │
    2 │ --changeset me 1
      │ ^^^^^^^^^^^^^^^^
      │
      = correct it, or make it a comment that begins otherwise

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    ");
    insta::assert_snapshot!(changelog("--changeset me:1 runWith:psql\nSELECT 1;\n").run("up"), @r"
    --- stderr
    error: `db/changelog/changelog.sql`: `runWith:psql` is not supported: it runs the changeset with another program
     ┌─ db/changelog/changelog.sql:2:1
      │
    2 │ --changeset me:1 runWith:psql
      │ ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      │
      = take it out: what the server understands runs without;  or run it with Liquibase itself

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    ");
    insta::assert_snapshot!(changelog("--changeset me:1 endDelimiter:(;|GO)\nSELECT 1;\n").run("up"), @r"
    --- stderr
    error: `db/changelog/changelog.sql`: the delimiter `(;|GO)` is a pattern that is not read
     ┌─ db/changelog/changelog.sql:2:1
      │
    2 │ --changeset me:1 endDelimiter:(;|GO)
      │ ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      │
      = name plain characters, as in  endDelimiter://

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    ");
    insta::assert_snapshot!(changelog("--changeset me:1\n--preconditions onFail:MAYBE\n--precondition-table-exists table:a\nSELECT 1;\n").run("up"), @r"
    --- stderr
    error: `db/changelog/changelog.sql`: `onFail:MAYBE` is not known
     ┌─ db/changelog/changelog.sql:2:1
      │
    2 │ --changeset me:1
      │ ^
      │
      = there are HALT, CONTINUE, MARK_RAN and WARN

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    ");
    insta::assert_snapshot!(changelog("--changeset me:1\n--precondition-column-exists column:a\nSELECT 1;\n").run("up"), @r"
    --- stderr
    error: `db/changelog/changelog.sql`: `--precondition-column-exists` is not known
     ┌─ db/changelog/changelog.sql:3:1
      │
    3 │ --precondition-column-exists column:a
      │ ^
      │
      = there are sql-check, table-exists and view-exists

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    ");
    insta::assert_snapshot!(changelog("--changeset me:1\nSELECT 1;\n--rollback changesetId:9 changesetAuthor:me\n").run("up"), @r"
    --- stderr
    error: `db/changelog/changelog.sql`: there is no changeset `db/changelog/changelog.sql::9::me` that could be run to roll back
     ┌─ db/changelog/changelog.sql:2:1
      │
    2 │ --changeset me:1
      │ ^
      │
      = name it with changesetId, changesetAuthor and changesetPath

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    ");
    insta::assert_snapshot!(changelog("--changeset me:1\n-- nothing yet\n").run("up"), @r"
    --- stderr
    error: `db/changelog/changelog.sql` has no statement yet
     ┌─ db/changelog/changelog.sql:3:1

      State:  Nothing was run and nothing was changed.
      Next:   write it;  if it shall do nothing, say so in it:  -- shoring: empty
    --- exit 2
    ");
}

#[test]
fn masters_are_read_as_far_as_they_include() {
    let good = format!("{HEAD}--changeset me:1\nSELECT 1;\n");
    let master = |name: &str, text: &str| {
        TestProject::empty()
            .with_variable("DATABASE_URL", "sqlite:shoring.db")
            .with(&format!("db/changelog/changelog.{name}"), text)
            .with("db/changelog/a.sql", &good)
            .run("up")
    };
    insta::assert_snapshot!(master("xml", "<databaseChangeLog>\n  <include file=\"db/changelog/a.sql\"/>\n  <changeSet id=\"1\" author=\"me\"><dropTable tableName=\"a\"/></changeSet>\n</databaseChangeLog>\n"), @r#"
    --- stderr
    error: `db/changelog/changelog.xml`: `changeSet` is not supported: only changesets in SQL are run
     ┌─ db/changelog/changelog.xml:3:1
      │
    3 │   <changeSet id="1" author="me"><dropTable tableName="a"/></changeSet>
      │ ^
      │
      = run it with Liquibase itself;  or write it as SQL, in a file that is included

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    "#);
    insta::assert_snapshot!(master("yaml", "databaseChangeLog:\n- include:\n    file: nowhere.sql\n"), @r"
    --- stderr
    error: `db/changelog/changelog.yaml`: there is no changelog `nowhere.sql`
     ┌─ db/changelog/changelog.yaml:3:1
      │
    3 │     file: nowhere.sql
      │ ^
      │
      = paths count from the search path, or with relativeToChangelogFile from the file that includes

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    ");
    insta::assert_snapshot!(master("yaml", "databaseChangeLog:\n- include: *other\n"), @r"
    --- stderr
    error: `db/changelog/changelog.yaml`: this part of YAML is not read
     ┌─ db/changelog/changelog.yaml:2:1
      │
    2 │ - include: *other
      │ ^
      │
      = only include, includeAll and property are read in a changelog that is no SQL

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    ");
    insta::assert_snapshot!(master("yaml", "databaseChangeLog:\n- include:\n    file: db/changelog/changelog.yaml\n"), @r"
    --- stderr
    error: `db/changelog/changelog.yaml`: `db/changelog/changelog.yaml` includes itself
     ┌─ db/changelog/changelog.yaml:3:1
      │
    3 │     file: db/changelog/changelog.yaml
      │ ^
      │
      = take the include out

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    ");
    insta::assert_snapshot!(master("json", "{\"databaseChangeLog\": [\n{\"include\": {\"file\": \"../../../etc/passwd.sql\", \"relativeToChangelogFile\": true}}]}"), @r#"
    --- stderr
    error: `db/changelog/changelog.json`: there is no changelog `../etc/passwd.sql`
     ┌─ db/changelog/changelog.json:2:1
      │
    2 │ {"include": {"file": "../../../etc/passwd.sql", "relativeToChangelogFile": true}}]}
      │ ^
      │
      = paths count from the search path, or with relativeToChangelogFile from the file that includes

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    "#);
    insta::assert_snapshot!(master("json", "{\"databaseChangeLog\": [\n{\"include\": {\"file\": \"a.sql\", \"relativeToChangelogFile\": true}}]}"), @r"
      database  sqlite:shoring.db (new)      project  db/changelog/, Liquibase project      1 to run

      ✓ db/changelog/a.sql::1::me                             1 statement # ms

      1 applied in # ms, now at db/changelog/a.sql::1::me.
    --- exit 0
    ");
}

#[test]
fn what_is_wrong_in_the_configuration_is_told() {
    let with = |text: &str| {
        changelog("--changeset me:1\nCREATE TABLE a (id integer);\n")
            .with("liquibase.properties", text)
            .run("up")
    };
    insta::assert_snapshot!(with("changelogFiel=x\nnonsense=1\n"), @r"
      database  sqlite:shoring.db (new)      project  db/changelog/, Liquibase project      1 to run

      ✓ db/changelog/changelog.sql::1::me                             1 statement # ms

      1 applied in # ms, now at db/changelog/changelog.sql::1::me.
    --- stderr
    warning: liquibase.properties:1: unknown key `changelogFiel`
     = did you mean `changelogFile`?
    warning: liquibase.properties:2: unknown key `nonsense`
     = take it out; Liquibase passes over it too
    --- exit 0
    ");
    insta::assert_snapshot!(with("changelogFile=db/changelog/changelog.sql\nmissingPropertyMode=ERROR\nfileEncoding=UTF-16\n"), @r"
    --- stderr
    error: liquibase.properties:2: `missingPropertyMode` is not supported: a name without a value stays as it is written
     = also liquibase.properties:3: files in the encoding `UTF-16` are not read
     = take it out, or run this project with Liquibase itself

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    ");
    insta::assert_snapshot!(with("changelogFile=db/changelog/nowhere.sql\n"), @r"
    --- stderr
    error: liquibase.properties:1: there is no changelog `db/changelog/nowhere.sql`
     = paths count from the search path, or with relativeToChangelogFile from the file that includes

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    ");
    // The configuration of another tool in the same folder is not this one's to judge.
    let project = changelog("--changeset me:1\nCREATE TABLE a (id integer);\n")
        .with(
            "liquibase.properties",
            "changelogFile=db/changelog/changelog.sql\n",
        )
        .with("flyway.conf", "flyway.locations=filesystem:db/changelog\n");
    insta::assert_snapshot!(project.run("up"), @r"
      database  sqlite:shoring.db (new)      project  db/changelog/, Liquibase project      1 to run

      ✓ db/changelog/changelog.sql::1::me                             1 statement # ms

      1 applied in # ms, now at db/changelog/changelog.sql::1::me.
    --- exit 0
    ");
}

#[test]
fn a_changeset_that_was_moved_is_not_run_twice() {
    let properties = "changelogFile=db/changelog/changelog.yaml\n";
    let master = "databaseChangeLog:\n- includeAll:\n    path: db/changelog/parts\n";
    let text = format!(
        "{HEAD}--changeset me:1\nCREATE TABLE a (id integer);\n--changeset me:2\nINSERT INTO a VALUES (2);\n"
    );
    let project = TestProject::empty()
        .with_variable("DATABASE_URL", "sqlite:shoring.db")
        .with("liquibase.properties", properties)
        .with("db/changelog/changelog.yaml", master)
        .with("db/changelog/parts/a.sql", &text);
    project.run("up");
    project.remove("db/changelog/parts/a.sql");
    let project = project.with("db/changelog/parts/b.sql", &text);
    insta::assert_snapshot!(project.run("up"), @r"
    --- stderr
    error: files were renamed after they had been applied, and would run again
     = db/changelog/parts/b.sql::1::me: has the text of db/changelog/parts/a.sql::1::me, which has no file; applied [day] [time] UTC by tester
     = db/changelog/parts/b.sql::2::me: has the text of db/changelog/parts/a.sql::2::me, which has no file; applied [day] [time] UTC by tester

      State:  Nothing was run and nothing was changed.
      Next:   move it back, or write where it was:  --changeset AUTHOR:ID logicalFilePath:db/changelog/parts/a.sql   (for a whole file, in its first line)
              if the new one is meant:  shoring mark db/changelog/parts/b.sql::1::me applied
              if it is another one, of a project that shares the table, give it another id
    --- exit 4
    ");
    // As it says.
    let known = text.replacen(
        "formatted sql",
        "formatted sql logicalFilePath:db/changelog/parts/a.sql",
        1,
    );
    let project = project.with("db/changelog/parts/b.sql", &known);
    insta::assert_snapshot!(project.run("up"), @r"
      Nothing to do: at db/changelog/parts/a.sql::2::me, nothing pending.
    --- exit 0
    ");
    // Another id is another changeset: others may share the table.
    let project = project.with(
        "db/changelog/parts/b.sql",
        &text.replace("me:1", "me:11").replace(
            "me:2\nINSERT INTO a VALUES (2)",
            "me:12\nINSERT INTO a VALUES (2)",
        ),
    );
    let plan = project.run("plan");
    assert!(plan.stdout.contains("b.sql::12::me"), "{plan}");
}

#[test]
fn files_that_changed_are_told_with_what_to_type() {
    let project = changelog(
        "--changeset me:1\nCREATE TABLE a (id integer);\n--changeset me:2\nCREATE TABLE b (id integer);\n",
    );
    project.run("up");
    let project = project.with("db/changelog/changelog.sql", &format!("{HEAD}--changeset me:1\nCREATE TABLE a (id bigint);\n--changeset me:2\nCREATE TABLE b (id integer);\n"));
    insta::assert_snapshot!(project.run("up"), @r"
    --- stderr
    error: files were changed after they had been applied
     = db/changelog/changelog.sql::1::me: the file is not what was applied; applied [day] [time] UTC by tester (checksum 9:6b86ac, now 9:6a4121)

      State:  Nothing was run and nothing was changed.
      Next:   put the old text back and write a new migration;  if the change is meant:  shoring repair
    --- exit 4
    ");
    insta::assert_snapshot!(project.run("repair --yes"), @r"
      ✓ db/changelog/changelog.sql::1::me: realign the checksum (db/changelog/changelog.sql is not the text that was applied)

      Recorded; now at db/changelog/changelog.sql::2::me. No migration was run. See:  shoring status
    --- exit 0
    ");
    // Another file name is another changeset to the tool, and to us.
    let project = project.with(
        "db/changelog/changelog.sql",
        &format!("{HEAD}--changeset me:2\nCREATE TABLE b (id integer);\n"),
    );
    let status = project.run("status");
    assert!(
        status
            .stdout
            .contains("missing   db/changelog/changelog.sql::1::me"),
        "{status}"
    );
    // Several projects may share the table: nobody is told to take the row away.
    assert!(status.stdout.contains("1 missing file.\n"), "{status}");
    insta::assert_snapshot!(project.run("up 3"), @r"
    --- stderr
    error: there is no migration `3`

      State:  Nothing was run and nothing was changed.
      Next:   see the versions:  shoring status
    --- exit 2
    ");
    insta::assert_snapshot!(project.run("down"), @r"
    --- stderr
    error: db/changelog/changelog.sql::2::me has no `--rollback`, so it cannot be rolled back
     = nothing was run

      State:  Nothing was run and nothing was changed.
      Next:   write what takes it back into lines  --rollback SQL  of the changeset, in db/changelog/changelog.sql
    --- exit 11
    ");
}
