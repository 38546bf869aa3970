//! Cancelling from another task.

use crate::support::{fail, number};
use shoring_db::DbErrorKind;
use std::time::{Duration, Instant};

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn the_running_statement_is_stopped(db: TestDatabase) {
        let mut session = db.connect().await;
        let canceller = session.canceller();
        let long = db.engine.pick(
            "SELECT pg_sleep(60)",
            "SELECT benchmark(10000000000, sha2('x', 256))",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
        );
        let started = Instant::now();
        // The first requests may come before the statement runs, and then do nothing.
        let asking = tokio::spawn(async move {
            let mut pause = tokio::time::interval(Duration::from_millis(50));
            loop {
                pause.tick().await;
                canceller.cancel().await.unwrap();
            }
        });
        let error = fail(&mut session, long).await;
        asking.abort();
        drop(asking.await);
        assert_eq!(error.kind, DbErrorKind::Cancelled, "{error:?}");
        assert!(started.elapsed() < Duration::from_secs(20));
    }

    async fn nothing_happens_when_nothing_runs(db: TestDatabase) {
        let mut session = db.connect().await;
        session.canceller().cancel().await.unwrap();
        // A request may still be on its way when its sender has gone; what it can hit is the next statement.
        drop(session.query("SELECT 1").await);
        assert_eq!(number(&mut session, "SELECT 1").await, 1);
    }
}
