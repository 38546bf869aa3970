//! Two nodes of a real Galera cluster, each of which takes writes (pain 12). `GET_LOCK` holds on one node only, so the lease
//! decides, and what two nodes write at once is settled by certification: one of the two hears of a deadlock.

use crate::figures::{Fault, Figures};
use crate::kills::undisturbed;
use crate::oracle::Oracle;
use crate::project::FaultProject;
use crate::proxy::{FaultProxy, Harm};
use crate::runner::Ended;
use crate::soak::{Random, scaled};
use shoring_testkit::{Engine, TestDatabase, TestServer, variable};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Between two bursts of writes that are in the way.
const CALM: Duration = Duration::from_millis(600);

/// A database on both nodes.
struct Cluster {
    project: FaultProject,
    other: TestDatabase,
}

impl Cluster {
    async fn new(project: impl FnOnce(TestDatabase) -> FaultProject) -> Self {
        let [one, other] = variable::GALERA_URLS.map(|name| TestServer {
            engine: Engine::Mariadb,
            url: variable::value(name),
        });
        let database = TestDatabase::create_on(one).await;
        let other = TestDatabase::named(other, database.name.clone());
        let cluster = Self {
            project: project(database),
            other,
        };
        cluster.settle().await;
        cluster
    }

    /// Waits until the other node has applied everything that was committed.
    async fn settle(&self) {
        let admin = self.other.server().admin();
        let session = shoring_db::connect(&admin, &TestDatabase::options())
            .await
            .unwrap();
        let mut oracle = Oracle::new(Engine::Mariadb, session);
        oracle.execute("SET SESSION wsrep_sync_wait = 15").await;
        oracle
            .number("SELECT count(*) FROM information_schema.SCHEMATA")
            .await;
    }

    /// What the other node sees, once it has heard of everything that was committed.
    async fn other_oracle(&self) -> Oracle {
        let mut oracle = Oracle::new(Engine::Mariadb, self.other.connect().await);
        oracle.execute("SET SESSION wsrep_sync_wait = 15").await;
        oracle
    }

    async fn wipe(&self) {
        self.project.wipe().await;
        self.settle().await;
    }

    async fn assert_lease(&self) {
        let mut oracle = self.other_oracle().await;
        assert_eq!(
            oracle.rows("SELECT kind FROM shoring_lock").await,
            ["lease"]
        );
    }

    async fn remove(self) {
        self.project.database.remove().await;
    }
}

/// Runners on both nodes at once.
async fn together() {
    let cluster = Cluster::new(FaultProject::mixed).await;
    let (up, _) = undisturbed(&cluster.project).await;
    cluster.settle().await;
    let mut figures = Figures::new("galera", Fault::Together);
    for number in 0..scaled(2) {
        let urls = [cluster.project.url(None), cluster.other.url_text()];
        let runners: Vec<_> = (0..10)
            .map(|index| {
                cluster
                    .project
                    .start_at(&urls[index % 2], "up --json --lock-wait 100s")
            })
            .collect();
        let mut applied = Vec::new();
        for runner in runners {
            let ended: Ended = runner.end().await;
            assert_eq!(ended.code, Some(0), "{ended:#?}");
            let document: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
            for ran in document["applied"].as_array().unwrap() {
                applied.push(ran["version"].as_str().unwrap().to_owned());
            }
        }
        applied.sort();
        assert_eq!(applied, up.history, "each was applied by exactly one");
        figures.count();
        cluster.assert_lease().await;
        let mut oracle = cluster.other_oracle().await;
        let picture = oracle.picture().await;
        figures.judge(&picture, &up, &format!("round {number}"));
        oracle.assert_lease_is_free().await;
        drop(oracle);
        cluster.wipe().await;
    }
    cluster.remove().await;
}

/// The holder dies on one node while it works; a run on the other takes over once its lease has expired.
async fn takeover() {
    let cluster = Cluster::new(|database| {
        FaultProject::empty(database)
            .with(
                "migrations/001_witness.up.sql",
                "CREATE TABLE witness (step varchar(20) NOT NULL);\n",
            )
            .with(
                "migrations/002_slow.up.sql",
                "INSERT INTO witness VALUES ('2.1');\nDO SLEEP(30);\nINSERT INTO witness VALUES ('2.3');\n",
            )
    })
    .await;
    let mut holder = cluster.project.start("up");
    let mut oracle = cluster.other_oracle().await;
    let mut is_slow = false;
    while !is_slow {
        let mut near = cluster.project.oracle().await;
        is_slow = near
            .number("SELECT count(*) FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND INFO LIKE 'DO SLEEP%'")
            .await
            == 1;
    }
    // A live one is never robbed.
    let waiting = cluster
        .project
        .start_at(&cluster.other.url_text(), "up --lock-wait 1s")
        .end()
        .await;
    assert_eq!(waiting.code, Some(8), "{waiting:#?}");
    assert!(
        waiting.stderr.contains(&format!("pid {}", holder.pid())),
        "{waiting:#?}"
    );
    holder.kill();
    assert_eq!(holder.end().await.code, None);
    cluster.project.write(
        "migrations/002_slow.up.sql",
        "INSERT INTO witness VALUES ('2.1');\nINSERT INTO witness VALUES ('2.3');\n",
    );
    let second = cluster
        .project
        .start_at(&cluster.other.url_text(), "up --lock-wait 60s")
        .end()
        .await;
    assert_eq!(second.code, Some(0), "{second:#?}");
    assert!(second.stderr.contains("lease expired"), "{second:#?}");
    let picture = oracle.picture().await;
    assert_eq!(picture.history, ["001", "002"]);
    assert_eq!(picture.witnesses.len(), 2);
    assert!(picture.witnesses.values().all(|count| *count == 1));
    drop(oracle);
    cluster.remove().await;
}

