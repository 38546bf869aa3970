//! Files that cannot be run: refused with their place before anything is sent, and nothing is created.

use crate::support::{Project, tables, tell};
use shoring::{Error, ErrorKind, PlanRequest, UpRequest};
use shoring_core::Dialect;
use shoring_testkit::{Engine, TestDatabase};

/// Two files of which the second is bad: `up` and `plan` say the same, and the first did not run either.
async fn refused(db: &TestDatabase, text: &[u8]) -> Error {
    let project = Project::new(
        db,
        &[("001_good.up.sql", "CREATE TABLE good (id integer);\n")],
    );
    project.write("002_bad.up.sql", text);
    let error = project.up_fails().await;
    assert_eq!(error.kind, ErrorKind::Usage, "{}", tell(&error));
    assert!(
        tell(&error).contains("Nothing was run and nothing was changed."),
        "{}",
        tell(&error)
    );
    let planned = project
        .migrator()
        .plan(&PlanRequest::Up(UpRequest::default()))
        .await
        .unwrap_err();
    assert_eq!(planned, error);
    if db.engine == Engine::Sqlite {
        assert!(!db.file().exists());
    } else {
        assert_eq!(tables(db).await, "");
    }
    error
}

async fn refused_at(db: &TestDatabase, text: impl AsRef<[u8]>, code: &str, place: &str) {
    let error = refused(db, text.as_ref()).await;
    let label = error
        .diagnostic
        .label
        .as_ref()
        .unwrap_or_else(|| panic!("no place: {}", tell(&error)));
    let found = format!(
        "{}:{}:{}",
        label.file, label.position.line, label.position.column
    );
    assert_eq!(
        (error.diagnostic.code, found.as_str()),
        (code, format!("migrations/002_bad.up.sql:{place}").as_str()),
        "{}",
        tell(&error)
    );
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn encodings(db: TestDatabase) {
        let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain("SELECT 1;".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let error = refused(&db, &utf16).await;
        assert!(error.to_string().contains("UTF-16"), "{error}");
        refused_at(&db, b"SELECT 1;\nSELECT 'caf\xE9';\n", "unreadable-encoding", "2:12").await;
        refused_at(&db, b"SELECT 1;\n\nSELECT '\0';\n", "unreadable-encoding", "3:9").await;
    }

    async fn unterminated(db: TestDatabase) {
        refused_at(&db, "SELECT 1;\nSELECT 'never", "unterminated", "2:8").await;
        // SQLite ends a comment at the end of the file.
        if db.engine != Engine::Sqlite {
            refused_at(&db, "SELECT 1; /* never", "unterminated", "1:11").await;
        }
        if db.engine.dialect() == Dialect::Postgresql {
            refused_at(&db, "DO $a$ BEGIN END $b$;\n", "unterminated", "1:4").await;
        }
    }

    async fn directives(db: TestDatabase) {
        refused_at(&db, "-- a\n-- shoring: no-transactions\nSELECT 1;", "unknown-directive", "2:4").await;
        refused_at(&db, "SELECT 1;\n-- shoring: no-transaction\nSELECT 2;", "late-directive", "2:1").await;
        refused_at(&db, "-- shoring: no-transaction\n-- shoring: one-transaction\nSELECT 2;", "bad-directive", "2:4").await;
        let error = refused(&db, b"-- shoring: lock-timeout soon\nSELECT 2;").await;
        assert!(tell(&error).contains("500ms"), "{}", tell(&error));
    }

    async fn both_halves_of_another_tool_in_one_file_applied_and_undone(db: TestDatabase) {
        refused_at(&db, "-- +micrate Up\nCREATE TABLE t (a int);\n-- +micrate Down\nDROP TABLE t;\n", "down-section", "3:1").await;
        // A mark with only comments below it changes nothing; a down file may hold one.
        let project = Project::new(
            &db,
            &[
                ("001_t.up.sql", "-- +micrate Up\nCREATE TABLE t (a int);\n-- +micrate Down\n-- DROP TABLE t;\n"),
                ("001_t.down.sql", "-- +micrate Down\nDROP TABLE t;\n"),
            ],
        );
        project.up().await;
        project.migrator().down(&shoring::DownRequest::Steps(1)).await.unwrap();
    }

    async fn a_folder_of_another_tool_was_nothing_to_do(db: TestDatabase) {
        let project = Project::new(&db, &[("first.sql", "SELECT 1;"), ("2 b.sql", "SELECT 1;"), ("003_c.SQL", "SELECT 1;")]);
        std::fs::create_dir(project.root().join("migrations/20240101000000_d")).unwrap();
        project.write("20240101000000_d/all.sql", "SELECT 1;");
        let error = project.up_fails().await;
        crate::support::assert_says(&error, ErrorKind::Usage, "no-migrations", &["`migrations`", "in small letters", "and 1 more", "Nothing was run"]);
        assert_eq!(project.states().await, " ignored,  ignored,  ignored,  ignored");
        // Beside a migration they are passed over, and what looks like one is named.
        project.write("001_a.up.sql", "SELECT 1;");
        let plan = project.migrator().plan(&PlanRequest::Up(UpRequest::default())).await.unwrap();
        assert_eq!(
            plan.notes,
            [
                "`migrations/003_c.SQL` is not run: its name does not end in `.sql` in small letters",
                "`migrations/2 b.sql` is not run: neither `_` nor `-` follows its number",
            ]
        );
        project.up().await;
    }

    async fn a_link_to_nowhere_was_passed_over(db: TestDatabase) {
        let project = Project::new(&db, &[("001_a.up.sql", "SELECT 1;")]);
        std::os::unix::fs::symlink("gone.sql", project.root().join("migrations/002_b.up.sql")).unwrap();
        let error = project.up_fails().await;
        crate::support::assert_says(&error, ErrorKind::Usage, "unreadable-file", &["002_b.up.sql", "Nothing was run"]);
    }

    async fn files_without_statements_are_named_together(db: TestDatabase) {
        let project = Project::new(&db, &[("001_a.up.sql", "SELECT 1;"), ("002_b.up.sql", ""), ("003_c.up.sql", "-- later\n")]);
        let error = project.up_fails().await;
        crate::support::assert_says(&error, ErrorKind::Usage, "empty-migration", &["002_b.up.sql", "neither has `migrations/003_c.up.sql`"]);
        assert_eq!(error.diagnostic.label.unwrap().file, "migrations/002_b.up.sql");
    }

    async fn transactions(db: TestDatabase) {
        refused_at(&db, "SELECT 1;\n  COMMIT;", "transaction-border", "2:3").await;
        refused_at(&db, "BEGIN;\nSELECT 1;", "transaction-border", "1:1").await;
        let alone = db.engine.pick("VACUUM", "CREATE TABLE t (a int)", "VACUUM");
        refused_at(&db, &format!("SAVEPOINT a;\n{alone};\nRELEASE SAVEPOINT a;"), "transaction-border", "3:1").await;
        match db.engine.dialect() {
            Dialect::Postgresql => {
                refused_at(&db, "BEGIN;\nVACUUM;\nCOMMIT;", "transaction-border", "2:1").await;
                refused_at(&db, "-- shoring: one-transaction\nCREATE TABLE t (a int);\nCREATE INDEX CONCURRENTLY i ON t (a);", "transaction-border", "3:1").await;
            }
            Dialect::Sqlite => refused_at(&db, "BEGIN;\nVACUUM;\nCOMMIT;", "transaction-border", "2:1").await,
            Dialect::Mysql => refused_at(&db, "-- shoring: one-transaction\nCREATE TABLE t (a int);\nCREATE TABLE u (a int);", "transaction-border", "2:1").await,
        }
    }

    async fn statements_that_take_the_transaction_away(db: TestDatabase) {
        let escapes: &[(&str, &str)] = match db.engine.dialect() {
            Dialect::Postgresql => &[
                ("BEGIN;\nCREATE TABLE t (a int);\nPREPARE TRANSACTION 'x';", "3:1"),
                ("CREATE TABLE t (a int);\nPREPARE TRANSACTION 'x';", "2:1"),
                ("BEGIN;\nCREATE TABLE t (a int);\nCOMMIT AND CHAIN;\nCOMMIT;", "3:1"),
                ("BEGIN;\nSELECT 1;\nROLLBACK WORK AND CHAIN;\nCOMMIT;", "3:1"),
                ("BEGIN;\nSELECT 1;\nEND TRANSACTION AND CHAIN;\nCOMMIT;", "3:1"),
            ],
            Dialect::Mysql => &[
                ("XA START 'x';\nSELECT 1;\nXA END 'x';\nXA PREPARE 'x';\nXA COMMIT 'x';", "1:1"),
                ("SELECT 1;\nXA COMMIT 'x';", "2:1"),
                ("BEGIN;\nSELECT 1;\nCOMMIT AND CHAIN;\nCOMMIT;", "3:1"),
                ("BEGIN;\nSELECT 1;\nCOMMIT WORK RELEASE;", "3:1"),
                ("BEGIN;\nSELECT 1;\nROLLBACK AND NO CHAIN RELEASE;", "3:1"),
            ],
            Dialect::Sqlite => &[],
        };
        for (text, place) in escapes {
            refused_at(&db, text, "transaction-border", place).await;
        }
    }

    async fn what_only_looks_like_it_runs(db: TestDatabase) {
        let text = match db.engine.dialect() {
            Dialect::Postgresql => "CREATE TABLE t (a int);\nSAVEPOINT s;\nINSERT INTO t VALUES (1);\nROLLBACK TO SAVEPOINT s;\nINSERT INTO t VALUES (2);\nRELEASE s;\n",
            Dialect::Mysql => "CREATE TABLE t (a int);\nBEGIN;\nSAVEPOINT s;\nINSERT INTO t VALUES (1);\nROLLBACK TO s;\nINSERT INTO t VALUES (2);\nRELEASE SAVEPOINT s;\nCOMMIT AND NO CHAIN NO RELEASE;\nXA RECOVER;\n",
            Dialect::Sqlite => "CREATE TABLE t (a int);\nSAVEPOINT s;\nINSERT INTO t VALUES (1);\nROLLBACK TO s;\nINSERT INTO t VALUES (2);\nRELEASE s;\n",
        };
        let project = Project::new(&db, &[("001_savepoint.up.sql", text)]);
        project.up().await;
        assert_eq!(crate::support::ask(&db, "SELECT a FROM t").await, "2");
        assert_eq!(project.journal().await, "up 001 applied");
    }

    async fn names(db: TestDatabase) {
        let project = Project::new(&db, &[("001_a.up.sql", "SELECT 1;"), ("1_b.up.sql", "SELECT 2;")]);
        let error = project.up_fails().await;
        assert_eq!((error.kind, error.diagnostic.code), (ErrorKind::Usage, "duplicate-version"));
        assert!(tell(&error).contains("001_a.up.sql") && tell(&error).contains("1_b.up.sql"), "{}", tell(&error));
        let project = Project::new(&db, &[("001_a.up.sql", "SELECT 1;"), ("002_b.down.sql", "SELECT 2;")]);
        let error = project.up_fails().await;
        assert_eq!((error.kind, error.diagnostic.code), (ErrorKind::Usage, "down-without-up"));
        let project = Project::new(&db, &[("001_a.up.sql", "SELECT 1;"), ("readme.sql", "SELECT 2;")]);
        assert_eq!(project.states().await, "001 pending,  ignored");
        project.up().await;
    }

    async fn no_folder(db: TestDatabase) {
        let root = tempfile::tempdir().unwrap();
        let migrator = shoring::Migrator::from_dir(root.path().join("nowhere")).database(&db.url_text());
        let error = migrator.up(&UpRequest::default()).await.unwrap_err();
        crate::support::assert_says(&error, ErrorKind::Usage, "no-such-folder", &["`nowhere`", "Nothing was run"]);
    }

    async fn a_directory_in_place_of_a_file(db: TestDatabase) {
        let project = Project::shop(&db);
        std::os::unix::fs::symlink("loop.up.sql", project.root().join("migrations/loop.up.sql")).unwrap();
        let folder = project.root().join("migrations/004_folder.up.sql");
        std::fs::create_dir(&folder).unwrap();
        let error = project.up_fails().await;
        crate::support::assert_says(&error, ErrorKind::Usage, "not-a-file", &["004_folder.up.sql` is a folder", "Nothing was run"]);
        std::fs::remove_dir(folder).unwrap();
        project.up().await;
        assert_eq!(project.migrator().status().await.unwrap().pending, 0);
    }
}

mod client_commands {
    use crate::bad_files::refused_at;

    shoring_testkit::server_tests! {
        [postgresql]

        async fn are_refused_by_name(db: TestDatabase) {
            refused_at(&db, "SELECT 1;\n\\i other.sql\nSELECT 2;", "client-command", "2:1").await;
            refused_at(&db, "\\set x 1\nSELECT :x;", "client-command", "1:1").await;
        }
    }
}

mod unreadable_down {
    use crate::support::{Project, carets, tell};
    use shoring::{DownRequest, ErrorKind};

    shoring_testkit::server_tests! {
        [postgresql, mariadb, mysql, sqlite]

        async fn is_refused_before_anything_is_rolled_back(db: TestDatabase) {
            let project = Project::shop(&db);
            project.write("002_orders.down.sql", "DROP TABLE orders;\nCOMMIT;\n");
            project.up().await;
            let error = project.migrator().down(&DownRequest::All).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::Usage, "{}", tell(&error));
            assert_eq!(carets(&error), "migrations/002_orders.down.sql:2:1 COMMIT");
            assert_eq!(project.states().await, "001 applied, 002 applied, 003 applied");
        }
    }
}
