//! Projects of diesel, in place: a folder for each migration, version strings without checksums.

use crate::support::{Project, ask, assert_says, prepare, tell};
use shoring::{DownRequest, ErrorKind};
use shoring_testkit::TestDatabase;

async fn half_applied(db: &TestDatabase) -> Project {
    let project = Project::new(db, &[]);
    project.write_beside(
        "migrations/2026-01-01-000000_users/up.sql",
        "CREATE TABLE users (id integer);\n",
    );
    project.write_beside(
        "migrations/2026-01-02-000000-0000_orders/up.sql",
        "CREATE TABLE orders (id integer);\n",
    );
    prepare(
        db,
        &[
            "CREATE TABLE IF NOT EXISTS __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)",
            "CREATE TABLE users (id integer)",
            "INSERT INTO __diesel_schema_migrations (version) VALUES ('20260101000000')",
        ],
    )
    .await;
    project
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn its_history_goes_on(db: TestDatabase) {
        let project = half_applied(&db).await;
        assert_eq!(project.states().await, "20260101000000 applied, 202601020000000000 pending");
        let status = project.migrator().status().await.unwrap();
        assert_eq!(status.format, "diesel");
        assert!(status.migrations[0].applied_at.is_some());
        project.up().await;
        let rows = ask(&db, "SELECT version FROM __diesel_schema_migrations WHERE run_on IS NOT NULL ORDER BY version").await;
        assert_eq!(rows, "20260101000000 ; 202601020000000000");
        let error = project.migrator().down(&DownRequest::Steps(1)).await.unwrap_err();
        assert_says(&error, ErrorKind::Refused, "no-down", &["write migrations/2026-01-02-000000-0000_orders/down.sql"]);
    }

    async fn metadata_runs_statements_on_their_own(db: TestDatabase) {
        let project = half_applied(&db).await;
        let path = "migrations/2026-01-02-000000-0000_orders/up.sql";
        project.write_beside("migrations/2026-01-02-000000-0000_orders/metadata.toml", "run_in_transaction = false\n");
        project.write_beside(path, "CREATE TABLE orders (id integer);\nINSERT INTO nowhere VALUES (1);\n");
        let error = project.up_fails().await;
        assert_eq!(error.kind, ErrorKind::FailedPartly, "{}", tell(&error));
        assert_eq!(ask(&db, "SELECT count(*) FROM __diesel_schema_migrations").await, "1");
        project.write_beside(path, "CREATE TABLE orders (id integer);\nINSERT INTO orders VALUES (1);\n");
        project.up().await;
        assert_eq!(ask(&db, "SELECT count(*) FROM orders").await, "1");
    }

    async fn metadata_that_cannot_be_read_stops_a_run(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write_beside("migrations/2026-01-02-000000-0000_orders/metadata.toml", "run_in_transaction = \n");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Usage, "tool-config", &["metadata.toml` is not valid TOML", "Nothing was run and nothing was changed."]);
    }
}
