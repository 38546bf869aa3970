//! A project of Liquibase from outside: what is found, what is said, and what is wrong in it.

use crate::project::TestProject;

const HEAD: &str = "--liquibase formatted sql\n";

fn changelog(text: &str) -> TestProject {
    TestProject::empty().with("db/changelog/changelog.sql", &format!("{HEAD}{text}"))
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
    insta::assert_snapshot!(project.run("init"), @"");
    insta::assert_snapshot!(project.run("plan"), @"");
    insta::assert_snapshot!(project.run("up"), @"");
    insta::assert_snapshot!(project.run("status"), @"");
    insta::assert_snapshot!(project.run("down"), @"");
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
    insta::assert_snapshot!(changelog("--changeset me:1\nSELECT 1;\n--changeset me:1\nSELECT 3;\n").run("status"), @"");
    insta::assert_snapshot!(changelog("--changeset me 1\nSELECT 1;\n").run("status"), @"");
    insta::assert_snapshot!(changelog("--changeset me:1 runWith:psql\nSELECT 1;\n").run("up"), @"");
    insta::assert_snapshot!(changelog("--changeset me:1 endDelimiter:(;|GO)\nSELECT 1;\n").run("up"), @"");
    insta::assert_snapshot!(changelog("--changeset me:1\n--preconditions onFail:MAYBE\n--precondition-table-exists table:a\nSELECT 1;\n").run("up"), @"");
    insta::assert_snapshot!(changelog("--changeset me:1\n--precondition-column-exists column:a\nSELECT 1;\n").run("up"), @"");
    insta::assert_snapshot!(changelog("--changeset me:1\nSELECT 1;\n--rollback changesetId:9 changesetAuthor:me\n").run("up"), @"");
    insta::assert_snapshot!(changelog("--changeset me:1\n-- nothing yet\n").run("up"), @"");
}

#[test]
fn masters_are_read_as_far_as_they_include() {
    let good = format!("{HEAD}--changeset me:1\nSELECT 1;\n");
    let master = |name: &str, text: &str| {
        TestProject::empty()
            .with(&format!("db/changelog/changelog.{name}"), text)
            .with("db/changelog/a.sql", &good)
            .run("up")
    };
    insta::assert_snapshot!(master("xml", "<databaseChangeLog>\n  <include file=\"db/changelog/a.sql\"/>\n  <changeSet id=\"1\" author=\"me\"><dropTable tableName=\"a\"/></changeSet>\n</databaseChangeLog>\n"), @"");
    insta::assert_snapshot!(master("yaml", "databaseChangeLog:\n- include:\n    file: nowhere.sql\n"), @"");
    insta::assert_snapshot!(master("yaml", "databaseChangeLog:\n- include: *other\n"), @"");
    insta::assert_snapshot!(master("yaml", "databaseChangeLog:\n- include:\n    file: db/changelog/changelog.yaml\n"), @"");
    insta::assert_snapshot!(master("json", "{\"databaseChangeLog\": [\n{\"include\": {\"file\": \"../../../etc/passwd.sql\", \"relativeToChangelogFile\": true}}]}"), @"");
    insta::assert_snapshot!(master("json", "{\"databaseChangeLog\": [\n{\"include\": {\"file\": \"a.sql\", \"relativeToChangelogFile\": true}}]}"), @"");
}

#[test]
fn what_is_wrong_in_the_configuration_is_told() {
    let with = |text: &str| {
        changelog("--changeset me:1\nCREATE TABLE a (id integer);\n")
            .with("liquibase.properties", text)
            .run("up")
    };
    insta::assert_snapshot!(with("changelogFiel=x\nnonsense=1\n"), @"");
    insta::assert_snapshot!(with("changelogFile=db/changelog/changelog.sql\nmissingPropertyMode=ERROR\nfileEncoding=UTF-16\n"), @"");
    insta::assert_snapshot!(with("changelogFile=db/changelog/nowhere.sql\n"), @"");
    // The configuration of another tool in the same folder is not this one's to judge.
    let project = changelog("--changeset me:1\nCREATE TABLE a (id integer);\n")
        .with(
            "liquibase.properties",
            "changelogFile=db/changelog/changelog.sql\n",
        )
        .with("flyway.conf", "flyway.locations=filesystem:db/changelog\n");
    insta::assert_snapshot!(project.run("up"), @"");
}

#[test]
fn files_that_changed_are_told_with_what_to_type() {
    let project = changelog(
        "--changeset me:1\nCREATE TABLE a (id integer);\n--changeset me:2\nCREATE TABLE b (id integer);\n",
    );
    project.run("up");
    let project = project.with("db/changelog/changelog.sql", &format!("{HEAD}--changeset me:1\nCREATE TABLE a (id bigint);\n--changeset me:2\nCREATE TABLE b (id integer);\n"));
    insta::assert_snapshot!(project.run("up"), @"");
    insta::assert_snapshot!(project.run("repair --yes"), @"");
    // Another file name is another changeset to the tool, and to us.
    let project = project.with(
        "db/changelog/changelog.sql",
        &format!("{HEAD}--changeset me:2\nCREATE TABLE b (id integer);\n"),
    );
    insta::assert_snapshot!(project.run("status"), @"");
    insta::assert_snapshot!(project.run("up 3"), @"");
    insta::assert_snapshot!(project.run("down"), @"");
}
