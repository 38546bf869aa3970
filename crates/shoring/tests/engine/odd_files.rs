//! Files that are allowed and rare: everything on one line, a role that is kept, transactions that are rolled back.

use crate::support::{Project, ask, assert_says, prepare, user_tables};
use shoring::{DownRequest, ErrorKind, UpRequest};

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn a_transaction_that_the_file_rolls_back(db: TestDatabase) {
        let project = Project::new(&db, &[
            ("001_t.up.sql", "CREATE TABLE t (id integer);\n"),
            ("002_try.up.sql", "BEGIN;\nINSERT INTO t VALUES (1);\nROLLBACK;\n"),
            ("003_both.up.sql", "BEGIN;\nINSERT INTO t VALUES (2);\nROLLBACK;\nINSERT INTO t VALUES (3);\n"),
        ]);
        project.up().await;
        assert_eq!(ask(&db, "SELECT id FROM t").await, "3");
        assert_eq!(project.states().await, "001 applied, 002 applied, 003 applied");
        assert_eq!(project.journal().await, "up 001 applied, up 002 applied, up 003 applied");
    }

    async fn only_settings(db: TestDatabase) {
        let project = Project::new(&db, &[("001_s.up.sql", db.engine.pick("SET work_mem = '8MB';", "SET @x = 1;", "PRAGMA foreign_keys = ON;"))]);
        project.up().await;
        assert_eq!(project.states().await, "001 applied");
        assert_eq!(project.up().await.ran, []);
    }

    async fn two_transactions_in_one_file(db: TestDatabase) {
        let text = "BEGIN;\nINSERT INTO t VALUES (1);\nCOMMIT;\nBEGIN;\nINSERT INTO t VALUES (2);\nINSERT INTO nowhere VALUES (1);\nCOMMIT;\n";
        let project = Project::new(&db, &[("001_t.up.sql", "CREATE TABLE t (id integer);\n"), ("002_two.up.sql", text), ("002_two.down.sql", "DELETE FROM t;\n")]);
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::FailedPartly, "migration-failed", &["3 of 7 statements of 002", "statement 6 of 7"]);
        assert_eq!(ask(&db, "SELECT id FROM t").await, "1");
        assert_eq!(project.states().await, "001 applied, 002 failed");
        project.write("002_two.up.sql", text.replace("nowhere", "t"));
        project.up().await;
        assert_eq!(ask(&db, "SELECT id FROM t ORDER BY id DESC").await, "2 ; 1 ; 1");
        project.migrator().down(&DownRequest::Steps(1)).await.unwrap();
        assert_eq!(ask(&db, "SELECT count(*) FROM t").await, "0");
    }

    async fn a_half_of_two_transactions_is_taken_back(db: TestDatabase) {
        let text = "BEGIN;\nINSERT INTO t VALUES (1);\nCOMMIT;\nBEGIN;\nINSERT INTO nowhere VALUES (1);\nCOMMIT;\n";
        let project = Project::new(&db, &[("001_t.up.sql", "CREATE TABLE t (id integer);\n"), ("002_two.up.sql", text), ("002_two.down.sql", "DELETE FROM t;\n")]);
        project.up_fails().await;
        let report = project.migrator().down(&DownRequest::Steps(1)).await.unwrap();
        assert_eq!(report.current.as_deref(), Some("001"));
        assert_eq!(ask(&db, "SELECT count(*) FROM t").await, "0");
        assert_eq!(project.states().await, "001 applied, 002 pending");
        project.write("002_two.up.sql", text.replace("nowhere", "t"));
        project.up().await;
        assert_eq!(ask(&db, "SELECT count(*) FROM t").await, "2");
    }

    async fn one_long_line(db: TestDatabase) {
        let mut text = "CREATE TABLE t (id integer, name varchar(50));".to_owned();
        for id in 0..500 {
            text.push_str(&format!(" INSERT INTO t VALUES ({id}, 'ü;{id}');"));
        }
        let project = Project::new(&db, &[("1.up.sql", &text), ("2-dash-name.up.sql", "SELECT 1")]);
        assert_eq!(project.up().await.ran[0].rows, 500);
        assert_eq!(ask(&db, "SELECT version, name FROM shoring_history ORDER BY version").await, "1| ; 2|dash-name");
        assert_eq!(ask(&db, "SELECT name FROM t WHERE id = 499").await, "ü;499");
    }

    async fn versions_of_many_digits_in_numeric_order(db: TestDatabase) {
        let project = Project::new(&db, &[
            ("9_a.up.sql", "CREATE TABLE t (id integer);\n"),
            ("10_b.up.sql", "INSERT INTO t VALUES (1);\n"),
            ("20260101120000_c.up.sql", "INSERT INTO t VALUES (2);\n"),
            ("99999999999999999999999999999999999999_d.up.sql", "INSERT INTO t VALUES (3);\n"),
        ]);
        let report = project.up().await;
        assert_eq!(report.ran.len(), 4);
        assert_eq!(project.up().await.ran, []);
        project.write("009_twin.up.sql", "SELECT 1;\n");
        let error = project.up_fails().await;
        assert_eq!(error.diagnostic.code, "duplicate-version");
    }

    async fn a_name_with_every_quote(db: TestDatabase) {
        let project = Project::new(&db, &[("001_it's \"quoted\" `so` \\ größe.up.sql", "CREATE TABLE t (id integer);\n"), ("001_it's \"quoted\" `so` \\ größe.down.sql", "DROP TABLE t;\n")]);
        project.up().await;
        assert_eq!(ask(&db, "SELECT name FROM shoring_history").await, "it's \"quoted\" `so` \\ größe");
        assert_eq!(project.states().await, "001 applied");
        project.migrator().down(&DownRequest::All).await.unwrap();
        assert_eq!(user_tables(&db).await, "");
    }

    async fn a_history_table_of_another_name(db: TestDatabase) {
        let project = Project::shop(&db);
        let migrator = project.migrator().history_table("Our \"own\" history");
        migrator.up(&UpRequest::default()).await.unwrap();
        assert_eq!(migrator.up(&UpRequest::default()).await.unwrap().ran, []);
        assert!(migrator.status().await.unwrap().history_exists);
    }

    async fn a_file_changed_between_two_statements_of_a_half(db: TestDatabase) {
        // A comment is no change of a statement that is in the database.
        prepare(&db, &["CREATE TABLE t (id integer)"]).await;
        let text = "-- shoring: no-transaction\nINSERT INTO t VALUES (1);\nINSERT INTO nowhere VALUES (2);\n";
        let project = Project::new(&db, &[("001_x.up.sql", text)]);
        assert_eq!(project.up_fails().await.kind, ErrorKind::FailedPartly);
        project.write("001_x.up.sql", "-- shoring: no-transaction\n\n/* why */ INSERT INTO t VALUES (1);\n-- and\nINSERT INTO t VALUES (2);\n");
        project.up().await;
        assert_eq!(ask(&db, "SELECT id FROM t ORDER BY id").await, "1 ; 2");
    }
}

