//! Numbered files against a table that somebody made by hand: its shape stays, its rows go on in their style.

use crate::manual_shapes::{MYSQL, POSTGRESQL, SQLITE, Shape};
use crate::support::{Project, ask, assert_says, prepare, tables, tell, user_tables};
use shoring::{Confirmation, DownRequest, ErrorKind, MarkAs, PlanRequest, UpRequest};
use shoring_core::Dialect;
use shoring_testkit::TestDatabase;

/// The files 1 and 2 that the hand-made table knows, and 3 and 10 that are new.
fn files(db: &TestDatabase, shape: &Shape) -> Project {
    let up = if shape.rows.contains("users.sql") {
        ".sql"
    } else {
        ".up.sql"
    };
    let project = Project::new(db, &[]);
    project.write(
        &format!("001_users{up}"),
        "CREATE TABLE users (id integer);\n",
    );
    project.write(
        &format!("002_orders{up}"),
        "CREATE TABLE orders (id integer);\n",
    );
    // The version is spelled as the table's rows spell theirs.
    let (three, ten) =
        if shape.written.starts_with("3|things ; 10") && shape.create.contains("VARCHAR(20)") {
            ("3", "10")
        } else {
            ("003", "010")
        };
    project.write(
        &format!("{three}_things{up}"),
        "CREATE TABLE things (id integer);\n",
    );
    project.write(
        &format!("{ten}_more{up}"),
        "CREATE TABLE more (id integer);\n",
    );
    project.write(&format!("{ten}_more.down.sql"), "DROP TABLE more;\n");
    project
}

/// Everything the catalogue says about the table.
async fn shape_of(db: &TestDatabase) -> String {
    let sql = match db.engine.dialect() {
        Dialect::Postgresql => {
            "SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), (SELECT string_agg(pg_get_constraintdef(c.oid), ',') FROM pg_constraint c WHERE c.conrelid = a.attrelid), a.attrelid FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE a.attrelid = 'schema_migrations'::regclass AND a.attnum > 0 ORDER BY a.attnum"
        }
        Dialect::Mysql => "SHOW CREATE TABLE schema_migrations",
        Dialect::Sqlite => "SELECT sql FROM sqlite_schema WHERE tbl_name = 'schema_migrations'",
    };
    ask(db, sql).await
}

fn shapes(db: &TestDatabase) -> &'static [Shape] {
    db.engine.pick(POSTGRESQL, MYSQL, SQLITE)
}

