//! Behaviour of the SQLite session that needs no server.

use super::{SqliteDriver, SqliteSession};
use crate::error::{DbError, DbErrorKind, StatementError};
use crate::session::{Batch, Completion, ConnectOptions, Driver, LockAttempt, Session};
use crate::url::DatabaseUrl;
use shoring_core::{Probe, Target, TargetKind, Value};
use std::path::Path;
use std::time::{Duration, Instant};

fn options() -> ConnectOptions {
    ConnectOptions {
        timeout: Duration::from_secs(10),
        application: "shoring".to_owned(),
        create: true,
        read_only: false,
    }
}

async fn open(path: &Path, options: &ConnectOptions) -> Result<Box<dyn Session>, DbError> {
    SqliteDriver
        .connect(&DatabaseUrl::sqlite_file(path), options)
        .await
}

async fn memory() -> Box<dyn Session> {
    SqliteDriver
        .connect(&DatabaseUrl::sqlite_memory(), &options())
        .await
        .unwrap()
}

async fn run(
    session: &mut dyn Session,
    statements: &[&str],
) -> (Vec<Completion>, Result<(), StatementError>) {
    let mut completions = Vec::new();
    let result = session
        .execute(Batch { statements }, &mut |completion| {
            completions.push(completion);
        })
        .await;
    (completions, result)
}

async fn ok(session: &mut dyn Session, statements: &[&str]) {
    run(session, statements).await.1.unwrap();
}

#[tokio::test]
async fn rows_are_counted_for_data_changes_only() {
    let mut session = memory().await;
    let (completions, result) = run(
        &mut *session,
        &[
            "create table t (a integer primary key, b text)",
            "insert into t (b) values ('x'), ('y')",
            "create index i on t (b)",
            "-- nothing",
            "update t set b = 'z'",
            "select * from t",
            "with w as (select 1 as a) delete from t where a in (select a from w)",
            "with w as (select 1 as a) select * from w",
            "insert into t (b) values ('r') returning a",
            "create table c as select * from t",
        ],
    )
    .await;
    result.unwrap();
    let rows: Vec<u64> = completions
        .iter()
        .map(|completion| completion.rows)
        .collect();
    assert_eq!(rows, [0, 2, 0, 0, 2, 0, 1, 0, 1, 0]);
    let indexes: Vec<usize> = completions
        .iter()
        .map(|completion| completion.index)
        .collect();
    assert_eq!(indexes, (0..10).collect::<Vec<_>>());
}

#[tokio::test]
async fn errors_carry_code_kind_and_place() {
    let mut session = memory().await;
    ok(
        &mut *session,
        &["create table t (a unique)", "insert into t values (1)"],
    )
    .await;
    for (statement, code, offset) in [
        ("selec 1", "SQLITE_ERROR", Some(0)),
        ("select a, naem from t", "SQLITE_ERROR", Some(10)),
        ("insert into t values (1)", "SQLITE_CONSTRAINT_UNIQUE", None),
        ("create table  t (a)", "SQLITE_ERROR", Some(14)),
        ("select * from nope", "SQLITE_ERROR", Some(14)),
        ("alter table t drop column zzz", "SQLITE_ERROR", Some(26)),
        ("select 'é', naem", "SQLITE_ERROR", Some(13)),
        ("select (1", "SQLITE_ERROR", None),
    ] {
        let (completions, result) = run(&mut *session, &["select 1", statement, "select 1"]).await;
        let failed = result.unwrap_err();
        assert_eq!(completions.len(), 1, "{statement}");
        assert_eq!(failed.index, 1, "{statement}");
        assert_eq!(failed.error.kind, DbErrorKind::Statement, "{statement}");
        assert_eq!(failed.error.code.as_deref(), Some(code), "{statement}");
        if !statement.ends_with("(1") {
            assert_eq!(failed.error.offset, offset, "{statement}: {}", failed.error);
        }
        assert!(!failed.error.message.contains("select"), "{statement}");
    }
    let error = session.query("select 1; select 2").await.unwrap_err();
    assert_eq!(error.kind, DbErrorKind::Statement);
    let error = session.query("select '\0'").await.unwrap_err();
    assert_eq!(error.kind, DbErrorKind::Statement);
}

