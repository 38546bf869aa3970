//! The entry of PostgreSQL in the list of drivers.

use super::connect;
use crate::error::DbError;
use crate::session::{BoxFuture, ConnectOptions, Driver, Session};
use crate::url::DatabaseUrl;

/// PostgreSQL.
#[derive(Debug, Clone, Copy, Default)]
pub struct Postgresql;

impl Driver for Postgresql {
    fn name(&self) -> &'static str {
        "postgresql"
    }

    fn schemes(&self) -> &'static [&'static str] {
        &["postgres", "postgresql"]
    }

    fn connect<'a>(
        &'a self,
        url: &'a DatabaseUrl,
        options: &'a ConnectOptions,
    ) -> BoxFuture<'a, Result<Box<dyn Session>, DbError>> {
        Box::pin(async move {
            let session = connect::connect(url, options).await?;
            Ok(Box::new(session) as Box<dyn Session>)
        })
    }
}
