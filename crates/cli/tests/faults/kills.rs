//! SIGKILL at every message on the wire (and on SQLite, which has none, after random delays): nothing is lost, nothing is
//! done twice, and the next run goes on at once.

use crate::figures::{Fault, Figures};
use crate::oracle::Picture;
use crate::project::FaultProject;
use crate::proxy::{FaultProxy, Harm};
use crate::soak::{Random, scaled};
use crate::way::{Way, stride};
use shoring_testkit::{Engine, TestDatabase};
use std::time::Duration;

/// The pictures after an undisturbed `up` and after an undisturbed `down --all`.
pub(crate) async fn undisturbed(project: &FaultProject) -> (Picture, Picture) {
    project.expect("up", 0).await;
    let up = project.oracle().await.picture().await;
    assert!(up.witnesses.values().all(|count| *count == 1), "{up:#?}");
    project.expect("down --all --yes", 0).await;
    let down = project.oracle().await.picture().await;
    project.wipe().await;
    (up, down)
}

/// After the fault: the same command once more ends well, and leaves what an undisturbed run leaves. It knows that the other
/// is dead, and need not wait until its lease has expired.
async fn converges(
    project: &FaultProject,
    line: &str,
    expected: &Picture,
    what: &str,
    figures: &mut Figures,
) {
    let ended = project.run(line).await;
    figures.judge_next(&ended, what);
    assert!(
        !ended.stderr.contains("lease expired"),
        "{what}: {ended:#?}"
    );
    let mut oracle = project.oracle().await;
    figures.judge(&oracle.picture().await, expected, what);
    oracle.assert_no_locks().await;
    oracle.assert_lock_row_is_free().await;
}

/// Each `stride`th message is followed by a kill, or preceded by one.
pub(crate) async fn at_every_message(
    project: &FaultProject,
    way: Way,
    stride: usize,
    figures: &mut Figures,
) {
    let expected = way.undisturbed(project).await;
    let line = way.line();
    for harm in [Harm::KillBefore, Harm::KillAfter] {
        let mut at = 0;
        loop {
            at += stride;
            way.begin(project).await;
            let proxy = FaultProxy::start(project.database.server().port(), at, harm).await;
            let runner = project.start_at(&project.url(Some(proxy.port)), line);
            proxy.set_victim(runner.pid());
            let ended = runner.end().await;
            let has_harmed = proxy.has_harmed();
            if has_harmed {
                figures.count();
                // Messages of the farewell may come after the last word.
                assert!(matches!(ended.code, None | Some(0)), "{ended:#?}");
            } else {
                assert_eq!(ended.code, Some(0), "{ended:#?}");
            }
            let what = format!("{harm:?} at message {at} of `{line}`: {}", ended.stderr);
            converges(project, line, &expected, &what, figures).await;
            project.wipe().await;
            if !has_harmed {
                break;
            }
        }
    }
}

async fn native(database: TestDatabase, way: Way, slice: usize) {
    let project = FaultProject::mixed(database);
    let mut figures = Figures::new(project.database.engine.name(), Fault::Kill);
    at_every_message(&project, way, stride(slice), &mut figures).await;
    let points = figures.points();
    assert!(points >= 80, "only {points} points");
}

async fn up_at_every_message(database: TestDatabase) {
    native(database, Way::Up, 1).await;
}

async fn down_at_every_message(database: TestDatabase) {
    native(database, Way::Down, 2).await;
}

/// Kills after random delays, over the time that an undisturbed run takes; the runs of a round go on where the last died.
async fn after_random_delays(database: TestDatabase, points: usize) {
    let project = FaultProject::mixed(database);
    let (up, down) = undisturbed(&project).await;
    let whole = project.expect("up", 0).await.took.as_micros() as u64;
    project.wipe().await;
    let mut random = Random::new(7);
    let mut figures = Figures::new(project.database.engine.name(), Fault::Kill);
    let mut is_up = true;
    while figures.points() < points {
        let (way, expected) = if is_up {
            (Way::Up, &up)
        } else {
            (Way::Down, &down)
        };
        let line = way.line();
        let deaths = 1 + random.below(3);
        for _ in 0..deaths {
            let mut runner = project.start(line);
            tokio::time::sleep(Duration::from_micros(random.below(whole))).await;
            runner.kill();
            if runner.end().await.code.is_none() {
                figures.count();
            }
        }
        let what = format!(
            "after {} kills, `{line}`, {}",
            figures.points(),
            random.seed()
        );
        converges(&project, line, expected, &what, &mut figures).await;
        if !is_up {
            project.wipe().await;
        }
        is_up = !is_up;
    }
}

