//! From a URL to a session: hosts in order, TLS as `sslmode` says, one time limit for all of it.

use super::cancel::PostgresCanceller;
use super::copy_guard::Guarded;
use super::drive::{Mailbox, drive};
use super::error::connect_error;
use super::handshake::{HandshakePid, Watched};
use super::session::{Parts, PostgresSession};
use super::settings;
use super::transport::{Encryption, Endpoint};
use crate::error::{DbError, DbErrorKind};
use crate::session::ConnectOptions;
use crate::tls;
use crate::url::{DatabaseUrl, Host, TlsMode};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, NoTls};

/// What `target_session_attrs` asks of a server (libpq, section 34.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

pub(super) async fn connect(
    url: &DatabaseUrl,
    options: &ConnectOptions,
) -> Result<PostgresSession, DbError> {
    let limit = time_limit(url, options)?;
    let places: Vec<String> = url.hosts.iter().map(ToString::to_string).collect();
    tokio::time::timeout(limit, connect_to_any(url, options))
        .await
        .unwrap_or_else(|_| {
            Err(DbError::new(
                DbErrorKind::Unreachable,
                format!(
                    "cannot connect to `{}` within {} s",
                    places.join("`, `"),
                    limit.as_secs_f32()
                ),
            ))
        })
}

fn time_limit(url: &DatabaseUrl, options: &ConnectOptions) -> Result<Duration, DbError> {
    match url.parameter("connect_timeout").map(str::parse::<u64>) {
        None | Some(Ok(0)) => Ok(options.timeout),
        Some(Ok(seconds)) => Ok(options.timeout.min(Duration::from_secs(seconds))),
        Some(Err(_)) => Err(bad_value("connect_timeout", "a number of seconds")),
    }
}

fn bad_value(name: &'static str, expected: &'static str) -> DbError {
    crate::url::UrlError::BadValue { name, expected }.into()
}

fn wanted(url: &DatabaseUrl) -> Result<Wanted, DbError> {
    Ok(match url.parameter("target_session_attrs") {
        None | Some("any") => Wanted::Any,
        Some("read-write") => Wanted::ReadWrite,
        Some("read-only") => Wanted::ReadOnly,
        Some("primary") => Wanted::Primary,
        Some("standby") => Wanted::Standby,
        Some("prefer-standby") => Wanted::PreferStandby,
        Some(_) => {
            return Err(bad_value(
                "target_session_attrs",
                "`any`, `read-write`, `read-only`, `primary`, `standby` or `prefer-standby`",
            ));
        }
    })
}

/// TLS is done before the driver sees the stream, so it has nothing to bind the password exchange to. Whoever demands
/// the proof gets an error, not a connection without it.
fn refuse_channel_binding(url: &DatabaseUrl) -> Result<(), DbError> {
    match url.parameter("channel_binding") {
        None | Some("disable" | "prefer") => Ok(()),
        Some("require") => Err(crate::url::UrlError::Unsupported {
            name: "channel_binding=require",
            instead: "prove the server with `sslmode=verify-full`",
        }
        .into()),
        Some(_) => Err(bad_value(
            "channel_binding",
            "`disable`, `prefer` or `require`",
        )),
    }
}

async fn connect_to_any(
    url: &DatabaseUrl,
    options: &ConnectOptions,
) -> Result<PostgresSession, DbError> {
    refuse_channel_binding(url)?;
    let wanted = wanted(url)?;
    let passes: &[Wanted] = match wanted {
        Wanted::PreferStandby => &[Wanted::Standby, Wanted::Any],
        _ => &[wanted],
    };
    let mut problems = Vec::new();
    for wanted in passes {
        problems.clear();
        for host in &url.hosts {
            let attempt = async {
                let mut session = connect_to(url, host, options).await?;
                check_role(&mut session, *wanted, host).await?;
                Ok::<_, DbError>(session)
            };
            match attempt.await {
                Ok(session) => return Ok(session),
                // As in libpq, a server that answers and refuses ends the search.
                Err(error) if error.kind == DbErrorKind::Unreachable => problems.push(error),
                Err(error) => return Err(error),
            }
        }
    }
    let message = problems
        .iter()
        .map(|problem| problem.message.as_str())
        .collect::<Vec<_>>()
        .join("; ");
    let mut error = problems
        .pop()
        .unwrap_or_else(|| DbError::new(DbErrorKind::Configuration, "the URL names no server"));
    if !message.is_empty() {
        error.message = message;
    }
    Err(error)
}

