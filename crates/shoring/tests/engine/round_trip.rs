//! Up, down, redo, goto: there and back again, with history and journal telling the same.

use crate::support::{Project, ask, assert_says, tables, user_tables};
use shoring::{DownRequest, ErrorKind, UpRequest};

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn up_applies_everything_once(db: TestDatabase) {
        let project = Project::shop(&db);
        let report = project.up().await;
        let ran: Vec<(&str, &str, u64)> = report.ran.iter().map(|ran| (ran.version.as_str(), ran.name.as_str(), ran.statements)).collect();
        assert_eq!(ran, [("001", "users", 2), ("002", "orders", 1), ("003", "index", 1)]);
        assert_eq!((report.current.as_deref(), report.pending), (Some("003"), 0));
        assert_eq!(report.ran[0].rows, 1);
        assert_eq!(user_tables(&db).await, "orders ; users");
        assert_eq!(ask(&db, "SELECT version, name, kind FROM shoring_history ORDER BY version").await,
            "001|users|applied ; 002|orders|applied ; 003|index|applied");
        let before = tables(&db).await;
        let journal = project.journal().await;
        assert_eq!(journal, "up 001 applied, up 002 applied, up 003 applied");

        assert_eq!(project.up().await.ran, []);
        assert_eq!(tables(&db).await, before);
        assert_eq!(project.journal().await, journal);
        assert_eq!(ask(&db, "SELECT count(*) FROM users").await, "1");
    }

    async fn down_takes_back_the_last_first(db: TestDatabase) {
        let project = Project::shop(&db);
        project.up().await;
        let migrator = project.migrator();
        let report = migrator.down(&DownRequest::Steps(2)).await.unwrap();
        let ran: Vec<&str> = report.ran.iter().map(|ran| ran.version.as_str()).collect();
        assert_eq!(ran, ["003", "002"]);
        assert_eq!(report.current.as_deref(), Some("001"));
        assert_eq!(project.states().await, "001 applied, 002 pending, 003 pending");
        assert_eq!(user_tables(&db).await, "users");
        assert_eq!(migrator.down(&DownRequest::All).await.unwrap().current, None);
        assert_eq!(user_tables(&db).await, "");
        assert_eq!(migrator.down(&DownRequest::Steps(1)).await.unwrap().ran, []);
        project.up().await;
        assert_eq!(project.states().await, "001 applied, 002 applied, 003 applied");
        let down = migrator.down(&DownRequest::To("1".to_owned())).await.unwrap();
        assert_eq!(down.ran.len(), 2);
    }

    async fn steps_and_targets(db: TestDatabase) {
        let project = Project::shop(&db);
        let migrator = project.migrator();
        let one = UpRequest { steps: Some(1), ..UpRequest::default() };
        assert_eq!(migrator.up(&one).await.unwrap().current.as_deref(), Some("001"));
        let target = |text: &str| UpRequest { target: Some(text.to_owned()), ..UpRequest::default() };
        assert_eq!(migrator.up(&target("2")).await.unwrap().current.as_deref(), Some("002"));
        assert_eq!(migrator.up(&target("2")).await.unwrap().ran, []);
        assert_eq!(migrator.up(&target("+1")).await.unwrap().current.as_deref(), Some("003"));
        let error = migrator.up(&target("9")).await.unwrap_err();
        assert_says(&error, ErrorKind::Usage, "unknown-target", &["`9`", "Nothing was run"]);
    }

    async fn redo_and_goto(db: TestDatabase) {
        let project = Project::shop(&db);
        let migrator = project.migrator();
        let error = match migrator.redo(1).await {
            Err(error) => error,
            Ok(report) => panic!("{report:?}"),
        };
        assert!(matches!(error.kind, ErrorKind::Usage | ErrorKind::Unreachable), "{error:?}");
        project.up().await;
        let report = migrator.redo(2).await.unwrap();
        let ran: Vec<String> = report.ran.iter().map(|ran| format!("{} {}", ran.direction.name(), ran.version)).collect();
        assert_eq!(ran, ["down 003", "down 002", "up 002", "up 003"]);
        assert_eq!(report.current.as_deref(), Some("003"));
        assert_eq!(migrator.goto("1").await.unwrap().current.as_deref(), Some("001"));
        assert_eq!(migrator.goto("003").await.unwrap().current.as_deref(), Some("003"));
        assert_eq!(migrator.goto("-1").await.unwrap().current.as_deref(), Some("002"));
        assert_eq!(migrator.goto("base").await.unwrap().current, None);
        assert_eq!(user_tables(&db).await, "");
        assert_eq!(migrator.goto("head").await.unwrap().current.as_deref(), Some("003"));
    }

    async fn status_says_who_and_when(db: TestDatabase) {
        let project = Project::shop(&db);
        project.up().await;
        let status = project.migrator().status().await.unwrap();
        assert_eq!((status.format, status.dir.as_str()), ("shoring", "migrations"));
        assert!(status.history_exists && status.history_table.ends_with("shoring_history"), "{status:?}");
        assert_eq!(status.running, None);
        for entry in &status.migrations {
            let at = entry.applied_at.as_deref().unwrap();
            assert!(at.len() >= 20 && at.ends_with('Z') && at.as_bytes()[10] == b'T', "{at}");
            assert!(entry.applied_by.is_some() && entry.milliseconds.is_some(), "{entry:?}");
            assert_eq!(entry.checksum, entry.applied_checksum);
            assert!(entry.is_reversible);
        }
        let history = project.migrator().history().await.unwrap();
        assert!(history.has_journal);
        for entry in &history.entries {
            assert_eq!((entry.direction.as_str(), entry.os_user.as_deref()), ("up", Some("library")));
            assert!(entry.started_at <= entry.finished_at && entry.finished_at.is_some(), "{entry:?}");
            assert!(entry.pid.is_some() && entry.host.is_some() && entry.tool.is_some() && entry.milliseconds.is_some(), "{entry:?}");
        }
    }

    async fn an_empty_folder_is_nothing_to_do(db: TestDatabase) {
        let project = Project::new(&db, &[]);
        assert_eq!(project.up().await.ran, []);
        assert_eq!(tables_or_nothing(&db).await, "");
        project.write("001_empty.up.sql", "-- nothing yet\n");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Usage, "empty-migration", &["has no statement yet", "-- shoring: empty"]);
        project.write("001_empty.up.sql", "-- shoring: empty\nSELECT 1;\n");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Usage, "bad-directive", &["says `-- shoring: empty`, and has a statement"]);
        project.write("001_empty.up.sql", "-- shoring: empty\n-- for another database\n");
        assert_eq!(project.up().await.ran.len(), 1);
        assert_eq!(project.states().await, "001 applied");
    }
}

async fn tables_or_nothing(db: &shoring_testkit::TestDatabase) -> String {
    if db.engine == shoring_testkit::Engine::Sqlite && !db.file().exists() {
        return String::new();
    }
    tables(db).await
}
