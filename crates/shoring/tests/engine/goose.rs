//! Projects of goose, in place: two sections in one file, a row of version 0, migrations in Go that are only known by name.

use crate::support::{Project, ask, assert_says, carets, prepare, tell};
use shoring::{DownRequest, ErrorKind, MarkAs, PlanRequest, UpRequest};
use shoring_core::Dialect;
use shoring_testkit::TestDatabase;

async fn half_applied(db: &TestDatabase) -> Project {
    let project = Project::new(
        db,
        &[
            (
                "00001_users.sql",
                "-- +goose Up\nCREATE TABLE users (id integer);\n-- +goose Down\nDROP TABLE users;\n",
            ),
            (
                "00003_orders.sql",
                "-- +goose Up\nCREATE TABLE orders (id integer);\nINSERT INTO orders VALUES (1);\n\n-- +goose Down\nDROP TABLE orders;\n",
            ),
        ],
    );
    let table = match db.engine.dialect() {
        // As older versions of goose made it.
        Dialect::Postgresql | Dialect::Mysql => {
            "CREATE TABLE goose_db_version (id serial NOT NULL, version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp NULL default now(), PRIMARY KEY(id))"
        }
        Dialect::Sqlite => {
            "CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')))"
        }
    };
    prepare(
        db,
        &[
            table,
            "CREATE TABLE users (id integer)",
            "INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true), (1, true), (3, true), (3, false)",
        ],
    )
    .await;
    project
}

async fn versions(db: &TestDatabase) -> String {
    ask(db, "SELECT version_id FROM goose_db_version ORDER BY id").await
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn a_commit_ends_what_ran_so_far(db: TestDatabase) {
        let project = Project::new(
            &db,
            &[
                (
                    "00001_users.sql",
                    "-- +goose Up\nCREATE TABLE users (id integer);\nINSERT INTO users VALUES (1);\nCOMMIT;\n-- +goose Down\nDROP TABLE users;\n",
                ),
                (
                    "00002_orders.sql",
                    "-- +goose Up\nINSERT INTO users VALUES (2);\nCOMMIT;\nINSERT INTO users VALUES (3);\nINSERT INTO missing VALUES (4);\n",
                ),
            ],
        );
        if db.engine.dialect() == Dialect::Sqlite {
            // goose itself fails when it commits.
            let error = project.up_fails().await;
            assert_says(&error, ErrorKind::Usage, "transaction-border", &["`COMMIT` without a BEGIN in this file"]);
            return;
        }
        let error = project.up_fails().await;
        assert_eq!(error.kind, ErrorKind::FailedPartly, "{}", tell(&error));
        assert_eq!(project.states().await, "00001 applied, 00002 failed");
        let left = ask(&db, "SELECT id FROM users ORDER BY id").await;
        assert_eq!(left, "1 ; 2 ; 3");
        project.write("00002_orders.sql", "-- +goose Up\nINSERT INTO users VALUES (2);\nCOMMIT;\nINSERT INTO users VALUES (3);\n");
        project.up().await;
        assert_eq!(ask(&db, "SELECT id FROM users ORDER BY id").await, "1 ; 2 ; 3");
        assert_eq!(versions(&db).await, "0 ; 1 ; 2");
    }

    async fn its_history_goes_on(db: TestDatabase) {
        let project = half_applied(&db).await;
        assert_eq!(project.states().await, "00001 applied, 00003 pending");
        assert_eq!(project.migrator().status().await.unwrap().format, "goose");
        project.up().await;
        assert_eq!(versions(&db).await, "0 ; 1 ; 3 ; 3 ; 3");
        assert_eq!(ask(&db, "SELECT count(*) FROM orders").await, "1");
        project.migrator().down(&DownRequest::Steps(1)).await.unwrap();
        assert_eq!(versions(&db).await, "0 ; 1");
        project.migrator().down(&DownRequest::All).await.unwrap();
        assert_eq!(versions(&db).await, "0");
    }

    async fn a_new_table_has_the_row_that_goose_needs(db: TestDatabase) {
        let project = half_applied(&db).await;
        prepare(&db, &["DROP TABLE goose_db_version", "DROP TABLE users"]).await;
        project.up().await;
        assert_eq!(versions(&db).await, "0 ; 1 ; 3");
    }

    async fn a_migration_in_go_is_named_and_not_run(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write("00002_backfill.go", "package migrations\n");
        project.write("00004_more.sql", "-- +goose Up\nCREATE TABLE more (id integer);\n");
        let allowed = UpRequest { allow_out_of_order: true, ..UpRequest::default() };
        let error = project.migrator().up(&allowed).await.unwrap_err();
        assert_says(&error, ErrorKind::Refused, "not-sql", &["`migrations/00002_backfill.go` is a goose migration written in Go: only its own program can run it", "Nothing was run and nothing was changed.", "shoring mark 00002 applied"]);
        // Recorded, it is as good as any other.
        project.migrator().mark("2", MarkAs::Applied).await.unwrap();
        project.up().await;
        assert_eq!(project.states().await, "00001 applied, 00002 applied, 00003 applied, 00004 applied");
        let error = project.migrator().down(&DownRequest::To("1".to_owned())).await.unwrap_err();
        assert_says(&error, ErrorKind::Refused, "no-down", &["00004_more has no section `-- +goose Down`", "below a line  -- +goose Down  in migrations/00004_more.sql"]);
    }

    async fn what_goose_refuses_is_refused_at_its_place(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write("00003_orders.sql", "-- +goose Up\nCREATE TABLE orders (id integer)\n\n-- +goose Down\nDROP TABLE orders;\n");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Usage, "goose-marks", &["has no `;` at the end of a line"]);
        assert_eq!(carets(&error), "migrations/00003_orders.sql:2:1 CREATE TABLE orders (id integer)");
        assert_eq!(versions(&db).await, "0 ; 1 ; 3 ; 3");
    }

    async fn no_transaction_counts_for_the_whole_file(db: TestDatabase) {
        let project = half_applied(&db).await;
        let text = |table: &str| format!("-- +goose Up\nCREATE TABLE orders (id integer);\nINSERT INTO {table} VALUES (1);\n-- +goose Down\nDROP TABLE orders;\n-- +goose NO TRANSACTION\n");
        project.write("00003_orders.sql", text("nowhere"));
        let error = project.up_fails().await;
        assert_eq!(error.kind, ErrorKind::FailedPartly, "{}", tell(&error));
        project.write("00003_orders.sql", text("orders"));
        project.up().await;
        assert_eq!(ask(&db, "SELECT count(*) FROM orders").await, "1");
    }

    async fn a_statement_that_goose_would_cut_is_warned_of(db: TestDatabase) {
        let project = half_applied(&db).await;
        let body = "INSERT INTO orders VALUES (1), (2 /* a\nb;\nc */);\n";
        project.write("00003_orders.sql", format!("-- +goose Up\nCREATE TABLE orders (id integer);\n{body}"));
        let plan = || async {
            project.migrator().plan(&PlanRequest::Up(UpRequest::default())).await.unwrap().notes.join("\n")
        };
        let notes = plan().await;
        assert!(notes.contains("goose would cut the INSERT at the `;` that ends line 4"), "{notes}");
        project.write("00003_orders.sql", format!("-- +goose Up\nCREATE TABLE orders (id integer);\n-- +goose StatementBegin\n{body}-- +goose StatementEnd\n"));
        assert!(!plan().await.contains("would cut"));
        project.up().await;
        assert_eq!(ask(&db, "SELECT count(*) FROM orders").await, "2");
    }
}
