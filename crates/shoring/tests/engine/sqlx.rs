//! Projects of sqlx, in place: simple and reversible files, a table with checksums, a lock of the library.

use crate::support::{Project, ask, assert_says, prepare, tell};
use shoring::{Confirmation, DownRequest, ErrorKind, UpRequest};
use shoring_testkit::TestDatabase;
use std::time::Duration;

const TABLE: [&str; 2] = [
    "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, installed_on TIMESTAMPTZ NOT NULL DEFAULT now(), success BOOLEAN NOT NULL, checksum BYTEA NOT NULL, execution_time BIGINT NOT NULL)",
    "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, checksum BLOB NOT NULL, execution_time BIGINT NOT NULL)",
];

/// SHA-384 of `USERS`, by `sha384sum`.
const USERS: &str = "CREATE TABLE users (id integer);\n";
const USERS_SHA: &str = "5270f9a2930524c59930be7ba45946d8709a773926274050f8c310ae17fca804ac749ef8fa850e28bcc249464701622d";

async fn half_applied(db: &TestDatabase) -> Project {
    let project = Project::new(
        db,
        &[
            ("0001_make_users.sql", USERS),
            (
                "0002_orders.sql",
                "CREATE TABLE orders (id integer);\nINSERT INTO orders VALUES (1);\n",
            ),
        ],
    );
    let row = db.engine.pick(
        format!("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (1, 'make users', TRUE, '\\x{USERS_SHA}', 1234567)"),
        format!("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (1, 'make users', TRUE, x'{USERS_SHA}', 1234567)"),
        format!("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (1, 'make users', TRUE, x'{USERS_SHA}', 1234567)"),
    );
    let table = db.engine.pick(TABLE[0], TABLE[1], TABLE[1]);
    prepare(db, &[table, USERS, &row]).await;
    project
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    /// No evidence but the table: the names are those of several formats.
    async fn the_table_decides_what_the_files_are(db: TestDatabase) {
        let project = half_applied(&db).await;
        assert_eq!(project.states().await, "0001 applied, 0002 pending");
        let status = project.migrator().status().await.unwrap();
        assert_eq!(status.format, "sqlx");
        assert_eq!(status.migrations[0].milliseconds, Some(1));
        project.up().await;
        let rows = ask(&db, db.engine.pick(
            "SELECT version, description, success, octet_length(checksum), execution_time > 0 FROM _sqlx_migrations ORDER BY version",
            "SELECT version, description, success, octet_length(checksum), execution_time >= 0 FROM _sqlx_migrations ORDER BY version",
            "SELECT version, description, success, length(checksum), execution_time >= 0 FROM _sqlx_migrations ORDER BY version",
        )).await;
        let (yes, row) = db.engine.pick(("t", "48|t"), ("1", "48|1"), ("1", "48|1"));
        assert_eq!(rows, format!("1|make users|{yes}|{row} ; 2|orders|{yes}|{row}"));
    }

    async fn a_simple_migration_has_no_way_back(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.up().await;
        let error = project.migrator().down(&DownRequest::Steps(1)).await.unwrap_err();
        assert_says(&error, ErrorKind::Refused, "no-down", &["0002_orders has no down file", "write migrations/0002_orders.down.sql"]);
    }

    async fn a_row_without_success_stops_a_run(db: TestDatabase) {
        let project = half_applied(&db).await;
        prepare(&db, &[db.engine.pick("UPDATE _sqlx_migrations SET success = FALSE", "UPDATE _sqlx_migrations SET success = FALSE", "UPDATE _sqlx_migrations SET success = 0")]).await;
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Mismatch, "failed-row", &["0001_make_users: recorded as failed", "shoring doctor"]);
        prepare(&db, &["DROP TABLE users"]).await;
        project.migrator().repair(Confirmation::Confirmed).await.unwrap();
        project.up().await;
        assert_eq!(ask(&db, "SELECT count(*) FROM _sqlx_migrations").await, "2");
    }

    async fn without_a_transaction_where_the_file_begins_with_the_mark(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write("0002_orders.sql", "-- no-transaction\nCREATE TABLE orders (id integer);\nINSERT INTO nowhere VALUES (1);\n");
        let error = project.up_fails().await;
        assert_eq!(error.kind, ErrorKind::FailedPartly, "{}", tell(&error));
        // The tool is told, so that a stray `sqlx migrate run` stops.
        let said = ask(&db, "SELECT version, success FROM _sqlx_migrations ORDER BY version").await;
        assert_eq!(said, db.engine.pick("1|t ; 2|f", "1|1 ; 2|0", "1|1 ; 2|0"));
        project.write("0002_orders.sql", "-- no-transaction\nCREATE TABLE orders (id integer);\nINSERT INTO orders VALUES (1);\n");
        project.up().await;
        assert_eq!(ask(&db, "SELECT count(*) FROM orders").await, "1");
        assert_eq!(project.states().await, "0001 applied, 0002 applied");
    }

    /// The way that users of sqlx go to switch foreign keys off: its transaction is left, and one is open when it commits.
    async fn a_file_that_leaves_the_transaction_and_opens_another_one_runs(db: TestDatabase) {
        let project = half_applied(&db).await;
        let (off, on) = db.engine.pick(
            ("SET search_path = public", "RESET search_path"),
            ("SET foreign_key_checks = 0", "SET foreign_key_checks = 1"),
            ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON"),
        );
        let file = |last: &str| format!("COMMIT;\n{off};\nBEGIN;\nCREATE TABLE orders (id integer);\nCOMMIT;\n{on};\nBEGIN;\nINSERT INTO orders VALUES (1);\n{last}\n");
        project.write("0002_orders.sql", file("INSERT INTO nowhere VALUES (2);"));
        let error = project.up_fails().await;
        assert_eq!(error.kind, ErrorKind::FailedPartly, "{}", tell(&error));
        assert_eq!(ask(&db, "SELECT count(*) FROM orders").await, "0");
        project.write("0002_orders.sql", file("INSERT INTO orders VALUES (2);"));
        // sqlx runs it too.
        assert_eq!(project.up_warns().await, "");
        assert_eq!(ask(&db, "SELECT id FROM orders ORDER BY id").await, "1 ; 2");
        assert_eq!(project.states().await, "0001 applied, 0002 applied");
    }

    async fn what_is_wrong_in_its_configuration_is_told(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write_beside("sqlx.toml", "[migrate]\nfolder = \"x\"\n");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Usage, "tool-config", &["sqlx.toml:2: unknown key `migrate.folder`", "sqlx refuses it too", "Nothing was run and nothing was changed."]);
        project.write_beside("sqlx.toml", "[migrate\n");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Usage, "tool-config", &["`sqlx.toml` is not valid TOML"]);
    }

    async fn two_tools_that_the_project_uses_are_a_question_until_the_table_is_there(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.remove("0001_make_users.sql");
        project.remove("0002_orders.sql");
        project.write("0001_make_users.up.sql", USERS);
        project.write_beside("Cargo.toml", "[dependencies]\nsqlx = \"0.9\"\n");
        project.write_beside("Makefile", "up:\n\tmigrate -path migrations -database $(DB) up\n");
        assert_eq!(project.states().await, "0001 applied");
        prepare(&db, &["DROP TABLE _sqlx_migrations", "DROP TABLE users"]).await;
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Usage, "several-formats", &["golang-migrate", "sqlx", "Cargo.toml:2 requires sqlx", "Makefile:2", "--format"]);
        project.migrator().format("sqlx").up(&UpRequest::default()).await.unwrap();
        assert_eq!(project.states().await, "0001 applied");
    }
}

