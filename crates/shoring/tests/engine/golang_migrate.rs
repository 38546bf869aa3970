//! Projects of golang-migrate, in place: one row that knows the newest version, and its dirty flag.

use crate::support::{Project, ask, assert_says, prepare, tell};
use shoring::{Confirmation, DownRequest, ErrorKind, MarkAs, PlanRequest, UpRequest};
use shoring_core::Dialect;
use shoring_testkit::TestDatabase;
use std::time::Duration;

/// The table as the tool makes it.
fn table(db: &TestDatabase) -> Vec<&'static str> {
    match db.engine.dialect() {
        Dialect::Postgresql | Dialect::Mysql => vec![
            "CREATE TABLE schema_migrations (version bigint not null primary key, dirty boolean not null)",
        ],
        Dialect::Sqlite => vec![
            "CREATE TABLE schema_migrations (version uint64,dirty bool)",
            "CREATE UNIQUE INDEX version_unique ON schema_migrations (version)",
        ],
    }
}

/// Four migrations, the first two applied by the tool.
async fn half_applied(db: &TestDatabase) -> Project {
    let project = Project::new(
        db,
        &[
            ("1_users.up.sql", "CREATE TABLE users (id integer);\n"),
            ("1_users.down.sql", "DROP TABLE users;\n"),
            ("2_orders.up.sql", "CREATE TABLE orders (id integer);\n"),
            ("2_orders.down.sql", "DROP TABLE orders;\n"),
            (
                "3_witness.up.sql",
                "CREATE TABLE witness (step integer);\nINSERT INTO witness VALUES (1);\n",
            ),
            ("3_witness.down.sql", "DROP TABLE witness;\n"),
            ("10_more.up.sql", "CREATE TABLE more (id integer);\n"),
            ("10_more.down.sql", "DROP TABLE more;\n"),
        ],
    );
    project.write_beside(
        "go.mod",
        "module app\n\nrequire github.com/golang-migrate/migrate/v4 v4.19.0\n",
    );
    prepare(db, &table(db)).await;
    prepare(
        db,
        &[
            "CREATE TABLE users (id integer)",
            "CREATE TABLE orders (id integer)",
            "INSERT INTO schema_migrations VALUES (2, false)",
        ],
    )
    .await;
    project
}

