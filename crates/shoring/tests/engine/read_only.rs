//! What only looks creates nothing: no table, no row, not even an empty SQLite file.

use crate::support::{Project, ask, run, tables};
use shoring::{Confirmation, DownRequest, GateRequest, PlanRequest, UpRequest};
use shoring_testkit::{Engine, TestDatabase};
use std::time::Duration;

/// Every command that only looks.
async fn look_around(project: &Project) {
    let migrator = project.migrator();
    migrator.status().await.unwrap();
    migrator
        .plan(&PlanRequest::Up(UpRequest::default()))
        .await
        .unwrap();
    migrator
        .plan(&PlanRequest::Down(DownRequest::All))
        .await
        .unwrap();
    migrator.history().await.unwrap();
    migrator.doctor(Confirmation::ShowOnly).await.unwrap();
    migrator.repair(Confirmation::ShowOnly).await.unwrap();
    drop(migrator.baseline("2", Confirmation::ShowOnly).await);
    let gate = GateRequest {
        version: "head".to_owned(),
        timeout: Duration::ZERO,
    };
    drop(migrator.wait(&gate).await);
    drop(migrator.expect("1").await);
}

/// Everything in our tables that could have changed.
async fn contents(db: &TestDatabase) -> String {
    let mut all = tables(db).await;
    for table in [
        "shoring_history",
        "shoring_runs",
        "shoring_run_steps",
        "shoring_lock",
    ] {
        if all.contains(table) {
            all.push_str(&ask(db, &format!("SELECT * FROM {table} ORDER BY 1")).await);
        }
    }
    all
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn on_a_new_database(db: TestDatabase) {
        let project = Project::shop(&db);
        look_around(&project).await;
        if db.engine == Engine::Sqlite {
            let left: Vec<_> = std::fs::read_dir(db.file().parent().unwrap()).unwrap().collect();
            assert!(left.is_empty(), "{left:?}");
        } else {
            assert_eq!(tables(&db).await, "");
        }
        let status = project.migrator().status().await.unwrap();
        assert!(!status.history_exists && status.current.is_none());
        assert_eq!((status.pending, status.database.exists), (3, db.engine != Engine::Sqlite));
    }

    async fn on_a_database_in_use(db: TestDatabase) {
        let project = Project::shop(&db);
        let request = UpRequest { steps: Some(2), ..UpRequest::default() };
        project.migrator().up(&request).await.unwrap();
        let before = contents(&db).await;
        look_around(&project).await;
        assert_eq!(contents(&db).await, before);
    }

    async fn nothing_to_do_writes_nothing(db: TestDatabase) {
        let project = Project::shop(&db);
        project.up().await;
        let before = contents(&db).await;
        project.up().await;
        assert_eq!(contents(&db).await, before);
    }

    async fn a_plan_sees_while_another_session_writes(db: TestDatabase) {
        let project = Project::shop(&db);
        project.up().await;
        let mut other = db.connect().await;
        run(&mut other, &[db.engine.pick("BEGIN", "BEGIN", "BEGIN IMMEDIATE"), "INSERT INTO users VALUES (9, 'x')"]).await;
        look_around(&project).await;
        run(&mut other, &["ROLLBACK"]).await;
    }
}
