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
}

impl TestDatabase {
    /// Creates a database.
    ///
    /// # Panics
    /// When the server is not there or refuses.
    pub async fn create(engine: Engine) -> Self {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let name = format!("shoring_test_{}_{number}", std::process::id());
        if engine == Engine::Sqlite {
            let folder = tempfile::tempdir().expect("a temporary folder");
            return Self {
                engine,
                name: format!("{name}.db"),
                folder: Some(Arc::new(folder)),
            };
        }
        let database = Self {
            engine,
            name,
            folder: None,
        };
        // A crashed run with the same process id may have left one.
        database.drop_if_exists().await;
        let name = &database.name;
        // MariaDB 10.11 would make it latin1.
        let charset = engine.pick("", " CHARACTER SET utf8mb4", "");
        database
            .administrate(&format!("CREATE DATABASE {name}{charset}"))
            .await;
        database
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
        let admin = TestServer::of(self.engine).admin();
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
    pub fn server(&self) -> TestServer {
        TestServer::of(self.engine)
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
        let server = TestServer::of(self.engine).url;
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
