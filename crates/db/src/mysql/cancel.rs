//! Stopping a statement: `KILL QUERY` on a fresh connection made the same way.

use super::error;
use crate::error::{DbError, DbErrorKind};
use crate::session::{BoxFuture, Canceller};
use crate::signals::Signals;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error, Opts};
use std::sync::Arc;
use std::time::Duration;

/// The canceller of a session.
pub(super) struct MysqlCanceller {
    pub(super) opts: Opts,
    pub(super) connection_id: u64,
    pub(super) signals: Arc<Signals>,
    pub(super) timeout: Duration,
}

impl Canceller for MysqlCanceller {
    fn cancel(&self) -> BoxFuture<'_, Result<(), DbError>> {
        Box::pin(async {
            if !self.signals.cancel() {
                return Ok(());
            }
            tokio::time::timeout(self.timeout, self.kill())
                .await
                .unwrap_or_else(|_| {
                    Err(DbError::new(
                        DbErrorKind::Unreachable,
                        "no second connection in time to cancel the statement",
                    ))
                })
        })
    }
}

impl MysqlCanceller {
    async fn kill(&self) -> Result<(), DbError> {
        let mut connection = Conn::new(self.opts.clone())
            .await
            .map_err(|error| error::of_connect(&error))?;
        // The statement may have ended while we connected; the next one is not meant.
        let killed = if self.signals.is_running() {
            connection
                .query_drop(format!("KILL QUERY {}", self.connection_id))
                .await
        } else {
            Ok(())
        };
        // The answer to KILL is what counts, not how politely we leave.
        drop(connection.disconnect().await);
        match killed {
            // 1094: the connection is gone, and its statement with it.
            Err(Error::Server(server)) if server.code == 1094 => Ok(()),
            Err(error) => Err(error::of_statement(&error, error::Sent::default())),
            Ok(()) => Ok(()),
        }
    }
}
