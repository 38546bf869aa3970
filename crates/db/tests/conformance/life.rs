//! Whether a session lives, and what its death does.

use crate::support::{batch, number, run};
use shoring_db::{BackendId, DbErrorKind, LockAttempt};

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql]

    async fn the_dead_are_told_from_the_living(db: TestDatabase) {
        let one = db.connect().await;
        let mut two = db.connect().await;
        let id = one.backend();
        assert_eq!(two.is_alive(&id).await.unwrap(), Some(true));
        assert_ne!(id, two.backend());
        one.close().await.unwrap();
        while two.is_alive(&id).await.unwrap() != Some(false) {}
        assert_eq!(two.is_alive(&BackendId("what is this".to_owned())).await.unwrap(), None);
        // The same number with another birth is somebody else.
        let own = two.backend().0;
        let (number, _) = own.split_once(':').unwrap();
        assert_ne!(two.is_alive(&BackendId(format!("{number}:1"))).await.unwrap(), Some(true));
    }

    async fn a_killed_session_loses_connection_and_lock(db: TestDatabase) {
        let mut one = db.connect().await;
        let mut two = db.connect().await;
        assert_eq!(one.try_lock(&db.name).await.unwrap(), LockAttempt::Acquired);
        let id = number(&mut one, db.engine.pick("SELECT pg_backend_pid()", "SELECT connection_id()", "")).await;
        let kill = db.engine.pick(format!("SELECT pg_terminate_backend({id})"), format!("KILL {id}"), String::new());
        run(&mut two, &[&kill]).await;
        while two.is_alive(&one.backend()).await.unwrap() != Some(false) {}
        let (completed, result) = batch(&mut one, &["SELECT 1", "SELECT 2"]).await;
        let error = result.unwrap_err();
        assert_eq!(error.error.kind, DbErrorKind::ConnectionLost, "{error:?}");
        assert_eq!((error.index, completed.len()), (0, 0));
        assert_eq!(one.query("SELECT 1").await.unwrap_err().kind, DbErrorKind::ConnectionLost);
        assert_eq!(two.try_lock(&db.name).await.unwrap(), LockAttempt::Acquired);
        one.close().await.unwrap();
    }

    async fn a_session_killed_in_a_statement_says_so(db: TestDatabase) {
        let mut one = db.connect().await;
        let mut two = db.connect().await;
        let id = number(&mut one, db.engine.pick("SELECT pg_backend_pid()", "SELECT connection_id()", "")).await;
        let long = db.engine.pick("SELECT pg_sleep(60)", "SELECT benchmark(10000000000, sha2('x', 256))", "");
        let kill = db.engine.pick(format!("SELECT pg_terminate_backend({id})"), format!("KILL {id}"), String::new());
        let victim = tokio::spawn(async move { batch(&mut one, &["SELECT 1", long, "SELECT 2"]).await });
        let busy = db.engine.pick(
            format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {id} AND wait_event = 'PgSleep'"),
            format!("SELECT count(*) FROM information_schema.processlist WHERE id = {id} AND info LIKE '%benchmark%'"),
            String::new(),
        );
        while number(&mut two, &busy).await == 0 {}
        run(&mut two, &[&kill]).await;
        let (completed, result) = victim.await.unwrap();
        let error = result.unwrap_err();
        assert_eq!(error.error.kind, DbErrorKind::ConnectionLost, "{error:?}");
        assert_eq!((completed.len(), error.index), (1, 1));
    }
}
