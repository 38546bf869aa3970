//! Projects of refinery, in place: V in order and U at any time, hashes that count name and version, no way back but a file of
//! the user's.

use crate::support::{Project, ask, assert_says, prepare};
use shoring::{DownRequest, ErrorKind};
use shoring_testkit::TestDatabase;

/// What refinery 0.10 hashed, without and with `int8-versions`.
const INITIAL: &str = "CREATE TABLE persons (id int);\n";
const HASHES: [&str; 2] = ["1091441964215326441", "17850160248500988789"];

async fn half_applied(db: &TestDatabase, version_type: &str, hash: &str) -> Project {
    let project = Project::new(
        db,
        &[
            ("V1__initial.sql", INITIAL),
            ("V3__cars.sql", "CREATE TABLE cars (id int);\n"),
        ],
    );
    let table = format!(
        "CREATE TABLE IF NOT EXISTS refinery_schema_history( version {version_type} PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255), checksum VARCHAR(255))"
    );
    let row = format!(
        "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) VALUES (1, 'initial', '2026-11-21T01:46:20.458528664Z', '{hash}')"
    );
    prepare(db, &[&table, INITIAL, &row]).await;
    project
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn its_history_goes_on(db: TestDatabase) {
        let project = half_applied(&db, "int4", HASHES[0]).await;
        assert_eq!(project.states().await, "1 applied, 3 pending");
        let status = project.migrator().status().await.unwrap();
        assert_eq!(status.format, "refinery");
        project.up().await;
        let rows = ask(&db, "SELECT version, name, length(checksum) > 10 FROM refinery_schema_history ORDER BY version").await;
        assert_eq!(rows.replace("|t", "|1"), "1|initial|1 ; 3|cars|1");
        // A time that refinery cannot read would make it panic.
        let time = ask(&db, "SELECT applied_on FROM refinery_schema_history WHERE version = 3").await;
        assert_eq!((&time[10..11], &time[time.len() - 1..], time.len() >= 24), ("T", "Z", true), "{time}");
    }

    async fn a_column_of_64_bits_has_other_hashes(db: TestDatabase) {
        let project = half_applied(&db, "int8", HASHES[1]).await;
        assert_eq!(project.states().await, "1 applied, 3 pending");
        project.up().await;
        assert_eq!(project.states().await, "1 applied, 3 applied");
        let request = shoring::PlanRequest::Up(shoring::UpRequest::default());
        let notes = project.migrator().plan(&request).await.unwrap().notes.join("\n");
        assert!(!notes.contains("line ends"), "{notes}");
    }

    async fn a_file_of_u_may_come_late(db: TestDatabase) {
        let project = half_applied(&db, "int4", HASHES[0]).await;
        project.up().await;
        project.write("U2__late.sql", "CREATE TABLE late (id int);\n");
        assert_eq!(project.states().await, "1 applied, 2 pending, 3 applied");
        project.up().await;
        assert_eq!(ask(&db, "SELECT count(*) FROM late").await, "0");
        project.write("V2__late.sql", "CREATE TABLE late (id int);\n");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Usage, "duplicate-version", &["migrations/U2__late.sql", "migrations/V2__late.sql"]);
    }

    async fn there_is_no_way_back_but_one_of_the_users(db: TestDatabase) {
        let project = half_applied(&db, "int4", HASHES[0]).await;
        let error = project.migrator().down(&DownRequest::Steps(1)).await.unwrap_err();
        assert_says(&error, ErrorKind::Refused, "no-down", &["1_initial", "refinery has no way back of its own: write migrations/V1__initial.down.sql"]);
        project.write("V1__initial.down.sql", "DROP TABLE persons;\n");
        project.migrator().down(&DownRequest::Steps(1)).await.unwrap();
        assert_eq!(ask(&db, "SELECT count(*) FROM refinery_schema_history").await, "0");
    }

    async fn a_migration_in_rust_is_named_and_not_run(db: TestDatabase) {
        let project = half_applied(&db, "int4", HASHES[0]).await;
        project.write("V2__code.rs", "pub fn migration() -> String { String::new() }\n");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Refused, "not-sql", &["`migrations/V2__code.rs` is a refinery migration written in Rust", "Nothing was run and nothing was changed."]);
    }

    /// Flyway's files are named alike.
    async fn names_alone_are_a_question_where_no_table_is(db: TestDatabase) {
        let project = half_applied(&db, "int4", HASHES[0]).await;
        prepare(&db, &["DROP TABLE refinery_schema_history"]).await;
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Usage, "several-formats", &["refinery", "--format refinery", "Nothing was run and nothing was changed."]);
    }

    async fn a_number_of_more_than_32_bits_is_refused(db: TestDatabase) {
        let project = half_applied(&db, "int4", HASHES[0]).await;
        project.write("V20260101000000__late.sql", "CREATE TABLE late (id int);\n");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Usage, "does-not-fit", &["20260101000000", "int8-versions"]);
    }
}
