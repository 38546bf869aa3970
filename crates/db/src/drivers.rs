//! The drivers, and the one way in.

use crate::error::{DbError, DbErrorKind};
use crate::mysql::MysqlDriver;
use crate::postgresql::Postgresql;
use crate::session::{ConnectOptions, Driver, Session};
use crate::sqlite::SqliteDriver;
use crate::url::DatabaseUrl;

/// Every driver, in the order of the documentation.
pub const DRIVERS: &[&dyn Driver] = &[&Postgresql, &MysqlDriver, &SqliteDriver];

/// Opens a session with the driver that answers to the URL's SQL family.
pub async fn connect(
    url: &DatabaseUrl,
    options: &ConnectOptions,
) -> Result<Box<dyn Session>, DbError> {
    let driver = DRIVERS
        .iter()
        .find(|driver| driver.name() == url.dialect.name())
        .ok_or_else(|| {
            DbError::new(
                DbErrorKind::Configuration,
                format!("there is no driver for `{}`", url.dialect),
            )
        })?;
    driver.connect(url, options).await
}
