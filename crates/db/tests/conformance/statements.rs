//! `execute`: order, row counts, the failing statement, transactions left open.

use crate::support::{batch, number, run};
use shoring_core::Dialect;

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn completions_come_in_order_with_the_rows_changed(db: TestDatabase) {
        let mut session = db.connect().await;
        let (completed, result) = batch(&mut session, &[
            "CREATE TABLE t (id integer, name varchar(20))",
            "INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')",
            "SELECT * FROM t",
            "UPDATE t SET name = 'x' WHERE id > 1",
            "DELETE FROM t WHERE id = 1",
        ]).await;
        result.unwrap();
        assert_eq!(completed, [(0, 0), (1, 3), (2, 0), (3, 2), (4, 1)]);
    }

    async fn a_batch_stops_at_the_failing_statement(db: TestDatabase) {
        let mut session = db.connect().await;
        run(&mut session, &["CREATE TABLE t (id integer)"]).await;
        let (completed, result) = batch(&mut session, &[
            "INSERT INTO t VALUES (1)",
            "INSERT INTO t VALUES (2)",
            "INSERT INTO nowhere VALUES (3)",
            "INSERT INTO t VALUES (4)",
        ]).await;
        let error = result.unwrap_err();
        assert_eq!(error.index, 2);
        assert_eq!(error.error.kind, shoring_db::DbErrorKind::Statement);
        assert_eq!(completed, [(0, 1), (1, 1)]);
        // PostgreSQL puts an implicit transaction around a message with several statements; the others have none.
        let expected = if db.engine.dialect() == Dialect::Postgresql { 0 } else { 2 };
        assert_eq!(number(&mut session, "SELECT count(*) FROM t").await, expected);
    }

    async fn a_transaction_left_open_stays_open(db: TestDatabase) {
        let mut session = db.connect().await;
        let mut other = db.connect().await;
        run(&mut session, &["CREATE TABLE t (id integer)"]).await;
        batch(&mut session, &["BEGIN", "INSERT INTO t VALUES (1)"]).await.1.unwrap();
        assert_eq!(number(&mut other, "SELECT count(*) FROM t").await, 0);
        batch(&mut session, &["INSERT INTO t VALUES (2)", "COMMIT"]).await.1.unwrap();
        assert_eq!(number(&mut other, "SELECT count(*) FROM t").await, 2);
        batch(&mut session, &["BEGIN", "DELETE FROM t"]).await.1.unwrap();
        batch(&mut session, &["ROLLBACK"]).await.1.unwrap();
        assert_eq!(number(&mut other, "SELECT count(*) FROM t").await, 2);
    }

    async fn statements_without_code_complete_too(db: TestDatabase) {
        let mut session = db.connect().await;
        let (completed, result) = batch(&mut session, &[
            "-- first",
            "SELECT 1 -- with a comment",
            "/* between */",
            "SELECT 2",
            " \n",
        ]).await;
        result.unwrap();
        let indices: Vec<usize> = completed.iter().map(|(index, _)| *index).collect();
        assert_eq!(indices, [0, 1, 2, 3, 4]);
        assert_eq!(batch(&mut session, &["-- only"]).await.0, [(0, 0)]);
        assert_eq!(batch(&mut session, &[]).await.0, []);
        assert_eq!(number(&mut session, "SELECT 3").await, 3);
    }

    async fn a_session_goes_on_after_an_error(db: TestDatabase) {
        let mut session = db.connect().await;
        for _ in 0..3 {
            batch(&mut session, &["SELECT nothing FROM nowhere"]).await.1.unwrap_err();
        }
        assert_eq!(number(&mut session, "SELECT 1").await, 1);
    }

    async fn semicolons_in_texts_and_bodies_do_not_split(db: TestDatabase) {
        let mut session = db.connect().await;
        let (completed, result) = batch(&mut session, &[
            "CREATE TABLE t (name varchar(20))",
            "INSERT INTO t VALUES ('a;b')",
            "INSERT INTO t VALUES ('c''; --')",
        ]).await;
        result.unwrap();
        assert_eq!(completed.len(), 3);
        assert_eq!(number(&mut session, "SELECT count(*) FROM t WHERE name IN ('a;b', 'c''; --')").await, 2);
    }
}
