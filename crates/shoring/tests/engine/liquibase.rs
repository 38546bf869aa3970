//! Projects of Liquibase, in place: many changesets in a file, what their attributes ask for, and the row that its runs lock.

use crate::support::{Project, ask, assert_says, carets, prepare, tell, user_tables};
use shoring::{Confirmation, DownRequest, ErrorKind, MarkAs, PlanRequest, UpRequest};
use shoring_core::Dialect;
use shoring_testkit::TestDatabase;
use std::time::Duration;

const HEAD: &str = "--liquibase formatted sql\n";

/// A project with one changelog.
fn project(db: &TestDatabase, text: &str) -> Project {
    let project = Project::new(db, &[]);
    project.write("changelog.sql", format!("{HEAD}{text}"));
    project
}

fn history(db: &TestDatabase) -> &'static str {
    db.engine.pick(
        "databasechangelog",
        "DATABASECHANGELOG",
        "DATABASECHANGELOG",
    )
}

fn lock_row(db: &TestDatabase) -> &'static str {
    db.engine.pick(
        "databasechangeloglock",
        "DATABASECHANGELOGLOCK",
        "DATABASECHANGELOGLOCK",
    )
}

/// Id, kind and place of each row.
async fn rows(db: &TestDatabase) -> String {
    let table = history(db);
    ask(
        db,
        &format!("SELECT id, exectype, orderexecuted FROM {table} ORDER BY orderexecuted"),
    )
    .await
}