mod locks {
    use super::{Duration, ErrorKind, TestDatabase, UpRequest, ask, assert_says, half_applied};

    async fn waits_for_the_library(db: TestDatabase) {
        let project = half_applied(&db).await;
        let name = ask(
            &db,
            db.engine
                .pick("SELECT current_database()", "SELECT DATABASE()", ""),
        )
        .await;
        // Computed apart from the code that is tested.
        let id = 0x3d32_ad9e_u64 * u64::from(crc(&name));
        let mut tool = db.connect().await;
        tool.query(&db.engine.pick(
            format!("SELECT pg_advisory_lock({id})"),
            format!("SELECT GET_LOCK('{id:x}', 10)"),
            String::new(),
        ))
        .await
        .unwrap();
        let migrator = project.migrator().lock_wait(Duration::from_millis(300));
        let error = migrator.up(&UpRequest::default()).await.unwrap_err();
        assert_says(&error, ErrorKind::LockTimeout, "lock-held", &["sqlx"]);
        tool.close().await.unwrap();
        project.up().await;
    }

    fn crc(text: &str) -> u32 {
        let mut crc = u32::MAX;
        for byte in text.bytes() {
            crc ^= u32::from(byte);
            for _ in 0..8 {
                crc = (crc >> 1) ^ (0xEDB8_8320 & (0_u32.wrapping_sub(crc & 1)));
            }
        }
        !crc
    }

    mod postgresql {
        #[test]
        fn a_run_waits_for_the_library() {
            shoring_testkit::run(
                shoring_testkit::Engine::Postgresql,
                super::waits_for_the_library,
            );
        }
    }

    mod mariadb {
        #[test]
        fn a_run_waits_for_the_library() {
            shoring_testkit::run(
                shoring_testkit::Engine::Mariadb,
                super::waits_for_the_library,
            );
        }
    }
}
