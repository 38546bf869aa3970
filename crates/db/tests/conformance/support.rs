//! Shorthands of the suite.

use shoring_db::{Batch, Completion, DbError, Session, StatementError};

/// Sends statements as one batch; gives what completed and how it ended.
pub(crate) async fn batch(
    session: &mut Box<dyn Session>,
    statements: &[&str],
) -> (Vec<(usize, u64)>, Result<(), StatementError>) {
    let mut completed = Vec::new();
    let result = session
        .execute(Batch { statements }, &mut |done: Completion| {
            completed.push((done.index, done.rows));
        })
        .await;
    (completed, result)
}

/// Sends statements one by one, as callers that want autocommit do.
pub(crate) async fn run(session: &mut Box<dyn Session>, statements: &[&str]) {
    for statement in statements {
        let (_, result) = batch(session, &[statement]).await;
        result.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

/// Sends one statement that must fail.
pub(crate) async fn fail(session: &mut Box<dyn Session>, statement: &str) -> DbError {
    let (_, result) = batch(session, &[statement]).await;
    match result {
        Ok(()) => panic!("{statement} was expected to fail"),
        Err(error) => error.error,
    }
}

/// The first number of the first row.
pub(crate) async fn number(session: &mut Box<dyn Session>, sql: &str) -> i64 {
    let rows = session
        .query(sql)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows[0].int(0).unwrap_or_else(|| panic!("{sql}: {rows:?}"))
}

/// The first text of the first row.
pub(crate) async fn text(session: &mut Box<dyn Session>, sql: &str) -> String {
    let rows = session
        .query(sql)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows[0].text(0).unwrap_or_else(|| panic!("{sql}: {rows:?}"))
}
