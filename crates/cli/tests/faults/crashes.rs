//! The server crashes: every process of it gets SIGKILL at a random moment of `up` or `down`, and it is started again. The
//! run connects again and goes on, or ends with an error that is true; the next run finds the truth in the database.

use crate::figures::{Fault, Figures};
use crate::kills::undisturbed;
use crate::own_server::OwnServer;
use crate::project::FaultProject;
use crate::soak::{Random, scaled};
use shoring_testkit::TestDatabase;
use std::collections::BTreeMap;
use std::time::Duration;

/// Crashes in a slice.
const SLICE: usize = 20;

async fn crash_at_random(mut server: OwnServer) {
    let database = TestDatabase::create_on(server.server()).await;
    let engine = database.engine;
    let project = FaultProject::mixed(database);
    let (up, down) = undisturbed(&project).await;
    let whole = project.expect("up", 0).await.took.as_micros() as u64;
    project.wipe().await;
    let mut random = Random::new(11);
    let mut figures = Figures::new(engine.name(), Fault::Crash);
    let mut codes = BTreeMap::new();
    let mut is_up = false;
    while figures.points() < scaled(SLICE) {
        let (line, expected) = if is_up {
            ("down --all --yes", &down)
        } else {
            ("up", &up)
        };
        let runner = project.start(line);
        tokio::time::sleep(Duration::from_micros(random.below(whole))).await;
        server.crash();
        server.launch().await;
        figures.count();
        let ended = runner.end().await;
        let code = ended.code.unwrap();
        *codes.entry(code).or_insert(0) += 1;
        let what = format!(
            "crash {} of `{line}`, {}: {ended:#?}",
            figures.points(),
            random.seed()
        );
        let mut oracle = project.oracle().await;
        let picture = oracle.picture().await;
        figures.judge_doubles(&picture, &what);
        match code {
            0 => figures.judge(&picture, expected, &what),
            // It could not connect, or it was not known and said so.
            9 | 12 => assert!(ended.stderr.contains("Next:"), "{what}"),
            _ => panic!("{what}"),
        }
        drop(oracle);
        let next = project.run(line).await;
        figures.judge_next(&next, &what);
        let mut oracle = project.oracle().await;
        figures.judge(&oracle.picture().await, expected, &what);
        oracle.assert_no_locks().await;
        if is_up {
            drop(oracle);
            project.wipe().await;
        }
        is_up = !is_up;
    }
    println!("exit codes of runs whose server crashed: {codes:?}");
}

mod postgresql {
    use crate::own_postgresql::Postgresql;
    use crate::own_server::OwnServer;

    #[tokio::test(flavor = "multi_thread")]
    async fn the_server_crashes_and_the_next_run_converges() {
        super::crash_at_random(OwnServer::start(Postgresql).await).await;
    }
}

mod mariadb {
    use crate::own_mariadb::Mariadb;
    use crate::own_server::OwnServer;

    #[tokio::test(flavor = "multi_thread")]
    async fn the_server_crashes_and_the_next_run_converges() {
        super::crash_at_random(OwnServer::start(Mariadb).await).await;
    }
}
