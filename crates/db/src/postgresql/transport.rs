//! The socket under a session: TCP or unix, with or without TLS, opened by us so that notices, the handshake and cancel
//! requests stay in our hands.

use crate::error::{DbError, DbErrorKind};
use crate::url::Host;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use socket2::{SockRef, TcpKeepalive};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream, lookup_host};
use tokio_rustls::TlsConnector;

/// Both directions of a byte stream.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// An open connection, whatever it runs over.
pub(super) type Transport = Box<dyn Duplex>;

/// How one attempt to connect treats TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encryption {
    Plain,
    IfOffered,
    Required,
}

/// Where and how a session was opened, so that its cancel request can go the same way.
#[derive(Clone)]
pub(super) struct Endpoint {
    pub(super) host: Host,
    pub(super) encryption: Encryption,
    pub(super) tls: Option<Arc<ClientConfig>>,
}

/// `SSLRequest`: length 8 and the code 80877103 (protocol documentation, section 55.7).
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

impl Endpoint {
    /// Opens the socket and does the TLS handshake.
    pub(super) async fn open(&self) -> Result<Transport, DbError> {
        let stream = open_socket(&self.host)
            .await
            .map_err(|error| unreachable(&self.host, &error))?;
        let (Host::Tcp(name, _), Some(tls)) = (&self.host, &self.tls) else {
            return Ok(stream);
        };
        match self.encryption {
            Encryption::Plain => Ok(stream),
            Encryption::IfOffered | Encryption::Required => {
                let is_required = self.encryption == Encryption::Required;
                negotiate(stream, tls, name, is_required)
                    .await
                    .map_err(|problem| tls_error(&self.host, &problem))
            }
        }
    }
}

fn unreachable(host: &Host, error: &io::Error) -> DbError {
    DbError::new(
        DbErrorKind::Unreachable,
        format!("cannot connect to `{host}`: {error}"),
    )
}

fn tls_error(host: &Host, problem: &str) -> DbError {
    DbError::new(
        DbErrorKind::Tls,
        format!("no TLS connection to `{host}`: {problem}"),
    )
}

async fn negotiate(
    mut stream: Transport,
    tls: &Arc<ClientConfig>,
    name: &str,
    is_required: bool,
) -> Result<Transport, String> {
    let describe = |error: io::Error| error.to_string();
    stream.write_all(&SSL_REQUEST).await.map_err(describe)?;
    stream.flush().await.map_err(describe)?;
    // One byte and no more: whatever an attacker slips in behind it must not count as the server's (CVE-2021-23222).
    let answer = stream.read_u8().await.map_err(describe)?;
    if answer != b'S' {
        return if is_required {
            Err("the server does not speak TLS".to_owned())
        } else if answer == b'N' {
            Ok(stream)
        } else {
            Err("the server did not understand the request for TLS; is it PostgreSQL?".to_owned())
        };
    }
    // A zone id (`fe80::1%eth0`) is no part of the name in a certificate.
    let name = name.split('%').next().unwrap_or(name).to_owned();
    let name = ServerName::try_from(name).map_err(|error| error.to_string())?;
    let stream = TlsConnector::from(Arc::clone(tls))
        .connect(name, stream)
        .await
        .map_err(describe)?;
    Ok(Box::new(stream))
}

async fn open_socket(host: &Host) -> io::Result<Transport> {
    match host {
        Host::Unix(directory, port) => {
            let path = directory.join(format!(".s.PGSQL.{port}"));
            Ok(Box::new(UnixStream::connect(path).await?))
        }
        Host::Tcp(name, port) => {
            let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
            for address in lookup_host((name.as_str(), *port)).await? {
                match TcpStream::connect(address).await {
                    Ok(stream) => {
                        keep_alive(&stream)?;
                        return Ok(Box::new(stream));
                    }
                    Err(error) => last = error,
                }
            }
            Err(last)
        }
    }
}

/// An index build says nothing for hours, so silence must not end the connection on the way (NAT tables forget after
/// minutes), and a dead server must be noticed within about a minute.
fn keep_alive(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    socket.set_tcp_keepalive(
        &TcpKeepalive::new()
            .with_time(Duration::from_secs(30))
            .with_interval(Duration::from_secs(10))
            .with_retries(3),
    )?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(Duration::from_mins(1)))?;
    Ok(())
}
