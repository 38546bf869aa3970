//! The fake behaves as its documentation says.

use super::{Call, FakeServer, Pattern, Reply};
use crate::error::{DbError, DbErrorKind};
use crate::session::{Batch, LockAttempt, Session};
use shoring_core::{Product, Row, Value};

#[tokio::test]
async fn the_newest_rule_wins_and_once_is_once() {
    let server = FakeServer::new(Product::Mysql);
    server.on(Pattern::Any, Reply::Done(1));
    server.on("insert", Reply::Done(2));
    server.once(
        Pattern::StartsWith("INSERT".to_owned()),
        Reply::Fail(DbError::new(DbErrorKind::LockTimeout, "wait")),
    );
    server.respond(|text| text.ends_with('7').then_some(Reply::Done(7)));
    let mut session = server.session();
    let error = session
        .execute(
            Batch {
                statements: &["select 1", "insert into t"],
            },
            &mut |_| {},
        )
        .await
        .unwrap_err();
    assert_eq!(
        (error.index, error.error.kind),
        (1, DbErrorKind::LockTimeout)
    );
    let mut rows = Vec::new();
    session
        .execute(
            Batch {
                statements: &["select 1", "insert into t", "insert 7"],
            },
            &mut |completion| rows.push(completion.rows),
        )
        .await
        .unwrap();
    assert_eq!(rows, [1, 2, 7]);
    server.on("history", Reply::Rows(vec![Row::new(vec![Value::Int(3)])]));
    assert_eq!(
        session.query("select * from history").await.unwrap()[0].int(0),
        Some(3)
    );
}

#[tokio::test]
async fn a_lost_connection_frees_locks_and_stays_lost() {
    let server = FakeServer::new(Product::Postgresql);
    server.on(Pattern::Nth(2), Reply::LoseConnection);
    let mut first = server.session();
    let mut second = server.session();
    assert_eq!(first.try_lock("m").await.unwrap(), LockAttempt::Acquired);
    assert!(matches!(
        second.try_lock("m").await.unwrap(),
        LockAttempt::Held(Some(_))
    ));
    let backend = first.backend();
    assert_eq!(second.is_alive(&backend).await.unwrap(), Some(true));
    first.query("select 1").await.unwrap();
    for _ in 0..2 {
        let error = first.query("select 2").await.unwrap_err();
        assert_eq!(error.kind, DbErrorKind::ConnectionLost);
    }
    assert_eq!(second.is_alive(&backend).await.unwrap(), Some(false));
    assert_eq!(second.try_lock("m").await.unwrap(), LockAttempt::Acquired);
    assert_eq!(server.sent(), ["select 1", "select 2"]);
}

#[tokio::test]
async fn a_hanging_statement_ends_with_a_cancel() {
    let server = FakeServer::new(Product::Postgresql);
    server.on("sleep", Reply::HangUntilCancelled);
    let mut session = server.session();
    let canceller = session.canceller();
    canceller.cancel().await.unwrap();
    let (result, ()) = tokio::join!(session.query("select pg_sleep(9)"), async {
        canceller.cancel().await.unwrap();
    });
    assert_eq!(result.unwrap_err().kind, DbErrorKind::Cancelled);
}

#[tokio::test]
async fn a_crash_stops_everything_at_that_statement() {
    let server = FakeServer::new(Product::Sqlite);
    server.on("step 2", Reply::Crash);
    let run = async {
        let mut session = server.session();
        session.try_lock("m").await.unwrap();
        for step in ["step 1", "step 2", "step 3"] {
            session.query(step).await.unwrap();
        }
    };
    tokio::select! {
        () = run => panic!("ran on after the crash"),
        () = server.crashed() => {}
    }
    assert_eq!(server.sent(), ["step 1", "step 2"]);
    assert!(server.locks().is_empty());
    assert_eq!(server.calls().last(), Some(&Call::Drop(1)));
}
