//! Projects of dbmate, in place: both ways in one file, a table of version strings, and late files that simply run.

use crate::support::{Project, ask, assert_says, carets, prepare, tell};
use shoring::{Confirmation, DownRequest, ErrorKind};
use shoring_core::Dialect;
use shoring_testkit::TestDatabase;

const USERS: &str =
    "-- migrate:up\nCREATE TABLE users (id integer);\n\n-- migrate:down\nDROP TABLE users;\n";
const ORDERS: &str =
    "-- migrate:up\nCREATE TABLE orders (id integer);\n\n-- migrate:down\nDROP TABLE orders;\n";
const WITNESS: &str = "-- migrate:up\nCREATE TABLE witness (step integer);\nINSERT INTO witness VALUES (1);\n\n-- migrate:down\nDROP TABLE witness;\n";

async fn half_applied(db: &TestDatabase) -> Project {
    let project = Project::new(
        db,
        &[
            ("20260101000000_users.sql", USERS),
            ("20260103000000_witness.sql", WITNESS),
        ],
    );
    let create = match db.engine.dialect() {
        Dialect::Postgresql => "CREATE TABLE schema_migrations (version varchar primary key)",
        Dialect::Mysql | Dialect::Sqlite => {
            "CREATE TABLE schema_migrations (version varchar(128) primary key)"
        }
    };
    prepare(
        db,
        &[
            create,
            "CREATE TABLE users (id integer)",
            "INSERT INTO schema_migrations VALUES ('20260101000000')",
        ],
    )
    .await;
    project
}

async fn rows(db: &TestDatabase) -> String {
    ask(db, "SELECT version FROM schema_migrations ORDER BY version").await
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn its_history_goes_on(db: TestDatabase) {
        let project = half_applied(&db).await;
        assert_eq!(project.states().await, "20260101000000 applied, 20260103000000 pending");
        assert_eq!(project.migrator().status().await.unwrap().format, "dbmate");
        project.up().await;
        assert_eq!(rows(&db).await, "20260101000000 ; 20260103000000");
        // The block that rolls back did not run with the one that applies.
        assert_eq!(ask(&db, "SELECT count(*) FROM witness").await, "1");
        project.migrator().down(&DownRequest::Steps(1)).await.unwrap();
        assert_eq!(rows(&db).await, "20260101000000");
        project.up().await;
        assert_eq!(ask(&db, "SELECT count(*) FROM witness").await, "1");
    }

    async fn a_late_file_runs_and_a_missing_one_is_only_shown(db: TestDatabase) {
        let project = half_applied(&db).await;
        assert!(project.up().await.can_go_back);
        project.write("20260102000000_orders.sql", ORDERS);
        project.remove("20260101000000_users.sql");
        // `down` would take another one back than what ran.
        assert!(!project.up().await.can_go_back);
        assert_eq!(ask(&db, "SELECT count(*) FROM orders").await, "0");
        assert_eq!(
            project.states().await,
            "20260101000000 missing, 20260102000000 applied, 20260103000000 applied"
        );
    }

    /// dbmate fails once at the second pair, and then takes the file for applied.
    async fn a_file_of_two_pairs_is_refused_where_it_would_run(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write(
            "20260104000000_twice.sql",
            "-- migrate:up\n-- migrate:down\n-- migrate:up\nCREATE TABLE twice (id integer);\n-- migrate:down\nDROP TABLE twice;\n",
        );
        assert_eq!(project.states().await, "20260101000000 applied, 20260103000000 pending, 20260104000000 pending");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Usage, "dbmate-blocks", &["has more than one pair of blocks", "give each pair a file of its own", "Nothing was run and nothing was changed."]);
        assert_eq!(carets(&error), "migrations/20260104000000_twice.sql:3:1 -- migrate:up");
        prepare(&db, &["INSERT INTO schema_migrations (version) VALUES ('20260104000000')"]).await;
        project.up().await;
        assert_eq!(rows(&db).await, "20260101000000 ; 20260103000000 ; 20260104000000");
    }

    async fn an_error_is_shown_at_its_place_in_the_whole_file(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write(
            "20260104000000_bad.sql",
            "-- a note\n-- migrate:up\n\nCREATE TABLE fine (id integer);\nINSERT INTO nowhere VALUES (1);\n\n-- migrate:down\nDROP TABLE fine;\n",
        );
        let error = project.up_fails().await;
        let place = carets(&error);
        assert!(
            place.starts_with("migrations/20260104000000_bad.sql:5:"),
            "{place}\n{}",
            tell(&error)
        );
    }

    async fn transaction_false_runs_statements_on_their_own(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write(
            "20260104000000_alone.sql",
            "-- migrate:up transaction:false\nCREATE TABLE alone (id integer);\nINSERT INTO nowhere VALUES (1);\n\n-- migrate:down\nDROP TABLE alone;\n",
        );
        let error = project.up_fails().await;
        assert_eq!(error.kind, ErrorKind::FailedPartly, "{}", tell(&error));
        assert_eq!(ask(&db, "SELECT count(*) FROM alone").await, "0");
        project.write(
            "20260104000000_alone.sql",
            "-- migrate:up transaction:false\nCREATE TABLE alone (id integer);\nINSERT INTO alone VALUES (1);\n\n-- migrate:down\nDROP TABLE alone;\n",
        );
        project.up().await;
        assert_eq!(ask(&db, "SELECT count(*) FROM alone").await, "1");
    }

    async fn what_dbmate_refuses_is_refused(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write("20260104000000_bad.sql", "-- migrate:up\nSELECT 1;\n");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Usage, "dbmate-blocks", &["no block that rolls back"]);
        assert_eq!(rows(&db).await, "20260101000000");
    }

    async fn a_baseline_has_a_row_for_each(db: TestDatabase) {
        let project = half_applied(&db).await;
        prepare(&db, &["DELETE FROM schema_migrations", "CREATE TABLE witness (step integer)"]).await;
        project.migrator().baseline("20260103000000", Confirmation::Confirmed).await.unwrap();
        assert_eq!(rows(&db).await, "20260101000000 ; 20260103000000");
    }
}
