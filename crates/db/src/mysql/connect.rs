//! Making a connection: hosts in order, the ways of TLS in order, one time limit for all.

use super::{error, tls};
use crate::error::{DbError, DbErrorKind};
use crate::session::ConnectOptions;
use crate::url::{DatabaseUrl, Host, Secret, TlsMode};
use mysql_async::{Conn, Opts, OptsBuilder, SslOpts};
use std::time::Duration;

/// The server notices a dead client after two hours otherwise, and keeps its locks as long.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// The largest value of `max_allowed_packet`.
const LARGEST_PACKET: usize = 1 << 30;

/// Connects to the first host that answers.
pub(super) async fn connect(url: &DatabaseUrl, options: &ConnectOptions) -> Result<Conn, DbError> {
    let ways = tls::ways(&url.tls)?;
    let mut last = DbError::new(
        DbErrorKind::Configuration,
        "the database URL names no server",
    );
    let everything = async {
        for host in &url.hosts {
            match connect_to(url, host, &ways, options).await {
                Ok(connection) => return Ok(connection),
                Err(error) if error.kind == DbErrorKind::Unreachable => last = error,
                Err(error) => return Err(error),
            }
        }
        Err(last)
    };
    tokio::time::timeout(options.timeout, everything)
        .await
        .unwrap_or_else(|_| {
            let hosts: Vec<String> = url.hosts.iter().map(Host::to_string).collect();
            Err(DbError::new(
                DbErrorKind::Unreachable,
                format!(
                    "no connection to `{}` within {} s",
                    hosts.join("`, `"),
                    options.timeout.as_secs_f32()
                ),
            ))
        })
}

async fn connect_to(
    url: &DatabaseUrl,
    host: &Host,
    ways: &[Option<SslOpts>],
    options: &ConnectOptions,
) -> Result<Conn, DbError> {
    let mut result = Err(DbError::new(DbErrorKind::Internal, "no way to connect"));
    for way in ways {
        let way = match host {
            Host::Tcp(..) => way.clone(),
            Host::Unix(..) => None,
        };
        let tried = Conn::new(opts(url, host, way.clone(), options)).await;
        let tried = match (tried, way) {
            // The driver's own way to forgive the name looks for a word that rustls 0.23 no longer prints.
            (Err(error), Some(way)) if way.skip_domain_validation() => {
                match tls::name_in_certificate(&error) {
                    Some(name) => {
                        let way = way.with_danger_tls_hostname_override(Some(name));
                        Conn::new(opts(url, host, Some(way), options)).await
                    }
                    None => Err(error),
                }
            }
            (tried, _) => tried,
        };
        result = tried.map_err(|error| at(host, error::of_connect(&error)));
        match &result {
            Err(error) if error.kind == DbErrorKind::Tls => {}
            _ => break,
        }
    }
    result
}

fn opts(url: &DatabaseUrl, host: &Host, tls: Option<SslOpts>, options: &ConnectOptions) -> Opts {
    let allows_cleartext = url.tls.mode >= TlsMode::Require && asks_for_cleartext(url);
    let builder = OptsBuilder::default()
        .user(url.user.as_deref())
        .pass(url.password.as_ref().map(Secret::reveal))
        .db_name(url.database.as_deref())
        // Otherwise a TCP connection to this machine is silently replaced by one through the server's socket.
        .prefer_socket(false)
        .tcp_keepalive(Some(KEEPALIVE))
        .stmt_cache_size(0)
        // What is set here the driver does not ask the server for. A packet that is too large for the server is refused by
        // `MysqlSession`; how long a connection may be idle concerns a pool only.
        .max_allowed_packet(Some(LARGEST_PACKET))
        .wait_timeout(Some(0))
        .enable_cleartext_plugin(allows_cleartext)
        .connect_attribute("program_name", options.application.clone())
        .ssl_opts(tls);
    match host {
        Host::Tcp(name, port) => builder.ip_or_hostname(name.clone()).tcp_port(*port),
        Host::Unix(path, _) => builder.socket(Some(path.to_string_lossy().into_owned())),
    }
    .into()
}

/// Cloud log-ins send a token as a clear-text password (go-sql-driver `allowCleartextPasswords`, the client's
/// `enable-cleartext-plugin`). Only inside TLS that was asked for.
fn asks_for_cleartext(url: &DatabaseUrl) -> bool {
    url.parameters.iter().any(|(key, value)| {
        let key = key.replace(['-', '_'], "").to_ascii_lowercase();
        matches!(
            key.as_str(),
            "allowcleartextpasswords" | "enablecleartextplugin"
        ) && matches!(
            value.to_ascii_lowercase().as_str(),
            "1" | "true" | "on" | "yes"
        )
    })
}

/// Names the place where nothing answered.
fn at(host: &Host, error: DbError) -> DbError {
    match error.kind {
        DbErrorKind::Unreachable | DbErrorKind::Tls => DbError {
            message: format!("cannot connect to `{host}`: {}", error.message),
            ..error
        },
        _ => error,
    }
}
