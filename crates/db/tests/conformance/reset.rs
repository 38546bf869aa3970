//! Putting a session back.

use crate::support::{batch, number, run, text};
use shoring_db::LockAttempt;

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn a_reset_session_is_as_after_connecting(db: TestDatabase) {
        let mut session = db.connect().await;
        let mut other = db.connect().await;
        assert_eq!(session.try_lock(&db.name).await.unwrap(), LockAttempt::Acquired);
        run(&mut session, &["CREATE TABLE t (id integer)"]).await;
        let setting = db.engine.pick("SHOW search_path", "SELECT concat(@@sql_mode, @@foreign_key_checks, @@unique_checks, @@time_zone, @@autocommit, coalesce(database(), ''))", "PRAGMA foreign_keys");
        let before = text(&mut session, setting).await;
        let disturb: &[&str] = db.engine.pick(
            &["SET search_path = nowhere", "SET ROLE pg_monitor", "BEGIN"][..],
            &["SET sql_mode = ''", "SET foreign_key_checks = 0", "SET unique_checks = 0", "SET time_zone = '+05:00'", "USE information_schema", "SET autocommit = 0"][..],
            &["PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = 1 - foreign_keys", "BEGIN"][..],
        );
        for statement in disturb {
            // One of SQLite's is no statement in every version.
            drop(batch(&mut session, &[statement]).await);
        }
        let insert = db.engine.pick("CREATE TEMPORARY TABLE u (id integer)".to_owned(), format!("INSERT INTO {}.t VALUES (1)", db.name), "INSERT INTO t VALUES (1)".to_owned());
        run(&mut session, &[&insert]).await;
        session.take_notices();
        session.reset().await.unwrap();
        assert_eq!(session.take_notices(), []);
        assert_eq!(text(&mut session, setting).await, before);
        assert_eq!(number(&mut session, "SELECT count(*) FROM t").await, 0);
        assert!(matches!(other.try_lock(&db.name).await.unwrap(), LockAttempt::Held(_)));
        // Outside of a transaction, and after an error in one.
        session.reset().await.unwrap();
        assert_eq!(session.take_notices(), []);
        run(&mut session, &["BEGIN"]).await;
        batch(&mut session, &["SELECT nothing"]).await.1.unwrap_err();
        session.reset().await.unwrap();
        assert_eq!(number(&mut session, "SELECT 1").await, 1);
    }
}
