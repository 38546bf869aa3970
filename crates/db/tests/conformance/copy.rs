//! `COPY … FROM stdin`.

use crate::support::{number, run};
use shoring_core::Dialect;
use shoring_db::{CopySource, DbErrorKind};

/// Chunks, then an end or an error.
struct Chunks(Vec<Result<Option<Vec<u8>>, String>>);

impl Chunks {
    fn of(texts: &[&str], end: Result<(), &str>) -> Self {
        let mut chunks: Vec<_> = texts
            .iter()
            .map(|text| Ok(Some(text.as_bytes().to_vec())))
            .collect();
        chunks.push(end.map(|()| None).map_err(str::to_owned));
        chunks.reverse();
        Self(chunks)
    }
}

impl CopySource for Chunks {
    fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, String> {
        self.0.pop().unwrap_or(Ok(None))
    }
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn rows_are_copied_or_refused(db: TestDatabase) {
        let mut session = db.connect().await;
        run(&mut session, &["CREATE TABLE t (id integer, name varchar(20))"]).await;
        let copy = "COPY t FROM stdin";
        let big = "7\tx\n".repeat(20_000);
        let mut data = Chunks::of(&["1\ta\n2\tb\n", "", "3\té\n", &big], Ok(()));
        let result = session.copy_in(copy, &mut data).await;
        if db.engine.dialect() != Dialect::Postgresql {
            assert_eq!(result.unwrap_err().kind, DbErrorKind::Statement);
            return;
        }
        assert_eq!(result.unwrap(), 20_003);

        let mut bad = Chunks::of(&["4\tok\n", "five\tbad\n", &big], Ok(()));
        let error = session.copy_in(copy, &mut bad).await.unwrap_err();
        assert_eq!(error.kind, DbErrorKind::Statement);
        assert_eq!(error.code.as_deref(), Some("22P02"));
        assert!(error.context.unwrap().contains("line 2"));

        assert_eq!(number(&mut session, "SELECT 1").await, 1);
        let mut broken = Chunks::of(&["4\tok\n"], Err("the file ended early"));
        let error = session.copy_in(copy, &mut broken).await.unwrap_err();
        assert!(error.message.contains("the file ended early"));

        assert_eq!(number(&mut session, "SELECT 1").await, 1);
        let mut wrong = Chunks::of(&[], Ok(()));
        let sql = "COPY nowhere FROM stdin";
        let error = session.copy_in(sql, &mut wrong).await.unwrap_err();
        assert_eq!(error.code.as_deref(), Some("42P01"));
        assert_eq!(number(&mut session, "SELECT count(*) FROM t").await, 20_003);
    }

    async fn a_copy_without_its_data_does_not_hang(db: TestDatabase) {
        let mut session = db.connect().await;
        run(&mut session, &["CREATE TABLE t (id integer)"]).await;
        let error = crate::support::fail(&mut session, "COPY t FROM STDIN").await;
        assert_eq!(error.kind, DbErrorKind::Statement);
        let error = crate::support::fail(&mut session, "COPY t TO STDOUT").await;
        assert_eq!(error.kind, DbErrorKind::Statement);
        assert_eq!(number(&mut session, "SELECT 1").await, 1);
    }
}