#[tokio::test]
async fn values_keep_their_type() {
    let mut session = memory().await;
    let rows = session
        .query("select null, 7, 1.5, 'é', x'00ff', cast(x'ff' as text)")
        .await
        .unwrap();
    assert_eq!(
        rows[0].values,
        [
            Value::Null,
            Value::Int(7),
            Value::Float(1.5),
            Value::Text("é".to_owned()),
            Value::Bytes(vec![0, 255]),
            Value::Bytes(vec![255]),
        ]
    );
}

#[tokio::test]
async fn nothing_is_created_by_those_who_may_not() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.db");
    let ask = |create, read_only| ConnectOptions {
        create,
        read_only,
        ..options()
    };
    for options in [ask(false, false), ask(false, true), ask(true, true)] {
        let error = open(&missing, &options).await.err().unwrap();
        assert_eq!(error.kind, DbErrorKind::Unreachable);
        assert!(error.message.contains("missing.db"), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
    let error = open(&folder.path().join("no/app.db"), &options())
        .await
        .err()
        .unwrap();
    assert_eq!(error.kind, DbErrorKind::Unreachable);
    let error = open(folder.path(), &options()).await.err().unwrap();
    assert_eq!(error.kind, DbErrorKind::Configuration);
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "not a database at all, just some words").unwrap();
    let error = open(&text, &options()).await.err().unwrap();
    assert_eq!(error.kind, DbErrorKind::Configuration);
    assert!(error.message.contains("not an SQLite database"), "{error}");
}

#[tokio::test]
async fn reading_a_wal_database_leaves_no_file_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let mut session = open(&path, &options()).await.unwrap();
    session.query("pragma journal_mode = wal").await.unwrap();
    ok(&mut *session, &["create table t (a)"]).await;
    session.close().await.unwrap();
    let read_only = ConnectOptions {
        read_only: true,
        create: false,
        ..options()
    };
    let mut session = open(&path, &read_only).await.unwrap();
    assert_eq!(session.tables_in(None).await.unwrap().len(), 1);
    let (_, result) = run(&mut *session, &["insert into t values (1)"]).await;
    assert_eq!(result.unwrap_err().error.kind, DbErrorKind::ReadOnly);
    assert!(session.topology().await.unwrap().read_only.is_some());
    session.close().await.unwrap();
    let files: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(files, ["app.db"]);
}

#[tokio::test]
async fn a_running_statement_is_cancelled() {
    let mut session = memory().await;
    let canceller = session.canceller();
    canceller.cancel().await.unwrap();
    ok(&mut *session, &["select 1"]).await;
    let endless =
        "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n";
    let statements = ["select 1", endless, "select 1"];
    let started = Instant::now();
    let (result, ()) = tokio::join!(run(&mut *session, &statements), async {
        tokio::task::yield_now().await;
        canceller.cancel().await.unwrap();
    });
    let failed = result.1.unwrap_err();
    assert_eq!(failed.error.kind, DbErrorKind::Cancelled);
    assert!(failed.index <= 1);
    assert!(started.elapsed() < Duration::from_secs(2));
    ok(&mut *session, &["select 1"]).await;
}

#[tokio::test]
async fn a_wait_for_a_lock_ends_with_the_limit_or_a_cancel() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let mut holder = open(&path, &options()).await.unwrap();
    ok(&mut *holder, &["create table t (a)", "begin immediate"]).await;
    let mut waiter = open(&path, &options()).await.unwrap();
    let (_, result) = run(&mut *waiter, &["insert into t values (1)"]).await;
    assert_eq!(result.unwrap_err().error.kind, DbErrorKind::LockTimeout);
    let canceller = waiter.canceller();
    let started = Instant::now();
    let (result, ()) = tokio::join!(run(&mut *waiter, &["begin immediate"]), async {
        tokio::task::yield_now().await;
        canceller.cancel().await.unwrap();
    });
    assert_eq!(result.1.unwrap_err().error.kind, DbErrorKind::Cancelled);
    assert!(started.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn a_reset_puts_everything_back() {
    let mut session = memory().await;
    let before = session.query("pragma foreign_keys").await.unwrap();
    assert_eq!(before[0].int(0), Some(1));
    ok(
        &mut *session,
        &[
            "create table t (a)",
            "pragma foreign_keys = off",
            "pragma legacy_alter_table = on",
            "pragma recursive_triggers = on",
            "pragma writable_schema = on",
            "pragma busy_timeout = 1",
            "begin",
            "pragma defer_foreign_keys = on",
            "insert into t values (1)",
        ],
    )
    .await;
    session.reset().await.unwrap();
    for (pragma, expected) in [
        ("foreign_keys", 1),
        ("legacy_alter_table", 0),
        ("recursive_triggers", 0),
        ("defer_foreign_keys", 0),
        ("writable_schema", 0),
    ] {
        let rows = session.query(&format!("pragma {pragma}")).await.unwrap();
        assert_eq!(rows[0].int(0), Some(expected), "{pragma}");
    }
    let rows = session.query("select count(*) from t").await.unwrap();
    assert_eq!(rows[0].int(0), Some(0));
}

#[tokio::test]
async fn the_lock_is_exclusive_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let mut first = open(&path, &options()).await.unwrap();
    let mut second = open(&path, &options()).await.unwrap();
    assert_eq!(first.try_lock("m").await.unwrap(), LockAttempt::Acquired);
    assert_eq!(first.try_lock("m").await.unwrap(), LockAttempt::Acquired);
    assert_eq!(second.try_lock("m").await.unwrap(), LockAttempt::Held(None));
    second.unlock("m").await.unwrap();
    first.unlock("m").await.unwrap();
    assert_eq!(second.try_lock("m").await.unwrap(), LockAttempt::Acquired);
    second.close().await.unwrap();
    first.close().await.unwrap();
    assert!(!folder.path().join("app.db.shoring-lock").exists());
    let mut memory = memory().await;
    assert_eq!(memory.try_lock("m").await.unwrap(), LockAttempt::Acquired);
}