/// A new table of this shape, and nothing else of ours.
async fn make(db: &TestDatabase, shape: &Shape) {
    for table in [
        "schema_migrations",
        "shoring_runs",
        "shoring_run_steps",
        "shoring_lock",
        "things",
        "more",
    ] {
        prepare(db, &[&format!("DROP TABLE IF EXISTS {table}")]).await;
    }
    prepare(db, &[shape.create, shape.rows]).await;
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn every_shape_stays_and_its_rows_go_on_in_their_style(db: TestDatabase) {
        for shape in shapes(&db) {
            make(&db, shape).await;
            let project = files(&db, shape);
            let before = shape_of(&db).await;
            let status = project.migrator().status().await.unwrap();
            assert_eq!((status.format, status.pending, status.current.as_deref()), ("manual", 2, Some("002")), "{}", shape.create);
            project.up().await;
            assert_eq!(shape_of(&db).await, before);
            assert_eq!(ask(&db, "SELECT version, name FROM schema_migrations WHERE name LIKE '%thing%' OR name LIKE '%more%' ORDER BY name LIKE '%more%'").await, shape.written, "{}", shape.create);
            if !shape.create.contains("TIMESTAMP NULL") {
                assert_eq!(ask(&db, "SELECT count(*) FROM schema_migrations WHERE applied_at IS NULL AND name LIKE '%things%'").await, "0", "{}", shape.create);
            }
            assert!(!tables(&db).await.contains("shoring_history"));
            assert_eq!(project.up().await.ran, []);
            project.migrator().down(&DownRequest::Steps(1)).await.unwrap_or_else(|error| panic!("{}", tell(&error)));
            assert_eq!(ask(&db, "SELECT count(*) FROM schema_migrations").await, "3");
            assert_eq!(shape_of(&db).await, before);
        }
    }

    async fn a_changed_file_is_found_by_the_journal(db: TestDatabase) {
        let shape = &shapes(&db)[0];
        make(&db, shape).await;
        let project = files(&db, shape);
        // What was applied before us has no checksum anywhere.
        project.write("001_users.up.sql", "CREATE TABLE users (id bigint);\n");
        project.up().await;
        project.write("003_things.up.sql", "CREATE TABLE things (id bigint);\n");
        assert_eq!(project.states().await, "001 applied, 002 applied, 003 changed, 010 applied");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Mismatch, "changed-files", &["003_things", "by library"]);
        let before = shape_of(&db).await;
        let report = project.migrator().repair(Confirmation::Confirmed).await.unwrap();
        assert_eq!(report.changes.len(), 1);
        assert_eq!(project.states().await, "001 applied, 002 applied, 003 applied, 010 applied");
        assert_eq!(shape_of(&db).await, before);
        assert_eq!(project.up().await.ran, []);
    }

    async fn a_missing_file_can_only_be_forgotten(db: TestDatabase) {
        let shape = &shapes(&db)[0];
        make(&db, shape).await;
        let project = files(&db, shape);
        project.remove("002_orders.up.sql");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Mismatch, "missing-files", &["2_orders: no file; applied 2"]);
        let shown = project.migrator().repair(Confirmation::ShowOnly).await.unwrap();
        assert!(shown.changes[0].reason.contains("no place to say so"), "{shown:?}");
        project.migrator().repair(Confirmation::Confirmed).await.unwrap();
        assert_eq!(ask(&db, "SELECT version FROM schema_migrations ORDER BY version").await, "1");
    }

    async fn a_failure_leaves_no_row(db: TestDatabase) {
        let shape = &shapes(&db)[0];
        make(&db, shape).await;
        let project = files(&db, shape);
        project.write("003_things.up.sql", "INSERT INTO nowhere VALUES (1);\n");
        let error = project.up_fails().await;
        assert_eq!(error.kind, ErrorKind::FailedRolledBack);
        assert_eq!(ask(&db, "SELECT version FROM schema_migrations ORDER BY version").await, "1 ; 2");
    }

    async fn mark_and_baseline(db: TestDatabase) {
        let shape = &shapes(&db)[0];
        make(&db, shape).await;
        prepare(&db, &["DELETE FROM schema_migrations"]).await;
        let project = files(&db, shape);
        let migrator = project.migrator();
        let error = migrator.baseline("7", Confirmation::Confirmed).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Usage);
        let report = migrator.baseline("3", Confirmation::Confirmed).await.unwrap();
        assert_eq!((report.changes.len(), report.current.as_deref()), (3, Some("003")));
        assert_eq!(ask(&db, "SELECT version, name FROM schema_migrations ORDER BY version").await, "1|users ; 2|orders ; 3|things");
        project.up().await;
        assert_eq!(user_tables(&db).await, "more ; schema_migrations");
        migrator.mark("10", MarkAs::Pending).await.unwrap();
        migrator.mark("10", MarkAs::Applied).await.unwrap();
        assert_eq!(ask(&db, "SELECT count(*) FROM schema_migrations").await, "4");
    }

    async fn a_new_project_of_this_format(db: TestDatabase) {
        let project = Project::new(&db, &[("20260101120000_a.up.sql", "CREATE TABLE a (id integer);\n")]);
        project.migrator().format("manual").up(&UpRequest::default()).await.unwrap();
        assert_eq!(ask(&db, "SELECT version, name FROM schema_migrations").await, "20260101120000|a");
        assert_eq!(project.migrator().status().await.unwrap().format, "manual");
        assert_eq!(project.up().await.ran, []);
    }

    async fn another_name_for_the_table(db: TestDatabase) {
        let shape = &shapes(&db)[0];
        prepare(&db, &[&shape.create.replace("schema_migrations", "db_versions"), &shape.rows.replace("schema_migrations", "db_versions")]).await;
        let project = files(&db, shape);
        let migrator = project.migrator().history_table("db_versions");
        assert_eq!(migrator.status().await.unwrap().format, "manual");
        assert_eq!(migrator.up(&UpRequest::default()).await.unwrap().ran.len(), 2);
        assert_eq!(ask(&db, "SELECT count(*) FROM db_versions").await, "4");
    }
}

mod narrow_versions {
    use super::{ErrorKind, PlanRequest, Project, UpRequest, assert_says, prepare, tables};

    shoring_testkit::server_tests! {
        [postgresql, mariadb, mysql]

        async fn are_refused_before_anything_runs(db: TestDatabase) {
            for version_type in ["INTEGER", "SMALLINT"] {
                prepare(&db, &["DROP TABLE IF EXISTS schema_migrations", &format!("CREATE TABLE schema_migrations (version {version_type} PRIMARY KEY, name VARCHAR(255), applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)")]).await;
                let project = Project::new(&db, &[("001_a.up.sql", "CREATE TABLE a (id integer);\n"), ("20260101120000_b.up.sql", "CREATE TABLE b (id integer);\n")]);
                let error = project.up_fails().await;
                assert_says(&error, ErrorKind::Usage, "does-not-fit", &["20260101120000", "schema_migrations", "bigint", "Nothing was run"]);
                assert_eq!(tables(&db).await, "schema_migrations", "{version_type}");
                let error = project.migrator().plan(&PlanRequest::Up(UpRequest::default())).await.unwrap_err();
                assert_eq!(error.diagnostic.code, "does-not-fit");
                let first = UpRequest { steps: Some(1), ..UpRequest::default() };
                project.migrator().up(&first).await.unwrap();
                prepare(&db, &["DROP TABLE a", "DROP TABLE shoring_runs", "DROP TABLE shoring_run_steps", "DROP TABLE shoring_lock"]).await;
            }
        }
    }
}
