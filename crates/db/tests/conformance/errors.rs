//! Kinds and places of errors.

use crate::support::{batch, fail, run};
use shoring_core::Dialect;
use shoring_db::DbErrorKind;

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn an_offset_counts_bytes_in_its_own_statement(db: TestDatabase) {
        let mut session = db.connect().await;
        run(&mut session, &["CREATE TABLE t (id integer, name varchar(20))"]).await;
        let statements = [
            "SELECT 'é漢🙂'",
            "INSERT INTO t (id, name) VALUES (1, 'é漢🙂')",
            "SELECT 'é漢🙂',\n nowhere FROM t",
            "SELECT 1",
        ];
        let error = batch(&mut session, &statements).await.1.unwrap_err();
        assert_eq!(error.index, 2);
        assert_eq!(error.error.offset, statements[2].find("nowhere"), "{error:?}");
        assert!(error.error.code.is_some());
    }

    async fn an_offset_of_a_syntax_error(db: TestDatabase) {
        let mut session = db.connect().await;
        let statements = ["SELECT 'é漢🙂'", "SELECT 'é',\n\t1 FROM GROUP x"];
        let error = batch(&mut session, &statements).await.1.unwrap_err();
        assert_eq!(error.index, 1);
        assert_eq!(error.error.kind, DbErrorKind::Statement);
        assert_eq!(error.error.offset, statements[1].find("GROUP"), "{error:?}");
    }

    async fn a_query_tells_the_place_too(db: TestDatabase) {
        let mut session = db.connect().await;
        let sql = "SELECT 'é漢🙂', nowhere";
        let error = session.query(sql).await.unwrap_err();
        assert_eq!(error.kind, DbErrorKind::Statement);
        assert_eq!(error.offset, sql.find("nowhere"), "{error:?}");
    }

    async fn a_broken_constraint_is_the_statements_fault(db: TestDatabase) {
        let mut session = db.connect().await;
        run(&mut session, &["CREATE TABLE t (id integer PRIMARY KEY)", "INSERT INTO t VALUES (1)"]).await;
        let error = fail(&mut session, "INSERT INTO t VALUES (1)").await;
        assert_eq!(error.kind, DbErrorKind::Statement);
        assert!(error.code.is_some());
    }

    async fn a_lock_that_is_not_to_be_had(db: TestDatabase) {
        let mut holder = db.connect().await;
        let mut waiter = db.connect().await;
        run(&mut holder, &["CREATE TABLE t (id integer PRIMARY KEY, n integer)", "INSERT INTO t VALUES (1, 1)"]).await;
        let (begin, patience) = match db.engine.dialect() {
            Dialect::Postgresql => ("BEGIN", "SET lock_timeout = '50ms'"),
            Dialect::Mysql => ("BEGIN", "SET innodb_lock_wait_timeout = 1"),
            Dialect::Sqlite => ("BEGIN IMMEDIATE", "PRAGMA busy_timeout = 50"),
        };
        run(&mut holder, &[begin, "UPDATE t SET n = 2"]).await;
        run(&mut waiter, &[patience]).await;
        let error = fail(&mut waiter, "UPDATE t SET n = 3").await;
        assert_eq!(error.kind, DbErrorKind::LockTimeout, "{error:?}");
        run(&mut holder, &["COMMIT"]).await;
        run(&mut waiter, &["UPDATE t SET n = 3"]).await;
    }

    async fn a_read_only_session_writes_nothing(db: TestDatabase) {
        let mut session = db.connect().await;
        run(&mut session, &["CREATE TABLE t (id integer)"]).await;
        let options = shoring_db::ConnectOptions { read_only: true, ..shoring_testkit::TestDatabase::options() };
        let mut reader = shoring_db::connect(&db.url(), &options).await.unwrap();
        let error = fail(&mut reader, "INSERT INTO t VALUES (1)").await;
        assert!(matches!(error.kind, DbErrorKind::ReadOnly | DbErrorKind::Permission), "{error:?}");
        let error = fail(&mut reader, "CREATE TABLE u (id integer)").await;
        assert!(matches!(error.kind, DbErrorKind::ReadOnly | DbErrorKind::Permission), "{error:?}");
        reader.reset().await.unwrap();
        fail(&mut reader, "INSERT INTO t VALUES (1)").await;
    }
}