#[tokio::test]
async fn probes_tell_absent_from_changed() {
    let mut session = memory().await;
    let table = Target::new(TargetKind::Table, "T");
    assert_eq!(session.probe(&table).await.unwrap(), Probe::Absent);
    ok(&mut *session, &["create table t (a unique)"]).await;
    let before = session.probe(&table).await.unwrap();
    ok(&mut *session, &["alter table t add column b"]).await;
    let after = session.probe(&table).await.unwrap();
    assert!(before != after && matches!(after, Probe::Present { is_valid: true, .. }));
    let index = Target::new(TargetKind::Index, "sqlite_autoindex_t_1");
    assert!(matches!(
        session.probe(&index).await.unwrap(),
        Probe::Present { .. }
    ));
    let elsewhere = Target {
        schema: Some("temp".to_owned()),
        ..table.clone()
    };
    assert_eq!(session.probe(&elsewhere).await.unwrap(), Probe::Absent);
    let function = Target::new(TargetKind::Function, "f");
    assert_eq!(session.probe(&function).await.unwrap(), Probe::Unknown);
}

#[tokio::test]
async fn tables_show_their_shape() {
    let mut session = memory().await;
    ok(
        &mut *session,
        &[
            "create table History (id INTEGER PRIMARY KEY, v VARCHAR(9) not null, at text default 'x', g as (v))",
            "create table w (id INTEGER PRIMARY KEY) without rowid",
            "create view view1 as select 1",
            "create virtual table f using fts5(x)",
        ],
    )
    .await;
    let names = session.tables_in(None).await.unwrap();
    let names: Vec<&str> = names.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(names, ["History", "w"]);
    let shapes = session.tables_named("history").await.unwrap();
    let columns: Vec<(&str, &str, bool, bool)> = shapes[0]
        .columns
        .iter()
        .map(|column| {
            (
                column.name.as_str(),
                column.type_name.as_str(),
                column.is_not_null,
                column.has_default,
            )
        })
        .collect();
    assert_eq!(
        columns,
        [
            ("id", "integer", false, true),
            ("v", "varchar(9)", true, false),
            ("at", "text", false, true),
            ("g", "", false, true),
        ]
    );
    let shapes = session.tables_named("w").await.unwrap();
    assert!(!shapes[0].columns[0].has_default);
}

#[tokio::test]
async fn a_connection_of_the_callers_comes_back() {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    connection
        .execute_batch("create table t (a); begin; insert into t values (1)")
        .unwrap();
    let mut session = SqliteSession::from_connection(connection).await.unwrap();
    ok(&mut session, &["insert into t values (2)"]).await;
    let connection = session.into_connection().await.unwrap();
    assert!(!connection.is_autocommit());
    let rows: i64 = connection
        .query_row("select count(*) from t", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 2);
}

#[tokio::test]
async fn extensions_cannot_be_loaded() {
    let mut session = memory().await;
    let error = session
        .query("select load_extension('/tmp/x.so')")
        .await
        .unwrap_err();
    assert!(error.message.contains("not authorized"), "{error}");
}
