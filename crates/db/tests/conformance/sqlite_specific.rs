//! What only SQLite does: one file, many processes.

use crate::support::{batch, number, run};
use shoring_db::{BackendId, LockAttempt};
use shoring_testkit::{Engine, TestDatabase};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Names the file for a process started by these tests.
const FILE: &str = "SHORING_TEST_SQLITE_FILE";

/// This test binary again, running one test of this module.
fn process(test: &str, file: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            &format!("sqlite_specific::{test}"),
            "--nocapture",
        ])
        .env(FILE, file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a parent tells its child this way"
)]
fn file_of_the_parent() -> Option<std::path::PathBuf> {
    std::env::var_os(FILE).map(Into::into)
}

async fn open(file: &Path) -> Box<dyn shoring_db::Session> {
    let url = shoring_db::DatabaseUrl::sqlite_file(file);
    shoring_db::connect(&url, &TestDatabase::options())
        .await
        .unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

/// The part of a child: takes the lock, says so, and keeps it until its input ends. Does nothing without a parent.
#[test]
fn child_that_keeps_the_lock() {
    let Some(file) = file_of_the_parent() else {
        return;
    };
    block_on(async {
        let mut session = open(&file).await;
        assert_eq!(session.try_lock("m").await.unwrap(), LockAttempt::Acquired);
        println!("\nlocked by {}", session.backend().0);
        std::io::stdout().flush().unwrap();
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).unwrap();
    });
}

/// The part of a child: takes the lock as soon as it is free, writes a row, gives it back.
#[test]
fn child_that_writes_a_row() {
    let Some(file) = file_of_the_parent() else {
        return;
    };
    block_on(write_a_row(&file));
}

async fn write_a_row(file: &Path) {
    let mut session = open(file).await;
    // Fifty that ask without a pause would leave the owner no processor.
    let mut pause = tokio::time::interval(Duration::from_millis(10));
    while session.try_lock("m").await.unwrap() != LockAttempt::Acquired {
        pause.tick().await;
    }
    // Without the lock, several would find no table and all but one would fail to create it.
    if session.tables_named("t").await.unwrap().is_empty() {
        run(&mut session, &["CREATE TABLE t (id integer)"]).await;
    }
    run(
        &mut session,
        &["BEGIN IMMEDIATE", "INSERT INTO t VALUES (1)", "COMMIT"],
    )
    .await;
    session.unlock("m").await.unwrap();
    session.close().await.unwrap();
}

/// No lock file, no journal, no log stays behind.
fn assert_only_the_file(db: &TestDatabase) {
    let folder = db.file();
    let folder = folder.parent().unwrap();
    let names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names.join(" "), db.name);
}

#[test]
fn a_killed_process_frees_the_lock() {
    shoring_testkit::run(Engine::Sqlite, |db| async move {
        let mut session = db.connect().await;
        let mut child = process("child_that_keeps_the_lock", &db.file());
        let holder = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .find_map(|line| line.unwrap().strip_prefix("locked by ").map(str::to_owned))
            .unwrap();
        let holder = BackendId(holder);
        assert_eq!(
            session.try_lock("m").await.unwrap(),
            LockAttempt::Held(None)
        );
        assert_eq!(session.is_alive(&holder).await.unwrap(), Some(true));
        // SIGKILL on unix.
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(session.is_alive(&holder).await.unwrap(), Some(false));
        assert_eq!(session.try_lock("m").await.unwrap(), LockAttempt::Acquired);
        session.close().await.unwrap();
        assert_only_the_file(&db);
    });
}

#[test]
fn fifty_processes_create_one_database_together() {
    shoring_testkit::run(Engine::Sqlite, |db| async move {
        let children: Vec<Child> = (0..50)
            .map(|_| process("child_that_writes_a_row", &db.file()))
            .collect();
        for child in children {
            let output = child.wait_with_output().unwrap();
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stdout)
            );
        }
        let mut session = db.connect().await;
        assert_eq!(number(&mut session, "SELECT count(*) FROM t").await, 50);
        session.close().await.unwrap();
        assert_only_the_file(&db);
    });
}

#[test]
fn fifty_tasks_create_one_database_together() {
    shoring_testkit::run(Engine::Sqlite, |db| async move {
        let file = db.file();
        let tasks: Vec<_> = (0..50)
            .map(|_| {
                let file = file.clone();
                tokio::spawn(async move { write_a_row(&file).await })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let mut session = db.connect().await;
        assert_eq!(number(&mut session, "SELECT count(*) FROM t").await, 50);
        session.close().await.unwrap();
        assert_only_the_file(&db);
    });
}

#[test]
fn a_link_to_the_file_is_the_same_lock() {
    shoring_testkit::run(Engine::Sqlite, |db| async move {
        let mut session = db.connect().await;
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link.db");
        std::os::unix::fs::symlink(db.file(), &link).unwrap();
        let mut other = open(&link).await;
        assert_eq!(session.try_lock("m").await.unwrap(), LockAttempt::Acquired);
        assert_eq!(other.try_lock("m").await.unwrap(), LockAttempt::Held(None));
    });
}

#[test]
fn an_immutable_file_is_read_without_a_trace() {
    shoring_testkit::run(Engine::Sqlite, |db| async move {
        let mut session = db.connect().await;
        session.query("PRAGMA journal_mode = wal").await.unwrap();
        run(&mut session, &["CREATE TABLE t (id integer)"]).await;
        session.close().await.unwrap();
        let mut session =
            shoring_db::connect(&db.url_with("?immutable=1"), &TestDatabase::options())
                .await
                .unwrap();
        assert_eq!(session.tables_in(None).await.unwrap().len(), 1);
        assert_only_the_file(&db);
        let (_, result) = batch(&mut session, &["INSERT INTO t VALUES (1)"]).await;
        assert_eq!(
            result.unwrap_err().error.kind,
            shoring_db::DbErrorKind::ReadOnly
        );
    });
}
