//! A saved plan runs what it says, once, and nothing when files, history or server have moved.

use crate::support::{Project, ask, assert_says, tell};
use shoring::{DownRequest, ErrorKind, MarkAs, SavedPlan, UpRequest};

async fn saved(project: &Project, request: &UpRequest) -> SavedPlan {
    let saved = project.migrator().save_plan(request).await;
    saved.unwrap_or_else(|error| panic!("{}", tell(&error))).1
}

fn run(plan: &SavedPlan) -> UpRequest {
    UpRequest {
        plan: Some(Box::new(plan.clone())),
        ..UpRequest::default()
    }
}

fn steps(steps: usize) -> UpRequest {
    UpRequest {
        steps: Some(steps),
        ..UpRequest::default()
    }
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn runs_what_it_says_and_nothing_else(db: TestDatabase) {
        let project = Project::shop(&db);
        let plan = saved(&project, &steps(2)).await;
        let versions: Vec<&str> = plan.migrations.iter().map(|one| one.version.as_str()).collect();
        assert_eq!(versions, ["001", "002"]);
        let report = project.migrator().up(&run(&plan)).await.unwrap_or_else(|error| panic!("{}", tell(&error)));
        assert_eq!((report.ran.len(), report.pending), (2, 1));
        // A deployment that is repeated finds nothing to do.
        assert_eq!(project.migrator().up(&run(&plan)).await.unwrap().ran.len(), 0);
        assert_eq!(project.states().await, "001 applied, 002 applied, 003 pending");
    }

    async fn goes_on_where_it_was_cut_off(db: TestDatabase) {
        let project = Project::shop(&db);
        let plan = saved(&project, &UpRequest::default()).await;
        project.migrator().up(&steps(1)).await.unwrap();
        let report = project.migrator().up(&run(&plan)).await.unwrap_or_else(|error| panic!("{}", tell(&error)));
        assert_eq!(report.ran.iter().map(|ran| ran.version.as_str()).collect::<Vec<_>>(), ["002", "003"]);
    }

    async fn refuses_files_that_have_moved(db: TestDatabase) {
        let project = Project::shop(&db);
        project.migrator().up(&steps(1)).await.unwrap();
        let plan = saved(&project, &steps(1)).await;
        let before = project.states().await;
        project.write("002_orders.up.sql", "CREATE TABLE orders (id integer PRIMARY KEY);\n");
        let error = project.migrator().up(&run(&plan)).await.unwrap_err();
        assert_says(&error, ErrorKind::Mismatch, "outdated-plan", &["`migrations/002_orders.up.sql` was changed since", "shoring plan --save"]);
        project.remove("002_orders.up.sql");
        project.remove("002_orders.down.sql");
        let error = project.migrator().up(&run(&plan)).await.unwrap_err();
        assert_says(&error, ErrorKind::Mismatch, "outdated-plan", &["`migrations/002_orders.up.sql` is gone"]);
        project.write("002_orders.up.sql", "CREATE TABLE orders (id integer PRIMARY KEY, user_id integer);\n");
        project.write("002_orders.down.sql", "DROP TABLE orders;\n");
        assert_eq!(project.states().await, before);
        // What comes after the plan is not its business.
        project.write("004_later.up.sql", "CREATE TABLE later (id integer);\n");
        assert_eq!(project.migrator().up(&run(&plan)).await.unwrap().ran.len(), 1);
    }

    async fn refuses_a_file_that_slipped_in(db: TestDatabase) {
        let project = Project::shop(&db);
        let plan = saved(&project, &UpRequest::default()).await;
        project.write("0000_first.up.sql", "CREATE TABLE first_one (id integer);\n");
        let error = project.migrator().up(&run(&plan)).await.unwrap_err();
        assert_says(&error, ErrorKind::Mismatch, "outdated-plan", &["0000_first is new and stands before 003_index"]);
    }

    async fn refuses_a_history_that_has_moved(db: TestDatabase) {
        let project = Project::shop(&db);
        project.migrator().up(&steps(1)).await.unwrap();
        let plan = saved(&project, &UpRequest::default()).await;
        project.migrator().down(&DownRequest::Steps(1)).await.unwrap();
        let error = project.migrator().up(&run(&plan)).await.unwrap_err();
        assert_says(&error, ErrorKind::Mismatch, "outdated-plan", &["001 was applied when it was saved"]);
        project.migrator().up(&steps(1)).await.unwrap();
        project.migrator().mark("3", MarkAs::Applied).await.unwrap();
        let error = project.migrator().up(&UpRequest { plan: Some(Box::new(plan)), ..UpRequest::default() }).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Mismatch, "{}", tell(&error));
        assert_eq!(ask(&db, "SELECT count(*) FROM shoring_history").await, "2");
    }

    async fn refuses_another_server_and_an_edited_plan(db: TestDatabase) {
        let project = Project::shop(&db);
        let plan = saved(&project, &UpRequest::default()).await;
        let mut other = plan.clone();
        other.server.version = String::from("1.0");
        let error = project.migrator().up(&run(&other)).await.unwrap_err();
        assert_says(&error, ErrorKind::Mismatch, "outdated-plan", &["it was made for", "1.0, this is"]);
        let mut edited = plan;
        edited.migrations[1].transactions[0].statements[0].sql = String::from("SELECT 1");
        let error = project.migrator().up(&run(&edited)).await.unwrap_err();
        assert_says(&error, ErrorKind::Mismatch, "outdated-plan", &["002_orders would not run as the plan says"]);
        assert_eq!(project.states().await, "001 pending, 002 pending, 003 pending");
    }

    async fn saving_writes_nothing_into_the_database(db: TestDatabase) {
        let project = Project::shop(&db);
        saved(&project, &UpRequest::default()).await;
        if db.engine == shoring_testkit::Engine::Sqlite {
            assert!(!db.file().exists());
        } else {
            assert_eq!(crate::support::tables(&db).await, "");
        }
    }
}
