//! A runner is paused (Ctrl-Z) while it holds the lock, another takes over, and the first wakes up: it writes nothing any
//! more, and says so.

use crate::project::FaultProject;
use crate::runner::{Ended, Runner};
use shoring_testkit::{Engine, TestDatabase, variable};
use std::os::unix::process::CommandExt;
use std::time::Duration;

/// Migrations whose first statement waits on the server until `go` has a row, so that the runner can be paused at it.
fn project(database: TestDatabase) -> FaultProject {
    let wait = match database.engine {
        Engine::Postgresql => "SELECT pg_sleep(1.5);",
        Engine::Mariadb | Engine::Mysql => "DO SLEEP(1.5);",
        Engine::Sqlite => panic!("SQLite has no sessions to end"),
    };
    FaultProject::empty(database)
        .with(
            "migrations/001_witness.up.sql",
            "CREATE TABLE witness (step varchar(20) NOT NULL);\n",
        )
        .with(
            "migrations/002_slow.up.sql",
            &format!("{wait}\nINSERT INTO witness VALUES ('2.2');\nINSERT INTO witness VALUES ('2.3');\n"),
        )
        .with(
            "migrations/003_steps.up.sql",
            "INSERT INTO witness VALUES ('3.1');\nCREATE TABLE c (id int);\nINSERT INTO witness VALUES ('3.3');\n",
        )
}

/// Starts `up` in a process group of its own, as a shell does: only then Ctrl-Z stops it.
fn start(project: &FaultProject, url: &str) -> Runner {
    let mut command = project.command(url, "up");
    command.process_group(0);
    project.start_command(command)
}

/// The one that woke up says what happened, and where to look.
fn assert_says_so(ended: &Ended) {
    assert_eq!(ended.code, Some(8), "{ended:#?}");
    for words in [
        "another run has taken over the migration lock",
        "silent for too long (paused, or cut off)",
        "nothing more was written",
        "shoring status",
    ] {
        assert!(ended.stderr.contains(words), "`{words}`: {ended:#?}");
    }
}

