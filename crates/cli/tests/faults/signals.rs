//! Signals and closed pipes: the running migration is finished or cancelled, the lock is free, the next run goes on.

use crate::project::FaultProject;
use crate::runner::Runner;
use shoring_testkit::{Engine, TestDatabase};
use std::process::Stdio;
use std::time::Duration;

/// Three migrations; the second takes `seconds`.
fn project(database: TestDatabase, seconds: u32) -> FaultProject {
    let (slow, count) = match database.engine {
        Engine::Postgresql => (format!("SELECT pg_sleep({seconds})"), 0),
        Engine::Mariadb | Engine::Mysql => (format!("DO SLEEP({seconds})"), 0),
        Engine::Sqlite => (
            "INSERT INTO witness WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < @) SELECT 'slow' FROM n WHERE x < 0"
                .to_owned(),
            u64::from(seconds) * 2_500_000,
        ),
    };
    let slow = slow.replace('@', &count.to_string());
    FaultProject::empty(database)
        .with(
            "migrations/001_witness.up.sql",
            "CREATE TABLE witness (step varchar(20) NOT NULL);\n",
        )
        .with(
            "migrations/002_slow.up.sql",
            &format!("INSERT INTO witness VALUES ('2.1');\n{slow};\nINSERT INTO witness VALUES ('2.3');\n"),
        )
        .with(
            "migrations/003_after.up.sql",
            "INSERT INTO witness VALUES ('3.1');\n",
        )
}

/// Waits until 002 runs.
async fn is_slow(project: &FaultProject) {
    for _ in 0..500 {
        if project.database.engine != Engine::Sqlite || project.file().exists() {
            let mut oracle = project.oracle().await;
            if oracle.has_table("witness").await {
                tokio::time::sleep(Duration::from_millis(200)).await;
                return;
            }
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the first migration is not applied");
}

async fn resumes(project: &FaultProject) {
    let mut oracle = project.oracle().await;
    oracle.assert_no_locks().await;
    oracle.assert_lease_is_free().await;
    project.expect("up", 0).await;
    let picture = oracle.picture().await;
    assert!(
        picture.witnesses.values().all(|count| *count == 1),
        "{picture:#?}"
    );
    assert_eq!(picture.witnesses.len(), 3);
    assert_eq!(picture.history, ["001", "002", "003"]);
}

async fn once(database: TestDatabase) {
    let project = project(database, 2);
    for (name, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let runner = start(&project, "--default-signal=HUP");
        is_slow(&project).await;
        runner.signal(name);
        let ended = runner.end().await;
        assert_eq!(ended.code, Some(code), "{ended:#?}");
        let picture = project.oracle().await.picture().await;
        assert_eq!(picture.history, ["001", "002"], "{ended:#?}");
        assert_eq!(picture.witnesses.len(), 2);
        resumes(&project).await;
        project.wipe().await;
    }
}

/// Starts `up` with what SIGHUP does to it: whoever runs the tests may have been told to ignore it, and passes that on.
fn start(project: &FaultProject, hangup: &str) -> Runner {
    let url = project.url(None);
    project.start_command(project.command_under(&["/usr/bin/env", hangup], &url, "up"))
}

async fn nohup(database: TestDatabase) {
    let project = project(database, 2);
    let runner = start(&project, "--ignore-signal=HUP");
    is_slow(&project).await;
    runner.signal("HUP");
    let ended = runner.end().await;
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert_eq!(project.oracle().await.picture().await.history.len(), 3);
}

async fn twice(database: TestDatabase) {
    // Whoever waits for its end hangs, and fails.
    let project = project(database, 600);
    let mut runner = project.start("up");
    is_slow(&project).await;
    runner.signal("INT");
    // Two that come together count as one.
    runner.says("stopping at the next safe point").await;
    runner.signal("INT");
    let ended = runner.end().await;
    assert_eq!(ended.code, Some(130), "{ended:#?}");
    let mut oracle = project.oracle().await;
    let picture = oracle.picture().await;
    assert_eq!(picture.history, ["001"], "{ended:#?}");
    assert!(picture.witnesses.is_empty(), "rolled back: {picture:#?}");
    oracle.assert_no_locks().await;
    oracle.assert_lease_is_free().await;
    // Nothing of it runs on, on the server.
    let running = match project.database.engine {
        Engine::Postgresql => oracle.number("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()").await,
        Engine::Mariadb | Engine::Mysql => oracle.number("SELECT count(*) FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND INFO LIKE '%SLEEP(%' AND ID <> CONNECTION_ID()").await,
        Engine::Sqlite => 0,
    };
    assert_eq!(running, 0);
}

/// Nobody reads what it says: the work goes on to its end.
async fn closed_pipes(database: TestDatabase) {
    let project = FaultProject::mixed(database);
    for line in [
        "up",
        "down --all --yes",
        "up --json",
        "down --all --yes --json=stream",
    ] {
        let mut child = project
            .command(&project.url(None), line)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        drop(child.stderr.take());
        let status = tokio::task::spawn_blocking(move || child.wait().unwrap())
            .await
            .unwrap();
        assert_eq!(status.code(), Some(0), "{line}");
        let picture = project.oracle().await.picture().await;
        assert_eq!(
            picture.history.is_empty(),
            line.starts_with("down"),
            "{line}"
        );
    }
}

mod postgresql {
    #[test]
    fn one_signal_finishes_the_running_migration() {
        shoring_testkit::run(super::Engine::Postgresql, super::once);
    }

    #[test]
    fn a_hangup_that_is_to_be_ignored_is_ignored() {
        shoring_testkit::run(super::Engine::Postgresql, super::nohup);
    }

    #[test]
    fn two_signals_cancel_it_on_the_server() {
        shoring_testkit::run(super::Engine::Postgresql, super::twice);
    }

    #[test]
    fn closed_pipes_do_not_stop_the_work() {
        shoring_testkit::run(super::Engine::Postgresql, super::closed_pipes);
    }
}

mod mariadb {
    #[test]
    fn one_signal_finishes_the_running_migration() {
        shoring_testkit::run(super::Engine::Mariadb, super::once);
    }

    #[test]
    fn a_hangup_that_is_to_be_ignored_is_ignored() {
        shoring_testkit::run(super::Engine::Mariadb, super::nohup);
    }

    #[test]
    fn two_signals_cancel_it_on_the_server() {
        shoring_testkit::run(super::Engine::Mariadb, super::twice);
    }

    #[test]
    fn closed_pipes_do_not_stop_the_work() {
        shoring_testkit::run(super::Engine::Mariadb, super::closed_pipes);
    }
}

mod sqlite {
    #[test]
    fn one_signal_finishes_the_running_migration() {
        shoring_testkit::run(super::Engine::Sqlite, super::once);
    }

    #[test]
    fn a_hangup_that_is_to_be_ignored_is_ignored() {
        shoring_testkit::run(super::Engine::Sqlite, super::nohup);
    }

    #[test]
    fn two_signals_cancel_it() {
        shoring_testkit::run(super::Engine::Sqlite, super::twice);
    }

    #[test]
    fn closed_pipes_do_not_stop_the_work() {
        shoring_testkit::run(super::Engine::Sqlite, super::closed_pipes);
    }
}