/// The runner dies while the server builds an index that has to wait for an old snapshot.
async fn during_an_index_build(database: TestDatabase, backend_dies: bool) {
    let project = FaultProject::empty(database)
        .with(
            "migrations/001_table.up.sql",
            "CREATE TABLE witness (step text NOT NULL);\nCREATE TABLE t AS SELECT n FROM generate_series(1, 100) n;\n",
        )
        .with(
            "migrations/002_index.up.sql",
            "-- shoring: no-transaction\nINSERT INTO witness VALUES ('2.1');\nCREATE INDEX CONCURRENTLY t_n ON t (n);\nINSERT INTO witness VALUES ('2.3');\n",
        );
    project.expect("up 001", 0).await;
    let mut reader = project.oracle().await;
    reader
        .execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        .await;
    drop(reader.rows("SELECT * FROM t").await);
    let mut oracle = project.oracle().await;
    let mut runner = project.start("up");
    let building =
        "SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass AND NOT indisvalid";
    while oracle.number(building).await == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    runner.kill();
    assert_eq!(runner.end().await.code, None);
    if backend_dies {
        oracle.end_sessions("query LIKE '%CONCURRENTLY%'").await;
        assert_eq!(oracle.number(building).await, 1);
        reader.execute("ROLLBACK").await;
        project.expect("up", 0).await;
    } else {
        let next = project.start("up");
        tokio::time::sleep(Duration::from_millis(500)).await;
        reader.execute("ROLLBACK").await;
        let ended = next.end().await;
        assert_eq!(ended.code, Some(0), "{ended:#?}");
    }
    let picture = oracle.picture().await;
    assert_eq!(picture.history, ["001", "002"]);
    assert_eq!(picture.witnesses.len(), 2);
    assert!(
        picture.witnesses.values().all(|count| *count == 1),
        "{picture:#?}"
    );
    assert_eq!(oracle.number(building).await, 0, "an invalid index is left");
    assert_eq!(
        oracle
            .rows("SELECT indisvalid FROM pg_index WHERE indrelid = 't'::regclass")
            .await,
        ["t"]
    );
    oracle.assert_no_locks().await;
}

async fn index_build_goes_on(database: TestDatabase) {
    during_an_index_build(database, false).await;
}

async fn index_build_dies(database: TestDatabase) {
    during_an_index_build(database, true).await;
}

async fn after_delays(database: TestDatabase) {
    let slice = database.engine.pick(50, 50, 300);
    after_random_delays(database, scaled(slice)).await;
}

mod postgresql {
    #[test]
    fn up_killed_at_every_message_converges() {
        shoring_testkit::run(super::Engine::Postgresql, super::up_at_every_message);
    }

    #[test]
    fn down_killed_at_every_message_converges() {
        shoring_testkit::run(super::Engine::Postgresql, super::down_at_every_message);
    }

    #[test]
    fn killed_after_random_delays_converges() {
        shoring_testkit::run(super::Engine::Postgresql, super::after_delays);
    }

    #[test]
    fn killed_while_the_server_goes_on_building_an_index() {
        shoring_testkit::run(super::Engine::Postgresql, super::index_build_goes_on);
    }

    #[test]
    fn killed_together_with_the_build_of_an_index() {
        shoring_testkit::run(super::Engine::Postgresql, super::index_build_dies);
    }
}

mod mariadb {
    #[test]
    fn up_killed_at_every_message_converges() {
        shoring_testkit::run(super::Engine::Mariadb, super::up_at_every_message);
    }

    #[test]
    fn down_killed_at_every_message_converges() {
        shoring_testkit::run(super::Engine::Mariadb, super::down_at_every_message);
    }

    #[test]
    fn killed_after_random_delays_converges() {
        shoring_testkit::run(super::Engine::Mariadb, super::after_delays);
    }
}

mod mysql {
    #[test]
    fn up_killed_at_every_message_converges() {
        shoring_testkit::run(super::Engine::Mysql, super::up_at_every_message);
    }

    #[test]
    fn down_killed_at_every_message_converges() {
        shoring_testkit::run(super::Engine::Mysql, super::down_at_every_message);
    }

    #[test]
    fn killed_after_random_delays_converges() {
        shoring_testkit::run(super::Engine::Mysql, super::after_delays);
    }
}

mod sqlite {
    #[test]
    fn killed_after_random_delays_converges() {
        shoring_testkit::run(super::Engine::Sqlite, super::after_delays);
    }
}
