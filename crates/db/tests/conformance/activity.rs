//! What another session is doing.

use crate::support::{batch, run};

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql]

    async fn a_blocked_session_shows_its_blocker(db: TestDatabase) {
        let mut holder = db.connect().await;
        let mut waiter = db.connect().await;
        let mut observer = db.connect().await;
        run(&mut holder, &["CREATE TABLE t (id integer PRIMARY KEY, n integer)", "INSERT INTO t VALUES (1, 1)"]).await;
        assert_eq!(observer.activity(&waiter.backend()).await.unwrap().blockers, []);
        run(&mut holder, &["BEGIN", "UPDATE t SET n = 2"]).await;
        let (waiting, holding) = (waiter.backend(), holder.backend());
        let update = tokio::spawn(async move { batch(&mut waiter, &["ALTER TABLE t ADD COLUMN name varchar(20)"]).await.1 });
        let blockers = loop {
            let activity = observer.activity(&waiting).await.unwrap();
            if !activity.blockers.is_empty() {
                break activity.blockers;
            }
            // MariaDB renews what INNODB_LOCK_WAITS shows, to whoever asks, only when nobody has read it for a tenth of a second.
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        };
        assert_eq!(blockers.len(), 1, "{blockers:?}");
        assert!(holding.0.contains(&blockers[0].session), "{blockers:?}");
        assert!(blockers[0].age_seconds.is_some());
        run(&mut holder, &["COMMIT"]).await;
        update.await.unwrap().unwrap();
    }
}
