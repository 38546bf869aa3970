//! A database of one test.

use crate::{Engine, TestServer};
use shoring_core::Dialect;
use shoring_db::{Batch, ConnectOptions, DatabaseUrl, Session};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tempfile::TempDir;

static COUNTER: AtomicU64 = AtomicU64::new(0);

/// A fresh, empty database.
#[derive(Debug, Clone)]
pub struct TestDatabase {
    /// What it is a database of.
    pub engine: Engine,
    /// Its name; for SQLite that of the file.
    pub name: String,
    /// The folder of an SQLite database.
    folder: Option<Arc<TempDir>>,
    /// The server of any other.
    server: Option<TestServer>,
}

impl TestDatabase {
    /// Creates a database.
    ///
    /// # Panics
    /// When the server is not there or refuses.
    pub async fn create(engine: Engine) -> Self {
        if engine == Engine::Sqlite {
            let folder = tempfile::tempdir().expect("a temporary folder");
            return Self {
                engine,
                name: format!("{}.db", Self::new_name()),
                folder: Some(Arc::new(folder)),
                server: None,
            };
        }
        Self::create_on(TestServer::of(engine)).await
    }

    /// Creates a database on this server.
    ///
    /// # Panics
    /// When the server is not there or refuses.
    pub async fn create_on(server: TestServer) -> Self {
        let database = Self::named(server, Self::new_name());
        // A crashed run with the same process id may have left one.
        database.drop_if_exists().await;
        let name = &database.name;
        // MariaDB 10.11 would make it latin1.
        let charset = database.engine.pick("", " CHARACTER SET utf8mb4", "");
        database
            .administrate(&format!("CREATE DATABASE {name}{charset}"))
            .await;
        database
    }

    /// A database of this name on this server, which somebody else makes and drops.
    pub fn named(server: TestServer, name: String) -> Self {
        Self {
            engine: server.engine,
            name,
            folder: None,
            server: Some(server),
        }
    }

    fn new_name() -> String {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        format!("shoring_test_{}_{number}", std::process::id())
    }

    /// Drops the database, whoever is still connected.
    pub async fn remove(self) {
        if self.engine != Engine::Sqlite {
            self.drop_if_exists().await;
        }
    }

    async fn drop_if_exists(&self) {
        let force = match self.engine.dialect() {
            Dialect::Postgresql => " WITH (FORCE)",
            Dialect::Mysql | Dialect::Sqlite => "",
        };
        let name = &self.name;
        self.administrate(&format!("DROP DATABASE IF EXISTS {name}{force}"))
            .await;
    }

    async fn administrate(&self, sql: &str) {
        let admin = self.server().admin();
        let mut session = shoring_db::connect(&admin, &Self::options())
            .await
            .unwrap_or_else(|error| panic!("cannot reach the test server: {error}"));
        session
            .execute(Batch { statements: &[sql] }, &mut |_| {})
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
        session.close().await.expect("closing never fails");
    }

    /// The server it is on.
    ///
    /// # Panics
    /// For SQLite.
    pub fn server(&self) -> TestServer {
        self.server.clone().expect("SQLite has no server")
    }

    /// The file of an SQLite database.
    ///
    /// # Panics
    /// For other databases.
    pub fn file(&self) -> PathBuf {
        let folder = self.folder.as_ref().expect("only SQLite has files");
        folder.path().join(&self.name)
    }

    /// Its URL as text, password included.
    pub fn url_text(&self) -> String {
        if self.engine == Engine::Sqlite {
            return format!("sqlite://{}", self.file().display());
        }
        let server = self.server().url;
        let (scheme, rest) = server.split_once("://").expect("the test run names a URL");
        let authority = rest.split(['/', '?']).next().unwrap_or(rest);
        format!("{scheme}://{authority}/{}", self.name)
    }

    /// Its URL.
    pub fn url(&self) -> DatabaseUrl {
        self.url_with("")
    }

    /// Its URL with something behind it, such as `?sslmode=disable`.
    ///
    /// # Panics
    /// When that is no URL.
    pub fn url_with(&self, suffix: &str) -> DatabaseUrl {
        let text = format!("{}{suffix}", self.url_text());
        DatabaseUrl::parse(&text, Path::new("/"))
            .unwrap_or_else(|error| panic!("the test's URL: {error}"))
    }

    /// How tests connect.
    pub fn options() -> ConnectOptions {
        ConnectOptions {
            timeout: Duration::from_secs(10),
            application: "shoring-test".to_owned(),
            create: true,
            read_only: false,
        }
    }

    /// Opens a session.
    ///
    /// # Panics
    /// When that fails.
    pub async fn connect(&self) -> Box<dyn Session> {
        shoring_db::connect(&self.url(), &Self::options())
            .await
            .unwrap_or_else(|error| panic!("cannot connect to the test's database: {error}"))
    }
}
