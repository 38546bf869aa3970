//! A deadlock is broken by the server and worth another try.

use crate::support::{batch, run};
use shoring_db::DbErrorKind;

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql]

    async fn a_deadlock_is_a_conflict(db: TestDatabase) {
        let mut one = db.connect().await;
        let mut two = db.connect().await;
        run(&mut one, &["CREATE TABLE t (id integer PRIMARY KEY, n integer)", "INSERT INTO t VALUES (1, 0), (2, 0)"]).await;
        run(&mut one, &["BEGIN", "UPDATE t SET n = 1 WHERE id = 1"]).await;
        run(&mut two, &["BEGIN", "UPDATE t SET n = 2 WHERE id = 2"]).await;
        let ((_, first), (_, second)) = tokio::join!(
            batch(&mut one, &["UPDATE t SET n = 1 WHERE id = 2", "COMMIT"]),
            batch(&mut two, &["UPDATE t SET n = 2 WHERE id = 1", "COMMIT"]),
        );
        let mut kinds: Vec<_> = [first, second].into_iter().filter_map(Result::err).map(|error| error.error.kind).collect();
        assert_eq!(kinds.len(), 1);
        assert_eq!(kinds.pop(), Some(DbErrorKind::Conflict));
    }
}
