//! The server is stopped in an orderly way in the middle of `up` (an administrator restarts it): the run connects again and
//! goes on when it is back, and can be stopped while it is away.

use crate::figures::{Fault, Figures};
use crate::own_mariadb::Mariadb;
use crate::own_postgresql::Postgresql;
use crate::own_server::OwnServer;
use crate::project::FaultProject;
use crate::runner::Runner;
use shoring_testkit::TestDatabase;
use std::time::Duration;

/// Three migrations; the second takes two seconds.
async fn project(server: &OwnServer) -> FaultProject {
    let database = TestDatabase::create_on(server.server()).await;
    let slow = database
        .engine
        .pick("SELECT pg_sleep(2)", "DO SLEEP(2)", "");
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

/// Starts `up`, and stops the server while 002 runs.
async fn stopped_in_the_middle(server: &mut OwnServer, project: &FaultProject) -> Runner {
    let mut oracle = project.oracle().await;
    let sleeping = project.database.engine.pick(
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()",
        "SELECT count(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE '%SLEEP(%' AND ID <> CONNECTION_ID()",
        "",
    );
    let mut runner = project.start("up");
    while oracle.number(sleeping).await == 0 {
        assert!(!runner.has_ended(), "{}", runner.said());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(oracle);
    server.stop().await;
    runner.says("the connection was lost: ").await;
    runner.says("; connecting again for up to 60 s").await;
    runner
}

async fn assert_done(project: &FaultProject) {
    let mut oracle = project.oracle().await;
    let picture = oracle.picture().await;
    assert_eq!(picture.history, ["001", "002", "003"]);
    assert_eq!(picture.witnesses.len(), 3);
    assert!(
        picture.witnesses.values().all(|count| *count == 1),
        "{picture:#?}"
    );
    oracle.assert_no_locks().await;
    oracle.assert_lease_is_free().await;
}

async fn same_run_goes_on(mut server: OwnServer) {
    let project = project(&server).await;
    let mut figures = Figures::new(project.database.engine.name(), Fault::Restart);
    let runner = stopped_in_the_middle(&mut server, &project).await;
    figures.count();
    server.launch().await;
    figures.judge_next(&runner.end().await, &server.log());
    assert_done(&project).await;
}

async fn can_be_stopped(mut server: OwnServer) {
    let project = project(&server).await;
    let mut figures = Figures::new(project.database.engine.name(), Fault::Restart);
    let mut runner = stopped_in_the_middle(&mut server, &project).await;
    figures.count();
    runner.signal("INT");
    // Two that come together count as one.
    runner.says("stopping at the next safe point").await;
    runner.signal("INT");
    let ended = runner.end().await;
    assert_eq!(ended.code, Some(130), "{ended:#?}");
    server.launch().await;
    let mut oracle = project.oracle().await;
    assert_eq!(oracle.picture().await.history, ["001"]);
    figures.judge_next(&project.run("up").await, &ended.stderr);
    assert_done(&project).await;
}

mod postgresql {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn the_same_run_goes_on_when_the_server_is_back() {
        same_run_goes_on(OwnServer::start(Postgresql).await).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_run_whose_server_is_away_can_be_stopped() {
        can_be_stopped(OwnServer::start(Postgresql).await).await;
    }
}

mod mariadb {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn the_same_run_goes_on_when_the_server_is_back() {
        same_run_goes_on(OwnServer::start(Mariadb).await).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_run_whose_server_is_away_can_be_stopped() {
        can_be_stopped(OwnServer::start(Mariadb).await).await;
    }
}
