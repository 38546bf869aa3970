//! SQLite: `sqlite:path`, `sqlite://path`, `sqlite:///absolute`, `sqlite3:`, `file:`, `jdbc:sqlite:`, a bare path.
//!
//! Two slashes begin a URL, so a third begins an absolute path (sqlx, dbmate, golang-migrate). SQLAlchemy counts otherwise:
//! behind `sqlite+driver://` the third slash only ends the empty host.

use super::error::UrlError;
use super::text::Piece;
use super::{DatabaseUrl, SqliteLocation, parameters};
use shoring_core::Dialect;
use std::path::Path;

pub(super) fn parse(
    rest: Piece<'_>,
    base: &Path,
    is_sqlalchemy: bool,
) -> Result<DatabaseUrl, UrlError> {
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (rest, None),
    };
    let path = match path.strip_prefix_ignoring_case("//") {
        Some(after) if is_sqlalchemy => after.strip_prefix_ignoring_case("/").unwrap_or(after),
        Some(after) => {
            let host = after.text().split('/').next().unwrap_or_default();
            if host.contains('@') || (host.contains(':') && host != ":memory:") {
                return Err(UrlError::NotAFile);
            }
            after
                .strip_prefix_ignoring_case("localhost/")
                .map_or(after, |_| after.after("localhost".len()))
        }
        None => path,
    };
    let parameters = match query {
        Some(query) => parameters::parse(query, Dialect::Sqlite)?,
        None => Vec::new(),
    };
    let written = path.decode_leniently()?;
    let is_memory = written == ":memory:"
        || parameters
            .iter()
            .any(|(key, value)| key == "mode" && value == "memory");
    if written.is_empty() && !is_memory {
        return Err(UrlError::MissingPath);
    }
    let mut url = if is_memory {
        DatabaseUrl::sqlite_memory()
    } else {
        // `//x` and `/x` are the same file; one slash is what people expect to read.
        let trimmed = written.trim_start_matches('/');
        let written = if written.starts_with("//") {
            format!("/{trimmed}")
        } else {
            written
        };
        let path = base.join(&written);
        DatabaseUrl::sqlite_at(SqliteLocation::File(path.clone()), Some((path, written)))
    };
    url.parameters = parameters;
    Ok(url)
}
