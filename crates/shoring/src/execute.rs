//! Runs statements of ours, one by one.

use shoring_db::{Batch, DbError, Session, StatementError};

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
