//! A project of Flyway from outside: what is found, what is said, what is kept to itself.

use crate::project::TestProject;

const SPRING: &str = "spring.datasource.url=jdbc:sqlite:app.db\nspring.datasource.username=app\nspring.datasource.password=geheim\nspring.flyway.placeholders.prefix=shop\n";

fn project() -> TestProject {
    TestProject::empty()
        .with("src/main/resources/application.properties", SPRING)
        .with(
            "src/main/resources/db/migration/V1__users.sql",
            "CREATE TABLE ${prefix}_users (id integer);\n",
        )
        .with(
            "src/main/resources/db/migration/sub/V1_1__more_users.sql",
            "INSERT INTO ${prefix}_users VALUES (1);\n",
        )
        .with(
            "src/main/resources/db/migration/R__view.sql",
            "DROP VIEW IF EXISTS v;\nCREATE VIEW v AS SELECT id FROM ${prefix}_users;\n",
        )
}

#[test]
fn its_own_history_is_shown_without_a_word_of_configuration() {
    let project = project();
    insta::assert_snapshot!(project.run("init"), @r"
      found   src/main/resources/application.properties configures Flyway; src/main/resources/db/migration/ has 3 of its files

      flyway project in src/main/resources/db/migration, 3 migrations. Nothing was written. See where the database is:  shoring status
    --- exit 0
    ");
    insta::assert_snapshot!(project.run("up"), @r"
      database  sqlite:app.db (new)      project  src/main/resources/db/migration/, Flyway project      3 to run

      ✓ 1 users                       1 statement # ms
      ✓ 1.1 more_users                  1 statement # ms   1 row
      ✓ R__view view                        2 statements # ms

      3 applied in # ms, now at 1.1.
    --- exit 0
    ");
    insta::assert_snapshot!(project.run("status"), @r"
      sqlite:app.db ([version])      flyway project, src/main/resources/db/migration, history flyway_schema_history

      state     version   name         applied                       by took
      applied   1         users        [day] [time]   just now   tester # ms
      applied   1.1       more users   [day] [time]   just now   tester # ms
      applied   R__view   view         [day] [time]   just now   tester # ms

      at 1.1, nothing pending.
    --- exit 0
    ");
    let (status, code) = project.json("status");
    assert_eq!(code, Some(0));
    assert_eq!(status["format"], "flyway");
    assert_eq!(status["current"], "1.1");
    let kinds: Vec<&str> = status["migrations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|migration| migration["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["versioned", "versioned", "repeatable"]);
}

#[test]
fn its_settings_are_shown_with_their_place_and_without_the_password() {
    let project = project().with_variable("FLYWAY_URL", "jdbc:sqlite:other.db");
    let run = project.run("config");
    assert!(
        run.stdout.contains("sqlite:other.db") && run.stdout.contains("FLYWAY_URL"),
        "{run}"
    );
    assert!(!run.to_string().contains("geheim"), "{run}");
    assert!(!project.run("up -v").to_string().contains("geheim"));
}

#[test]
fn a_placeholder_without_a_value_has_a_caret_and_stops_everything() {
    let project = project().with(
        "src/main/resources/db/migration/V2__broken.sql",
        "-- first\nINSERT INTO ${prefix}_users VALUES (${nobody});\n",
    );
    insta::assert_snapshot!(project.run("up"), @r"
    --- stderr
    error: there is no value for the placeholder `${nobody}` (line 2, column 37)
     ┌─ src/main/resources/db/migration/V2__broken.sql:2:37
      │
    2 │ INSERT INTO ${prefix}_users VALUES (${nobody});
      │                                     ^^^^^^^^^
      │
      = give it a value in the configuration of the tool, or correct the name

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    ");
    assert!(!project.has("app.db"));
}

#[test]
fn an_error_of_the_server_points_at_the_name_of_a_placeholder() {
    let project = project().with(
        "src/main/resources/db/migration/V2__broken.sql",
        "INSERT INTO ${prefix}_users (id, nothing) VALUES (1, 2);\n",
    );
    insta::assert_snapshot!(project.run("up -q"), @r#"
    --- stderr
    error: near "nothing": syntax error
     ┌─ src/main/resources/db/migration/V2__broken.sql:1:34
      │
    1 │ INSERT INTO ${prefix}_users (id, nothing) VALUES (1, 2);
      │                                  ^^^^^^^ SQLITE_ERROR
      │
      = statement 1 of 1 in 2_broken: INSERT

      State:  2 was rolled back completely. The database is at 1.1, nothing of 2 remains.
      Next:   fix the file, then run  shoring up
    --- exit 6
    "#);
}

#[test]
fn without_an_undo_file_the_way_back_is_refused_by_name() {
    let project = project();
    project.run("up");
    insta::assert_snapshot!(project.run("down"), @r"
    --- stderr
    error: 1.1_more_users has no down file, so it cannot be rolled back
     = nothing was run

      State:  Nothing was run and nothing was changed.
      Next:   write src/main/resources/db/migration/sub/U1_1__more_users.sql
    --- exit 11
    ");
}

#[test]
fn an_unknown_key_is_told_with_its_line() {
    let project = project().with("flyway.conf", "flyway.outOfOder=true\n");
    insta::assert_snapshot!(project.run("status"), @r"
    --- stderr
    error: flyway.conf:1: unknown key `outOfOder`
     = did you mean `outOfOrder`?

      State:  Nothing was run and nothing was changed.
      Next:   correct it, then run the same command again
    --- exit 2
    ");
}

#[test]
fn spring_boot_needs_no_word_about_it() {
    let project = TestProject::empty()
        .with(
            "src/main/resources/application.properties",
            "spring.datasource.url=jdbc:sqlite:app.db\n",
        )
        .with(
            "pom.xml",
            "<project>\n<artifactId>flyway-core</artifactId>\n</project>\n",
        )
        .with(
            "src/main/resources/db/migration/V1__users.sql",
            "CREATE TABLE users (id integer);\n",
        );
    let run = project.run("up");
    assert_eq!(run.code, Some(0), "{run}");
    assert!(project.has("app.db"), "{run}");
}

#[test]
fn a_variable_of_another_project_does_not_make_this_one_flyways() {
    let project = TestProject::shop().with_variable("FLYWAY_URL", "jdbc:sqlite:other.db");
    let run = project.run("up");
    assert_eq!(run.code, Some(0), "{run}");
    assert!(
        project.has("shoring.db") && !project.has("other.db"),
        "{run}"
    );
    // Nor does a configuration without files.
    let project = TestProject::shop().with("flyway.conf", "flyway.url=jdbc:sqlite:other.db\n");
    let (document, _) = project.json("init");
    assert_eq!(document["format"], "shoring");
}

#[test]
fn a_folder_for_each_database_is_found_before_it_is_known_which_it_is() {
    let project = TestProject::empty()
        .with(
            "src/main/resources/application.yml",
            "spring:\n  datasource:\n    url: jdbc:mysql://db/app\n  flyway:\n    locations: classpath:db/{vendor}\n",
        )
        .with(
            "src/moves/resources/db/mysql/V1__users.sql",
            "CREATE TABLE users (id INT AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB;\n",
        )
        .with(
            "src/moves/resources/db/sqlite/V1__users.sql",
            "CREATE TABLE users (id integer);\n",
        )
        .with_variable("DATABASE_URL", "sqlite:app.db");
    insta::assert_snapshot!(project.run("init"), @r"
      found   src/main/resources/application.yml configures Flyway; src/moves/resources/db/mysql/ has 1 of its files

      flyway project in src/moves/resources/db/mysql, 1 migration. Nothing was written. See where the database is:  shoring status
    --- exit 0
    ");
    insta::assert_snapshot!(project.run("up"), @r"
      database  sqlite:app.db (new)      project  src/moves/resources/db/sqlite/, Flyway project      1 to run

      ✓ 1 users                       1 statement # ms

      1 applied in # ms, now at 1.
    --- exit 0
    ");
}

#[test]
fn a_vendor_that_nothing_tells_is_any_that_has_files() {
    let project = TestProject::empty()
        .with(
            "src/main/resources/application.yml",
            "spring:\n  flyway:\n    locations: classpath:db/{vendor}\n",
        )
        .with(
            "src/main/resources/db/sqlite/V1__users.sql",
            "CREATE TABLE users (id integer);\n",
        );
    insta::assert_snapshot!(project.run("init"), @r"
      found   src/main/resources/application.yml configures Flyway; src/main/resources/db/sqlite/ has 1 of its files

      flyway project in src/main/resources/db/sqlite, 1 migration. Nothing was written. See where the database is:  shoring status
    --- exit 0
    ");
}