async fn states(project: &Project) -> String {
    project
        .states()
        .await
        .replace("migrations/changelog.sql::", "")
        .replace("::me", "")
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn what_the_attributes_ask_for_is_done(db: TestDatabase) {
        let project = project(
            &db,
            "--changeset me:1\nCREATE TABLE a (id integer);\n--changeset me:2 failOnError:false\nCREATE TABLE a (id integer);\n--changeset me:3 runAlways:true\nINSERT INTO a VALUES (3);\n--changeset me:4 runOnChange:true\nINSERT INTO a VALUES (4);\n--changeset me:5 dbms:oracle,!h2\nINSERT INTO a VALUES (5);\n--changeset me:6 ignore:true\nINSERT INTO a VALUES (6);\n--changeset me:7 context:test labels:slow\nINSERT INTO a VALUES (7);\n",
        );
        project.write_beside("liquibase.properties", "changelogFile=migrations/changelog.sql\ncontexts=prod\n");
        project.up().await;
        assert_eq!(states(&project).await, "1 applied, 2 pending, 3 applied, 4 applied, 5 ignored, 6 ignored, 7 ignored");
        project.write(
            "changelog.sql",
            std::fs::read_to_string(project.root().join("migrations/changelog.sql")).unwrap().replace("VALUES (4)", "VALUES (44)"),
        );
        project.up().await;
        assert_eq!(ask(&db, "SELECT id FROM a ORDER BY id").await, "3 ; 3 ; 4 ; 44");
        assert_eq!(rows(&db).await, "1|EXECUTED|1 ; 3|RERAN|4 ; 4|RERAN|5");
        project.write_beside("liquibase.properties", "changelogFile=migrations/changelog.sql\ncontexts=test\nlabelFilter=!fast\n");
        project.up().await;
        assert_eq!(ask(&db, "SELECT max(id), count(*) FROM a").await, "44|6");
        assert!(states(&project).await.ends_with("7 applied"));
    }

    async fn preconditions_are_asked_just_before(db: TestDatabase) {
        let project = project(
            &db,
            "--changeset me:1\nCREATE TABLE a (id integer);\n--changeset me:2\n--preconditions onFail:MARK_RAN\n--precondition-sql-check expectedResult:1 SELECT count(*) FROM a\nCREATE TABLE never (id integer);\n--changeset me:3\n--preconditions onFail:HALT onError:CONTINUE\n--precondition-sql-check expectedResult:0 SELECT count(*) FROM nowhere\nCREATE TABLE later (id integer);\n--changeset me:4\n--preconditions onFail:WARN\n--precondition-view-exists view:nothing\nINSERT INTO a VALUES (4);\n--changeset me:5\n--precondition-table-exists table:A\nINSERT INTO a VALUES (5);\n--changeset me:6\n--precondition-sql-check expectedResult:0 SELECT count(*) FROM a\nINSERT INTO a VALUES (6);\n--changeset me:7\nINSERT INTO a VALUES (7);\n",
        );
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::FailedRolledBack, "condition", &[
            "the condition of migrations/changelog.sql::6::me is not met: sql-check expectedResult:0 SELECT count(*) FROM a gave 2, not 0",
            "Nothing of migrations/changelog.sql::6::me was run; what ran before it stays applied.",
            "shoring mark VERSION applied",
        ]);
        assert_eq!(error.diagnostic.label.as_ref().unwrap().position.line, 20);
        assert_eq!(rows(&db).await, "1|EXECUTED|1 ; 2|MARK_RAN|2 ; 4|EXECUTED|3 ; 5|EXECUTED|4");
        assert_eq!(states(&project).await, "1 applied, 2 applied, 3 pending, 4 applied, 5 applied, 6 pending, 7 pending");
        prepare(&db, &["CREATE TABLE nowhere (id integer)", "DELETE FROM a"]).await;
        project.up().await;
        assert_eq!(states(&project).await.matches("applied").count(), 7);
        assert!(user_tables(&db).await.contains("later"));
        assert!(!user_tables(&db).await.contains("never"));
    }

    async fn a_version_has_many_spellings(db: TestDatabase) {
        let project = project(
            &db,
            "--changeset me:1\nCREATE TABLE a (id integer);\n--changeset me:one\nCREATE TABLE b (id integer);\n--changeset you:1\nCREATE TABLE c (id integer);\n",
        );
        let to = |target: &str| UpRequest {
            target: Some(target.to_owned()),
            ..UpRequest::default()
        };
        let migrator = project.migrator();
        let error = migrator.up(&to("1")).await.unwrap_err();
        assert!(tell(&error).contains("`1` could be any of 2 migrations"), "{}", tell(&error));
        migrator.up(&to("me:1")).await.unwrap();
        migrator.up(&to("one")).await.unwrap();
        assert_eq!(rows(&db).await, "1|EXECUTED|1 ; one|EXECUTED|2");
        migrator.mark("migrations/changelog.sql::1::you", MarkAs::Applied).await.unwrap();
        migrator.mark("1::you", MarkAs::Pending).await.unwrap();
        assert_eq!(migrator.up(&UpRequest::default()).await.unwrap().ran.len(), 1);
    }

    async fn ways_back_are_comments(db: TestDatabase) {
        let project = project(
            &db,
            "--changeset me:1\nCREATE TABLE a (id integer);\n--rollback DROP\n--rollback   TABLE a;\n--changeset me:2\nINSERT INTO a VALUES (2);\n--rollback empty\n--changeset me:3\nDROP TABLE a;\n--rollback changesetId:1 changesetAuthor:me\n--changeset me:4\nCREATE TABLE b (id integer);\n/* liquibase rollback\n DROP TABLE b;\n*/\n--changeset me:5\nCREATE TABLE c (id integer);\n",
        );
        project.up().await;
        let migrator = project.migrator();
        let error = migrator.down(&DownRequest::All).await.unwrap_err();
        assert_says(&error, ErrorKind::Refused, "no-down", &[
            "migrations/changelog.sql::5::me",
            "write what takes it back into lines  --rollback SQL  of the changeset, in migrations/changelog.sql",
        ]);
        assert_eq!(rows(&db).await.matches("EXECUTED").count(), 5);
        migrator.mark("5", MarkAs::Pending).await.unwrap();
        prepare(&db, &["DROP TABLE c"]).await;
        migrator.down(&DownRequest::Steps(1)).await.unwrap();
        migrator.down(&DownRequest::To("2".to_owned())).await.unwrap();
        assert_eq!(ask(&db, "SELECT count(*) FROM a").await, "0");
        migrator.down(&DownRequest::All).await.unwrap();
        assert_eq!(rows(&db).await, "");
        assert!(!user_tables(&db).await.split(" ; ").any(|name| name == "a"));
    }

    async fn what_runs_again_and_stopped_half_way_goes_on(db: TestDatabase) {
        let text = |of_1: &str| format!("--changeset me:1\nCREATE TABLE a (id integer);\n--changeset me:2 runOnChange:true\nINSERT INTO a VALUES (2);\nCREATE TABLE b{of_1} (id integer);\nINSERT INTO a VALUES (3);\n--rollback DELETE FROM a WHERE id > 1;\n");
        let project = project(&db, &text("1"));
        project.up().await;
        // Its second run stops at its last statement; what commits by itself stays.
        project.write("changelog.sql", format!("{HEAD}{}", text("2").replace("VALUES (3)", "VALUES (3, 3)")));
        project.up_fails().await;
        let is_half = db.engine.dialect() == Dialect::Mysql;
        assert_eq!(states(&project).await, if is_half { "1 applied, 2 failed" } else { "1 applied, 2 pending" });
        project.write("changelog.sql", format!("{HEAD}{}", text("2")));
        project.up().await;
        assert_eq!(states(&project).await, "1 applied, 2 applied");
        assert_eq!(ask(&db, "SELECT id, count(*) FROM a GROUP BY id ORDER BY id").await, "2|2 ; 3|2");
        assert_eq!(rows(&db).await, "1|EXECUTED|1 ; 2|RERAN|3");
    }

    async fn a_lock_row_of_a_dead_run_is_given_back_with_nothing_to_do(db: TestDatabase) {
        let project = project(&db, "--changeset me:1\nCREATE TABLE a (id integer);\n");
        project.up().await;
        let table = lock_row(&db);
        let truth = db.engine.pick("true", "1", "1");
        let lock = |by: &str| format!("UPDATE {table} SET LOCKED = {truth}, LOCKEDBY = '{by}'");
        prepare(&db, &[&lock("shoring on web-2, pid 7, run 0")]).await;
        project.up().await;
        assert_eq!(ask(&db, &format!("SELECT LOCKEDBY FROM {table}")).await, "NULL");
        // The tool's own is for a person to judge.
        prepare(&db, &[&lock("web-1 (10.0.0.1)")]).await;
        project.up().await;
        assert_eq!(ask(&db, &format!("SELECT LOCKEDBY FROM {table}")).await, "web-1 (10.0.0.1)");
    }

    async fn a_tag_is_a_place(db: TestDatabase) {
        let one = |id: &str| format!("--changeset me:{id}\nCREATE TABLE t{id} (id integer);\n--rollback DROP TABLE t{id};\n");
        let all = || ["1", "2", "3", "4", "5"].map(one).concat();
        let project = project(&db, &format!("{}{}{}", one("1"), one("3"), one("2")));
        project.up().await;
        let table = history(&db);
        let tag = |id: &str, tag: &str| format!("UPDATE {table} SET tag = '{tag}' WHERE id = '{id}'");
        prepare(&db, &[&tag("3", "v1.0"), &tag("2", "V1.0")]).await;
        project.write("changelog.sql", format!("{HEAD}{}", all()));
        project.up().await;
        let status = project.migrator().status().await.unwrap();
        let tags: Vec<_> = status.migrations.iter().map(|entry| entry.tag.as_deref()).collect();
        assert_eq!(tags, [None, Some("V1.0"), Some("v1.0"), None, None]);
        let migrator = project.migrator();
        let error = migrator.down(&DownRequest::To("v1.O".to_owned())).await.unwrap_err();
        assert_says(&error, ErrorKind::Usage, "unknown-target", &[
            "there is no migration and no tag `v1.O`",
            "did you mean the tag `V1.0`?",
            "Nothing was run and nothing was changed.",
            "see the versions and the tags:  shoring status",
        ]);
        // A place, and no migration.
        let error = migrator.mark("v1.0", MarkAs::Pending).await.unwrap_err();
        assert_says(&error, ErrorKind::Usage, "unknown-target", &["`v1.0`"]);
        // Everything that was applied after the first row that has it goes, the other row of the tag too.
        migrator.down(&DownRequest::To("v1.0".to_owned())).await.unwrap();
        assert_eq!(rows(&db).await, "1|EXECUTED|1 ; 3|EXECUTED|2");
        // What stands before it in the files is applied on the way there, and the tag is kept.
        migrator.goto("V1.0").await.unwrap();
        assert_eq!(states(&project).await, "1 applied, 2 applied, 3 applied, 4 pending, 5 pending");
        project.write("changelog.sql", format!("{HEAD}{}", all().replace("t3", "t33")));
        migrator.repair(Confirmation::Confirmed).await.unwrap();
        assert_eq!(ask(&db, &format!("SELECT id, tag FROM {table} WHERE tag IS NOT NULL")).await, "3|v1.0");
        // As  liquibase tag  does on an empty table.
        project.write("changelog.sql", format!("{HEAD}{}", all()));
        migrator.repair(Confirmation::Confirmed).await.unwrap();
        migrator.down(&DownRequest::All).await.unwrap();
        prepare(&db, &[&format!("INSERT INTO {table} (id, author, filename, dateexecuted, orderexecuted, exectype, tag) VALUES ('1700000000000', 'liquibase', 'liquibase-internal', CURRENT_TIMESTAMP, 1, 'EXECUTED', 'empty')")]).await;
        project.up().await;
        migrator.down(&DownRequest::To("empty".to_owned())).await.unwrap();
        assert_eq!(rows(&db).await, "1700000000000|EXECUTED|1");
    }

    async fn what_was_applied_last_goes_first(db: TestDatabase) {
        let one = |id: &str| format!("--changeset me:{id}\nCREATE TABLE t{id} (id integer);\n--rollback DROP TABLE t{id};\n");
        let project = project(&db, &format!("{}{}", one("1"), one("3")));
        project.up().await;
        project.write("changelog.sql", format!("{HEAD}{}{}{}", one("1"), one("2"), one("3")));
        project.up().await;
        let table = history(&db);
        prepare(&db, &[&format!("INSERT INTO {table} SELECT 'gone', author, filename, dateexecuted, 9, exectype, md5sum, description, comments, tag, liquibase, contexts, labels, deployment_id FROM {table} WHERE id = '1'")]).await;
        assert_eq!(states(&project).await, "1 applied, 2 applied, gone missing, 3 applied");
        project.migrator().down(&DownRequest::Steps(1)).await.unwrap();
        assert_eq!(states(&project).await, "1 applied, 2 pending, 3 applied, gone missing");
        project.migrator().down(&DownRequest::To("1".to_owned())).await.unwrap();
        assert_eq!(rows(&db).await, "1|EXECUTED|1 ; gone|EXECUTED|9");
    }

    async fn carets_point_into_the_changelog(db: TestDatabase) {
        let project = project(
            &db,
            "--property name:table value:a\r\n--changeset me:1\r\nCREATE TABLE ${table} (id integer, -- é\r\n  note varchar(20)); -- why\r\n--rollback DROP TABLE a;\r\nINSERT INTO a VALUES (1, /* ü */ '${none}')\r\nGO\r\nINSERT INTO ${table} VALUES (2, nowhere);\r\n",
        );
        let error = project.up_fails().await;
        let column = carets(&error);
        match db.engine.dialect() {
            Dialect::Postgresql | Dialect::Sqlite => assert_eq!(column, "migrations/changelog.sql:9:33 nowhere"),
            Dialect::Mysql => assert!(column.starts_with("migrations/changelog.sql:9:"), "{column}"),
        }
        let fixed = format!("{HEAD}--changeset me:1\nCREATE TABLE a (id integer, -- é\n  note varchar(20)); -- why\n--rollback DROP TABLE a;\nINSERT INTO a VALUES (1, /* ü */ '${{none}}')\nGO\nINSERT INTO a VALUES (2, 'x');\n");
        project.write("changelog.sql", fixed);
        project.up().await;
        assert_eq!(ask(&db, "SELECT note FROM a ORDER BY id").await, "${none} ; x");
    }

    async fn rows_of_other_versions_are_read(db: TestDatabase) {
        let project = project(
            &db,
            "--changeset me:1\nCREATE TABLE a (id integer);\n--changeset me:2\nCREATE TABLE b (id integer);\n--changeset me:3\nCREATE TABLE c (id integer);\n",
        );
        let table = history(&db);
        let time = db.engine.pick("timestamp", "datetime", "TEXT");
        // As versions before 3.3 made it, with fewer columns.
        prepare(&db, &[
            "CREATE TABLE a (id integer)",
            "CREATE TABLE b (id integer)",
            &format!("CREATE TABLE {table} (ID varchar(63) NOT NULL, AUTHOR varchar(63) NOT NULL, FILENAME varchar(200) NOT NULL, DATEEXECUTED {time} NOT NULL, ORDEREXECUTED int NOT NULL, EXECTYPE varchar(10) NOT NULL, MD5SUM varchar(35), DESCRIPTION varchar(255), COMMENTS varchar(255), TAG varchar(255), LIQUIBASE varchar(20))"),
            &format!("INSERT INTO {table} VALUES ('1', 'me', 'classpath:migrations/changelog.sql', '2015-01-01 00:00:00', 1, 'EXECUTED', '3:0', 'Custom SQL', '', NULL, '3.2.0'), ('2', 'me', '/migrations//changelog.sql', '2015-01-01 00:00:00', 2, 'EXECUTED', NULL, 'Custom SQL', '', NULL, '3.2.0')"),
        ]).await;
        assert_eq!(states(&project).await, "1 applied, 2 applied, 3 pending");
        project.up().await;
        let last = ask(&db, &format!("SELECT id, filename, orderexecuted, liquibase, description FROM {table} WHERE id = '3'")).await;
        assert_eq!(last, "3|migrations/changelog.sql|3|3.2.0|sql");
    }

    async fn a_lock_that_is_left_wedges_nobody(db: TestDatabase) {
        let project = project(&db, "--changeset me:1\nCREATE TABLE a (id integer);\n");
        project.up().await;
        project.write("changelog.sql", format!("{HEAD}--changeset me:1\nCREATE TABLE a (id integer);\n--changeset me:2\nCREATE TABLE b (id integer);\n"));
        let table = lock_row(&db);
        let lock = |by: &str| {
            let (truth, now) = db.engine.pick(("true", "now()"), ("1", "now()"), ("1", "CURRENT_TIMESTAMP"));
            format!("UPDATE {table} SET LOCKED = {truth}, LOCKEDBY = '{by}', LOCKGRANTED = {now}")
        };
        prepare(&db, &[&lock("web-1 (10.0.0.1)")]).await;
        let briefly = project.migrator().lock_wait(Duration::from_millis(1));
        let error = briefly.up(&UpRequest::default()).await.unwrap_err();
        assert_says(&error, ErrorKind::LockTimeout, "lock-held", &[
            "web-1 (10.0.0.1) since 2", "in the lock row of Liquibase",
            "shoring repair --yes",
        ]);
        assert_eq!(states(&project).await, "1 applied, 2 pending");
        let doctor = project.migrator().doctor(Confirmation::ShowOnly).await.unwrap();
        assert!(doctor.notes.iter().any(|note| note.contains("web-1 (10.0.0.1)") && note.contains("shoring repair")), "{:?}", doctor.notes);
        let shown = project.migrator().repair(Confirmation::ShowOnly).await.unwrap();
        assert_eq!(shown.changes[0].action, "give back the lock");
        assert_eq!(ask(&db, &format!("SELECT LOCKEDBY FROM {table}")).await, "web-1 (10.0.0.1)");
        project.migrator().repair(Confirmation::Confirmed).await.unwrap();
        assert_eq!(ask(&db, &format!("SELECT LOCKEDBY FROM {table}")).await, "NULL");
        // Killed between taking and giving back.
        prepare(&db, &[&lock("shoring on web-2, pid 7, run 0")]).await;
        project.up().await;
        assert_eq!(ask(&db, &format!("SELECT LOCKEDBY, LOCKGRANTED FROM {table}")).await, "NULL|NULL");
        // The row itself may be gone.
        prepare(&db, &[&format!("DELETE FROM {table}")]).await;
        project.write("changelog.sql", format!("{HEAD}--changeset me:1\nCREATE TABLE a (id integer);\n--changeset me:2\nCREATE TABLE b (id integer);\n--changeset me:3\nCREATE TABLE c (id integer);\n"));
        project.up().await;
        assert_eq!(ask(&db, &format!("SELECT ID, LOCKEDBY FROM {table}")).await, "1|NULL");
    }

    async fn what_the_tool_would_cut_is_warned_of(db: TestDatabase) {
        let routine = match db.engine.dialect() {
            Dialect::Postgresql => "CREATE FUNCTION f() RETURNS integer LANGUAGE plpgsql AS $$\nDECLARE y integer;\nBEGIN\n  RETURN 1;\nEND;\n$$;\n",
            Dialect::Mysql => "CREATE TRIGGER f BEFORE INSERT ON a FOR EACH ROW\nBEGIN\n  IF NEW.id < 0 THEN SET NEW.id = 0; END IF;\n  SET NEW.id = 1;\nEND;\n",
            Dialect::Sqlite => "CREATE TRIGGER f AFTER INSERT ON a BEGIN\n  UPDATE a SET id = CASE WHEN id < 0 THEN 0 ELSE id END;\n  DELETE FROM a WHERE id = 7;\nEND;\n",
        };
        let project = project(&db, &format!("--changeset me:1\nCREATE TABLE a (id integer);\n--changeset me:2\n{routine}"));
        let plan = project.migrator().plan(&PlanRequest::Up(UpRequest::default())).await.unwrap();
        let notes = plan.notes.join("\n");
        assert!(notes.contains("Liquibase would cut the CREATE"), "{notes}");
        assert!(notes.contains("at a `;` inside of it"), "{notes}");
        project.up().await;
    }

    async fn long_paths_are_told_apart_in_the_journal(db: TestDatabase) {
        let project = Project::new(&db, &[]);
        let folder = format!("migrations/{}", "a-long-name/".repeat(8));
        let good = "CREATE TABLE NAME (id integer);\n";
        for (name, text) in [("one", good), ("two", "CREATE TABLE two (id integer);\nINSERT INTO nowhere VALUES (1);\nCREATE TABLE three (id integer);\n")] {
            let text = text.replace("NAME", name);
            project.write_beside(&format!("{folder}{name}.sql"), &format!("{HEAD}--changeset me:1\n{text}"));
        }
        project.write_beside("migrations/changelog.yaml", "databaseChangeLog:\n- includeAll: {path: a-long-name, relativeToChangelogFile: true}\n");
        let error = project.up_fails().await;
        assert!(tell(&error).contains("nowhere"), "{}", tell(&error));
        let second = format!("{HEAD}--changeset me:1\nCREATE TABLE two (id integer);\nCREATE TABLE three (id integer);\n");
        project.write_beside(&format!("{folder}two.sql"), &second);
        // Where definitions commit by themselves, the second run goes on behind what is there.
        project.up().await;
        assert_eq!(ask(&db, "SELECT count(*) FROM three").await, "0");
        assert_eq!(states(&project).await.matches("applied").count(), 2);
    }

    async fn a_new_changeset_goes_where_the_others_are(db: TestDatabase) {
        let project = project(&db, "--changeset jo doe:1\nCREATE TABLE a (id integer);\n--changeset jo doe:2\nCREATE TABLE b (id integer);\n");
        let added = project.migrator().new_migration("Add mail").unwrap();
        assert_eq!(added.version, "migrations/changelog.sql::3::jo doe");
        let text = std::fs::read_to_string(project.root().join("migrations/changelog.sql")).unwrap();
        assert!(text.ends_with("(id integer);\n\n--changeset \"jo doe\":3\n--comment: Add mail\n\n--rollback  \n"), "{text}");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Usage, "empty-migration", &["migrations/changelog.sql"]);

        let folder = Project::new(&db, &[]);
        folder.write("001-a.sql", format!("{HEAD}--changeset me:1\nCREATE TABLE c (id integer);\n"));
        let added = folder.migrator().new_migration("Add mail").unwrap();
        assert_eq!((added.version.as_str(), added.files[0].as_str()), ("migrations/002-add-mail.sql::2::me", "migrations/002-add-mail.sql"));
        let text = std::fs::read_to_string(folder.root().join(&added.files[0])).unwrap();
        assert_eq!(text, "--liquibase formatted sql\n\n--changeset me:2\n--comment: Add mail\n\n--rollback  \n");
    }
}

