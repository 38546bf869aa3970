//! What every spelling of a server's URL has in common, before defaults are filled in.

use super::error::UrlError;
use super::parameters::normal;
use super::tls_policy::TlsPolicy;
use super::{DatabaseUrl, Host, Secret};
use shoring_core::Dialect;
use std::path::{Path, PathBuf};

/// The parts as written. Login, host and database may also stand among the parameters.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    pub(super) hosts: Vec<(String, Option<u16>)>,
    pub(super) database: Option<String>,
    pub(super) parameters: Vec<(String, String)>,
}

impl Parts {
    pub(super) fn finish(
        mut self,
        dialect: Dialect,
        scheme: &'static str,
        base: &Path,
    ) -> Result<DatabaseUrl, UrlError> {
        let mut ports = Vec::new();
        let mut socket = None;
        for (key, value) in std::mem::take(&mut self.parameters) {
            match normal(&key).as_str() {
                "user" | "username" => self.user = Some(value),
                "password" => self.password = Some(value),
                "dbname" | "database" => self.database = Some(value),
                "host" => {
                    self.hosts = value
                        .split(',')
                        .map(|host| (host.to_owned(), None))
                        .collect();
                }
                "port" => ports = read_ports(&value)?,
                "socket" | "unixsocket" => socket = Some(value),
                _ => self.parameters.push((key, value)),
            }
        }
        self.hosts.retain(|(host, _)| !host.is_empty());
        if !ports.is_empty() && self.hosts.is_empty() {
            self.hosts.push(("localhost".to_owned(), None));
        }
        if ports.len() > 1 && ports.len() != self.hosts.len() {
            return Err(UrlError::PortCount);
        }
        for (index, (_, port)) in self.hosts.iter_mut().enumerate() {
            let given = ports.get(index).or(ports.first()).copied().flatten();
            *port = given.or(*port);
        }
        let tls = TlsPolicy::from_parameters(&self.parameters, dialect, base)?;
        let default_port = default_port(dialect);
        let mut hosts: Vec<Host> = Vec::new();
        if let Some(socket) = socket {
            hosts.push(Host::Unix(base.join(socket), default_port));
        } else {
            for (host, port) in self.hosts {
                let port = port.unwrap_or(default_port);
                hosts.push(if host.starts_with('/') {
                    Host::Unix(PathBuf::from(host), port)
                } else {
                    Host::Tcp(host, port)
                });
            }
        }
        let has_default_hosts = hosts.is_empty();
        if has_default_hosts {
            hosts = default_hosts(dialect);
        }
        Ok(DatabaseUrl {
            dialect,
            hosts,
            user: self.user,
            password: self.password.map(Secret::new),
            database: self.database,
            sqlite: None,
            parameters: self.parameters,
            tls,
            scheme,
            written: None,
            has_default_hosts,
        })
    }
}

fn read_ports(value: &str) -> Result<Vec<Option<u16>>, UrlError> {
    value
        .split(',')
        .map(|port| match port.trim() {
            "" => Ok(None),
            port => port
                .parse::<u16>()
                .ok()
                .filter(|port| *port > 0)
                .map(Some)
                .ok_or(UrlError::BadValue {
                    name: "port",
                    expected: "a number between 1 and 65535",
                }),
        })
        .collect()
}

const fn default_port(dialect: Dialect) -> u16 {
    match dialect {
        Dialect::Postgresql => 5432,
        Dialect::Mysql => 3306,
        Dialect::Sqlite => 0,
    }
}

/// Where a server usually listens when no host is written. libpq knows one socket directory, chosen when it was built:
/// Debian's and upstream's are both tried.
fn default_hosts(dialect: Dialect) -> Vec<Host> {
    match dialect {
        Dialect::Postgresql => vec![
            Host::Unix(PathBuf::from("/var/run/postgresql"), 5432),
            Host::Unix(PathBuf::from("/tmp"), 5432),
            Host::Tcp("localhost".to_owned(), 5432),
        ],
        Dialect::Mysql => vec![Host::Tcp("localhost".to_owned(), 3306)],
        Dialect::Sqlite => Vec::new(),
    }
}
