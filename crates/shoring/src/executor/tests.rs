//! The executor against a scripted server: at every text it sends, the link is lost, a lock is refused or the server
//! refuses; what it says must be what can be known.

use crate::{EmbeddedFile, Error, ErrorKind, Migrator, UpRequest};
use shoring_core::{Product, Row, Value};
use shoring_db::fake::{FakeServer, Pattern, Reply};
use shoring_db::{DbError, DbErrorKind, LockAttempt};
use std::time::Duration;

const ATOMIC: &[EmbeddedFile] = &[EmbeddedFile {
    name: "001_atomic.up.sql",
    bytes: b"CREATE TABLE a (id int);\nINSERT INTO a VALUES (1);\n",
}];

const STEPS: &[EmbeddedFile] = &[EmbeddedFile {
    name: "001_steps.up.sql",
    bytes:
        b"CREATE TABLE a (id int);\nINSERT INTO a VALUES (1);\nALTER TABLE a ADD COLUMN x int;\n",
}];

/// A server that remembers nothing, but answers what a healthy one answers to the statements of Shoring.
fn healthy(product: Product) -> FakeServer {
    let server = FakeServer::new(product);
    server.respond(|text| {
        let is_ours = text.contains("shoring_lock")
            || text.contains("shoring_runs")
            || text.contains("shoring_run_steps");
        if text.starts_with("SELECT owner, fence") {
            let mut values = vec![Value::Null; 11];
            values[1] = Value::Int(0);
            return Some(Reply::Rows(vec![Row::new(values)]));
        }
        if is_ours && !text.starts_with("SELECT") && !text.starts_with("CREATE") {
            return Some(Reply::Done(1));
        }
        None
    });
    server
}

/// Runs `up` on a new session of the server.
async fn up(server: &FakeServer, files: &'static [EmbeddedFile]) -> Result<usize, Error> {
    let migrator = Migrator::from_embedded(files)
        .lock_wait(Duration::from_millis(50))
        .lock_timeout(Duration::from_millis(10), 2);
    let (session, result) = migrator
        .up_on(Box::new(server.session()), &UpRequest::default())
        .await;
    drop(session);
    result.map(|report| report.ran.len())
}

/// Runs a test of its own runtime, whose clock jumps over pauses.
fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(test);
}

const EVERY: &[(Product, &[EmbeddedFile])] = &[
    (Product::Postgresql, ATOMIC),
    (Product::Mariadb, STEPS),
    (Product::Sqlite, ATOMIC),
];

#[test]
fn a_lost_link_at_every_text_is_never_a_success_and_never_a_guess() {
    run(async {
        for (product, files) in EVERY {
            let whole = healthy(*product);
            assert_eq!(up(&whole, files).await.unwrap(), 1);
            let texts = whole.sent();
            let recorded = texts
                .iter()
                .rposition(|text| text == "COMMIT")
                .expect("something is committed");
            let begun = texts
                .iter()
                .position(|text| text.starts_with("BEGIN") || text.starts_with("START"))
                .expect("a transaction is begun");
            for (index, text) in texts.iter().enumerate() {
                let server = healthy(*product);
                server.once(Pattern::Nth(index + 1), Reply::LoseConnection);
                let result = up(&server, files).await;
                let what = format!("{product:?}, lost at {index}: {text}");
                match result {
                    // After the last commit nothing can be lost any more.
                    Ok(_) => assert!(index > recorded, "{what}"),
                    Err(error) => {
                        let is_unknown = error.kind == ErrorKind::OutcomeUnknown;
                        assert!(
                            is_unknown || error.kind == ErrorKind::Unreachable,
                            "{what}: {error}"
                        );
                        // A commit may have been on its way in the same message.
                        assert!(!is_unknown || (begun..=recorded).contains(&index), "{what}");
                        assert!(is_unknown || index != recorded, "{what}");
                        assert!(!error.next.is_empty(), "{what}: {error}");
                    }
                }
                // A session that is lost gets nothing more, and its lock is free.
                assert_eq!(server.locks(), Vec::<String>::new(), "{what}");
            }
        }
    });
}

#[test]
fn a_crash_at_every_text_leaves_the_lock_free() {
    run(async {
        for (product, files) in EVERY {
            let whole = healthy(*product);
            up(&whole, files).await.unwrap();
            for number in 1..=whole.sent().len() {
                let server = healthy(*product);
                server.once(Pattern::Nth(number), Reply::Crash);
                tokio::select! {
                    biased;
                    () = server.crashed() => {}
                    result = up(&server, files) => panic!("{product:?}: it ended before text {number}: {result:?}"),
                }
                assert_eq!(server.sent().len(), number);
                assert_eq!(server.locks(), Vec::<String>::new());
                // The history row never goes out before the migration's statements, nor without them.
                let sent = server.sent();
                let history = sent.iter().position(|text| {
                    text.contains("INSERT INTO") && text.contains("shoring_history")
                });
                let last = sent.iter().position(|text| {
                    text.starts_with(if *product == Product::Mariadb {
                        "ALTER TABLE a"
                    } else {
                        "INSERT INTO a"
                    })
                });
                if let Some(history) = history {
                    assert!(last.is_some_and(|last| last < history), "{sent:#?}");
                }
            }
        }
    });
}

