//! Servers that are not there, or say nothing.

use crate::connect::{CANARY, refused, scheme};
use shoring_db::{ConnectOptions, DbErrorKind};
use shoring_testkit::TestDatabase;
use std::time::{Duration, Instant};

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql]

    async fn a_server_that_is_not_there_is_named(db: TestDatabase) {
        let options = TestDatabase::options();
        let scheme = scheme(&db);
        // A port nobody listens on: bound once, then free again.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let error = refused(&format!("{scheme}://app:{CANARY}@127.0.0.1:{port}/x"), &options).await;
        assert_eq!(error.kind, DbErrorKind::Unreachable, "{error:?}");
        assert!(error.message.contains(&format!("127.0.0.1:{port}")), "{error:?}");
        let error = refused(&format!("{scheme}://app:{CANARY}@no-such-host.invalid/x"), &options).await;
        assert_eq!(error.kind, DbErrorKind::Unreachable, "{error:?}");
        assert!(error.message.contains("no-such-host.invalid"), "{error:?}");
        let socket = db.engine.pick("host=/nowhere", "socket=/nowhere/my.sock", "");
        let error = refused(&format!("{scheme}:///x?{socket}"), &options).await;
        assert_eq!(error.kind, DbErrorKind::Unreachable, "{error:?}");
        assert!(error.message.contains("/nowhere"), "{error:?}");
    }

    async fn a_server_that_says_nothing_is_given_up_in_time(db: TestDatabase) {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = silent.local_addr().unwrap().port();
        let options = ConnectOptions { timeout: Duration::from_millis(300), ..TestDatabase::options() };
        let started = Instant::now();
        let error = refused(&format!("{}://app:{CANARY}@127.0.0.1:{port}/x", scheme(&db)), &options).await;
        assert_eq!(error.kind, DbErrorKind::Unreachable, "{error:?}");
        assert!(error.message.contains(&format!("127.0.0.1:{port}")), "{error:?}");
        assert!(started.elapsed() < Duration::from_secs(5));
    }
}
