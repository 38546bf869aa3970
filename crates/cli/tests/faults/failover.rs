//! The primary dies in the middle of a run and its standby is promoted. The URL names both, as that of a cluster does: the run
//! goes on at the new primary or ends with an error that is true, and nothing is done twice.

use crate::figures::{Fault, Figures};
use crate::kills::undisturbed;
use crate::oracle::{Oracle, Picture};
use crate::own_postgresql::Postgresql;
use crate::own_server::OwnServer;
use crate::project::FaultProject;
use crate::soak::{Random, scaled};
use shoring_testkit::TestDatabase;
use std::collections::BTreeMap;
use std::time::Duration;

/// Promotions in a slice.
const SLICE: usize = 4;

/// A primary and a standby that has everything the primary has confirmed.
struct Pair {
    primary: OwnServer,
    standby: OwnServer,
}

impl Pair {
    async fn start() -> (Self, TestDatabase) {
        let mut primary = OwnServer::start(Postgresql).await;
        let database = TestDatabase::create_on(primary.server()).await;
        primary.stop().await;
        let mut standby = OwnServer::prepared(Postgresql);
        standby.fill_from(primary.data());
        std::fs::write(standby.data().join("standby.signal"), "").unwrap();
        primary.launch().await;
        let conninfo = format!(
            "primary_conninfo=host=127.0.0.1 port={} user=postgres",
            primary.server().port()
        );
        standby = standby.with_arguments(&["-c", &conninfo]);
        standby.launch().await;
        let mut admin = Oracle::new(database.engine, database.connect().await);
        admin
            .execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            .await;
        admin.execute("SELECT pg_reload_conf()").await;
        let state = "SELECT sync_state FROM pg_stat_replication";
        while admin.rows(state).await != ["sync"] {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        (Self { primary, standby }, database)
    }

    /// A URL that names both; the one that takes writes is meant.
    fn url(&self, database: &TestDatabase) -> String {
        let one = format!("127.0.0.1:{}", self.primary.server().port());
        let both = format!("{one},127.0.0.1:{}", self.standby.server().port());
        let url = database.url_text().replace(&one, &both);
        format!("{url}?sslmode=disable&target_session_attrs=read-write")
    }

    /// The primary dies, and the other takes its place.
    async fn fail_over(&mut self, name: &str) -> TestDatabase {
        self.primary.crash();
        let there = TestDatabase::named(self.standby.server(), name.to_owned());
        let mut session = there.connect().await;
        session.query("SELECT pg_promote()").await.unwrap();
        there
    }
}

async fn picture(database: &TestDatabase) -> Picture {
    let mut oracle = Oracle::new(database.engine, database.connect().await);
    oracle.picture().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promoted_standby_is_where_the_run_goes_on() {
    let mut random = Random::new(23);
    let mut figures = Figures::new("postgresql", Fault::Crash);
    let mut codes = BTreeMap::new();
    while figures.points() < scaled(SLICE) {
        let (mut pair, database) = Pair::start().await;
        let project = FaultProject::mixed(database.clone());
        let (expected, _) = undisturbed(&project).await;
        let whole = project.expect("up", 0).await.took.as_micros() as u64;
        project.wipe().await;
        let url = pair.url(&database);
        let runner = project.start_at(&url, "up");
        tokio::time::sleep(Duration::from_micros(random.below(whole))).await;
        let there = pair.fail_over(&database.name).await;
        figures.count();
        let ended = runner.end().await;
        let code = ended.code.unwrap();
        *codes.entry(code).or_insert(0) += 1;
        let what = format!("{}: {ended:#?}", random.seed());
        let found = picture(&there).await;
        figures.judge_doubles(&found, &what);
        match code {
            0 => figures.judge(&found, &expected, &what),
            // It could not connect, or it was not known and said so.
            9 | 12 => assert!(ended.stderr.contains("Next:"), "{what}"),
            _ => panic!("{what}"),
        }
        let next = project.start_at(&url, "up").end().await;
        figures.judge_next(&next, &what);
        figures.judge(&picture(&there).await, &expected, &what);
    }
    println!("exit codes of runs whose primary died: {codes:?}");
}
