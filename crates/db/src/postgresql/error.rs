//! From the driver's errors and the server's SQLSTATE to [`DbErrorKind`].

use crate::error::{DbError, DbErrorKind};
use std::error::Error as _;
use tokio_postgres::error::{ErrorPosition, Severity};

/// The error of something that a session sent.
pub(super) fn session_error(error: &tokio_postgres::Error) -> DbError {
    if let Some(server) = error.as_db_error() {
        return server_error(server);
    }
    let cause = error.source().map(ToString::to_string);
    // The kinds of `tokio_postgres::Error` are private and its texts are all there is to tell them apart (0.7.18,
    // src/error/mod.rs); `unexpected message` is what it says to the data of `COPY … TO STDOUT`.
    match error.to_string().as_str() {
        "connection closed" => lost("the connection was closed".to_owned()),
        "error communicating with the server" => {
            lost(cause.unwrap_or_else(|| "the connection broke".to_owned()))
        }
        "unexpected message from server" => DbError::new(
            DbErrorKind::Statement,
            "the server answered with something other than rows: `COPY … TO STDOUT` cannot be used here",
        ),
        text => DbError::new(
            DbErrorKind::Internal,
            cause.map_or_else(|| text.to_owned(), |cause| format!("{text}: {cause}")),
        ),
    }
}

/// The error of an attempt to connect to the place named.
pub(super) fn connect_error(error: &tokio_postgres::Error, place: &str) -> DbError {
    let mut result = session_error(error);
    let code = result.code.as_deref().unwrap_or_default();
    let fallback = match result.kind {
        DbErrorKind::ConnectionLost => DbErrorKind::Unreachable,
        DbErrorKind::Permission => DbErrorKind::Authentication,
        kind => kind,
    };
    result.kind = match code {
        // No such database; a database that takes no connections.
        "3D000" | "55000" => DbErrorKind::Authentication,
        code if code.starts_with("28") => DbErrorKind::Authentication,
        "08P01" if is_final(&result.message) => DbErrorKind::Authentication,
        // A setting in `options` that the server does not know, or a value that it cannot have.
        code if code.starts_with("22") || (code.starts_with("42") && code != "42501") => {
            DbErrorKind::Configuration
        }
        "" if result.message.starts_with("invalid configuration")
            || result.message.starts_with("authentication error") =>
        {
            result.message = format!(
                "cannot log in to `{place}`: {}",
                error
                    .source()
                    .map_or_else(String::new, ToString::to_string)
                    .replace(
                        "password missing",
                        "the server wants a password and none was given"
                    )
            );
            DbErrorKind::Authentication
        }
        "" => {
            result.message = format!("cannot connect to `{place}`: {}", result.message);
            fallback
        }
        _ => fallback,
    };
    result
}

/// PgBouncer says 08P01 to nearly everything (1.18, src/objects.c); its text tells whether another try could help.
fn is_final(message: &str) -> bool {
    [
        "does not exist",
        "no such",
        "authentication failed",
        "unsupported startup parameter",
        "not allowed",
    ]
    .iter()
    .any(|refusal| message.contains(refusal))
}

fn lost(message: String) -> DbError {
    DbError::new(DbErrorKind::ConnectionLost, message)
}

/// An error the server itself reported. Its position is left out: see [`super::position`].
pub(super) fn server_error(error: &tokio_postgres::error::DbError) -> DbError {
    let is_fatal = matches!(
        error.parsed_severity(),
        Some(Severity::Fatal | Severity::Panic)
    );
    let mut context: Vec<String> = error.where_().map(str::to_owned).into_iter().collect();
    if let Some(ErrorPosition::Internal { position, query }) = error.position() {
        context.push(format!("in `{query}` at character {position}"));
    }
    DbError {
        kind: kind(error.code().code(), is_fatal),
        message: error.message().to_owned(),
        code: Some(error.code().code().to_owned()),
        detail: error.detail().map(str::to_owned),
        hint: error.hint().map(str::to_owned).or_else(|| {
            let is_schema = error.message().starts_with("permission denied for schema ");
            // Since 15 only its owner may create in `public`, and the server says no more than that.
            is_schema.then(|| {
                "the schema's owner gives it:  GRANT USAGE, CREATE ON SCHEMA ... TO ...".to_owned()
            })
        }),
        context: (!context.is_empty()).then(|| context.join("\n")),
        offset: None,
    }
}

/// What to do about an SQLSTATE (appendix A of the manual). Class 08 is the connection; 57P01 to 57P05 end it, as do the
/// time-outs 25P03 and 25P04 (PostgreSQL 17), and so does whatever is `FATAL`.
fn kind(code: &str, is_fatal: bool) -> DbErrorKind {
    match code {
        "55P03" => DbErrorKind::LockTimeout,
        "40P01" | "40001" => DbErrorKind::Conflict,
        "57014" => DbErrorKind::Cancelled,
        "42501" => DbErrorKind::Permission,
        "25006" => DbErrorKind::ReadOnly,
        "57P03" | "53300" => DbErrorKind::Unreachable,
        "57P01" | "57P02" | "57P05" | "25P03" | "25P04" | "40003" => DbErrorKind::ConnectionLost,
        // Disk full, I/O error, damaged data, damaged index.
        "53100" | "58030" | "XX001" | "XX002" if !is_fatal => DbErrorKind::Storage,
        code if code.starts_with("08") => DbErrorKind::ConnectionLost,
        code if code.starts_with("28") => DbErrorKind::Authentication,
        _ if is_fatal => DbErrorKind::ConnectionLost,
        _ => DbErrorKind::Statement,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_map_to_what_the_caller_has_to_do() {
        for (code, is_fatal, expected) in [
            ("42703", false, DbErrorKind::Statement),
            ("3D000", false, DbErrorKind::Statement),
            ("55P03", false, DbErrorKind::LockTimeout),
            ("40001", false, DbErrorKind::Conflict),
            ("57P01", true, DbErrorKind::ConnectionLost),
            ("XX000", true, DbErrorKind::ConnectionLost),
            ("08006", false, DbErrorKind::ConnectionLost),
            ("28P01", true, DbErrorKind::Authentication),
            ("53300", true, DbErrorKind::Unreachable),
            ("25006", false, DbErrorKind::ReadOnly),
            ("53100", false, DbErrorKind::Storage),
            // No room for the log: the server goes down with it.
            ("53100", true, DbErrorKind::ConnectionLost),
        ] {
            assert_eq!(kind(code, is_fatal), expected, "{code}");
        }
    }
}
