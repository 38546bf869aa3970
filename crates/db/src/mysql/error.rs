//! Errors of the driver and the server as ours.

use super::{error_kind, position};
use crate::error::{DbError, DbErrorKind};
use mysql_async::{DriverError, Error, IoError, LocalInfileError, ServerError};

/// The text an error is about: a statement and what followed it in its packet.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sent<'a> {
    pub(super) statement: &'a str,
    pub(super) rest: &'a str,
}

/// An error that answered a statement.
pub(super) fn of_statement(error: &Error, sent: Sent<'_>) -> DbError {
    match error {
        Error::Server(server) => DbError {
            offset: position::find(server.code, &server.message, sent.statement, sent.rest),
            ..from_server(
                server,
                error_kind::of_statement(server.code, &server.message),
            )
        },
        Error::Driver(DriverError::LocalInfile(LocalInfileError::NoHandler)) => DbError::new(
            DbErrorKind::ConnectionLost,
            "the server asked for a file of this machine (LOCAL INFILE); refused, connection closed",
        ),
        Error::Driver(DriverError::ConnectionClosed) => {
            DbError::new(DbErrorKind::ConnectionLost, "the connection is closed")
        }
        Error::Io(_) => DbError::new(DbErrorKind::ConnectionLost, without_prefix(error)),
        // After any other error of the driver the stream is closed too.
        Error::Driver(_) | Error::Other(_) | Error::Url(_) => {
            DbError::new(DbErrorKind::ConnectionLost, error.to_string())
        }
    }
}

/// An error that answered a connect.
pub(super) fn of_connect(error: &Error) -> DbError {
    match error {
        Error::Server(server) => {
            from_server(server, error_kind::of_connect(server.code, &server.message))
        }
        Error::Io(IoError::Tls(_)) | Error::Driver(DriverError::NoKeyFound) => {
            DbError::new(DbErrorKind::Tls, without_prefix(error))
        }
        Error::Io(IoError::Io(io)) if is_tls(io) => {
            DbError::new(DbErrorKind::Tls, without_prefix(error))
        }
        Error::Driver(DriverError::NoClientSslFlagFromServer) => DbError::new(
            DbErrorKind::Tls,
            "TLS is asked for, but the server does not offer it",
        ),
        Error::Io(IoError::Io(_)) => DbError::new(DbErrorKind::Unreachable, without_prefix(error)),
        Error::Driver(
            DriverError::UnknownAuthPlugin { .. }
            | DriverError::MysqlOldPasswordDisabled
            | DriverError::CleartextPluginDisabled,
        ) => DbError::new(DbErrorKind::Authentication, without_prefix(error)),
        Error::Driver(_) | Error::Other(_) => {
            DbError::new(DbErrorKind::Unreachable, without_prefix(error))
        }
        Error::Url(_) => DbError::new(
            DbErrorKind::Configuration,
            "the connection options are wrong",
        ),
    }
}

fn from_server(server: &ServerError, kind: DbErrorKind) -> DbError {
    DbError {
        code: Some(server.code.to_string()),
        ..DbError::new(kind, server.message.clone())
    }
}

/// `tokio-rustls` wraps a failed handshake into an input/output error.
fn is_tls(error: &std::io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>)
}

/// The cause without "Input/output error: Input/output error: ".
fn without_prefix(error: &Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