async fn row(db: &TestDatabase) -> String {
    let cell = db
        .engine
        .pick("dirty::int", "dirty", "CAST(dirty AS integer)");
    ask(
        db,
        &format!("SELECT version, {cell} FROM schema_migrations"),
    )
    .await
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn its_history_goes_on(db: TestDatabase) {
        let project = half_applied(&db).await;
        assert_eq!(project.states().await, "1 applied, 2 applied, 3 pending, 10 pending");
        let status = project.migrator().status().await.unwrap();
        assert_eq!((status.format, status.current.as_deref()), ("golang-migrate", Some("2")));
        project.up().await;
        assert_eq!(row(&db).await, "10|0");
        assert_eq!(ask(&db, "SELECT count(*) FROM witness").await, "1");
        let migrator = project.migrator();
        migrator.down(&DownRequest::Steps(1)).await.unwrap();
        assert_eq!(row(&db).await, "3|0");
        migrator.down(&DownRequest::To("1".to_owned())).await.unwrap();
        assert_eq!(row(&db).await, "1|0");
        migrator.down(&DownRequest::All).await.unwrap();
        assert_eq!(row(&db).await, "");
        project.up().await;
        assert_eq!(row(&db).await, "10|0");
    }

    async fn a_file_that_failed_leaves_nothing_to_force(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write(
            "3_witness.up.sql",
            "CREATE TABLE witness (step integer);\nINSERT INTO witness VALUES (1);\nALTER TABLE nowhere ADD COLUMN x integer;\nINSERT INTO witness VALUES (4);\n",
        );
        let error = project.up_fails().await;
        // Where a part stays, the flag keeps the tool itself away from it; our journal knows what to do.
        let (kind, left) = match db.engine.dialect() {
            Dialect::Postgresql | Dialect::Sqlite => (ErrorKind::FailedRolledBack, "2|0"),
            Dialect::Mysql => (ErrorKind::FailedPartly, "3|1"),
        };
        assert_eq!(error.kind, kind, "{}", tell(&error));
        assert_eq!(row(&db).await, left);
        project.write(
            "3_witness.up.sql",
            "CREATE TABLE witness (step integer);\nINSERT INTO witness VALUES (1);\nINSERT INTO witness VALUES (3);\nINSERT INTO witness VALUES (4);\n",
        );
        project.up().await;
        assert_eq!(row(&db).await, "10|0");
        assert_eq!(
            ask(&db, "SELECT step, count(*) FROM witness GROUP BY step ORDER BY step").await,
            "1|1 ; 3|1 ; 4|1"
        );
    }

    async fn a_first_statement_that_fails_takes_the_flag_back(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write("3_witness.up.sql", "ALTER TABLE nowhere ADD COLUMN x integer;\n");
        let error = project.up_fails().await;
        assert_eq!(error.kind, ErrorKind::FailedRolledBack, "{}", tell(&error));
        assert_eq!(row(&db).await, "2|0");
    }

    async fn the_dirty_flag_of_the_tool_stops_a_run_until_somebody_looked(db: TestDatabase) {
        let project = half_applied(&db).await;
        prepare(&db, &["DELETE FROM schema_migrations", "INSERT INTO schema_migrations VALUES (3, true)"]).await;
        assert_eq!(project.states().await, "1 applied, 2 applied, 3 failed, 10 pending");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Mismatch, "failed-row", &["3_witness: recorded as failed", "shoring doctor"]);
        assert_eq!(row(&db).await, "3|1");
        let shown = project.migrator().repair(Confirmation::ShowOnly).await.unwrap();
        assert_eq!(shown.changes[0].action, "forget the failed attempt");
        project.migrator().repair(Confirmation::Confirmed).await.unwrap();
        assert_eq!(row(&db).await, "2|0");
        project.up().await;
        assert_eq!(row(&db).await, "10|0");
    }

    async fn a_dirty_version_can_be_marked_as_applied(db: TestDatabase) {
        let project = half_applied(&db).await;
        prepare(&db, &["CREATE TABLE witness (step integer)", "DELETE FROM schema_migrations", "INSERT INTO schema_migrations VALUES (3, true)"]).await;
        project.migrator().mark("3", MarkAs::Applied).await.unwrap();
        assert_eq!(row(&db).await, "3|0");
        let error = project.migrator().mark("1", MarkAs::Pending).await.unwrap_err();
        assert_says(&error, ErrorKind::Refused, "history-cannot-say", &["knows only the newest version"]);
        project.up().await;
        assert_eq!(row(&db).await, "10|0");
    }

    async fn marking_counted_what_stands_before_it_without_a_word(db: TestDatabase) {
        let project = half_applied(&db).await;
        for number in 4..=7 {
            project.write(&format!("{number}_x.up.sql"), "SELECT 1;\n");
        }
        let migrator = project.migrator();
        let error = migrator.mark("10", MarkAs::Applied).await.unwrap_err();
        assert_says(
            &error,
            ErrorKind::Refused,
            "not-confirmed",
            &["5 migrations before it that are not applied", "3_witness, 4_x, 5_x and 2 more", "keeps only the newest version", "shoring up 7", "shoring mark 10 applied --yes"],
        );
        assert_eq!(row(&db).await, "2|0");
        // What runs next is nobody's question.
        migrator.mark("3", MarkAs::Applied).await.unwrap();
        assert_eq!(row(&db).await, "3|0");
        let report = migrator.mark("10", MarkAs::AppliedWithAllBefore).await.unwrap();
        assert_eq!(report.changes.len(), 5);
        assert_eq!(row(&db).await, "10|0");
        let plan = migrator.plan(&PlanRequest::Up(UpRequest::default())).await.unwrap();
        assert!(plan.notes.is_empty(), "{:?}", plan.notes);
    }

    async fn a_baseline_is_one_row(db: TestDatabase) {
        let project = half_applied(&db).await;
        prepare(&db, &["DELETE FROM schema_migrations"]).await;
        project.migrator().baseline("2", Confirmation::Confirmed).await.unwrap();
        assert_eq!(row(&db).await, "2|0");
        project.up().await;
        assert_eq!(row(&db).await, "10|0");
    }
}

