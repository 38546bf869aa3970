//! The driver behind `mysql://` and `mariadb://`.

use super::connect::connect;
use super::session::MysqlSession;
use crate::error::DbError;
use crate::session::{BoxFuture, ConnectOptions, Driver, Session};
use crate::url::DatabaseUrl;

/// The MySQL and MariaDB driver.
#[derive(Debug, Clone, Copy)]
pub struct MysqlDriver;

impl Driver for MysqlDriver {
    fn name(&self) -> &'static str {
        "mysql"
    }

    fn schemes(&self) -> &'static [&'static str] {
        &["mysql", "mariadb"]
    }

    fn connect<'a>(
        &'a self,
        url: &'a DatabaseUrl,
        options: &'a ConnectOptions,
    ) -> BoxFuture<'a, Result<Box<dyn Session>, DbError>> {
        Box::pin(async move {
            let connection = connect(url, options).await?;
            let session = MysqlSession::open(connection, options).await?;
            Ok(Box::new(session) as Box<dyn Session>)
        })
    }
}
