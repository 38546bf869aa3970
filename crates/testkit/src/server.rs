//! A running server with an administrator's login.

use crate::{Engine, variable};
use shoring_db::{DatabaseUrl, Host};
use std::path::{Path, PathBuf};

/// A server of the test run.
#[derive(Debug, Clone)]
pub struct TestServer {
    /// What it is.
    pub engine: Engine,
    /// The administrator's URL as text.
    pub url: String,
}

impl TestServer {
    /// The server of an engine.
    ///
    /// # Panics
    /// When the test run has none, and for SQLite, which has no servers.
    pub fn of(engine: Engine) -> Self {
        let variable = engine.url_variable().expect("SQLite has no server");
        Self {
            engine,
            url: variable::value(variable),
        }
    }

    /// The administrator's URL.
    pub fn admin(&self) -> DatabaseUrl {
        DatabaseUrl::parse(&self.url, Path::new("/")).expect("the test run names a valid URL")
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        match self.admin().hosts.first() {
            Some(Host::Tcp(_, port) | Host::Unix(_, port)) => *port,
            None => panic!("the URL of the test run names no host"),
        }
    }

    /// Its unix socket: PostgreSQL's directory, MySQL's file.
    pub fn socket(&self) -> PathBuf {
        variable::path(self.engine.socket_variable().expect("SQLite has no server"))
    }
}