/// Killed at messages of the whole run; the next run is on the other node.
async fn killed() {
    let cluster = Cluster::new(FaultProject::mixed).await;
    let (up, _) = undisturbed(&cluster.project).await;
    cluster.settle().await;
    let mut figures = Figures::new("galera", Fault::Kill);
    let stride = if scaled(1) > 1 { 1 } else { 7 };
    for (harm, mut at) in [(Harm::KillBefore, 3), (Harm::KillAfter, 6)] {
        loop {
            let port = cluster.project.database.server().port();
            let proxy = FaultProxy::start(port, at, harm).await;
            let runner = cluster
                .project
                .start_at(&cluster.project.url(Some(proxy.port)), "up");
            proxy.set_victim(runner.pid());
            let ended = runner.end().await;
            if !proxy.has_harmed() {
                assert_eq!(ended.code, Some(0), "{ended:#?}");
                break;
            }
            figures.count();
            let what = format!("{harm:?} at message {at}: {}", ended.stderr);
            cluster.other_oracle().await.age_lease().await;
            let next = cluster
                .project
                .start_at(&cluster.other.url_text(), "up")
                .end()
                .await;
            figures.judge_next(&next, &what);
            let picture = cluster.other_oracle().await.picture().await;
            figures.judge(&picture, &up, &what);
            cluster.wipe().await;
            at += stride;
        }
        cluster.wipe().await;
    }
    cluster.remove().await;
}

/// Writes the row of the lease on one node while runs on the other work: their transactions fail certification, are
/// rolled back by the server, and are tried again.
async fn conflicts() {
    let cluster = Cluster::new(FaultProject::mixed).await;
    let (up, _) = undisturbed(&cluster.project).await;
    cluster.settle().await;
    let mut figures = Figures::new("galera", Fault::Conflict);
    let mut node = cluster.project.oracle().await;
    let before = conflicts_seen(&mut node).await;
    let mut random = Random::new(23);
    for number in 0..scaled(10) {
        let stop = Arc::new(AtomicBool::new(false));
        let pause = Duration::from_millis(1 + random.below(9));
        let disturber = tokio::spawn(disturb(
            cluster.other_oracle().await,
            Arc::clone(&stop),
            pause,
        ));
        let mut command = cluster
            .project
            .command(&cluster.project.url(None), "up --lock-wait 100s");
        command.env("SHORING_LOCK_ATTEMPTS", "100");
        let ended = cluster.project.start_command(command).end().await;
        stop.store(true, Ordering::SeqCst);
        disturber.await.unwrap();
        let what = format!("run {number}, {}: {ended:#?}", random.seed());
        figures.judge_next(&ended, &what);
        let picture = cluster.other_oracle().await.picture().await;
        figures.judge(&picture, &up, &what);
        cluster.wipe().await;
    }
    let seen = conflicts_seen(&mut node).await - before;
    for _ in 0..seen {
        figures.count();
    }
    assert!(seen >= 5, "only {seen} transactions failed certification");
    drop(node);
    cluster.remove().await;
}

async fn disturb(mut oracle: Oracle, stop: Arc<AtomicBool>, pause: Duration) {
    oracle.execute("SET SESSION wsrep_sync_wait = 0").await;
    let mut number = 0;
    while !stop.load(Ordering::SeqCst) {
        // Not there yet, not there any more, or itself refused: the next one comes soon.
        drop(
            oracle
                .session
                .query("UPDATE shoring_lock SET acquired_at = acquired_at + INTERVAL 1 MICROSECOND")
                .await,
        );
        number += 1;
        // Bursts with calm between them, so that the run gets through.
        let is_over = number % 40 == 0;
        tokio::time::sleep(if is_over { CALM } else { pause }).await;
    }
}

/// Transactions of this node that lost against one of another.
async fn conflicts_seen(node: &mut Oracle) -> i64 {
    let rows = node
        .rows("SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_local_cert_failures', 'wsrep_local_bf_aborts')")
        .await;
    rows.iter()
        .filter_map(|row| row.rsplit('|').next()?.parse::<i64>().ok())
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_runners_on_two_nodes_and_one_applies() {
    together().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_holder_is_taken_over_on_the_other_node() {
    takeover().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_messages_and_the_next_run_on_the_other_node_converges() {
    killed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_that_fail_certification_are_tried_again() {
    conflicts().await;
}
