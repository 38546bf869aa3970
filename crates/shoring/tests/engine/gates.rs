//! `wait` and `expect`: what a service asks before it starts.

use crate::support::{Project, assert_says, prepare, tell};
use shoring::{DownRequest, ErrorKind, GateRequest, MarkAs, UpRequest};
use std::time::{Duration, Instant};

fn gate(version: &str, timeout: Duration) -> GateRequest {
    GateRequest {
        version: version.to_owned(),
        timeout,
    }
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn expect_knows_pending_and_ahead(db: TestDatabase) {
        let project = Project::shop(&db);
        let migrator = project.migrator();
        let error = migrator.expect("2").await.unwrap_err();
        assert_says(&error, ErrorKind::Pending, "pending", &["2 migrations up to 2", "001_users", "002_orders", "shoring up"]);
        migrator.up(&UpRequest { steps: Some(2), ..UpRequest::default() }).await.unwrap();
        migrator.expect_version("2").await.unwrap();
        assert_eq!(migrator.expect("head").await.unwrap_err().kind, ErrorKind::Pending);
        assert_eq!(migrator.expect("7").await.unwrap_err().kind, ErrorKind::Usage);
        project.up().await;
        assert_eq!(migrator.expect("head").await.unwrap().current.as_deref(), Some("003"));
        project.remove("003_index.up.sql");
        project.remove("003_index.down.sql");
        let error = migrator.expect("2").await.unwrap_err();
        assert_says(&error, ErrorKind::Ahead, "database-ahead", &["by 1 migration"]);
        let report = migrator.wait(&gate("2", Duration::ZERO)).await.unwrap();
        assert_eq!(report.notice.as_deref(), Some("the database knows 1 migration more than this checkout"));
    }

    async fn an_older_program_starts_when_the_newer_schema_was_made_for_it(db: TestDatabase) {
        let up = |number: u32| (format!("{number:03}_m.up.sql"), format!("CREATE TABLE m{number} (id integer);\n"));
        let mut files: Vec<(String, String)> = (1..=8).map(up).collect();
        files[7].1 = String::from("-- shoring: compatible-with 6\nCREATE TABLE m8 (id integer);\n");
        files.push(("008_m.down.sql".to_owned(), "DROP TABLE m8;\n".to_owned()));
        let borrowed: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let project = Project::new(&db, &borrowed);
        project.up().await;
        // The image that knows 7.
        project.remove("008_m.up.sql");
        project.remove("008_m.down.sql");
        let migrator = project.migrator();
        let says = "the database knows 1 migration more than this checkout, recorded as working with it";
        for version in ["7", "head"] {
            let report = migrator.expect(version).await.unwrap_or_else(|error| panic!("{}", tell(&error)));
            assert_eq!((report.current.as_deref(), report.notice.as_deref()), (Some("008"), Some(says)));
        }
        migrator.expect_version("6").await.unwrap();
        assert_eq!(migrator.wait(&gate("7", Duration::ZERO)).await.unwrap().notice.as_deref(), Some(says));
        let report = project.up().await;
        assert_eq!((report.ran.len(), report.notice.as_deref()), (0, Some(says)));
        // The image that knows 5.
        let error = migrator.expect("5").await.unwrap_err();
        assert_says(&error, ErrorKind::Ahead, "database-ahead", &["008_m: recorded as working with programs that know 6"]);
        project.remove("006_m.up.sql");
        project.remove("007_m.up.sql");
        let error = migrator.expect("head").await.unwrap_err();
        assert_says(&error, ErrorKind::Ahead, "database-ahead", &["006_m: nothing is recorded about older programs", "008_m: recorded as working with programs that know 6"]);
        let error = migrator.wait(&gate("5", Duration::ZERO)).await.unwrap_err();
        assert_says(&error, ErrorKind::Ahead, "database-ahead", &["008_m: recorded as working with programs that know 6"]);
        assert_eq!(project.up_fails().await.kind, ErrorKind::Ahead);
        // Taken back and applied again without the word: the word is gone.
        for (name, text) in &borrowed[5..] {
            project.write(name, text);
        }
        migrator.down(&DownRequest::Steps(1)).await.unwrap();
        migrator.expect("7").await.unwrap();
        project.write("008_m.up.sql", "CREATE TABLE m8 (id integer);\n");
        project.up().await;
        project.remove("008_m.up.sql");
        project.remove("008_m.down.sql");
        let error = migrator.expect("7").await.unwrap_err();
        assert_says(&error, ErrorKind::Ahead, "database-ahead", &["nothing is recorded"]);
    }

    async fn marking_records_what_the_file_says_about_older_programs(db: TestDatabase) {
        let project = Project::shop(&db);
        project.up().await;
        project.write("004_more.up.sql", "-- shoring: compatible-with 003\nCREATE TABLE more (id integer);\n");
        project.migrator().mark("4", MarkAs::Applied).await.unwrap();
        project.remove("004_more.up.sql");
        project.migrator().expect("3").await.unwrap();
        assert_eq!(project.migrator().expect("2").await.unwrap_err().kind, ErrorKind::Ahead);
    }

    async fn a_journal_without_the_column_is_told_apart(db: TestDatabase) {
        let project = Project::shop(&db);
        project.up().await;
        prepare(&db, &["ALTER TABLE shoring_runs DROP COLUMN compatible_with"]).await;
        project.write("004_more.up.sql", "CREATE TABLE more (id integer);\n");
        project.up().await;
        project.write("005_most.up.sql", "-- shoring: compatible-with 003\nCREATE TABLE most (id integer);\n");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Usage, "old-journal", &["shoring_runs", "ADD COLUMN"]);
        assert_eq!(project.migrator().mark("5", MarkAs::Applied).await.unwrap_err().diagnostic.code, "old-journal");
        let statement = error.next[0].split_once(":  ").unwrap().1.trim_end_matches(';');
        prepare(&db, &[statement]).await;
        project.up().await;
        project.write("006_last.up.sql", "-- shoring: compatible-with 003\nCREATE TABLE last_one (id integer);\n");
        project.migrator().mark("6", MarkAs::Applied).await.unwrap();
        project.remove("006_last.up.sql");
        project.remove("005_most.up.sql");
        project.migrator().expect("4").await.unwrap();
    }

    async fn wait_ends_with_the_migration(db: TestDatabase) {
        let project = Project::shop(&db);
        let migrator = project.migrator();
        let waiting = tokio::spawn({
            let migrator = migrator.clone();
            async move { migrator.wait(&gate("3", Duration::from_secs(60))).await }
        });
        project.up().await;
        let report = waiting.await.unwrap().unwrap();
        assert_eq!((report.wanted.as_str(), report.current.as_deref()), ("3", Some("003")));
    }

    async fn wait_gives_up(db: TestDatabase) {
        let project = Project::shop(&db);
        let began = Instant::now();
        let error = project.migrator().wait(&gate("1", Duration::from_millis(700))).await.unwrap_err();
        assert_says(&error, ErrorKind::Pending, "pending", &["001_users"]);
        assert!(began.elapsed() >= Duration::from_millis(700));
    }

    async fn wait_can_be_stopped(db: TestDatabase) {
        let project = Project::shop(&db);
        let stop = shoring::StopSignal::default();
        stop.request(15);
        let migrator = project.migrator().stop_signal(stop);
        let error = migrator.wait(&gate("1", Duration::from_secs(60))).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Stopped(15));
        let error = migrator.up(&UpRequest::default()).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Stopped(15));
        assert_eq!(project.states().await, "001 pending, 002 pending, 003 pending");
    }
}

mod unreachable {
    use super::{Duration, ErrorKind, gate};

    shoring_testkit::server_tests! {
        [postgresql, mariadb, mysql]

        async fn a_wrong_password_is_not_waited_for(db: TestDatabase) {
            let url = db.url();
            let shoring_db::Host::Tcp(host, port) = &url.hosts[0] else { panic!("a host") };
            let scheme = db.engine.pick("postgres", "mysql", "");
            let project = crate::support::Project::shop(&db);
            let migrator = project.migrator().database(&format!("{scheme}://{}:canary-secret@{host}:{port}/{}", url.user.as_ref().unwrap(), db.name));
            let error = migrator.wait(&gate("1", Duration::from_secs(60))).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::Authentication, "{error:?}");
            assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        }

        async fn a_server_that_is_not_there_is_waited_for(db: TestDatabase) {
            let scheme = db.engine.pick("postgres", "mysql", "");
            let project = crate::support::Project::shop(&db);
            let migrator = project.migrator().database(&format!("{scheme}://a:b@127.0.0.1:1/x"));
            let error = migrator.wait(&gate("1", Duration::from_millis(600))).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::Unreachable, "{error:?}");
        }
    }
}