#[test]
fn a_statement_that_gets_no_lock_is_tried_again_and_given_up() {
    run(async {
        for (product, files) in EVERY {
            let server = healthy(*product);
            server.on(
                Pattern::StartsWith("INSERT INTO a ".to_owned()),
                Reply::Fail(DbError::new(DbErrorKind::LockTimeout, "lock timeout")),
            );
            let error = up(&server, files).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::LockTimeout, "{product:?}");
            let sent = server.sent();
            let tries = sent
                .iter()
                .filter(|text| text.starts_with("INSERT INTO a "))
                .count();
            assert_eq!(tries, 2, "{product:?}");
            // Statements that are in the database are not sent again.
            let creates = sent
                .iter()
                .filter(|text| text.starts_with("CREATE TABLE a "))
                .count();
            let expected = if *product == Product::Mariadb { 1 } else { 2 };
            assert_eq!(creates, expected, "{product:?}");
            assert!(
                !sent
                    .iter()
                    .any(|text| text.starts_with("INSERT INTO") && text.contains("shoring_history"))
            );
            assert!(
                sent.iter().any(|text| text.contains("'failed'")),
                "{product:?}: the journal says so"
            );
            assert_eq!(server.locks(), Vec::<String>::new());
        }
    });
}

#[test]
fn a_refused_statement_says_how_much_is_in_the_database() {
    run(async {
        for (product, files) in EVERY {
            let server = healthy(*product);
            server.on(
                Pattern::StartsWith("INSERT INTO a ".to_owned()),
                Reply::Fail(DbError::new(DbErrorKind::Statement, "no such column")),
            );
            let error = up(&server, files).await.unwrap_err();
            let expected = match product {
                Product::Mysql | Product::Mariadb => ErrorKind::FailedPartly,
                Product::Postgresql | Product::Sqlite => ErrorKind::FailedRolledBack,
            };
            assert_eq!(error.kind, expected, "{product:?}");
            assert!(server.sent().iter().any(|text| text == "ROLLBACK"));
            assert_eq!(server.locks(), Vec::<String>::new());
        }
    });
}

#[test]
fn a_held_lock_is_waited_for_and_nothing_is_written() {
    run(async {
        for (product, files) in EVERY {
            let server = healthy(*product);
            let names = lock_names(*product, files).await;
            server.refuse_lock(&names, LockAttempt::Held(None));
            let error = up(&server, files).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::LockTimeout, "{product:?}");
            assert!(
                server
                    .sent()
                    .iter()
                    .all(|text| text.starts_with("SELECT") || text.starts_with("PRAGMA")),
                "{product:?}: {:#?}",
                server.sent()
            );
        }
    });
}

/// The name of the lock that a run takes.
async fn lock_names(product: Product, files: &'static [EmbeddedFile]) -> String {
    let server = healthy(product);
    up(&server, files).await.unwrap();
    server
        .calls()
        .into_iter()
        .find_map(|call| match call {
            shoring_db::fake::Call::TryLock(_, name) => Some(name),
            _ => None,
        })
        .expect("a run takes a lock")
}

#[test]
fn a_lease_in_other_hands_stops_the_run_and_nothing_is_committed() {
    run(async {
        for (product, files) in EVERY {
            let server = healthy(*product);
            // Neither the guard nor the record finds a row that is ours.
            server.respond(move |text| {
                let fail = |code: &str, message: &str| {
                    Some(Reply::Fail(DbError {
                        code: Some(code.to_owned()),
                        ..DbError::new(DbErrorKind::Statement, message)
                    }))
                };
                let renews = text.contains("doing = 'up ") && !text.starts_with("BEGIN");
                let records = text.contains("(SELECT fence FROM");
                match product {
                    Product::Postgresql if renews => fail("22012", "division by zero"),
                    Product::Postgresql if records => {
                        fail("23502", "null value in column \"fence\"")
                    }
                    Product::Sqlite if records => fail(
                        "SQLITE_CONSTRAINT_NOTNULL",
                        "NOT NULL constraint failed: shoring_runs.fence",
                    ),
                    Product::Mysql | Product::Mariadb if text.contains("AS twice") => {
                        fail("1062", "Duplicate entry '1' for key 'PRIMARY'")
                    }
                    Product::Sqlite if text.contains("AS twice") => fail(
                        "SQLITE_CONSTRAINT_PRIMARYKEY",
                        "UNIQUE constraint failed: shoring_lock.id",
                    ),
                    Product::Mysql | Product::Mariadb | Product::Sqlite if renews => {
                        Some(Reply::Done(0))
                    }
                    _ => None,
                }
            });
            let error = up(&server, files).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::LockTimeout, "{product:?}: {error}");
            assert_eq!(error.diagnostic.code, "lease-lost");
            let sent = server.sent();
            let mut after = sent
                .iter()
                .skip_while(|text| !text.starts_with("CREATE TABLE a"));
            assert!(
                !after.any(|text| text == "COMMIT"),
                "{product:?}: {sent:#?}"
            );
            assert!(
                !sent.iter().any(|text| text.contains("is_open = 0")),
                "{product:?}: {sent:#?}"
            );
        }
    });
}
