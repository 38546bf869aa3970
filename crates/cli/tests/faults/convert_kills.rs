//! SIGKILL while a project is told in another format: the old format stays whole, and the same command once more does the rest.

use crate::figures::{Fault, Figures};
use crate::project::FaultProject;
use crate::proxy::{FaultProxy, Harm};
use crate::soak::Random;
use shoring_testkit::{TestDatabase, run};
use std::time::Duration;

const OLD: &str = "--format shoring --dir migrations";
const CONVERT: &str = "--format shoring --dir migrations convert --to goose --into other";

fn project(database: TestDatabase) -> FaultProject {
    let mut project = FaultProject::empty(database);
    for number in 1..=4 {
        let text = format!("CREATE TABLE t{number} (id integer);\n");
        project = project.with(&format!("migrations/{number}_t.up.sql"), &text);
    }
    project
}

/// As before the conversion.
async fn begin(project: &FaultProject) {
    project.wipe().await;
    project.remove("other");
    project.remove("shoring.toml");
    project.expect("up --steps 3", 0).await;
}

async fn judge(project: &FaultProject, what: &str) {
    let old = project.expect(&format!("{OLD} expect 3"), 0).await;
    assert!(old.stdout.contains("at 3"), "{what}: {old:#?}");
    project.expect(CONVERT, 0).await;
    project.expect("expect 3", 0).await;
    let mut oracle = project.oracle().await;
    let told = "SELECT version_id FROM goose_db_version WHERE version_id > 0 ORDER BY id";
    assert_eq!(oracle.rows(told).await, ["1", "2", "3"], "{what}");
    oracle.assert_no_locks().await;
    let again = project.expect(CONVERT, 0).await;
    assert!(
        again.stdout.contains("Everything is there"),
        "{what}: {again:#?}"
    );
}

async fn at_every_message(database: TestDatabase) {
    let project = project(database);
    let mut figures = Figures::new(project.database.engine.name(), Fault::Kill);
    // Every other message is followed by a kill, the ones between are preceded by one.
    for (harm, first) in [(Harm::KillBefore, 1), (Harm::KillAfter, 2)] {
        for at in (first..).step_by(2) {
            begin(&project).await;
            let proxy = FaultProxy::start(project.database.server().port(), at, harm).await;
            let runner = project.start_at(&project.url(Some(proxy.port)), CONVERT);
            proxy.set_victim(runner.pid());
            let ended = runner.end().await;
            judge(
                &project,
                &format!("{harm:?} at message {at}: {}", ended.stderr),
            )
            .await;
            if !proxy.has_harmed() {
                break;
            }
            figures.count();
        }
    }
    let points = figures.points();
    assert!(points >= 20, "only {points} points");
}

async fn after_random_delays(database: TestDatabase) {
    let project = project(database);
    begin(&project).await;
    let whole = project.expect(CONVERT, 0).await.took.as_micros() as u64;
    let mut random = Random::new(11);
    let mut figures = Figures::new(project.database.engine.name(), Fault::Kill);
    while figures.points() < 40 {
        begin(&project).await;
        let mut runner = project.start(CONVERT);
        tokio::time::sleep(Duration::from_micros(random.below(whole))).await;
        runner.kill();
        if runner.end().await.code.is_none() {
            figures.count();
        }
        judge(&project, &random.seed()).await;
    }
}

mod postgresql {
    #[test]
    fn convert_killed_at_every_message_goes_on() {
        super::run(shoring_testkit::Engine::Postgresql, super::at_every_message);
    }
}

mod mariadb {
    #[test]
    fn convert_killed_at_every_message_goes_on() {
        super::run(shoring_testkit::Engine::Mariadb, super::at_every_message);
    }
}

mod mysql {
    #[test]
    fn convert_killed_at_every_message_goes_on() {
        super::run(shoring_testkit::Engine::Mysql, super::at_every_message);
    }
}

mod sqlite {
    #[test]
    fn convert_killed_after_random_delays_goes_on() {
        super::run(shoring_testkit::Engine::Sqlite, super::after_random_delays);
    }
}