async fn taken_over(database: TestDatabase) {
    let project = project(database);
    let mut oracle = project.oracle().await;
    let stale = start(&project, &project.url(None));
    // It works on 002.
    for _ in 0..1000 {
        if oracle.has_table("witness").await {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    stale.signal("TSTP");
    end_sessions_of_shoring(&project).await;
    project.expect("up --lock-wait 20s", 0).await;
    let after = oracle.picture().await;
    let runs = oracle
        .rows("SELECT * FROM shoring_runs ORDER BY attempt")
        .await;
    let steps = oracle
        .rows("SELECT * FROM shoring_run_steps ORDER BY attempt, first_statement")
        .await;
    let lock = oracle.rows("SELECT owner, fence FROM shoring_lock").await;
    stale.signal("CONT");
    let ended = stale.end().await;
    assert_says_so(&ended);
    assert_eq!(oracle.picture().await, after);
    assert_eq!(
        oracle
            .rows("SELECT * FROM shoring_runs ORDER BY attempt")
            .await,
        runs
    );
    assert_eq!(
        oracle
            .rows("SELECT * FROM shoring_run_steps ORDER BY attempt, first_statement")
            .await,
        steps
    );
    assert_eq!(
        oracle.rows("SELECT owner, fence FROM shoring_lock").await,
        lock
    );
    assert!(
        after.witnesses.values().all(|count| *count == 1),
        "{after:#?}"
    );
    assert_eq!(after.history, ["001", "002", "003"]);
}

/// What an administrator or a failing network does to the sessions of a runner.
async fn end_sessions_of_shoring(project: &FaultProject) {
    let mut oracle = project.oracle().await;
    match project.database.engine {
        Engine::Postgresql => {
            let condition =
                "application_name LIKE 'shoring%' AND application_name <> 'shoring-test'";
            oracle.end_sessions(condition).await;
        }
        Engine::Mariadb | Engine::Mysql => {
            let ids = oracle
                .rows("SELECT ID FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND INFO LIKE '%SLEEP%' AND ID <> CONNECTION_ID()")
                .await;
            for id in ids {
                oracle.execute(&format!("KILL {id}")).await;
            }
        }
        Engine::Sqlite => {}
    }
}

/// Behind a pooler the lease decides: it is aged in the table instead of waiting half a minute.
async fn lease_expired(database: TestDatabase) {
    let project = project(database);
    let pooler = variable::value(variable::PGBOUNCER_URL);
    let (server, _) = pooler.rsplit_once('/').unwrap();
    let url = format!("{server}/{}", project.database.name);
    let mut oracle = project.oracle().await;
    // Paused between two migrations, by a lock that its next statement needs.
    let stale = start(&project, &url);
    for _ in 0..1000 {
        if oracle.has_table("witness").await {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    stale.signal("TSTP");
    // Its transaction ends when the pooler gives up on it; here it is ended by hand, as a failing network would.
    end_pooled_sessions(&project).await;
    oracle
        .execute("UPDATE shoring_lock SET heartbeat_at = heartbeat_at - interval '1 hour'")
        .await;
    let second = project.start_at(&url, "up --lock-wait 20s").end().await;
    assert_eq!(second.code, Some(0), "{second:#?}");
    assert!(
        second.stderr.contains("lease expired") || second.stdout.contains("lease expired"),
        "the takeover is said: {second:#?}"
    );
    let after = oracle.picture().await;
    let runs = oracle
        .rows("SELECT * FROM shoring_runs ORDER BY attempt")
        .await;
    let lock = oracle.rows("SELECT owner, fence FROM shoring_lock").await;
    stale.signal("CONT");
    let ended = stale.end().await;
    assert_says_so(&ended);
    assert_eq!(oracle.picture().await, after);
    assert_eq!(
        oracle
            .rows("SELECT * FROM shoring_runs ORDER BY attempt")
            .await,
        runs
    );
    assert_eq!(
        oracle.rows("SELECT owner, fence FROM shoring_lock").await,
        lock
    );
    assert!(
        after.witnesses.values().all(|count| *count == 1),
        "{after:#?}"
    );
}

/// Between two statements the paused run has no transaction that anybody could end: only its guard tells it.
async fn lease_expired_between_statements(database: TestDatabase) {
    let project = project(database).with(
        "migrations/002_slow.up.sql",
        "-- shoring: no-transaction\nSELECT pg_sleep(1);\nINSERT INTO witness VALUES ('2.2');\nINSERT INTO witness VALUES ('2.3');\n",
    );
    let pooler = variable::value(variable::PGBOUNCER_URL);
    let (server, _) = pooler.rsplit_once('/').unwrap();
    let url = format!("{server}/{}", project.database.name);
    let mut oracle = project.oracle().await;
    let stale = start(&project, &url);
    let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
    while oracle.number(sleeping).await == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stale.signal("TSTP");
    // The server ends the statement alone.
    while oracle.number(sleeping).await != 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    oracle
        .execute("UPDATE shoring_lock SET heartbeat_at = heartbeat_at - interval '1 hour'")
        .await;
    let second = project.start_at(&url, "up --lock-wait 20s").end().await;
    assert_eq!(second.code, Some(0), "{second:#?}");
    assert!(second.stderr.contains("lease expired"), "{second:#?}");
    let after = oracle.picture().await;
    let runs = oracle
        .rows("SELECT * FROM shoring_runs ORDER BY attempt")
        .await;
    stale.signal("CONT");
    assert_says_so(&stale.end().await);
    assert_eq!(oracle.picture().await, after);
    assert_eq!(
        oracle
            .rows("SELECT * FROM shoring_runs ORDER BY attempt")
            .await,
        runs
    );
    assert!(
        after.witnesses.values().all(|count| *count == 1),
        "{after:#?}"
    );
    assert_eq!(after.history, ["001", "002", "003"]);
}

async fn end_pooled_sessions(project: &FaultProject) {
    project
        .oracle()
        .await
        .end_sessions("query LIKE '%pg_sleep%'")
        .await;
}

mod postgresql {
    #[test]
    fn a_paused_runner_whose_session_was_ended_writes_nothing_and_exits_8() {
        shoring_testkit::run(super::Engine::Postgresql, super::taken_over);
    }

    #[test]
    fn a_paused_runner_whose_lease_expired_behind_a_pooler_writes_nothing_and_exits_8() {
        shoring_testkit::run(super::Engine::Postgresql, super::lease_expired);
    }
}

mod pgbouncer {
    #[test]
    fn a_runner_paused_between_statements_notices_that_its_lease_was_taken() {
        shoring_testkit::run(
            super::Engine::Postgresql,
            super::lease_expired_between_statements,
        );
    }
}

mod mariadb {
    #[test]
    fn a_paused_runner_whose_session_was_ended_writes_nothing_and_exits_8() {
        shoring_testkit::run(super::Engine::Mariadb, super::taken_over);
    }
}
