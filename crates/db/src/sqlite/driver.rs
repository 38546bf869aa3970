//! Connecting to SQLite.

use super::open::{self, Access};
use super::session::SqliteSession;
use super::worker::{Opened, Origin, start};
use crate::error::{DbError, DbErrorKind};
use crate::session::{BoxFuture, ConnectOptions, Driver, Session};
use crate::url::{DatabaseUrl, SqliteLocation};

/// The SQLite driver.
#[derive(Debug, Clone, Copy)]
pub struct SqliteDriver;

impl Driver for SqliteDriver {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn schemes(&self) -> &'static [&'static str] {
        &["sqlite", "sqlite3", "file"]
    }

    fn connect<'a>(
        &'a self,
        url: &'a DatabaseUrl,
        options: &'a ConnectOptions,
    ) -> BoxFuture<'a, Result<Box<dyn Session>, DbError>> {
        Box::pin(async move {
            let session = connect(url, options).await?;
            Ok(Box::new(session) as Box<dyn Session>)
        })
    }
}

async fn connect(url: &DatabaseUrl, options: &ConnectOptions) -> Result<SqliteSession, DbError> {
    let Some(location) = url.sqlite.clone() else {
        return Err(DbError::new(
            DbErrorKind::Configuration,
            "the database URL names no SQLite database",
        ));
    };
    let access = access(url, options);
    let is_read_only = matches!(access, Access::ReadOnly | Access::Immutable);
    let thread = start(move || {
        let (connection, path, removes_log) = match location {
            SqliteLocation::Memory => {
                let connection = open::memory()?;
                // There is nothing to open read-only in a new database, so writes are refused instead.
                if is_read_only {
                    connection
                        .pragma_update(None, "query_only", true)
                        .map_err(|error| super::error::of_ours(&error))?;
                }
                (connection, None, false)
            }
            SqliteLocation::File(path) => {
                let has_no_log = access == Access::ReadOnly && open::has_no_log(&path);
                let (connection, path) = open::file(&path, access)?;
                (connection, Some(path), has_no_log)
            }
        };
        Ok(Opened {
            connection,
            path,
            is_read_only,
            removes_log,
            origin: Origin::Opened,
        })
    })
    .await?;
    Ok(SqliteSession::new(thread))
}

/// The options and the URL (`mode=ro`, `mode=rw`, `immutable=1`, <https://sqlite.org/uri.html>): the stricter one counts.
fn access(url: &DatabaseUrl, options: &ConnectOptions) -> Access {
    let parameter = |name: &str| {
        url.parameters
            .iter()
            .rev()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.to_ascii_lowercase())
    };
    let mode = parameter("mode").unwrap_or_default();
    let is_immutable = parameter("immutable")
        .is_some_and(|value| matches!(value.as_str(), "1" | "true" | "yes" | "on"));
    if is_immutable {
        Access::Immutable
    } else if options.read_only || mode == "ro" {
        Access::ReadOnly
    } else if !options.create || mode == "rw" {
        Access::Existing
    } else {
        Access::Create
    }
}
