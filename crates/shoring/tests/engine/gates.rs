//! `wait` and `expect`: what a service asks before it starts.

use crate::support::{Project, assert_says};
use shoring::{ErrorKind, GateRequest, UpRequest};
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
