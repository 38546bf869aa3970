//! The link is cut at every message: before a request arrives, after it arrived but before its answer, and half-way (the
//! runner sees the end, the server does not). The run connects again and goes on, or ends with an error that is true.

use crate::figures::{Fault, Figures};
use crate::project::FaultProject;
use crate::proxy::{FaultProxy, Harm};
use crate::soak::scaled;
use crate::way::{self, Way};
use shoring_db::{DatabaseUrl, Host};
use shoring_testkit::{Engine, TestDatabase, variable};
use std::collections::BTreeMap;
use std::path::Path;

/// Of the harms but the first, only each so manieth message is tried in a slice.
const STRIDE: usize = 3;

/// Cuts at every message of a run of `up`; gives how often each exit code came.
pub(crate) async fn cut_at_every_message(
    project: &FaultProject,
    server: &'static str,
    port: u16,
    harms: &[(Harm, usize)],
) -> BTreeMap<i32, usize> {
    let up = Way::Up.undisturbed(project).await;
    let mut figures = Figures::new(server, Fault::Cut);
    let mut codes = BTreeMap::new();
    for (harm, stride) in harms {
        let mut at = 1;
        loop {
            let proxy = FaultProxy::start(port, at, *harm).await;
            let ended = project
                .start_at(&project.url(Some(proxy.port)), "up")
                .end()
                .await;
            let what = format!("{harm:?} at message {at}");
            let has_harmed = proxy.has_harmed();
            let code = ended.code.unwrap();
            if has_harmed {
                *codes.entry(code).or_insert(0) += 1;
                figures.count();
            }
            let picture = project.oracle().await.picture().await;
            match code {
                0 => figures.judge(&picture, &up, &format!("{what}: {ended:#?}")),
                // Nothing was guessed: the next run finds the truth.
                9 | 12 => {
                    assert!(has_harmed, "{what}: {ended:#?}");
                    assert!(
                        !ended.stdout.contains('✓'),
                        "{what}: a run that works connects again: {ended:#?}"
                    );
                    figures.judge_doubles(&picture, &what);
                    project.oracle().await.age_lease().await;
                    let again = project.run("up").await;
                    figures.judge_next(&again, &format!("{what}: {ended:#?}"));
                    figures.judge(&project.oracle().await.picture().await, &up, &what);
                }
                _ => panic!("{what}: {ended:#?}"),
            }
            let mut oracle = project.oracle().await;
            oracle.assert_no_locks().await;
            if code == 0 {
                oracle.assert_lock_row_is_free().await;
            }
            project.wipe().await;
            if !has_harmed {
                break;
            }
            at += stride;
        }
    }
    println!("exit codes of runs that were cut: {codes:?}");
    codes
}

async fn cut(database: TestDatabase) {
    let stride = way::stride(STRIDE);
    let harms = [
        (Harm::CutBefore, 1),
        (Harm::CutAfter, stride),
        (Harm::HalfClose, stride),
    ];
    let port = database.server().port();
    let server = database.engine.name();
    let project = FaultProject::mixed(database);
    let codes = cut_at_every_message(&project, server, port, &harms).await;
    let all: usize = codes.values().sum();
    let went_on = codes.get(&0).copied().unwrap_or(0);
    assert!(
        went_on * 10 > all * 8,
        "the run itself connects again: {codes:?}"
    );
}

/// Every command that runs something begins again when the link is lost before its first statement: only a connection that
/// could not be opened at all is reported.
async fn cut_before_anything_runs(database: TestDatabase) {
    let port = database.server().port();
    let project = FaultProject::empty(database)
        .with("migrations/001_t.up.sql", "CREATE TABLE t (id int);\n")
        .with("migrations/001_t.down.sql", "DROP TABLE t;\n")
        .with("migrations/002_row.up.sql", "INSERT INTO t VALUES (1);\n")
        .with("migrations/002_row.down.sql", "DELETE FROM t;\n")
        .with("seeds/01.sql", "INSERT INTO t VALUES (2);\n");
    for line in ["down 1 --yes", "redo --yes", "goto base --yes", "seed"] {
        let mut is_connected = false;
        let mut at = 1;
        loop {
            project.expect("up", 0).await;
            let proxy = FaultProxy::start(port, at, Harm::CutBefore).await;
            let url = project.url(Some(proxy.port));
            let ended = project.start_at(&url, line).end().await;
            let has_harmed = proxy.has_harmed();
            let what = format!("`{line}`, cut at message {at}: {ended:#?}");
            match ended.code {
                Some(0) => is_connected = true,
                Some(9) => assert!(!is_connected && at < 8, "{what}"),
                _ => panic!("{what}"),
            }
            project.oracle().await.assert_no_locks().await;
            project.wipe().await;
            if !has_harmed {
                break;
            }
            at += if scaled(1) > 1 { 1 } else { 2 };
        }
        assert!(at > 8, "`{line}`: nothing was cut after connecting");
    }
}

/// Between the runner and a transaction pooler, where the lease has to outlive the link.
async fn cut_before_a_pooler(database: TestDatabase) {
    let url = DatabaseUrl::parse(&variable::value(variable::PGBOUNCER_URL), Path::new("/"))
        .expect("the test run names a valid URL");
    let Some(Host::Tcp(_, port)) = url.hosts.first() else {
        panic!("the pooler listens on TCP")
    };
    let stride = way::stride(STRIDE);
    let harms = [(Harm::CutBefore, stride), (Harm::HalfClose, stride * 2)];
    cut_at_every_message(&FaultProject::mixed(database), "pgbouncer", *port, &harms).await;
}

mod postgresql {
    #[test]
    fn cut_before_a_pooler_goes_on_or_says_the_truth() {
        shoring_testkit::run(super::Engine::Postgresql, super::cut_before_a_pooler);
    }

    #[test]
    fn cut_before_anything_runs_begins_again() {
        shoring_testkit::run(super::Engine::Postgresql, super::cut_before_anything_runs);
    }

    #[test]
    fn cut_at_every_message_goes_on_or_says_the_truth() {
        shoring_testkit::run(super::Engine::Postgresql, super::cut);
    }
}

mod mariadb {
    #[test]
    fn cut_before_anything_runs_begins_again() {
        shoring_testkit::run(super::Engine::Mariadb, super::cut_before_anything_runs);
    }

    #[test]
    fn cut_at_every_message_goes_on_or_says_the_truth() {
        shoring_testkit::run(super::Engine::Mariadb, super::cut);
    }
}

mod mysql {
    #[test]
    fn cut_before_anything_runs_begins_again() {
        shoring_testkit::run(super::Engine::Mysql, super::cut_before_anything_runs);
    }

    #[test]
    fn cut_at_every_message_goes_on_or_says_the_truth() {
        shoring_testkit::run(super::Engine::Mysql, super::cut);
    }
}
