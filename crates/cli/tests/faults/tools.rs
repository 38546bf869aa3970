//! The same faults in projects of other tools: each keeps its history in a table of its own, Liquibase also its lock. After any of
//! them the next run finds the truth, and the tool's table says it.

use crate::changelog;
use crate::cuts::cut_at_every_message;
use crate::figures::{Fault, Figures};
use crate::kills::at_every_message;
use crate::project::FaultProject;
use crate::proxy;
use crate::system_calls::{self, at_every_call};
use crate::tool_projects::{FLYWAY, project};
use crate::way::{Way, stride};
use shoring_testkit::tool_facts::{
    DBMATE, DIESEL, GOLANG_MIGRATE, GOOSE, LIQUIBASE, PRISMA, REFINERY, SQLX, Tool,
};
use shoring_testkit::{Engine, TestDatabase};

/// Of the tools that know no attributes like Liquibase's a slice tries so much less.
const SLICE: usize = 12;

async fn disturbed(project: &FaultProject, ways: &[Way], slice: usize, least: usize) {
    let engine = project.database.engine;
    if engine == Engine::Sqlite {
        for way in ways {
            at_every_call(project, *way, &[(system_calls::Harm::Kill, slice)]).await;
        }
        return;
    }
    let mut figures = Figures::new(engine.name(), Fault::Kill);
    for way in ways {
        at_every_message(project, *way, stride(slice), &mut figures).await;
    }
    let points = figures.points();
    assert!(points >= least, "only {points} points");
    let harms = [
        (proxy::Harm::CutBefore, stride(slice)),
        (proxy::Harm::CutAfter, stride(slice)),
    ];
    let port = project.database.server().port();
    let codes = cut_at_every_message(project, engine.name(), port, &harms).await;
    assert!(codes.contains_key(&0), "it connects again: {codes:?}");
}

async fn of(database: TestDatabase, tool: &Tool) {
    let project = project(database, tool);
    disturbed(&project, &[Way::Up, Way::Down], SLICE, 8).await;
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn a_changelog_of_liquibase(database: TestDatabase) {
        let project = changelog::project(database);
        disturbed(&project, &[Way::Up, Way::Down, Way::UpAgain], 6, 40).await;
    }

    async fn liquibase(database: TestDatabase) {
        of(database, &LIQUIBASE).await;
    }

    async fn flyway(database: TestDatabase) {
        of(database, &FLYWAY).await;
    }

    async fn golang_migrate(database: TestDatabase) {
        of(database, &GOLANG_MIGRATE).await;
    }

    async fn prisma(database: TestDatabase) {
        of(database, &PRISMA).await;
    }

    async fn dbmate(database: TestDatabase) {
        of(database, &DBMATE).await;
    }

    async fn goose(database: TestDatabase) {
        of(database, &GOOSE).await;
    }

    async fn sqlx(database: TestDatabase) {
        of(database, &SQLX).await;
    }

    async fn diesel(database: TestDatabase) {
        of(database, &DIESEL).await;
    }

    async fn refinery(database: TestDatabase) {
        of(database, &REFINERY).await;
    }
}
