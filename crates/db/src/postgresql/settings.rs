//! What a session sets for itself right after connecting, and again after a reset.
//!
//! With `SET` and not in the startup packet: PgBouncer refuses a start with `options` it does not know ("unsupported
//! startup parameter"). `options` of the URL is the exception; whoever writes it means the startup packet.

use super::quote::{identifier, literal};
use crate::error::{DbError, DbErrorKind};
use crate::session::ConnectOptions;
use crate::url::DatabaseUrl;

/// Makes a session that only reads refuse writes.
pub(super) const READ_ONLY: &str = "SET default_transaction_read_only = on";

const SEARCH_PATH: &str = "SELECT pg_catalog.set_config('search_path', ";

/// A `search_path` would stay on the pooler's connection, and the application that gets it next would find other tables
/// under its names.
pub(super) fn refuse_behind_pooler(statements: &[String]) -> Result<(), DbError> {
    if !statements.iter().any(|sql| sql.starts_with(SEARCH_PATH)) {
        return Ok(());
    }
    Err(DbError::new(
        DbErrorKind::Configuration,
        "a pooler answers, and the schema that the URL asks for (`search_path`, `currentSchema`, `schema`) would stay on \
         its connection for whoever gets that next; connect to the server directly, or set it for the role: ALTER ROLE … \
         SET search_path",
    ))
}

/// The statements, in order.
pub(super) fn statements(url: &DatabaseUrl, options: &ConnectOptions) -> Vec<String> {
    let mut statements = Vec::new();
    if let Some(path) = search_path(url) {
        statements.push(format!("{SEARCH_PATH}{}, false)", literal(&path)));
    }
    if options.read_only {
        statements.push(READ_ONLY.to_owned());
    }
    statements
}

/// Prisma's `schema` is one name, quoted here; pgjdbc's `currentSchema` and `search_path` are lists as the server reads them.
fn search_path(url: &DatabaseUrl) -> Option<String> {
    url.parameter("search_path")
        .or_else(|| url.parameter("currentSchema"))
        .map(str::to_owned)
        .or_else(|| url.parameter("schema").map(identifier))
}
