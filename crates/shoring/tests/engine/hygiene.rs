//! What a migration does to its session does not reach the next one, nor our own tables.

use crate::support::{Project, ask, prepare, tables};
use shoring::UpRequest;

mod on_postgresql {
    use super::{Project, UpRequest, ask, prepare, tables};
    use crate::support::assert_says;
    use shoring::ErrorKind;

    shoring_testkit::server_tests! {
        [postgresql]

        async fn a_search_path_does_not_leak(db: TestDatabase) {
            for leak in [
                "SET search_path TO app;",
                "SELECT set_config('search_path', '', false);",
                "SELECT pg_catalog.set_config('search_path', 'app', false);",
                "DO $$ BEGIN SET search_path TO app; END $$;",
                "BEGIN; SET search_path TO app; CREATE TABLE own (id integer); COMMIT;",
            ] {
                prepare(&db, &["DROP SCHEMA IF EXISTS app CASCADE", "DROP SCHEMA public CASCADE", "CREATE SCHEMA public"]).await;
                let project = Project::new(&db, &[
                    ("001_app.up.sql", &format!("CREATE SCHEMA app;\n{leak}\n")),
                    ("002_t.up.sql", "CREATE TABLE t (id integer);\n"),
                    ("003_u.up.sql", "CREATE TABLE u (id integer);\n"),
                ]);
                project.up().await;
                let there = tables(&db).await;
                assert!(there.ends_with("shoring_history ; shoring_lock ; shoring_run_steps ; shoring_runs ; t ; u"), "{leak} {there}");
                assert_eq!(project.up().await.ran, [], "{leak}");
                assert_eq!(tables(&db).await, there);
            }
        }

        async fn a_default_of_the_role_does_not_hide_the_history(db: TestDatabase) {
            let project = Project::new(&db, &[("001_app.up.sql", &format!("CREATE SCHEMA app;\nALTER DATABASE {} SET search_path TO app, public;\n", db.name))]);
            project.up().await;
            project.write("002_t.up.sql", "CREATE TABLE t (id integer);\n");
            assert_eq!(project.up().await.ran.len(), 1);
            assert_eq!(ask(&db, "SELECT count(*) FROM public.shoring_history").await, "2");
            assert_eq!(ask(&db, "SELECT count(*) FROM pg_tables WHERE tablename = 'shoring_history'").await, "1");
            assert_eq!(project.up().await.ran, []);
        }

        async fn settings_do_not_leak(db: TestDatabase) {
            let project = Project::new(&db, &[
                ("001_set.up.sql", "SET TIME ZONE 'Asia/Tokyo';\nSET standard_conforming_strings = off;\nSET default_transaction_isolation = 'serializable';\nCREATE TEMPORARY TABLE temp_t (id integer);\nPREPARE p AS SELECT 1;\nSET my.variable = 'x';\nSET client_min_messages = error;\nSELECT pg_advisory_lock(42);\n"),
                ("002_see.up.sql", "CREATE TABLE seen AS SELECT current_setting('TimeZone') <> 'Asia/Tokyo' AS zone, current_setting('standard_conforming_strings') AS strings, current_setting('default_transaction_isolation') AS level, to_regclass('temp_t') IS NULL AS temp, (SELECT count(*) FROM pg_prepared_statements WHERE name = 'p') AS prepared, coalesce(current_setting('my.variable', true), '') AS variable;\n"),
            ]);
            project.up().await;
            assert_eq!(ask(&db, "SELECT * FROM seen").await, "t|on|read committed|t|0|");
            assert_eq!(ask(&db, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())").await, "0");
        }

        async fn a_file_may_let_go_of_what_the_run_has_prepared(db: TestDatabase) {
            for (number, lets_go) in ["DEALLOCATE ALL;", "DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$;"].into_iter().enumerate() {
                let files: Vec<(String, String)> = (1..=6)
                    .map(|file| {
                        let lets_go = if file == 4 { lets_go } else { "" };
                        (format!("{number}0{file}_t.up.sql"), format!("CREATE TABLE t{number}{file} (id integer);\n{lets_go}\n"))
                    })
                    .collect();
                let project = Project::new(&db, &[]);
                for (name, text) in &files {
                    project.write(name, text);
                }
                assert_eq!(project.up().await.ran.len(), 6, "{lets_go}");
                assert_eq!(project.up().await.ran, []);
                assert_eq!(
                    ask(&db, "SELECT count(*), count(DISTINCT r.version), min(r.state), count(h.version) FROM shoring_runs r LEFT JOIN shoring_history h ON h.attempt = r.attempt").await,
                    "6|6|applied|6",
                    "{lets_go}"
                );
                prepare(&db, &["DROP SCHEMA public CASCADE", "CREATE SCHEMA public"]).await;
            }
        }

        async fn a_silent_lease_says_when_it_ends(db: TestDatabase) {
            let project = Project::new(&db, &[("001_t.up.sql", "CREATE TABLE t (id integer);\n")]);
            project.up().await;
            project.write("002_u.up.sql", "CREATE TABLE u (id integer);\n");
            // As a run behind a pooler leaves it that was killed.
            prepare(&db, &["UPDATE shoring_lock SET owner = 'another', kind = 'lease', heartbeat_at = clock_timestamp() - interval '12 s'"]).await;
            let impatient = project.migrator().lock_wait(std::time::Duration::ZERO);
            let error = impatient.up(&UpRequest::default()).await.unwrap_err();
            assert_says(&error, ErrorKind::LockTimeout, "lock-held", &["no sign of life for 1", "after 20 s it counts as dead"]);
            prepare(&db, &["UPDATE shoring_lock SET heartbeat_at = clock_timestamp() - interval '21 s'"]).await;
            assert_eq!(project.up().await.ran.len(), 1);
        }

        async fn two_histories_are_told_apart(db: TestDatabase) {
            prepare(&db, &["CREATE SCHEMA one", "CREATE SCHEMA two"]).await;
            let project = Project::new(&db, &[("001_t.up.sql", "CREATE TABLE t (id integer);\n")]);
            for schema in ["one", "two"] {
                let migrator = project.migrator().database(&format!("{}?options=-csearch_path%3D{schema}", db.url_text()));
                migrator.history_table(format!("{schema}.shoring_history")).up(&UpRequest::default()).await.unwrap();
            }
            assert_eq!(ask(&db, "SELECT schemaname FROM pg_tables WHERE tablename = 't' ORDER BY 1").await, "one ; two");
            let error = project.up_fails().await;
            assert_says(&error, ErrorKind::Usage, "several-histories", &["one.shoring_history", "two.shoring_history"]);
            // Each tenant's connection says which is meant.
            let migrator = project.migrator().database(&format!("{}?options=-csearch_path%3Dtwo", db.url_text()));
            assert_eq!(migrator.up(&UpRequest::default()).await.unwrap().ran, []);
            assert_eq!(migrator.status().await.unwrap().history_table, "two.shoring_history");
        }
    }
}

mod on_mysql {
    use super::{Project, UpRequest, ask, prepare, tables};
    use crate::support::{assert_says, run};
    use shoring::ErrorKind;

