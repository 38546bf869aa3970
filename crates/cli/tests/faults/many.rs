//! Many runners started together: each migration is applied by exactly one, the others end well with nothing to do.

use crate::figures::{Fault, Figures};
use crate::oracle::Picture;
use crate::project::FaultProject;
use crate::runner::Ended;
use crate::soak::{Random, scaled};
use shoring_testkit::{Engine, TestDatabase, variable};
use std::collections::BTreeMap;
use std::time::Duration;

/// Starts `count` runs of `up` at once and waits for their ends.
async fn start_together(project: &FaultProject, url: &str, count: usize) -> Vec<Ended> {
    let runners: Vec<_> = (0..count)
        .map(|_| project.start_at(url, "up --json --lock-wait 100s"))
        .collect();
    let mut ends = Vec::new();
    for runner in runners {
        ends.push(runner.end().await);
    }
    ends
}

/// How often each version was applied, by what the runners report.
fn applied(ends: &[Ended]) -> BTreeMap<String, usize> {
    let mut applied = BTreeMap::new();
    for ended in ends {
        assert_eq!(ended.code, Some(0), "{ended:#?}");
        for word in ["error", "BUSY", "locked"] {
            assert!(!ended.stderr.contains(word), "{ended:#?}");
        }
        let document: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
        for ran in document["applied"].as_array().unwrap() {
            *applied
                .entry(ran["version"].as_str().unwrap().to_owned())
                .or_insert(0) += 1;
        }
    }
    applied
}

/// One round: what they say and what the database says.
async fn round(
    project: &FaultProject,
    url: &str,
    count: usize,
    expected: &Picture,
    figures: &mut Figures,
) {
    let ends = start_together(project, url, count).await;
    figures.count();
    let appliers = applied(&ends);
    let once: BTreeMap<String, usize> = expected
        .history
        .iter()
        .map(|version| (version.clone(), 1))
        .collect();
    assert_eq!(appliers, once);
    let mut oracle = project.oracle().await;
    figures.judge(&oracle.picture().await, expected, "started together");
    oracle.assert_no_locks().await;
    oracle.assert_lease_is_free().await;
    drop(oracle.session.close().await);
}

async fn undisturbed(project: &FaultProject) -> Picture {
    project.expect("up", 0).await;
    let picture = project.oracle().await.picture().await;
    assert!(picture.witnesses.values().all(|count| *count == 1));
    project.wipe().await;
    picture
}

async fn with_random_deaths(project: &FaultProject, rounds: usize, count: usize) {
    let expected = undisturbed(project).await;
    let mut figures = Figures::new(project.database.engine.name(), Fault::Together);
    for number in 0..rounds {
        let mut random = Random::new(number as u64 + 1);
        let what = format!("round {number}, {}", random.seed());
        let mut runners: Vec<_> = (0..count)
            .map(|_| project.start("up --json --lock-wait 100s"))
            .collect();
        // Three of ten die, each after a while of its own.
        for runner in runners.iter_mut().take(count * 3 / 10) {
            tokio::time::sleep(Duration::from_millis(random.below(60))).await;
            runner.kill();
        }
        let mut ends = Vec::new();
        for (number, runner) in runners.into_iter().enumerate() {
            let ended = runner.end().await;
            if number >= count * 3 / 10 {
                ends.push(ended);
            }
        }
        figures.count();
        // What the dead have applied nobody reports; nothing may be reported twice.
        assert!(applied(&ends).values().all(|times| *times == 1), "{what}");
        let mut oracle = project.oracle().await;
        figures.judge(&oracle.picture().await, &expected, &what);
        oracle.assert_no_locks().await;
        drop(oracle);
        project.wipe().await;
    }
}

fn nothing_beside(project: &FaultProject) {
    let name = project.file().file_name().unwrap().to_owned();
    let left: Vec<_> = std::fs::read_dir(project.file().parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|found| *found != name)
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

mod postgresql {
    #[test]
    fn fifty_runners_and_one_applies() {
        shoring_testkit::run(super::Engine::Postgresql, super::fifty);
    }

    #[test]
    fn twenty_runners_behind_a_transaction_pooler_and_one_applies() {
        shoring_testkit::run(super::Engine::Postgresql, super::pooled);
    }

    #[test]
    fn a_third_of_the_runners_dies_and_the_rest_ends_well() {
        shoring_testkit::run(super::Engine::Postgresql, super::dying);
    }
}

mod mariadb {
    #[test]
    fn fifty_runners_and_one_applies() {
        shoring_testkit::run(super::Engine::Mariadb, super::fifty);
    }

    #[test]
    fn a_third_of_the_runners_dies_and_the_rest_ends_well() {
        shoring_testkit::run(super::Engine::Mariadb, super::dying);
    }
}

mod sqlite {
    #[test]
    fn fifty_runners_on_a_missing_file_and_one_applies() {
        shoring_testkit::run(super::Engine::Sqlite, super::missing_file);
    }

    #[test]
    fn fifty_runners_in_each_journal_mode_and_one_applies() {
        shoring_testkit::run(super::Engine::Sqlite, super::journal_modes);
    }

    #[test]
    fn a_third_of_the_runners_dies_and_the_rest_ends_well() {
        shoring_testkit::run(super::Engine::Sqlite, super::dying);
    }
}

async fn fifty(database: TestDatabase) {
    let project = FaultProject::mixed(database);
    let expected = undisturbed(&project).await;
    let mut figures = Figures::new(project.database.engine.name(), Fault::Together);
    for _ in 0..scaled(1) {
        round(&project, &project.url(None), 50, &expected, &mut figures).await;
        project.wipe().await;
    }
}

async fn dying(database: TestDatabase) {
    with_random_deaths(&FaultProject::mixed(database), scaled(2), 20).await;
}

async fn pooled(database: TestDatabase) {
    let project = FaultProject::mixed(database);
    let expected = undisturbed(&project).await;
    let pooler = variable::value(variable::PGBOUNCER_URL);
    let (server, _) = pooler.rsplit_once('/').unwrap();
    let url = format!("{server}/{}", project.database.name);
    let mut figures = Figures::new("pgbouncer", Fault::Together);
    for _ in 0..scaled(1) {
        round(&project, &url, 20, &expected, &mut figures).await;
        project.wipe().await;
    }
}

async fn missing_file(database: TestDatabase) {
    let project = FaultProject::mixed(database);
    let expected = undisturbed(&project).await;
    let mut figures = Figures::new("sqlite", Fault::Together);
    for _ in 0..scaled(1) {
        assert!(!project.file().exists());
        round(&project, &project.url(None), 50, &expected, &mut figures).await;
        nothing_beside(&project);
        project.wipe().await;
    }
}

async fn journal_modes(database: TestDatabase) {
    let project = FaultProject::mixed(database);
    let expected = undisturbed(&project).await;
    let mut figures = Figures::new("sqlite", Fault::Together);
    for mode in ["DELETE", "WAL"] {
        let mut oracle = project.oracle().await;
        drop(oracle.rows(&format!("PRAGMA journal_mode = {mode}")).await);
        drop(oracle.session.close().await);
        round(&project, &project.url(None), 50, &expected, &mut figures).await;
        nothing_beside(&project);
        project.wipe().await;
    }
}
