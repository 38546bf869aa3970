//! Which spelling a text is, and the way from there to a [`DatabaseUrl`].

use super::error::UrlError;
use super::parts::Parts;
use super::text::Piece;
use super::{DatabaseUrl, go, keywords, network, sqlite};
use shoring_core::Dialect;
use std::path::Path;

/// The schemes, each with its dialect and the name that is printed. Longer spellings of other libraries
/// (`postgresql+psycopg2`, `mysql+pymysql`) are cut at the `+`.
const SCHEMES: &[(&str, Dialect, &str)] = &[
    ("postgres", Dialect::Postgresql, "postgres"),
    ("postgresql", Dialect::Postgresql, "postgresql"),
    ("pgx", Dialect::Postgresql, "postgres"),
    ("pgx5", Dialect::Postgresql, "postgres"),
    ("mysql", Dialect::Mysql, "mysql"),
    ("mysql2", Dialect::Mysql, "mysql"),
    ("mariadb", Dialect::Mysql, "mariadb"),
    ("sqlite", Dialect::Sqlite, "sqlite"),
    ("sqlite3", Dialect::Sqlite, "sqlite"),
    ("file", Dialect::Sqlite, "sqlite"),
];

/// File name endings that make a bare word an SQLite file.
const SQLITE_ENDINGS: &[&str] = &[
    ".db", ".db3", ".sqlite", ".sqlite3", ".sqlite2", ".sq3", ".s3db", ".sl3",
];

pub(super) fn parse(text: &str, base: &Path) -> Result<DatabaseUrl, UrlError> {
    let whole = Piece::of(text);
    if whole.is_empty() {
        return Err(UrlError::Empty);
    }
    let is_jdbc = whole.strip_prefix_ignoring_case("jdbc:").is_some();
    let piece = whole.strip_prefix_ignoring_case("jdbc:").unwrap_or(whole);
    let (scheme, rest) = split_scheme(piece);
    let is_url = rest.text().starts_with("//");
    if !is_url && go::is_dsn(piece.text()) {
        return go::parse(piece, false)?.finish(Dialect::Mysql, "mysql", base);
    }
    if !is_url && keywords::is_keywords(piece.text()) {
        return keywords::parse(piece)?.finish(Dialect::Postgresql, "postgres", base);
    }
    let Some(scheme) = scheme else {
        return bare_path(piece, base);
    };
    let lower = scheme.to_ascii_lowercase();
    let (name, library) = lower.split_once('+').unwrap_or((lower.as_str(), ""));
    let Some(&(_, dialect, printed)) = SCHEMES.iter().find(|(known, ..)| *known == name) else {
        return Err(UrlError::UnknownScheme {
            suggestion: is_url.then(|| suggest_scheme(name)).flatten(),
        });
    };
    match dialect {
        Dialect::Sqlite => sqlite::parse(rest, base, !library.is_empty()),
        Dialect::Postgresql | Dialect::Mysql => {
            let parts = if dialect == Dialect::Mysql && go::is_dsn(rest.text()) {
                go::parse(rest.strip_prefix_ignoring_case("//").unwrap_or(rest), true)?
            } else if let Some(authority) = rest.strip_prefix_ignoring_case("//") {
                network::parse(authority, dialect, is_jdbc)?
            } else if is_jdbc && !rest.text().contains(['@', ':', '?']) {
                // `jdbc:postgresql:database` and `jdbc:postgresql:/`: the driver's own short form.
                let database = rest.strip_prefix_ignoring_case("/").unwrap_or(rest);
                Parts {
                    database: Some(database.decode()?),
                    ..Parts::default()
                }
            } else {
                return Err(UrlError::Unencoded {
                    position: rest.position(0),
                });
            };
            parts.finish(dialect, printed, base)
        }
    }
}

/// The scheme and what follows its colon; a Windows drive letter is none.
fn split_scheme(piece: Piece<'_>) -> (Option<&str>, Piece<'_>) {
    let Some((scheme, rest)) = piece.split_once(':') else {
        return (None, piece);
    };
    let name = scheme.text();
    let is_scheme = name.len() > 1
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    if is_scheme {
        (Some(name), rest)
    } else {
        (None, piece)
    }
}

fn suggest_scheme(name: &str) -> Option<&'static str> {
    SCHEMES
        .iter()
        .map(|(known, ..)| (strsim::damerau_levenshtein(known, name), *known))
        .filter(|(distance, _)| *distance <= 2)
        .min()
        .map(|(_, known)| known)
}

fn bare_path(piece: Piece<'_>, base: &Path) -> Result<DatabaseUrl, UrlError> {
    let text = piece.text();
    if text == ":memory:" {
        return Ok(DatabaseUrl::sqlite_memory());
    }
    let is_drive = matches!(text.as_bytes(), [_, b':', b'/' | b'\\', ..]) && !text.contains('@');
    let file = text.split('?').next().unwrap_or_default();
    let looks_like_file = file.contains(['/', '\\'])
        || SQLITE_ENDINGS
            .iter()
            .any(|ending| file.to_ascii_lowercase().ends_with(ending));
    // `user:password@host/database` without a scheme would otherwise be printed as a path, password and all.
    let has_colon = if is_drive {
        text[2..].contains(':')
    } else {
        text.contains(':')
    };
    if !looks_like_file || has_colon {
        return Err(UrlError::NotAUrl);
    }
    sqlite::parse(piece, base, false)
}