    shoring_testkit::server_tests! {
        [mariadb, mysql]

        async fn settings_do_not_leak(db: TestDatabase) {
            let project = Project::new(&db, &[
                ("001_set.up.sql", "SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES';\nSET foreign_key_checks = 0;\nSET time_zone = '+09:00';\nSET autocommit = 0;\nCREATE TABLE \"quoted\" (id integer);\nINSERT INTO \"quoted\" VALUES (1);\nCREATE TEMPORARY TABLE temp_t (id integer);\n"),
                ("002_see.up.sql", "CREATE TABLE seen (mode integer, checks integer, zone integer, auto integer);\nINSERT INTO seen SELECT @@sql_mode LIKE '%ANSI%', @@foreign_key_checks, @@time_zone = '+09:00', @@autocommit;\nSELECT \"text\", 'it\\'s';\n"),
            ]);
            project.up().await;
            assert_eq!(ask(&db, "SELECT * FROM seen").await, "0|1|0|1");
            assert_eq!(ask(&db, "SELECT count(*) FROM quoted").await, "1");
            assert_eq!(project.states().await, "001 applied, 002 applied");
        }

        async fn a_temporary_table_does_not_swallow_the_rows_of_the_next_migration(db: TestDatabase) {
            let project = Project::new(&db, &[
                ("001_temp.up.sql", "CREATE TEMPORARY TABLE kept (id integer);\n"),
                ("002_kept.up.sql", "CREATE TABLE kept (id integer);\nINSERT INTO kept VALUES (1);\n"),
                ("003_more.up.sql", "INSERT INTO kept VALUES (2);\n"),
            ]);
            project.up().await;
            assert_eq!(ask(&db, "SELECT id FROM kept ORDER BY id").await, "1 ; 2");
            assert_eq!(ask(&db, "SELECT owner IS NULL, kind FROM shoring_lock").await, "1|session");
        }

        async fn user_variables_do_not_leak(db: TestDatabase) {
            for (number, set) in ["SET @x = 1", "SELECT @x := 1", "SELECT 1 INTO @x", "INSERT INTO t SELECT @x := 1", "PREPARE p FROM 'SET @x = 1';\nEXECUTE p"].into_iter().enumerate() {
                let name = format!("seen_{number}");
                prepare(&db, &["DROP TABLE IF EXISTS t", "CREATE TABLE t (id integer)", "DROP TABLE IF EXISTS shoring_history, shoring_runs, shoring_run_steps, shoring_lock"]).await;
                let project = Project::new(&db, &[
                    ("001_set.up.sql", &format!("{set};\n")),
                    ("002_see.up.sql", &format!("CREATE TABLE {name} AS SELECT @x IS NULL AS is_null;\n")),
                ]);
                project.up().await;
                assert_eq!(ask(&db, &format!("SELECT is_null FROM {name}")).await, "1", "{set}");
            }
        }

        async fn a_run_between_two_sessions_is_waited_for_while_it_lives(db: TestDatabase) {
            let project = Project::new(&db, &[("001_t.up.sql", "CREATE TABLE t (id integer);\n")]);
            project.up().await;
            project.write("002_u.up.sql", "CREATE TABLE u (id integer);\n");
            let other = db.connect().await;
            // It gave its session lock back for a moment, as COM_RESET_CONNECTION does.
            prepare(&db, &[&format!("UPDATE shoring_lock SET owner = 'another', kind = 'moving', backend = '{}', heartbeat_at = UTC_TIMESTAMP(6)", other.backend().0)]).await;
            let impatient = project.migrator().lock_wait(std::time::Duration::ZERO);
            let error = impatient.up(&UpRequest::default()).await.unwrap_err();
            assert_says(&error, ErrorKind::LockTimeout, "lock-held", &[]);
            other.close().await.unwrap();
            project.up().await;
            assert_eq!(project.states().await, "001 applied, 002 applied");
        }

        async fn what_a_caller_keeps_in_its_own_session_stays(db: TestDatabase) {
            let project = Project::new(&db, &[("001_set.up.sql", "SET @y = 2;\nCREATE TABLE t (id integer);\n")]);
            let mut session = db.connect().await;
            run(&mut session, &["SET @mine = 7"]).await;
            let (session, report) = project.migrator().up_on(session, &UpRequest::default()).await;
            report.unwrap();
            let rows = session.unwrap().query("SELECT @mine").await.unwrap();
            assert_eq!(rows[0].int(0), Some(7));
        }

        async fn table_locks_of_a_file_do_not_stop_our_own_writes(db: TestDatabase) {
            let project = Project::new(&db, &[
                ("001_lock.up.sql", "CREATE TABLE t (id integer);\nLOCK TABLES t WRITE;\nINSERT INTO t VALUES (1);\nALTER TABLE t ADD COLUMN a integer;\nLOCK TABLES t READ;\n"),
                ("002_next.up.sql", "INSERT INTO t VALUES (2, 2);\n"),
            ]);
            project.up().await;
            assert_eq!(ask(&db, "SELECT count(*) FROM t").await, "2");
            assert_eq!(project.states().await, "001 applied, 002 applied");
        }

        async fn another_database_does_not_leak(db: TestDatabase) {
            let other = format!("{}_other", db.name);
            let project = Project::new(&db, &[
                ("001_use.up.sql", &format!("DROP DATABASE IF EXISTS {other};\nCREATE DATABASE {other};\nUSE {other};\nCREATE TABLE there (id integer);\nINSERT INTO there VALUES (1);\n")),
                ("002_here.up.sql", "CREATE TABLE here (id integer);\n"),
                ("003_drop.up.sql", &format!("DROP DATABASE {other};\n")),
            ]);
            project.up().await;
            assert!(tables(&db).await.starts_with("here ; shoring_history"), "{}", tables(&db).await);
            assert_eq!(project.up().await.ran, []);
        }

        async fn a_message_with_every_quote_reaches_the_journal(db: TestDatabase) {
            let project = Project::new(&db, &[("001_x.up.sql", "SET sql_mode = 'NO_BACKSLASH_ESCAPES';\nCREATE TABLE a (id integer);\nSELECT * FROM `no\\where'\"`;\n")]);
            let error = project.up_fails().await;
            assert_eq!(error.kind, ErrorKind::FailedPartly);
            let history = project.migrator().history().await.unwrap();
            let journaled = history.entries[0].error.as_deref().unwrap();
            assert!(journaled.contains("no\\where'\""), "{journaled}");
        }
    }
}

mod on_sqlite {
    use super::{Project, ask};

