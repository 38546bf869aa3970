//! Six modes against a server whose certificate is good for `localhost` only: the outcomes are those of libpq 15 and of
//! the MySQL client.

use crate::support::text;
use shoring_core::Dialect;
use shoring_db::{DatabaseUrl, DbErrorKind};
use shoring_testkit::{TestDatabase, variable};
use std::path::Path;

/// What an attempt comes to.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Encrypted,
    Plain,
    Refused,
}
use Outcome::{Encrypted, Plain, Refused};

async fn attempt(url: &DatabaseUrl) -> Outcome {
    match shoring_db::connect(url, &TestDatabase::options()).await {
        Ok(mut session) => {
            let cipher = match url.dialect {
                Dialect::Postgresql => "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
                Dialect::Mysql | Dialect::Sqlite => {
                    "SELECT CASE WHEN variable_value <> '' THEN 't' ELSE 'f' END FROM information_schema.session_status WHERE variable_name = 'Ssl_cipher'"
                }
            };
            let answer = text(&mut session, cipher).await;
            if answer == "t" { Encrypted } else { Plain }
        }
        Err(error) => {
            assert_eq!(error.kind, DbErrorKind::Tls, "{url:?}: {error:?}");
            Refused
        }
    }
}

fn url(db: &TestDatabase, host: &str, suffix: &str) -> DatabaseUrl {
    let text = db.url_text();
    let (head, tail) = text.rsplit_once('@').unwrap();
    let (_, port) = tail.split_once(':').unwrap();
    DatabaseUrl::parse(&format!("{head}@{host}:{port}{suffix}"), Path::new("/")).unwrap()
}

shoring_testkit::server_tests! {
    [postgresql, mariadb]

    async fn each_mode_against_each_authority(db: TestDatabase) {
        let folder = variable::path(variable::TLS_DIR);
        let good = folder.join("ca.pem").display().to_string();
        let other = folder.join("other-ca.pem").display().to_string();
        let is_postgresql = db.engine.dialect() == Dialect::Postgresql;
        let (mode_name, ca_name) = db.engine.pick(("sslmode", "sslrootcert"), ("ssl-mode", "ssl-ca"), ("", ""));
        // mode, MySQL's name for it, without an authority, with the right one, with another, and the right one for the wrong name.
        for (mode, mysql, none, right, wrong, wrong_name) in [
            ("disable", "DISABLED", Plain, Plain, Plain, Plain),
            ("allow", "", Plain, Plain, Plain, Plain),
            ("prefer", "PREFERRED", Encrypted, Encrypted, Encrypted, Encrypted),
            // libpq takes a root certificate as a wish to have it checked.
            ("require", "REQUIRED", Encrypted, Encrypted, if is_postgresql { Refused } else { Encrypted }, Encrypted),
            ("verify-ca", "VERIFY_CA", Refused, Encrypted, Refused, Encrypted),
            ("verify-full", "VERIFY_IDENTITY", Refused, Encrypted, Refused, Refused),
        ] {
            let mode = if is_postgresql { mode } else { mysql };
            if mode.is_empty() {
                continue;
            }
            for (host, authority, expected) in [
                ("localhost", None, none),
                ("localhost", Some(&good), right),
                ("localhost", Some(&other), wrong),
                ("127.0.0.1", Some(&good), wrong_name),
            ] {
                let authority = authority.map_or_else(String::new, |path| format!("&{ca_name}={path}"));
                let url = url(&db, host, &format!("?{mode_name}={mode}{authority}"));
                assert_eq!(attempt(&url).await, expected, "{url:?}");
            }
        }
    }

    async fn files_that_cannot_be_read_are_named(db: TestDatabase) {
        let (mode, ca) = db.engine.pick(("verify-full", "sslrootcert"), ("VERIFY_CA", "ssl-ca"), ("", ""));
        let url = url(&db, "localhost", &format!("?{}={mode}&{ca}=/nowhere/ca.pem", db.engine.pick("sslmode", "ssl-mode", "")));
        let error = shoring_db::connect(&url, &TestDatabase::options()).await.err().unwrap();
        assert_eq!(error.kind, DbErrorKind::Tls);
        assert!(error.message.contains("/nowhere/ca.pem"), "{error:?}");
    }

    async fn a_statement_is_cancelled_under_tls(db: TestDatabase) {
        let suffix = db.engine.pick("?sslmode=require", "?ssl-mode=REQUIRED", "");
        let mut session = shoring_db::connect(&url(&db, "localhost", suffix), &TestDatabase::options()).await.unwrap();
        let canceller = session.canceller();
        let asking = tokio::spawn(async move {
            let mut pause = tokio::time::interval(std::time::Duration::from_millis(50));
            loop {
                pause.tick().await;
                canceller.cancel().await.unwrap();
            }
        });
        let long = db.engine.pick("SELECT pg_sleep(60)", "SELECT benchmark(10000000000, sha2('x', 256))", "");
        let error = crate::support::fail(&mut session, long).await;
        asking.abort();
        assert_eq!(error.kind, DbErrorKind::Cancelled);
    }
}