mod postgresql_only {
    use super::{HEAD, Project, ask, prepare, rows};
    use shoring_testkit::{Engine, TestDatabase};

    async fn schemas_are_those_of_the_configuration(db: TestDatabase) {
        prepare(&db, &["CREATE SCHEMA app", "CREATE SCHEMA log"]).await;
        let project = Project::new(&db, &[]);
        project.write("changelog.sql", format!("{HEAD}--changeset me:1\n--precondition-sql-check expectedResult:app SELECT current_schema()\nCREATE TABLE a (id integer);\n"));
        project.write_beside("liquibase.properties", "changelogFile: migrations/changelog.sql\ndefaultSchemaName: app\nliquibaseSchemaName: log\ndatabaseChangelogTableName: Changes\ndatabaseChangelogLockTableName: Changes_Lock\n");
        project.up().await;
        let found = ask(&db, "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema IN ('app', 'log') AND table_name NOT LIKE 'shoring%' ORDER BY 1, 2").await;
        assert_eq!(found, "app|a ; log|changes ; log|changes_lock");
        // Without its configuration the table of the usual name is looked for, and there is none.
        assert!(rows_or_none(&db).await.is_none());
    }

    async fn rows_or_none(db: &TestDatabase) -> Option<String> {
        let there = ask(db, "SELECT to_regclass('databasechangelog')").await;
        if there == "NULL" {
            None
        } else {
            Some(rows(db).await)
        }
    }

    mod postgresql {
        #[test]
        fn schemas_are_those_of_the_configuration() {
            shoring_testkit::run(
                super::Engine::Postgresql,
                super::schemas_are_those_of_the_configuration,
            );
        }
    }
}
