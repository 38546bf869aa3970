//! PostgreSQL: what cannot run in a transaction gets its place, and everything else keeps the transaction.

use crate::support::{Project, ask, assert_says, prepare, run, user_tables};
use shoring::{DownRequest, ErrorKind, PlanRequest, UpRequest};

shoring_testkit::server_tests! {
    [postgresql]

    async fn a_procedure_that_commits(db: TestDatabase) {
        let procedure = "CREATE PROCEDURE fill() AS $$ BEGIN INSERT INTO t VALUES (1); COMMIT; INSERT INTO t VALUES (2); END $$ LANGUAGE plpgsql;\nCALL fill();\nDO $$ BEGIN COMMIT; END $$;\nDROP PROCEDURE fill;\n";
        let project = Project::new(&db, &[
            ("001_t.up.sql", "CREATE TABLE t (id integer);\n"),
            ("002_fill.up.sql", procedure),
        ]);
        assert_eq!(project.up_fails().await.kind, ErrorKind::FailedRolledBack);
        project.write("002_fill.up.sql", format!("-- shoring: no-transaction\n{procedure}"));
        project.up().await;
        assert_eq!(ask(&db, "SELECT id FROM t ORDER BY id").await, "1 ; 2");
    }

    /// golang-migrate opens no transaction, and the server none around one statement.
    async fn a_call_alone_in_a_file_of_golang_migrate_may_commit(db: TestDatabase) {
        let body = "AS $$ BEGIN INSERT INTO t VALUES (1); COMMIT; INSERT INTO t VALUES (2); END $$";
        let project = Project::new(&db, &[
            ("1_t.up.sql", "CREATE TABLE t (id integer);\n"),
            ("2_fill.up.sql", &format!("CREATE PROCEDURE fill() {body} LANGUAGE plpgsql;\n")),
            ("3_call.up.sql", "CALL fill();\n"),
            ("4_do.up.sql", "DO $$ BEGIN DELETE FROM t WHERE id = 1; COMMIT; END $$;\n"),
            ("5_do.up.sql", "DO $$ BEGIN DELETE FROM t; RAISE 'no'; END $$;\n"),
        ]);
        project.write_beside("Dockerfile", "FROM migrate/migrate:v4.19.0\n");
        // What ends no transaction keeps the one with the row.
        assert_eq!(project.up_fails().await.kind, ErrorKind::FailedRolledBack);
        assert_eq!(project.states().await, "1 applied, 2 applied, 3 applied, 4 applied, 5 pending");
        assert_eq!(project.migrator().status().await.unwrap().format, "golang-migrate");
        assert_eq!(ask(&db, "SELECT id FROM t ORDER BY id").await, "2");
        assert_eq!(ask(&db, "SELECT version, dirty FROM schema_migrations").await, "4|f");
    }

    async fn alone_and_between_others(db: TestDatabase) {
        let project = Project::new(&db, &[
            ("001_t.up.sql", "CREATE TABLE t (id integer, name text);\nINSERT INTO t SELECT n, 'n' || n FROM generate_series(1, 100) AS n;\n"),
            ("002_i.up.sql", "CREATE INDEX CONCURRENTLY i ON t (id);\n"),
            ("002_i.down.sql", "DROP INDEX CONCURRENTLY i;\n"),
            ("003_mix.up.sql", "ALTER TABLE t ADD extra integer;\nCREATE UNIQUE INDEX CONCURRENTLY u ON t (name);\nVACUUM ANALYZE t;\nUPDATE t SET extra = id;\nREINDEX INDEX CONCURRENTLY u;\n"),
        ]);
        let report = project.up().await;
        assert_eq!(report.ran.len(), 3);
        assert_eq!(report.ran[2].statements, 5);
        assert_eq!(ask(&db, "SELECT indexrelid::regclass FROM pg_index WHERE indisvalid AND indrelid = 't'::regclass ORDER BY 1").await, "i ; u");
        assert_eq!(ask(&db, "SELECT sum(extra) FROM t").await, "5050");
        assert_eq!(project.journal().await, "up 001 applied, up 002 applied, up 003 applied");
        assert_eq!(project.up().await.ran, []);
        project.remove("003_mix.up.sql");
        prepare(&db, &["DELETE FROM shoring_history WHERE version = '003'"]).await;
        project.migrator().down(&DownRequest::Steps(1)).await.unwrap();
        assert_eq!(project.states().await, "001 applied, 002 pending");
    }

    async fn a_failure_between_goes_on_there(db: TestDatabase) {
        let project = Project::new(&db, &[("001_x.up.sql", "CREATE TABLE t (id integer);\nINSERT INTO t VALUES (1);\nCREATE INDEX CONCURRENTLY i ON t (id);\nINSERT INTO t VALUES (2);\nINSERT INTO nowhere VALUES (3);\n")]);
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::FailedPartly, "migration-failed", &["3 of 5 statements of 001", "statement 5 of 5"]);
        assert_eq!(ask(&db, "SELECT count(*) FROM t").await, "1");
        project.write("001_x.up.sql", "CREATE TABLE t (id integer);\nINSERT INTO t VALUES (1);\nCREATE INDEX CONCURRENTLY i ON t (id);\nINSERT INTO t VALUES (2);\nINSERT INTO t VALUES (3);\n");
        project.up().await;
        assert_eq!(ask(&db, "SELECT string_agg(id::text, ',' ORDER BY id) FROM t").await, "1,2,3");
        assert_eq!(project.states().await, "001 applied");
    }

    async fn an_enum_value_is_committed_before_its_use(db: TestDatabase) {
        let project = Project::new(&db, &[
            ("001_t.up.sql", "CREATE TYPE mood AS ENUM ('sad');\nCREATE TABLE t (mood mood);\n"),
            ("002_v.up.sql", "ALTER TYPE mood ADD VALUE 'ok';\nALTER TYPE mood ADD VALUE IF NOT EXISTS 'fine';\nINSERT INTO t VALUES ('ok'), ('fine');\n"),
            ("003_new.up.sql", "CREATE TYPE size AS ENUM ('s');\nALTER TYPE size ADD VALUE 'm';\nCREATE TABLE u (size size DEFAULT 'm');\n"),
        ]);
        project.up().await;
        assert_eq!(ask(&db, "SELECT count(*) FROM t").await, "2");
    }

    async fn the_files_own_transaction_holds_the_history_row(db: TestDatabase) {
        let project = Project::new(&db, &[("001_own.up.sql", "BEGIN;\nCREATE TABLE t (id integer);\nCREATE TABLE x AS SELECT pg_current_xact_id()::text AS id;\nCOMMIT;\n")]);
        project.up().await;
        assert_eq!(ask(&db, "SELECT xmin::text = (SELECT id FROM x) FROM shoring_history").await, "t");
        project.write("002_more.up.sql", "CREATE TABLE before (id integer);\nSTART TRANSACTION;\nCREATE TABLE inside (id integer);\nSAVEPOINT a;\nINSERT INTO inside VALUES (1);\nROLLBACK TO a;\nEND;\nCREATE TABLE after (id integer);\n");
        project.up().await;
        assert_eq!(user_tables(&db).await, "after ; before ; inside ; t ; x");
        assert_eq!(ask(&db, "SELECT count(*) FROM inside").await, "0");
        project.write("003_level.up.sql", "BEGIN;\nSET TRANSACTION ISOLATION LEVEL SERIALIZABLE;\nINSERT INTO t VALUES (1);\nCOMMIT;\n");
        project.write("004_level.up.sql", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;\nINSERT INTO t VALUES (2);\n");
        project.up().await;
    }

    async fn the_directive_runs_each_statement_on_its_own(db: TestDatabase) {
        let project = Project::new(&db, &[("001_x.up.sql", "-- shoring: no-transaction\nCREATE TABLE t (id integer);\nINSERT INTO t VALUES (1);\nINSERT INTO t VALUES ('x');\n")]);
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::FailedPartly, "migration-failed", &["2 of 3"]);
        assert_eq!(ask(&db, "SELECT count(*) FROM t").await, "1");
        project.write("001_x.up.sql", "-- shoring: no-transaction\nCREATE TABLE t (id integer);\nINSERT INTO t VALUES (1);\nINSERT INTO t VALUES (3);\n");
        project.up().await;
        assert_eq!(ask(&db, "SELECT count(*) FROM t").await, "2");
    }

    async fn time_limits_hold_for_one_file_only(db: TestDatabase) {
        let limits = "SELECT current_setting('lock_timeout') || ' ' || current_setting('statement_timeout') AS limits";
        let project = Project::new(&db, &[
            ("001_a.up.sql", &format!("CREATE TABLE a AS {limits};")),
            ("002_b.up.sql", &format!("-- shoring: lock-timeout 7s\n-- shoring: statement-timeout 20min\nCREATE TABLE b AS {limits};")),
            ("003_c.up.sql", &format!("CREATE TABLE c AS {limits};")),
            ("004_d.up.sql", &format!("SET statement_timeout = '1s';\nCREATE TABLE d AS {limits};")),
            ("005_e.up.sql", &format!("CREATE TABLE e AS {limits};")),
            ("006_f.up.sql", &format!("CREATE INDEX CONCURRENTLY i ON a (limits);\nCREATE TABLE f AS {limits};")),
        ]);
        prepare(&db, &[&format!("ALTER DATABASE {} SET statement_timeout = '5min'", db.name)]).await;
        project.up().await;
        assert_eq!(ask(&db, "SELECT * FROM a UNION ALL SELECT * FROM b UNION ALL SELECT * FROM c UNION ALL SELECT * FROM d UNION ALL SELECT * FROM e UNION ALL SELECT * FROM f").await,
            "3s 0 ; 7s 20min ; 3s 0 ; 3s 1s ; 3s 0 ; 3s 0");
        project.write("007_slow.up.sql", "-- shoring: statement-timeout 50ms\nSELECT pg_sleep(30);");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::FailedRolledBack, "migration-failed", &["statement timeout"]);
    }

    async fn a_lock_that_never_comes(db: TestDatabase) {
        let project = Project::shop(&db);
        project.up().await;
        let mut holder = db.connect().await;
        run(&mut holder, &["BEGIN", "LOCK TABLE users IN ACCESS SHARE MODE"]).await;
        project.write("004_alter.up.sql", "ALTER TABLE users ADD extra integer;\n");
        let migrator = project.migrator().lock_timeout(std::time::Duration::from_millis(50), 2);
        let error = migrator.up(&UpRequest::default()).await.unwrap_err();
        assert_says(&error, ErrorKind::LockTimeout, "migration-failed", &["tried 2 times", "004 was rolled back completely", "run it again when the table is quiet"]);
        assert_eq!(project.states().await, "001 applied, 002 applied, 003 applied, 004 pending");
        run(&mut holder, &["ROLLBACK"]).await;
        project.up().await;
    }

    async fn the_plan_says_it_is_not_one_transaction(db: TestDatabase) {
        let project = Project::new(&db, &[("001_x.up.sql", "CREATE TABLE t (id integer);\nCREATE INDEX CONCURRENTLY i ON t (id);\n")]);
        let plan = project.migrator().plan(&PlanRequest::Up(UpRequest::default())).await.unwrap();
        assert!(plan.notes[0].contains("001_x is not one transaction"), "{:?}", plan.notes);
    }
}
