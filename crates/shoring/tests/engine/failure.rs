//! A migration that fails where everything can be rolled back: nothing of it remains, the place is exact, the fixed file
//! applies.

use crate::support::{Project, ask, assert_says, carets, user_tables};
use shoring::ErrorKind;

shoring_testkit::server_tests! {
    [postgresql, sqlite]

    async fn nothing_remains_and_the_fixed_file_applies(db: TestDatabase) {
        let project = Project::new(&db, &[
            ("001_a.up.sql", "CREATE TABLE a (id integer);\n"),
            ("002_b.up.sql", "CREATE TABLE b (id integer, name text);\nINSERT INTO b VALUES (1, 'é漢🙂'); INSERT INTO b (id, nome) VALUES (2, 'é');\nINSERT INTO b VALUES (3, 'c');\n"),
        ]);
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::FailedRolledBack, "migration-failed", &[
            "statement 3 of 4 in 002_b: INSERT", "nome", "002 was rolled back completely. The database is at 001", "fix the file, then run  shoring up",
        ]);
        assert_eq!(carets(&error), "migrations/002_b.up.sql:2:53 nome");
        assert_eq!(user_tables(&db).await, "a");
        assert_eq!(project.states().await, "001 applied, 002 pending");
        assert_eq!(project.journal().await, "up 001 applied, up 002 failed");
        let history = project.migrator().history().await.unwrap();
        assert!(history.entries[1].error.as_deref().unwrap().contains("nome"), "{history:?}");
        project.write("002_b.up.sql", "CREATE TABLE b (id integer, name text);\nINSERT INTO b VALUES (1, 'é');\n");
        assert_eq!(project.up().await.current.as_deref(), Some("002"));
        assert_eq!(ask(&db, "SELECT count(*) FROM b").await, "1");
        assert_eq!(project.journal().await, "up 001 applied, up 002 failed, up 002 applied");
    }

    async fn the_place_in_a_long_file(db: TestDatabase) {
        let mut text = "CREATE TABLE t (id integer, name text);\r\n".to_owned();
        for line in 2..2000 {
            text.push_str(&format!("INSERT INTO t VALUES ({line}, 'größe; -- {line}');\r\n"));
        }
        text.push_str("/* 漢 */ INSERT INTO t\r\n\tVALUES (1, 'ü', nowhere);\r\nSELECT 1;\r\n");
        let project = Project::new(&db, &[("001_long.up.sql", &text)]);
        let error = project.up_fails().await;
        assert!(error.diagnostic.label.as_ref().unwrap().position.line == 2001 || carets(&error).contains(":2000:"), "{}", carets(&error));
        assert_eq!(user_tables(&db).await, "");
    }

    async fn a_syntax_error_in_the_last_of_many_statements(db: TestDatabase) {
        let project = Project::new(&db, &[("001_x.up.sql", "\u{feff}CREATE TABLE t (id integer);\nSELECT 1;\n  INSERT INTO t VALUS (1);")]);
        let error = project.up_fails().await;
        assert_eq!(carets(&error), "migrations/001_x.up.sql:3:17 VALUS");
        assert_eq!(user_tables(&db).await, "");
        assert!(crate::support::tell(&error).contains("The database is before the first migration"), "{error:?}");
    }

    async fn a_down_that_fails_changes_nothing(db: TestDatabase) {
        let project = Project::shop(&db);
        project.write("003_index.down.sql", "DROP INDEX orders_user; DROP TABLE nowhere;");
        project.up().await;
        let error = project.migrator().down(&shoring::DownRequest::Steps(1)).await.unwrap_err();
        assert_says(&error, ErrorKind::FailedRolledBack, "migration-failed", &["003 had no effect: it is still applied. The database is at 003", "fix the file, then run  shoring down"]);
        assert_eq!(project.states().await, "001 applied, 002 applied, 003 applied");
        project.write("003_index.down.sql", "DROP INDEX orders_user;");
        assert_eq!(project.migrator().down(&shoring::DownRequest::Steps(1)).await.unwrap().current.as_deref(), Some("002"));
    }

    async fn what_ran_before_in_the_same_run_stays(db: TestDatabase) {
        let project = Project::shop(&db);
        project.write("003_index.up.sql", "CREATE INDEX i ON nowhere (id);");
        let error = project.up_fails().await;
        assert_eq!(error.kind, ErrorKind::FailedRolledBack);
        assert_eq!(project.states().await, "001 applied, 002 applied, 003 pending");
    }

    async fn an_own_transaction_that_fails_is_rolled_back(db: TestDatabase) {
        let project = Project::new(&db, &[("001_own.up.sql", "BEGIN;\nCREATE TABLE t (id integer);\nINSERT INTO nowhere VALUES (1);\nCOMMIT;\n")]);
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::FailedRolledBack, "migration-failed", &["statement 3 of 4", "nothing of 001 remains"]);
        assert_eq!(user_tables(&db).await, "");
        project.write("001_own.up.sql", "BEGIN;\nCREATE TABLE t (id integer);\nCOMMIT;\n");
        project.up().await;
        assert_eq!(project.states().await, "001 applied");
        assert_eq!(project.journal().await, "up 001 failed, up 001 applied");
    }

    async fn an_error_at_the_commit(db: TestDatabase) {
        let project = Project::new(&db, &[
            ("001_t.up.sql", "CREATE TABLE p (id integer PRIMARY KEY);\nCREATE TABLE c (id integer, p integer REFERENCES p DEFERRABLE INITIALLY DEFERRED);\n"),
            ("002_c.up.sql", "INSERT INTO c VALUES (1, 7);\n"),
        ]);
        if db.engine == shoring_testkit::Engine::Sqlite {
            project.write("002_c.up.sql", "-- a comment\nPRAGMA foreign_keys = ON;\nINSERT INTO c VALUES (1, 7);\n");
        }
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::FailedRolledBack, "migration-failed", &["committing", "nothing of 002 remains"]);
        assert_eq!(ask(&db, "SELECT count(*) FROM c").await, "0");
        assert_eq!(project.states().await, "001 applied, 002 pending");
    }
}
