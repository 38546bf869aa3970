//! Somebody reads the table for a long time: the run waits briefly, again and again, so that other reads never queue behind
//! it for long; it names who is in the way, gives up in the end, and leaves nothing half-done.

use crate::oracle::Oracle;
use crate::project::FaultProject;
use shoring_testkit::{Engine, TestDatabase};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const LOCK_TIMEOUT: Duration = Duration::from_secs(1);

fn project(database: TestDatabase, attempts: u32) -> FaultProject {
    FaultProject::empty(database)
        .with(
            "migrations/001_table.up.sql",
            "CREATE TABLE t (id int);\nCREATE TABLE witness (step varchar(20) NOT NULL);\n",
        )
        .with(
            "migrations/002_alter.up.sql",
            "INSERT INTO witness VALUES ('2.1');\nALTER TABLE t ADD COLUMN x int;\nINSERT INTO witness VALUES ('2.3');\n",
        )
        .with_variable("SHORING_LOCK_TIMEOUT", "1s")
        .with_variable("SHORING_LOCK_ATTEMPTS", &attempts.to_string())
}

/// Opens a transaction that has read the table and does nothing more.
async fn idle_reader(project: &FaultProject) -> Oracle {
    let mut reader = project.oracle().await;
    let begin = match project.database.engine {
        Engine::Postgresql => "BEGIN",
        Engine::Mariadb | Engine::Mysql => "START TRANSACTION",
        Engine::Sqlite => panic!("readers do not stop a writer there for long"),
    };
    reader.execute(begin).await;
    drop(reader.rows("SELECT * FROM t").await);
    reader
}

/// Reads the table all the time; gives the longest wait.
async fn traffic(mut oracle: Oracle, stop: Arc<AtomicBool>) -> Duration {
    let mut longest = Duration::ZERO;
    while !stop.load(Ordering::SeqCst) {
        let began = Instant::now();
        drop(oracle.rows("SELECT * FROM t").await);
        longest = longest.max(began.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    longest
}

async fn gives_up(database: TestDatabase) {
    let project = project(database, 3);
    project.expect("up 001", 0).await;
    let mut reader = idle_reader(&project).await;
    let stop = Arc::new(AtomicBool::new(false));
    let traffic = tokio::spawn(traffic(project.oracle().await, Arc::clone(&stop)));
    let ended = project.expect("up", 8).await;
    stop.store(true, Ordering::SeqCst);
    let longest = traffic.await.unwrap();
    println!("longest wait of a read: {longest:?}");
    assert!(longest < LOCK_TIMEOUT * 2, "a read waited {longest:?}");
    let session = match project.database.engine {
        Engine::Postgresql => reader.number("SELECT pg_backend_pid()").await,
        Engine::Mariadb | Engine::Mysql | Engine::Sqlite => {
            reader.number("SELECT CONNECTION_ID()").await
        }
    };
    assert!(
        ended.stderr.contains(&session.to_string()),
        "the blocker {session} is named: {}",
        ended.stderr
    );
    reader.execute("ROLLBACK").await;
    let mut oracle = project.oracle().await;
    let picture = oracle.picture().await;
    assert_eq!(picture.history, ["001"]);
    assert!(!picture.schema.iter().any(|line| line.contains("|t|x|")));
    // PostgreSQL rolls back; MariaDB keeps what it has committed, and the journal knows.
    let kept = project.database.engine.pick(0, 1, 0);
    assert_eq!(picture.witnesses.len(), kept, "{picture:#?}");
    oracle.assert_no_locks().await;
    project.expect("up", 0).await;
    let picture = oracle.picture().await;
    assert!(picture.witnesses.values().all(|count| *count == 1));
    assert_eq!(picture.witnesses.len(), 2);
}

async fn retries(database: TestDatabase) {
    let project = project(database, 10);
    project.expect("up 001", 0).await;
    let mut reader = idle_reader(&project).await;
    let runner = project.start("up");
    tokio::time::sleep(Duration::from_millis(2500)).await;
    reader.execute("ROLLBACK").await;
    let ended = runner.end().await;
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    let picture = project.oracle().await.picture().await;
    assert!(
        picture.witnesses.values().all(|count| *count == 1),
        "{picture:#?}"
    );
    assert_eq!(picture.history, ["001", "002"]);
}

mod postgresql {
    #[test]
    fn a_long_reader_stops_the_run_but_not_other_reads() {
        shoring_testkit::run(super::Engine::Postgresql, super::gives_up);
    }

    #[test]
    fn the_run_goes_on_when_the_reader_is_gone() {
        shoring_testkit::run(super::Engine::Postgresql, super::retries);
    }
}

mod mariadb {
    #[test]
    fn a_long_reader_stops_the_run_but_not_other_reads() {
        shoring_testkit::run(super::Engine::Mariadb, super::gives_up);
    }

    #[test]
    fn the_run_goes_on_when_the_reader_is_gone() {
        shoring_testkit::run(super::Engine::Mariadb, super::retries);
    }
}
