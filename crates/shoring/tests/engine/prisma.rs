//! Projects of Prisma Migrate, in place: a folder for each migration, a row for each try, no way back but a file of the user's.

use crate::support::{Project, ask, assert_says, prepare, tell};
use shoring::{Confirmation, DownRequest, ErrorKind, MarkAs};
use shoring_core::Dialect;
use shoring_testkit::TestDatabase;

const FIRST: &str = "20260101000000_users";
const SECOND: &str = "20260102000000_orders";

const USERS: &str = "CREATE TABLE users (id integer);\n";
/// SHA-256 of [`USERS`], by `sha256sum`.
const USERS_SHA: &str = "3ae90ecc4d506cda0dc3961d0aa61703075387b62bc1cb1b1ec237f591eb3b60";

/// Two migrations; the tool failed at the first once, was told so, and applied it then.
async fn half_applied(db: &TestDatabase) -> Project {
    let project = Project::new(db, &[]);
    let file = |name: &str| format!("migrations/{name}/migration.sql");
    project.write_beside(&file(FIRST), USERS);
    project.write_beside(
        &file(SECOND),
        "CREATE TABLE orders (id integer);\nINSERT INTO orders VALUES (1);\n",
    );
    project.write_beside(
        "migrations/migration_lock.toml",
        &format!(
            "provider = \"{}\"\n",
            db.engine.pick("postgresql", "mysql", "sqlite")
        ),
    );
    let table = match db.engine.dialect() {
        Dialect::Postgresql => {
            "CREATE TABLE _prisma_migrations (id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ, migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ, started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)"
        }
        Dialect::Mysql => {
            "CREATE TABLE _prisma_migrations (id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at DATETIME(3), migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at DATETIME(3), started_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), applied_steps_count INTEGER UNSIGNED NOT NULL DEFAULT 0)"
        }
        Dialect::Sqlite => {
            "CREATE TABLE _prisma_migrations (id TEXT PRIMARY KEY NOT NULL, checksum TEXT NOT NULL, finished_at DATETIME, migration_name TEXT NOT NULL, logs TEXT, rolled_back_at DATETIME, started_at DATETIME NOT NULL DEFAULT current_timestamp, applied_steps_count INTEGER UNSIGNED NOT NULL DEFAULT 0)"
        }
    };
    let time = |second: u32| {
        db.engine.pick(
            format!("'2026-01-01 10:00:0{second}.5+00'"),
            format!("'2026-01-01 10:00:0{second}.5'"),
            format!("{}", 1_767_261_600_500_i64 + i64::from(second) * 1000),
        )
    };
    let failed = format!(
        "INSERT INTO _prisma_migrations (id, checksum, migration_name, logs, rolled_back_at, started_at) VALUES ('a', '{USERS_SHA}', '{FIRST}', 'no', {}, {})",
        time(2),
        time(1)
    );
    let applied = format!(
        "INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, started_at, applied_steps_count) VALUES ('b', '{USERS_SHA}', '{FIRST}', {}, {}, 1)",
        time(4),
        time(3)
    );
    prepare(db, &[table, USERS, &failed, &applied]).await;
    project
}