    shoring_testkit::server_tests! {
        [sqlite]

        async fn pragmas_and_temporary_tables_do_not_leak(db: TestDatabase) {
            let project = Project::new(&db, &[
                ("001_set.up.sql", "PRAGMA case_sensitive_like = ON;\nPRAGMA recursive_triggers = ON;\nPRAGMA foreign_keys = OFF;\nATTACH ':memory:' AS extra;\nCREATE TEMP TABLE t (id integer);\n"),
                ("002_see.up.sql", "CREATE TABLE seen AS SELECT 'A' LIKE 'a' AS likes, (SELECT recursive_triggers FROM pragma_recursive_triggers) AS triggers, (SELECT count(*) FROM pragma_database_list WHERE name = 'extra') AS attached, (SELECT count(*) FROM sqlite_temp_schema) AS temporary;\n"),
            ]);
            project.up().await;
            assert_eq!(ask(&db, "SELECT * FROM seen").await, "1|0|0|0");
        }

        async fn attached_databases_and_copies_of_the_file(db: TestDatabase) {
            let folder = tempfile::tempdir().unwrap();
            let path = |name: &str| folder.path().join(name).display().to_string();
            let project = Project::new(&db, &[
                ("001_attach.up.sql", &format!("ATTACH '{}' AS extra;\nCREATE TABLE extra.there (id integer);\nDETACH extra;\nCREATE TABLE here (id integer);\n", path("extra.db"))),
                ("002_copy.up.sql", &format!("VACUUM INTO '{}';\n", path("copy.db"))),
            ]);
            project.up().await;
            assert_eq!(ask(&db, "SELECT name FROM sqlite_schema WHERE name IN ('here', 'there')").await, "here");
            assert!(folder.path().join("copy.db").exists());
            assert_eq!(project.states().await, "001 applied, 002 applied");
            assert_eq!(project.up().await.ran, []);
        }

        async fn the_journal_mode_may_be_changed(db: TestDatabase) {
            let project = Project::new(&db, &[("001_wal.up.sql", "PRAGMA journal_mode = WAL;\nCREATE TABLE t (id integer);\n"), ("002_vacuum.up.sql", "VACUUM;\n")]);
            project.up().await;
            assert_eq!(ask(&db, "PRAGMA journal_mode").await, "wal");
            assert_eq!(project.up().await.ran, []);
        }
    }
}
