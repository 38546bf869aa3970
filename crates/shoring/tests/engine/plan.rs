//! `plan` shows exactly the statements that `up` and `down` send, in order.

use crate::support::Project;
use shoring::report::PlanReport;
use shoring::{DownRequest, Event, Observer, PlanRequest, UpRequest};
use std::sync::{Arc, Mutex};

/// Keeps which statements ran.
#[derive(Default)]
struct Finished(Mutex<Vec<String>>);

impl Observer for Finished {
    fn observe(&self, event: &Event) {
        if let Event::StatementFinished {
            version, number, ..
        } = event
        {
            self.0.lock().unwrap().push(format!("{version}/{number}"));
        }
    }
}

fn planned(report: &PlanReport) -> Vec<String> {
    let migrations = report.migrations.iter();
    migrations
        .flat_map(|plan| {
            plan.statements
                .iter()
                .map(|statement| format!("{}/{}", plan.migration.version, statement.number))
        })
        .collect()
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn shows_what_is_sent(db: TestDatabase) {
        let project = Project::shop(&db);
        project.write("004_more.up.sql", db.engine.pick(
            "SET search_path TO public;\nCREATE TABLE more (id integer);\nCREATE INDEX CONCURRENTLY i ON more (id);\nBEGIN;\nINSERT INTO more VALUES (1);\nCOMMIT;\n",
            "SET @x = 1;\nCREATE TABLE more (id integer);\nSTART TRANSACTION;\nINSERT INTO more VALUES (@x);\nCOMMIT;\n",
            "PRAGMA foreign_keys = OFF;\nCREATE TABLE more (id integer);\nBEGIN;\nINSERT INTO more VALUES (1);\nCOMMIT;\n",
        ));
        project.write("004_more.down.sql", "DROP TABLE more;\n");
        let up = project.migrator().plan(&PlanRequest::Up(UpRequest::default())).await.unwrap();
        let first = &up.migrations[0].statements[0];
        assert!(first.text.starts_with("CREATE TABLE users"), "{first:?}");
        assert_eq!((first.position.line, first.position.column), (1, 1));
        let finished = Arc::new(Finished::default());
        project.migrator().observer(finished.clone()).up(&UpRequest::default()).await.unwrap();
        assert_eq!(std::mem::take(&mut *finished.0.lock().unwrap()), planned(&up));
        let down = project.migrator().plan(&PlanRequest::Down(DownRequest::All)).await.unwrap();
        assert_eq!(planned(&down), ["004/1", "003/1", "002/1", "001/1"]);
        project.migrator().observer(finished.clone()).down(&DownRequest::All).await.unwrap();
        assert_eq!(*finished.0.lock().unwrap(), planned(&down));
    }
}