mod roles_in_files {
    use super::{Project, ask, prepare};

    shoring_testkit::server_tests! {
        [postgresql]

        async fn that_may_not_write_our_tables(db: TestDatabase) {
            let role = format!("{}_limited", db.name);
            prepare(&db, &[&format!("CREATE ROLE {role}"), "CREATE SCHEMA app", &format!("GRANT ALL ON SCHEMA app TO {role}")]).await;
            let project = Project::new(&db, &[
                ("001_one.up.sql", &format!("SET ROLE {role};\nCREATE TABLE app.a (id integer);\n")),
                ("002_own.up.sql", &format!("BEGIN;\nSET LOCAL ROLE {role};\nCREATE TABLE app.b (id integer);\nCOMMIT;\n")),
                ("003_steps.up.sql", &format!("SET ROLE {role};\nCREATE TABLE app.c (id integer);\nCREATE INDEX CONCURRENTLY ON app.c (id);\nCREATE TABLE app.d (id integer);\n")),
                ("004_each.up.sql", &format!("-- shoring: no-transaction\nSET ROLE {role};\nCREATE TABLE app.e (id integer);\nCREATE TABLE app.f (id integer);\n")),
                ("005_session.up.sql", &format!("SET SESSION AUTHORIZATION {role};\nCREATE TABLE app.g (id integer);\n")),
            ]);
            project.up().await;
            assert_eq!(ask(&db, &format!("SELECT tablename FROM pg_tables WHERE schemaname = 'app' AND tableowner = '{role}' ORDER BY 1")).await, "a ; b ; c ; d ; e ; f ; g");
            assert_eq!(project.up().await.ran, []);
            project.write("006_fails.up.sql", format!("SET ROLE {role};\nCREATE TABLE app.h (id integer);\nCREATE INDEX CONCURRENTLY ON app.nowhere (id);\n"));
            project.up_fails().await;
            assert!(project.journal().await.ends_with("up 006 failed"), "{}", project.journal().await);
            prepare(&db, &[&format!("DROP OWNED BY {role} CASCADE"), &format!("DROP ROLE {role}")]).await;
        }
    }
}