async fn check_role(
    session: &mut PostgresSession,
    wanted: Wanted,
    host: &Host,
) -> Result<(), DbError> {
    if wanted == Wanted::Any {
        return Ok(());
    }
    let rows = session
        .rows(
            "SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('transaction_read_only')",
        )
        .await?;
    let is_standby = rows.first().and_then(|row| row.bool(0)) == Some(true);
    let is_read_only = is_standby || rows.first().and_then(|row| row.bool(1)) == Some(true);
    let (is_right, what) = match wanted {
        Wanted::Any | Wanted::PreferStandby => (true, ""),
        Wanted::ReadWrite => (!is_read_only, "is read-only"),
        Wanted::ReadOnly => (is_read_only, "is not read-only"),
        Wanted::Primary => (!is_standby, "is a standby"),
        Wanted::Standby => (is_standby, "is no standby"),
    };
    if is_right {
        Ok(())
    } else {
        Err(DbError::new(
            DbErrorKind::Unreachable,
            format!("`{host}` {what}"),
        ))
    }
}

/// Tries the ways that `sslmode` allows. libpq tries the other way only when the server's access rules refuse the first
/// (28000), or when TLS itself fails under `prefer`; unix sockets never use TLS.
async fn connect_to(
    url: &DatabaseUrl,
    host: &Host,
    options: &ConnectOptions,
) -> Result<PostgresSession, DbError> {
    let tls = match host {
        Host::Unix(..) => None,
        Host::Tcp(..) => tls::client_config(&url.tls)?,
    };
    let ways: &[Encryption] = match (host, url.tls.mode) {
        (Host::Unix(..), _) | (_, TlsMode::Disable) => &[Encryption::Plain],
        (_, TlsMode::Allow) => &[Encryption::Plain, Encryption::Required],
        (_, TlsMode::Prefer) => &[Encryption::IfOffered, Encryption::Plain],
        (_, TlsMode::Require | TlsMode::VerifyCa | TlsMode::VerifyFull) => &[Encryption::Required],
    };
    let mut first_error = None;
    for encryption in ways {
        let endpoint = Endpoint {
            host: host.clone(),
            encryption: *encryption,
            tls: tls.clone(),
        };
        match open(url, endpoint, options).await {
            Ok(session) => return Ok(session),
            Err(error) => {
                let is_refused = error.code.as_deref() == Some("28000");
                let is_tls = error.kind == DbErrorKind::Tls;
                let error = first_error.unwrap_or(error);
                if !is_refused && !is_tls {
                    return Err(error);
                }
                first_error = Some(error);
            }
        }
    }
    Err(first_error.unwrap_or_else(|| DbError::new(DbErrorKind::Internal, "no way to connect")))
}

async fn open(
    url: &DatabaseUrl,
    endpoint: Endpoint,
    options: &ConnectOptions,
) -> Result<PostgresSession, DbError> {
    let mailbox = Mailbox::default();
    let (client, task, handshake) = start(url, &endpoint, options, mailbox.clone()).await?;
    let canceller = PostgresCanceller {
        token: client.cancel_token(),
        endpoint: Some(endpoint),
        timeout: options.timeout,
    };
    PostgresSession::begin(Parts {
        client,
        mailbox,
        task: Some(task),
        handshake: Some(handshake),
        canceller,
        settings: settings::statements(url, options),
    })
    .await
}

async fn start(
    url: &DatabaseUrl,
    endpoint: &Endpoint,
    options: &ConnectOptions,
    mailbox: Mailbox,
) -> Result<(Client, JoinHandle<()>, HandshakePid), DbError> {
    let mut config = Config::new();
    // TLS is done by the time the driver sees the stream.
    config.ssl_mode(SslMode::Disable);
    config.application_name(
        url.parameter("application_name")
            .unwrap_or(&options.application),
    );
    if let Some(user) = &url.user {
        config.user(user);
    }
    if let Some(password) = &url.password {
        config.password(password.reveal());
    }
    if let Some(database) = &url.database {
        config.dbname(database);
    }
    if let Some(options) = url.parameter("options") {
        config.options(options);
    }
    let stream = endpoint.open().await?;
    let (stream, handshake) = Watched::new(Guarded::new(stream));
    let (client, connection) = config
        .connect_raw(stream, NoTls)
        .await
        .map_err(|error| connect_error(&error, &endpoint.host.to_string()))?;
    Ok((client, drive(connection, mailbox), handshake))
}
