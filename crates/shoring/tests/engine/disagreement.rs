//! Files and history that disagree: said by name, with who and when, and nothing runs.

use crate::support::{Project, ask, assert_says, prepare, user_tables};
use shoring::{DownRequest, ErrorKind, UpRequest};

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn a_changed_file(db: TestDatabase) {
        let project = Project::shop(&db);
        project.up().await;
        project.write("002_orders.up.sql", "CREATE TABLE orders (id integer PRIMARY KEY, user_id bigint);\n");
        project.write("004_more.up.sql", "CREATE TABLE more (id integer);\n");
        assert_eq!(project.states().await, "001 applied, 002 changed, 003 applied, 004 pending");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Mismatch, "changed-files", &["002_orders: the file is not what was applied; applied 2", " UTC by ", "checksum ", "shoring repair", "Nothing was run"]);
        assert_eq!(user_tables(&db).await, "orders ; users");
        let error = project.migrator().down(&DownRequest::Steps(2)).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Mismatch);
    }

    async fn line_ends_and_a_mark_are_no_change(db: TestDatabase) {
        let project = Project::shop(&db);
        project.up().await;
        for file in ["001_users.up.sql", "002_orders.up.sql"] {
            let path = project.root().join("migrations").join(file);
            let text = std::fs::read_to_string(path).unwrap().replace('\n', "\r\n");
            project.write(file, format!("\u{feff}{text}"));
        }
        assert_eq!(project.states().await, "001 applied, 002 applied, 003 applied");
        project.migrator().redo(3).await.unwrap();
        assert_eq!(project.up().await.ran, []);
    }

    async fn a_missing_file(db: TestDatabase) {
        let project = Project::shop(&db);
        project.up().await;
        project.remove("002_orders.up.sql");
        project.remove("002_orders.down.sql");
        assert_eq!(project.states().await, "001 applied, 2 missing, 003 applied".replace(" 2 ", " 002 "));
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Mismatch, "missing-files", &["002_orders: no file; applied", "shoring repair"]);
        let error = project.migrator().down(&DownRequest::All).await.unwrap_err();
        assert_says(&error, ErrorKind::Refused, "no-file", &["002_orders has no file any more"]);
        assert_eq!(user_tables(&db).await, "orders ; users");
    }

    async fn out_of_order(db: TestDatabase) {
        let project = Project::shop(&db);
        let renamed = ["002_orders.up.sql", "002_orders.down.sql"];
        let texts = renamed.map(|name| std::fs::read_to_string(project.root().join("migrations").join(name)).unwrap());
        project.write("003_index.up.sql", "CREATE TABLE three (id integer);\n");
        for name in renamed { project.remove(name); }
        project.up().await;
        for (name, text) in renamed.iter().zip(texts) { project.write(name, text); }
        assert_eq!(project.states().await, "001 applied, 002 out-of-order, 003 applied");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Mismatch, "out-of-order", &["002_orders: never applied", "--allow-out-of-order"]);
        let request = UpRequest { allow_out_of_order: true, ..UpRequest::default() };
        let report = project.migrator().up(&request).await.unwrap();
        assert_eq!((report.ran.len(), report.current.as_deref()), (1, Some("003")));
        assert_eq!(project.states().await, "001 applied, 002 applied, 003 applied");
    }

    async fn a_database_ahead_of_the_files(db: TestDatabase) {
        let project = Project::shop(&db);
        project.up().await;
        project.remove("003_index.up.sql");
        project.remove("003_index.down.sql");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Ahead, "database-ahead", &["by 1 migration", "003_index", "deploy the newer version"]);
        let error = project.migrator().expect("2").await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Ahead);
    }

    async fn no_way_back(db: TestDatabase) {
        let project = Project::shop(&db);
        project.remove("002_orders.down.sql");
        project.up().await;
        let error = project.migrator().down(&DownRequest::All).await.unwrap_err();
        assert_says(&error, ErrorKind::Refused, "no-down", &["002_orders has no down file, so it", "write migrations/002_orders.down.sql", "shoring down --to 002"]);
        assert_eq!(user_tables(&db).await, "orders ; users");
        assert_eq!(project.states().await, "001 applied, 002 applied, 003 applied");
    }

    async fn a_damaged_history(db: TestDatabase) {
        let project = Project::shop(&db);
        project.up().await;
        prepare(&db, &["UPDATE shoring_history SET version = 'x1' WHERE version = '002'"]).await;
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Mismatch, "damaged-history", &["version `x1` is not a number", "Nothing was run"]);
        prepare(&db, &["UPDATE shoring_history SET version = '1' WHERE version = 'x1'"]).await;
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Mismatch, "damaged-history", &["stands there twice"]);
        assert!(!crate::support::tell(&error).contains("shoring repair"), "repair cannot read it either");
        assert_eq!(ask(&db, "SELECT count(*) FROM users").await, "1");
    }
}
