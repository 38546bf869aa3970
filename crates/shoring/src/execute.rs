//! Runs statements of ours, one by one.

use shoring_db::{Batch, DbError, Session, StatementError};
use std::time::Duration;

/// How long is waited for what need not take effect.
const BRIEFLY: Duration = Duration::from_secs(5);

/// Runs one statement of ours; gives the rows it changed.
pub(crate) async fn execute_one(session: &mut dyn Session, sql: &str) -> Result<u64, DbError> {
    let mut rows = 0;
    session
        .execute(Batch { statements: &[sql] }, &mut |completion| {
            rows = completion.rows;
        })
        .await
        .map_err(|StatementError { error, .. }| error)?;
    // What the server says about statements of ours is nothing a user asked for.
    session.take_notices();
    Ok(rows)
}

/// Runs one statement of ours that may as well not take effect: the next run finds out what it would have said. A server that
/// does not answer is not waited for: a MariaDB whose disk is full holds each commit until there is room.
pub(crate) async fn execute_briefly(session: &mut dyn Session, sql: &str) -> Result<u64, DbError> {
    let canceller = session.canceller();
    let mut running = std::pin::pin!(execute_one(session, sql));
    tokio::select! {
        result = &mut running => return result,
        () = tokio::time::sleep(BRIEFLY) => {}
    }
    // It then fails by itself; an error here means that it has ended.
    drop(canceller.cancel().await);
    running.await
}
