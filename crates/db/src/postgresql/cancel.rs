//! Cancel requests: a second connection, opened the same way as the first, that carries the session's secret.

use super::error::connect_error;
use super::transport::Endpoint;
use crate::error::{DbError, DbErrorKind};
use crate::session::{BoxFuture, Canceller};
use std::time::Duration;
use tokio_postgres::{CancelToken, NoTls};

/// Stops the running statement of one session.
#[derive(Clone)]
pub(super) struct PostgresCanceller {
    pub(super) token: CancelToken,
    /// `None` for a session made from a caller's own client, whose address only its token knows.
    pub(super) endpoint: Option<Endpoint>,
    pub(super) timeout: Duration,
}

impl Canceller for PostgresCanceller {
    fn cancel(&self) -> BoxFuture<'_, Result<(), DbError>> {
        Box::pin(async move {
            tokio::time::timeout(self.timeout, self.send())
                .await
                .unwrap_or_else(|_| {
                    Err(DbError::new(
                        DbErrorKind::Unreachable,
                        "the cancel request timed out",
                    ))
                })
        })
    }
}

impl PostgresCanceller {
    async fn send(&self) -> Result<(), DbError> {
        let Some(endpoint) = &self.endpoint else {
            return self
                .token
                .cancel_query(NoTls)
                .await
                .map_err(|error| connect_error(&error, "the server"));
        };
        let stream = endpoint.open().await?;
        self.token
            .cancel_query_raw(stream, NoTls)
            .await
            .map_err(|error| connect_error(&error, &endpoint.host.to_string()))
    }
}