mod locks {
    use super::{
        Duration, ErrorKind, TestDatabase, UpRequest, ask, assert_says, half_applied, prepare,
    };

    async fn waits_for_the_tool(db: TestDatabase) {
        let project = half_applied(&db).await;
        let name = ask(
            &db,
            db.engine
                .pick("SELECT current_database()", "SELECT DATABASE()", ""),
        )
        .await;
        let mut tool = db.connect().await;
        // What the command line of the tool takes, computed apart from the code that is tested.
        let id = lock_id(&db, &name);
        tool.query(&db.engine.pick(
            format!("SELECT pg_advisory_lock({id})"),
            format!("SELECT GET_LOCK('{id}', 10)"),
            String::new(),
        ))
        .await
        .unwrap();
        let migrator = project.migrator().lock_wait(Duration::from_millis(300));
        let error = migrator.up(&UpRequest::default()).await.unwrap_err();
        assert_says(
            &error,
            ErrorKind::LockTimeout,
            "lock-held",
            &["golang-migrate"],
        );
        tool.close().await.unwrap();
        project.up().await;
    }

    /// A row that says dirty while the tool holds its lock is its work, not a failure.
    async fn waits_while_the_tool_is_at_work(db: TestDatabase) {
        let project = half_applied(&db).await;
        let name = ask(
            &db,
            db.engine
                .pick("SELECT current_database()", "SELECT DATABASE()", ""),
        )
        .await;
        let mut tool = db.connect().await;
        let id = lock_id(&db, &name);
        tool.query(&db.engine.pick(
            format!("SELECT pg_advisory_lock({id})"),
            format!("SELECT GET_LOCK('{id}', 10)"),
            String::new(),
        ))
        .await
        .unwrap();
        prepare(
            &db,
            &["UPDATE schema_migrations SET version = 3, dirty = true"],
        )
        .await;
        let migrator = project.migrator();
        let run = tokio::spawn(async move { migrator.up(&UpRequest::default()).await });
        // Somebody asks for the lock that the tool holds: the run waits.
        tool.query("SELECT 1").await.unwrap();
        prepare(
            &db,
            &[
                "CREATE TABLE witness (step integer)",
                "UPDATE schema_migrations SET dirty = false",
            ],
        )
        .await;
        tool.close().await.unwrap();
        let report = run.await.unwrap().unwrap();
        assert_eq!(report.ran.len(), 1, "only the last one was left");
    }

    fn lock_id(db: &TestDatabase, name: &str) -> u32 {
        let text = db.engine.pick(
            format!("public\0schema_migrations\0/{name}"),
            format!("{name}:schema_migrations"),
            String::new(),
        );
        let mut crc = u32::MAX;
        for byte in text.bytes() {
            crc ^= u32::from(byte);
            for _ in 0..8 {
                crc = (crc >> 1) ^ (0xEDB8_8320 & (0_u32.wrapping_sub(crc & 1)));
            }
        }
        (!crc).wrapping_mul(1_486_364_155)
    }

    mod postgresql {
        #[test]
        fn a_row_that_the_tool_writes_now_is_no_failure() {
            shoring_testkit::run(
                shoring_testkit::Engine::Postgresql,
                super::waits_while_the_tool_is_at_work,
            );
        }

        #[test]
        fn a_run_waits_for_the_tool() {
            shoring_testkit::run(
                shoring_testkit::Engine::Postgresql,
                super::waits_for_the_tool,
            );
        }
    }

    mod mariadb {
        #[test]
        fn a_row_that_the_tool_writes_now_is_no_failure() {
            shoring_testkit::run(
                shoring_testkit::Engine::Mariadb,
                super::waits_while_the_tool_is_at_work,
            );
        }

        #[test]
        fn a_run_waits_for_the_tool() {
            shoring_testkit::run(shoring_testkit::Engine::Mariadb, super::waits_for_the_tool);
        }
    }
}
