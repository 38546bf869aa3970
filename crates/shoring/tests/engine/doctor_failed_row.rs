//! A history row that the tool itself left behind, saying that a migration began and did not end well: `doctor` looks for what
//! the file makes, and settles what that proves.

use crate::support::{Project, ask, prepare};
use shoring::Confirmation;
use shoring::report::{CaseKind, DoctorReport};
use shoring_core::Dialect;
use shoring_testkit::TestDatabase;

const FIRST: (&str, &str) = ("1_a.up.sql", "CREATE TABLE a (id integer PRIMARY KEY);\n");
const SECOND: (&str, &str) = (
    "2_b.up.sql",
    "CREATE TABLE b (id integer PRIMARY KEY);\nCREATE TABLE c (id integer PRIMARY KEY);\n",
);

/// A project of golang-migrate that its tool left dirty at 2, with these tables of the second file.
async fn left_dirty(db: &TestDatabase, made: &[&str]) -> Project {
    let project = Project::new(db, &[FIRST, SECOND]);
    let flag = match db.engine.dialect() {
        Dialect::Postgresql => "true",
        Dialect::Mysql | Dialect::Sqlite => "1",
    };
    let row = format!("INSERT INTO schema_migrations VALUES (2, {flag})");
    prepare(
        db,
        &[
            "CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)",
            FIRST.1,
            &row,
        ],
    )
    .await;
    prepare(db, made).await;
    project
}

async fn doctor(project: &Project, confirmation: Confirmation) -> DoctorReport {
    project
        .migrator()
        .format("golang-migrate")
        .doctor(confirmation)
        .await
        .unwrap_or_else(|error| panic!("{error}"))
}

async fn up(project: &Project) -> usize {
    let report = project
        .migrator()
        .format("golang-migrate")
        .up(&shoring::UpRequest::default())
        .await;
    report.unwrap_or_else(|error| panic!("{error}")).ran.len()
}

async fn rows(db: &TestDatabase) -> String {
    ask(
        db,
        "SELECT version, CAST(dirty AS char(5)) FROM schema_migrations",
    )
    .await
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn nothing_of_it_is_there(db: TestDatabase) {
        let project = left_dirty(&db, &[]).await;
        let shown = doctor(&project, Confirmation::ShowOnly).await;
        assert_eq!(shown.cases.len(), 1, "{shown:?}");
        let case = &shown.cases[0];
        assert_eq!((case.kind, case.version.as_str(), case.is_settled), (CaseKind::Mismatch, "2", false));
        assert_eq!(case.settlement.as_deref(), Some("take its row back: nothing of it is in the database"));
        assert_eq!(case.statements[0].evidence, "table b is not there");
        let before = rows(&db).await;
        assert!(before.starts_with('2'), "{before}");
        let settled = doctor(&project, Confirmation::Confirmed).await;
        assert!(settled.cases.iter().all(|case| case.is_settled), "{settled:?}");
        assert!(doctor(&project, Confirmation::ShowOnly).await.cases.is_empty());
        assert_eq!(up(&project).await, 1);
    }

    async fn all_of_it_is_there(db: TestDatabase) {
        let project = left_dirty(&db, &[SECOND.1.split_inclusive('\n').next().unwrap(), "CREATE TABLE c (id integer PRIMARY KEY)"]).await;
        let case = doctor(&project, Confirmation::ShowOnly).await.cases.remove(0);
        assert_eq!(case.settlement.as_deref(), Some("record it as applied: all of it is in the database"));
        doctor(&project, Confirmation::Confirmed).await;
        assert!(doctor(&project, Confirmation::ShowOnly).await.cases.is_empty());
        assert_eq!(up(&project).await, 0);
    }

    async fn a_part_of_it_is_there(db: TestDatabase) {
        let project = left_dirty(&db, &["CREATE TABLE b (id integer PRIMARY KEY)"]).await;
        let case = doctor(&project, Confirmation::ShowOnly).await.cases.remove(0);
        if db.engine.dialect() == Dialect::Mysql {
            assert_eq!(case.kind, CaseKind::PartlyApplied);
            assert_eq!(case.settlement.as_deref(), Some("record statements 1 to 1 as applied"));
            doctor(&project, Confirmation::Confirmed).await;
            // The rest of the file runs, and only that.
            assert_eq!(up(&project).await, 1);
            assert!(doctor(&project, Confirmation::ShowOnly).await.cases.is_empty());
        } else {
            // golang-migrate sends the file as one transaction there: a half is no work of its.
            assert_eq!((case.kind, case.settlement), (CaseKind::Unknown, None));
            assert!(case.next.contains("shoring mark 2 applied"), "{}", case.next);
            doctor(&project, Confirmation::Confirmed).await;
            assert!(rows(&db).await.starts_with('2'));
        }
    }
}
