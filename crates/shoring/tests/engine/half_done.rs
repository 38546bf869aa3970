//! MySQL and MariaDB commit each definition: a file that fails at statement 3 of 5 goes on at 3, and nothing runs twice.

use crate::support::{Project, ask, assert_says, carets, prepare, user_tables};
use shoring::report::Finding;
use shoring::{Confirmation, DownRequest, ErrorKind, MarkAs};
use shoring_testkit::TestDatabase;

const BROKEN: &str = "CREATE TABLE a (id integer);\nINSERT INTO witness VALUES ('two');\nALTER TABLE nowhere ADD b integer;\nINSERT INTO witness VALUES ('four');\nCREATE TABLE c (id integer);\n";
const FIXED: &str = "CREATE TABLE a (id integer);\nINSERT INTO witness VALUES ('two');\nALTER TABLE a ADD b integer;\nINSERT INTO witness VALUES ('four');\nCREATE TABLE c (id integer);\n";
const DOWN: &str = "DROP TABLE c;\nDELETE FROM witness;\nDROP TABLE a;\n";

async fn broken(db: &TestDatabase) -> Project {
    prepare(db, &["CREATE TABLE witness (what varchar(10))"]).await;
    let project = Project::new(
        db,
        &[("001_five.up.sql", BROKEN), ("001_five.down.sql", DOWN)],
    );
    let error = project.up_fails().await;
    assert_says(
        &error,
        ErrorKind::FailedPartly,
        "migration-failed",
        &[
            "commits each DDL statement",
            "2 of 5 statements of 001 are in the database (recorded), 3 to 5 are not.",
            "applied   1  CREATE TABLE a",
            "failed    3  ALTER TABLE nowhere",
            "not run   4",
            "fix statement 3 in the file, then  shoring up  goes on there",
            "shoring down",
        ],
    );
    assert!(
        carets(&error).starts_with("migrations/001_five.up.sql:3:"),
        "{}",
        carets(&error)
    );
    assert_eq!(project.states().await, "001 failed");
    project
}

async fn witness(db: &TestDatabase) -> String {
    ask(
        db,
        "SELECT what, count(*) FROM witness GROUP BY what ORDER BY what",
    )
    .await
}