async fn rows(db: &TestDatabase) -> String {
    let flag = |column: &str| {
        db.engine.pick(
            format!("({column} IS NOT NULL)::int"),
            format!("{column} IS NOT NULL"),
            format!("{column} IS NOT NULL"),
        )
    };
    ask(
        db,
        &format!(
            "SELECT migration_name, {}, {}, applied_steps_count FROM _prisma_migrations ORDER BY started_at",
            flag("finished_at"),
            flag("rolled_back_at")
        ),
    )
    .await
    .replace("20260101000000_users", "1")
    .replace("20260102000000_orders", "2")
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn its_history_goes_on(db: TestDatabase) {
        let project = half_applied(&db).await;
        assert_eq!(project.states().await, format!("{FIRST} applied, {SECOND} pending"));
        let status = project.migrator().status().await.unwrap();
        assert_eq!(status.format, "prisma");
        assert_eq!(status.migrations[0].applied_at.as_deref().map(|time| &time[..21]), Some("2026-01-01T10:00:04.5"));
        project.up().await;
        assert_eq!(rows(&db).await, "1|0|1|0 ; 1|1|0|1 ; 2|1|0|1");
        // The id is a UUID, as the tool has it; the journal knows the attempt by it.
        assert_eq!(ask(&db, &format!("SELECT length(id), length(checksum) FROM _prisma_migrations WHERE migration_name = '{SECOND}'")).await, "36|64");
    }

    async fn there_is_no_way_back_but_one_of_the_users(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.up().await;
        let error = project.migrator().down(&DownRequest::Steps(1)).await.unwrap_err();
        assert_says(&error, ErrorKind::Refused, "no-down", &[SECOND, "Prisma Migrate has no way back of its own: write migrations/20260102000000_orders/down.sql", "Nothing was run and nothing was changed."]);
        project.write_beside(&format!("migrations/{SECOND}/down.sql"), "DROP TABLE orders;\n");
        project.migrator().down(&DownRequest::Steps(1)).await.unwrap();
        assert_eq!(rows(&db).await, "1|0|1|0 ; 1|1|0|1 ; 2|1|1|1");
        assert_eq!(project.states().await, format!("{FIRST} applied, {SECOND} pending"));
        project.up().await;
        assert_eq!(rows(&db).await, "1|0|1|0 ; 1|1|0|1 ; 2|1|1|1 ; 2|1|0|1");
    }

    async fn a_failed_row_of_the_tool_stops_a_run_until_somebody_looked(db: TestDatabase) {
        let project = half_applied(&db).await;
        let failed = format!("INSERT INTO _prisma_migrations (id, checksum, migration_name, logs) VALUES ('c', '00', '{SECOND}', 'relation does not exist')");
        prepare(&db, &[&failed]).await;
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Mismatch, "failed-row", &["20260102000000_orders: recorded as failed", "shoring doctor"]);
        // As `prisma migrate resolve --rolled-back`.
        project.migrator().repair(Confirmation::Confirmed).await.unwrap();
        project.up().await;
        assert_eq!(ask(&db, &format!("SELECT count(*) FROM _prisma_migrations WHERE migration_name = '{SECOND}'")).await, "2");
        assert_eq!(ask(&db, "SELECT count(*) FROM orders").await, "1");
    }

    async fn a_failed_row_can_be_marked_as_applied(db: TestDatabase) {
        let project = half_applied(&db).await;
        let failed = format!("INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('c', '00', '{SECOND}')");
        prepare(&db, &[&failed]).await;
        // As `prisma migrate resolve --applied`: no step, an empty log.
        project.migrator().mark(SECOND, MarkAs::Applied).await.unwrap();
        assert_eq!(ask(&db, &format!("SELECT logs, applied_steps_count, length(id) FROM _prisma_migrations WHERE migration_name = '{SECOND}' AND rolled_back_at IS NULL")).await, "|0|36");
        assert_eq!(project.up().await.ran, []);
    }

    async fn a_failure_is_not_left_behind_where_nothing_of_it_is(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write_beside(&format!("migrations/{SECOND}/migration.sql"), "CREATE TABLE orders (id integer);\nINSERT INTO nowhere VALUES (1);\n");
        let error = project.up_fails().await;
        let left = match db.engine.dialect() {
            Dialect::Postgresql | Dialect::Sqlite => "1|0|1|0 ; 1|1|0|1",
            // A part stays: the tool itself stops at the row (P3009).
            Dialect::Mysql => "1|0|1|0 ; 1|1|0|1 ; 2|0|0|0",
        };
        assert_eq!(rows(&db).await, left, "{}", tell(&error));
        project.write_beside(&format!("migrations/{SECOND}/migration.sql"), "CREATE TABLE orders (id integer);\nINSERT INTO orders VALUES (1);\n");
        project.up().await;
        assert_eq!(rows(&db).await, "1|0|1|0 ; 1|1|0|1 ; 2|1|0|1");
        assert_eq!(ask(&db, "SELECT count(*) FROM orders").await, "1");
    }

    async fn migrations_for_another_database_are_refused(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write_beside("migrations/migration_lock.toml", "provider = \"sqlserver\"\n");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Usage, "other-product", &["`sqlserver` (migrations/migration_lock.toml:1)", "Nothing was run and nothing was changed."]);
    }

    async fn a_folder_without_its_file_is_refused(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write_beside("migrations/20260103000000_empty/notes.md", "");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Usage, "no-script", &["`migrations/20260103000000_empty` has no migration.sql", "P3015"]);
    }
}
