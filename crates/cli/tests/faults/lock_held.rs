//! The lock is held by somebody else: how long we wait, what we say, and that waiting harms nobody.

use crate::project::FaultProject;
use shoring_testkit::{Engine, TestDatabase};
use std::time::Duration;

/// A project whose only migration takes `seconds`.
fn slow(database: TestDatabase, seconds: u32) -> FaultProject {
    let sql = match database.engine {
        Engine::Postgresql => format!("SELECT pg_sleep({seconds});\n"),
        Engine::Mariadb | Engine::Mysql => format!("DO SLEEP({seconds});\n"),
        Engine::Sqlite => {
            let rows = u64::from(seconds) * 4_000_000;
            format!(
                "CREATE TABLE slow AS WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < {rows}) SELECT count(*) FROM n;\n"
            )
        }
    };
    FaultProject::empty(database).with("migrations/001_slow.up.sql", &sql)
}

/// Waits until a runner works on a migration.
async fn works(project: &FaultProject) {
    while project.database.engine == Engine::Sqlite && !project.file().exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut oracle = project.oracle().await;
    for _ in 0..500 {
        if oracle.has_table("shoring_lock").await
            && oracle
                .number("SELECT count(*) FROM shoring_lock WHERE owner IS NOT NULL")
                .await
                == 1
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nobody takes the lock");
}

async fn held(database: TestDatabase) {
    let project = slow(database, 8);
    let holder = project.start("up");
    let pid = holder.pid().to_string();
    works(&project).await;
    let ended = project.expect("up --lock-wait 2s", 8).await;
    let text = &ended.stderr;
    assert!(text.contains("waited 2 s for the lock"), "{text}");
    assert!(text.contains(&format!("pid {pid}")), "{text}");
    assert!(text.contains("host "), "{text}");
    assert!(text.contains("since "), "{text}");
    assert!(
        text.contains("running "),
        "it says what the holder runs: {text}"
    );
    drop(holder);
}

/// However long it is silent: as long as its session lives, the lock is its own.
async fn not_robbed(database: TestDatabase) {
    let project = slow(database, 2);
    let holder = project.start("up");
    works(&project).await;
    holder.signal("STOP");
    let mut oracle = project.oracle().await;
    let ended = project.expect("up --lock-wait 1s", 8).await;
    assert!(ended.stderr.contains("pid "), "{ended:#?}");
    assert!(oracle.picture().await.history.is_empty());
    holder.signal("CONT");
    let ended = holder.end().await;
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert_eq!(oracle.picture().await.history, ["001"]);
    oracle.assert_lease_is_free().await;
}

async fn waiters_hold_no_snapshot(database: TestDatabase) {
    let project = FaultProject::empty(database)
        .with(
            "migrations/001_table.up.sql",
            "CREATE TABLE t AS SELECT n, md5(n::text) AS x FROM generate_series(1, 60000) n;\n",
        )
        .with(
            "migrations/002_index.up.sql",
            "-- shoring: no-transaction\nCREATE INDEX CONCURRENTLY t_x ON t (x);\nCREATE INDEX CONCURRENTLY t_nx ON t (n, x);\n",
        );
    let mut first = project.start("up");
    works(&project).await;
    let waiters: Vec<_> = (0..10)
        .map(|_| project.start("up --lock-wait 100s"))
        .collect();
    // What an index build waits for is a snapshot, or a transaction, that a session keeps while it does nothing.
    let mut oracle = project.oracle().await;
    let mut most = 0;
    while !first.has_ended() {
        let idle = oracle
            .rows("SELECT count(*), count(backend_xmin), count(xact_start) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'shoring%' AND application_name <> 'shoring-test' AND state LIKE 'idle%' \
                 AND pid NOT IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')")
            .await;
        let [sessions, snapshots, transactions] = numbers(&idle[0]);
        most = most.max(sessions);
        assert_eq!((snapshots, transactions), (0, 0), "{idle:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(most > 0, "nobody was seen waiting");
    let first = first.end().await;
    assert_eq!(first.code, Some(0), "{first:#?}");
    for waiter in waiters {
        let ended = waiter.end().await;
        assert_eq!(ended.code, Some(0), "{ended:#?}");
    }
}

fn numbers(row: &str) -> [i64; 3] {
    let numbers: Vec<i64> = row.split('|').map(|text| text.parse().unwrap()).collect();
    numbers.try_into().unwrap()
}

mod postgresql {
    #[test]
    fn a_held_lock_ends_with_8_and_names_its_holder() {
        shoring_testkit::run(super::Engine::Postgresql, super::held);
    }

    #[test]
    fn a_paused_runner_is_not_robbed() {
        shoring_testkit::run(super::Engine::Postgresql, super::not_robbed);
    }

    #[test]
    fn ten_who_wait_do_not_stop_an_index_build() {
        shoring_testkit::run(super::Engine::Postgresql, super::waiters_hold_no_snapshot);
    }
}

mod mariadb {
    #[test]
    fn a_held_lock_ends_with_8_and_names_its_holder() {
        shoring_testkit::run(super::Engine::Mariadb, super::held);
    }

    #[test]
    fn a_paused_runner_is_not_robbed() {
        shoring_testkit::run(super::Engine::Mariadb, super::not_robbed);
    }
}

mod sqlite {
    #[test]
    fn a_paused_runner_is_not_robbed() {
        shoring_testkit::run(super::Engine::Sqlite, super::not_robbed);
    }
}