shoring_testkit::server_tests! {
    [mariadb, mysql]

    async fn a_fixed_file_goes_on_where_it_stopped(db: TestDatabase) {
        let project = broken(&db).await;
        // Without a fix it fails again at the same place, and nothing ran twice.
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::FailedPartly, "migration-failed", &["2 of 5"]);
        assert_eq!(witness(&db).await, "two|1");
        project.write("001_five.up.sql", FIXED);
        let report = project.up().await;
        assert_eq!(report.current.as_deref(), Some("001"));
        assert_eq!(witness(&db).await, "four|1 ; two|1");
        assert_eq!(user_tables(&db).await, "a ; c ; witness");
        assert_eq!(project.states().await, "001 applied");
        assert_eq!(project.journal().await, "up 001 failed, up 001 failed, up 001 applied");
        assert_eq!(project.up().await.ran, []);
        assert_eq!(project.migrator().down(&DownRequest::Steps(1)).await.unwrap().current, None);
        assert_eq!(user_tables(&db).await, "witness");
    }

    async fn the_statement_that_failed_was_missing_in_the_list_of_a_long_file(db: TestDatabase) {
        let lines: Vec<String> = (1..=40).map(|n| format!("CREATE TABLE t{n} (id integer);\n")).collect();
        let text = lines.concat().replace("t30 (", "t3 (");
        let project = Project::new(&db, &[("001_long.up.sql", text.as_str())]);
        let error = project.up_fails().await;
        assert_says(
            &error,
            ErrorKind::FailedPartly,
            "migration-failed",
            &["29 of 40", "applied   1 to 21", "applied  22  CREATE TABLE t22", "failed   30  CREATE TABLE t3 (", "not run  33  CREATE TABLE t33", "not run   34 to 40"],
        );
    }

    async fn an_applied_statement_may_not_be_edited(db: TestDatabase) {
        let project = broken(&db).await;
        project.write("001_five.up.sql", FIXED.replace("'two'", "'zwei'"));
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Mismatch, "applied-statement-changed", &["statement 2 was changed after it had been applied", "put its old text back"]);
        assert_eq!(carets(&error), "migrations/001_five.up.sql:2:1 INSERT");
        assert_eq!(witness(&db).await, "two|1");
        project.write("001_five.up.sql", "CREATE TABLE a (id integer);\n");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Mismatch, "applied-statement-changed", &["statement 2"]);
        project.write("001_five.up.sql", FIXED.replace('\n', "\r\n\r\n"));
        project.up().await;
        assert_eq!(witness(&db).await, "four|1 ; two|1");
    }

    async fn down_takes_a_half_back(db: TestDatabase) {
        let project = broken(&db).await;
        let report = project.migrator().down(&DownRequest::Steps(1)).await.unwrap();
        assert_eq!(report.current, None);
        assert_eq!(user_tables(&db).await, "witness");
        assert_eq!(witness(&db).await, "");
        assert_eq!(project.states().await, "001 pending");
        project.write("001_five.up.sql", FIXED);
        project.up().await;
        assert_eq!(witness(&db).await, "four|1 ; two|1");
    }

    async fn doctor_says_statement_by_statement(db: TestDatabase) {
        let project = broken(&db).await;
        let report = project.migrator().doctor(Confirmation::ShowOnly).await.unwrap();
        assert_eq!(report.cases.len(), 1);
        let case = &report.cases[0];
        let findings: Vec<Finding> = case.statements.iter().map(|statement| statement.finding).collect();
        assert_eq!(findings, [Finding::Applied, Finding::Applied, Finding::Absent, Finding::NotRun, Finding::NotRun]);
        assert!(case.summary.contains("2 of 5") && case.next.contains("shoring up"), "{case:?}");
        assert!(case.statements[2].statement.contains("ALTER TABLE nowhere"), "{case:?}");
    }

    async fn repair_forgets_it_and_mark_decides_it(db: TestDatabase) {
        let project = broken(&db).await;
        let migrator = project.migrator();
        let shown = migrator.repair(Confirmation::ShowOnly).await.unwrap();
        assert!(!shown.applied && shown.changes[0].action.contains("forget"), "{shown:?}");
        migrator.repair(Confirmation::Confirmed).await.unwrap();
        assert_eq!(project.states().await, "001 pending");
        let error = project.up_fails().await;
        // The table stands in the way of a start from the beginning.
        assert!(error.to_string().contains("'a'"), "{error:?}");
        assert_eq!(migrator.mark("1", MarkAs::Applied).await.unwrap().current.as_deref(), Some("001"));
        assert_eq!(project.states().await, "001 applied");
    }

    async fn a_down_that_fails_half_way_is_finished(db: TestDatabase) {
        prepare(&db, &["CREATE TABLE witness (what varchar(10))"]).await;
        let project = Project::new(&db, &[("001_five.up.sql", FIXED), ("001_five.down.sql", "DROP TABLE c;\nDROP TABLE nowhere;\nDROP TABLE a;\n")]);
        project.up().await;
        let error = project.migrator().down(&DownRequest::Steps(1)).await.unwrap_err();
        assert_says(&error, ErrorKind::FailedPartly, "migration-failed", &["1 of 3 statements", "shoring down"]);
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Mismatch, "mismatch", &["half rolled back", "shoring down"]);
        project.write("001_five.down.sql", "DROP TABLE c;\nDELETE FROM witness;\nDROP TABLE a;\n");
        project.migrator().down(&DownRequest::Steps(1)).await.unwrap();
        assert_eq!(user_tables(&db).await, "witness");
        assert_eq!(project.states().await, "001 pending");
    }

    async fn a_first_statement_that_fails_leaves_nothing(db: TestDatabase) {
        let project = Project::new(&db, &[("001_x.up.sql", "SET @x = 1;\nCREATE TABEL a (id integer);\nCREATE TABLE b (id integer);\n")]);
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::FailedRolledBack, "migration-failed", &["nothing of 001 remains"]);
        assert_eq!(carets(&error), "migrations/001_x.up.sql:2:8 TABEL");
        assert_eq!(project.states().await, "001 pending");
    }

    async fn rows_between_definitions_are_one_transaction(db: TestDatabase) {
        let project = Project::new(&db, &[("001_x.up.sql", "CREATE TABLE a (id integer PRIMARY KEY);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);\nINSERT INTO a VALUES (1);\nCREATE TABLE b (id integer);\n")]);
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::FailedPartly, "migration-failed", &["1 of 5 statements"]);
        assert_eq!(ask(&db, "SELECT count(*) FROM a").await, "0");
        project.write("001_x.up.sql", "CREATE TABLE a (id integer PRIMARY KEY);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);\nINSERT INTO a VALUES (3);\nCREATE TABLE b (id integer);\n");
        project.up().await;
        assert_eq!(ask(&db, "SELECT count(*) FROM a").await, "3");
    }

    async fn without_a_journal_it_does_not_claim_to_know(db: TestDatabase) {
        prepare(&db, &["CREATE TABLE witness (what varchar(10))"]).await;
        let project = Project::new(&db, &[("001_five.up.sql", BROKEN)]);
        let error = project.migrator().without_journal().up(&shoring::UpRequest::default()).await.unwrap_err();
        assert_says(&error, ErrorKind::FailedPartly, "migration-failed", &["2 of 5", "not recorded", "begins at statement 1"]);
    }

    async fn a_dump_with_routines_and_table_locks(db: TestDatabase) {
        let project = Project::new(&db, &[("001_dump.up.sql", include_str!("dumps/mysql.sql"))]);
        project.up().await;
        assert_eq!(ask(&db, "SELECT id, name FROM people ORDER BY id").await, "1|Ann; -- no ; 2|Bob ; 3|BOB");
        assert_eq!(ask(&db, "SELECT routine_name FROM information_schema.routines WHERE routine_schema = DATABASE() ORDER BY 1").await, "add_person ; double_it");
        assert_eq!(project.states().await, "001 applied");
        assert_eq!(project.up().await.ran, []);
    }
}
