//! What writes records without running anything: baseline, mark, repair, doctor.

use crate::support::{Project, ask, assert_says, prepare, tables, tell, user_tables};
use shoring::{Confirmation, DownRequest, ErrorKind, MarkAs, UpRequest};
use shoring_testkit::Engine;

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn a_baseline_takes_a_database_as_it_is(db: TestDatabase) {
        prepare(&db, &["CREATE TABLE users (id integer)", "CREATE TABLE orders (id integer, user_id integer)"]).await;
        let project = Project::shop(&db);
        let migrator = project.migrator();
        let before = tables(&db).await;
        let shown = migrator.baseline("2", Confirmation::ShowOnly).await.unwrap();
        assert_eq!((shown.applied, shown.changes.len()), (false, 2));
        assert_eq!(tables(&db).await, before);
        let done = migrator.baseline("2", Confirmation::Confirmed).await.unwrap();
        assert_eq!((done.applied, done.current.as_deref()), (true, Some("002")));
        assert_eq!(done.changes, shown.changes);
        assert_eq!(project.states().await, "001 baseline, 002 baseline, 003 pending");
        project.up().await;
        assert_eq!(project.states().await, "001 baseline, 002 baseline, 003 applied");
        assert_eq!(project.journal().await, "baseline 001 applied, baseline 002 applied, up 003 applied");
        let error = migrator.baseline("3", Confirmation::Confirmed).await.unwrap_err();
        assert_says(&error, ErrorKind::Refused, "history-not-empty", &["stands at 003", "shoring mark"]);
        let error = migrator.down(&DownRequest::All).await.unwrap_err();
        assert_says(&error, ErrorKind::Refused, "is-baseline", &["002_orders was taken as the baseline"]);
        assert_eq!(user_tables(&db).await, "orders ; users");
    }

    async fn a_baseline_whose_files_are_gone(db: TestDatabase) {
        let project = Project::new(&db, &[("041_t.up.sql", "CREATE TABLE t (id integer);\n")]);
        let migrator = project.migrator();
        migrator.baseline("40", Confirmation::Confirmed).await.unwrap();
        assert_eq!(project.states().await, "40 baseline, 041 pending");
        assert_eq!(project.up().await.ran.len(), 1);
        assert_eq!(project.states().await, "40 baseline, 041 applied");
    }

    async fn a_baseline_of_nonsense_creates_nothing(db: TestDatabase) {
        let project = Project::shop(&db);
        let error = project.migrator().baseline("nonsense", Confirmation::Confirmed).await.unwrap_err();
        assert_says(&error, ErrorKind::Usage, "unknown-target", &["nonsense"]);
        let error = project.migrator().mark("nonsense", MarkAs::Applied).await.unwrap_err();
        assert_says(&error, ErrorKind::Usage, "unknown-target", &["nonsense"]);
        if db.engine == Engine::Sqlite { assert!(!db.file().exists()); } else { assert_eq!(tables(&db).await, ""); }
    }

    async fn mark_writes_and_forgets_one_row(db: TestDatabase) {
        let project = Project::shop(&db);
        let migrator = project.migrator();
        let report = migrator.mark("1", MarkAs::Applied).await.unwrap();
        assert_eq!((report.applied, report.changes.len(), report.current.as_deref()), (true, 1, Some("001")));
        assert!(!migrator.mark("1", MarkAs::Applied).await.unwrap().applied);
        assert_eq!(ask(&db, "SELECT version, kind FROM shoring_history").await, "001|marked");
        assert_eq!(project.states().await, "001 applied, 002 pending, 003 pending");
        assert_eq!(user_tables(&db).await, "");
        migrator.mark("001_users", MarkAs::Pending).await.unwrap();
        assert!(!migrator.mark("1", MarkAs::Pending).await.unwrap().applied);
        assert_eq!(project.journal().await, "mark 001 applied, mark 001 settled".replace("settled", "applied"));
        project.up().await;
        assert_eq!(project.states().await, "001 applied, 002 applied, 003 applied");
    }

    async fn repair_realigns_and_retires(db: TestDatabase) {
        let project = Project::shop(&db);
        project.up().await;
        project.write("001_users.up.sql", "-- reformatted\nCREATE TABLE users (id integer);\n");
        project.remove("002_orders.up.sql");
        project.remove("002_orders.down.sql");
        let migrator = project.migrator();
        let doctor = migrator.doctor(Confirmation::ShowOnly).await.unwrap();
        let found: Vec<String> = doctor.cases.iter().map(|case| format!("{} {}", case.version, case.summary)).collect();
        assert_eq!(found, ["001 the file is not what was applied", "002 applied, and its file is gone"]);
        let shown = migrator.repair(Confirmation::ShowOnly).await.unwrap();
        let actions: Vec<String> = shown.changes.iter().map(|change| format!("{} {}", change.version, change.action)).collect();
        assert_eq!(actions, ["001 realign the checksum", "002 retire"]);
        assert_eq!(project.states().await, "001 changed, 002 missing, 003 applied");
        let done = migrator.repair(Confirmation::Confirmed).await.unwrap();
        assert_eq!((done.changes, done.applied), (shown.changes, true));
        assert_eq!(project.states().await, "001 applied, 002 baseline, 003 applied");
        assert_eq!(project.up().await.ran, []);
        assert!(!migrator.repair(Confirmation::Confirmed).await.unwrap().applied);
        assert_eq!(migrator.doctor(Confirmation::ShowOnly).await.unwrap().cases, []);
    }

    async fn without_a_journal(db: TestDatabase) {
        let project = Project::shop(&db);
        let migrator = project.migrator().without_journal();
        assert_eq!(migrator.up(&UpRequest::default()).await.unwrap_or_else(|error| panic!("{}", tell(&error))).ran.len(), 3);
        assert_eq!(tables(&db).await, "orders ; shoring_history ; users");
        assert_eq!(migrator.up(&UpRequest::default()).await.unwrap().ran, []);
        let history = migrator.history().await.unwrap();
        assert_eq!((history.has_journal, history.entries.len()), (false, 3));
        migrator.down(&DownRequest::Steps(1)).await.unwrap();
        migrator.mark("3", MarkAs::Applied).await.unwrap();
        migrator.repair(Confirmation::Confirmed).await.unwrap();
        migrator.doctor(Confirmation::Confirmed).await.unwrap();
        project.write("004_bad.up.sql", "SELECT nothing FROM nowhere;\n");
        let error = migrator.up(&UpRequest::default()).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::FailedRolledBack);
        assert_eq!(tables(&db).await, "orders ; shoring_history ; users");
    }

    async fn doctor_finds_a_healthy_database_healthy(db: TestDatabase) {
        let project = Project::shop(&db);
        project.up().await;
        for confirmation in [Confirmation::ShowOnly, Confirmation::Confirmed] {
            let report = project.migrator().doctor(confirmation).await.unwrap();
            assert_eq!((report.cases, report.notes), (Vec::new(), Vec::new()));
        }
    }
}

mod a_run_that_died {
    use super::{Confirmation, ErrorKind, Project, ask, assert_says, prepare};
    use shoring::report::Finding;

    shoring_testkit::server_tests! {
        [mariadb, mysql]

        async fn is_settled_by_evidence(db: TestDatabase) {
            prepare(&db, &["CREATE TABLE witness (what varchar(10))"]).await;
            let project = Project::new(&db, &[("001_x.up.sql", "CREATE TABLE a (id integer);\nCREATE TABLE b (id integer);\nALTER TABLE nowhere ADD x integer;\n")]);
            project.up_fails().await;
            // As if it had died between the statement and its report: b is there (and then it is not), the step still says intent.
            for (there, finding) in [("CREATE TABLE IF NOT EXISTS b (id integer)", Finding::Applied), ("DROP TABLE b", Finding::Absent)] {
                prepare(&db, &[there, "UPDATE shoring_run_steps SET state = 'intent' WHERE first_statement = 2 AND state = 'done'", "DELETE FROM shoring_run_steps WHERE first_statement > 2"]).await;
                let shown = project.migrator().doctor(Confirmation::ShowOnly).await.unwrap();
                let case = &shown.cases[0];
                assert_eq!((case.statements[1].finding, case.is_settled), (finding, false), "{case:?}");
                assert!(case.statements[1].evidence.contains("table") && case.settlement.is_some(), "{case:?}");
                assert_eq!(ask(&db, "SELECT count(*) FROM shoring_run_steps WHERE state = 'intent'").await, "1");
                if finding == Finding::Absent { break; }
            }
            let settled = project.migrator().doctor(Confirmation::Confirmed).await.unwrap();
            assert!(settled.cases[0].is_settled, "{settled:?}");
            assert_eq!(ask(&db, "SELECT count(*) FROM shoring_run_steps WHERE state = 'intent'").await, "0");
            project.write("001_x.up.sql", "CREATE TABLE a (id integer);\nCREATE TABLE b (id integer);\nALTER TABLE b ADD x integer;\n");
            project.up().await;
            assert_eq!(project.states().await, "001 applied");
        }

        async fn is_unknown_where_nothing_can_be_seen(db: TestDatabase) {
            let project = Project::new(&db, &[("001_x.up.sql", "CREATE TABLE a (id integer);\nGRANT SELECT ON a TO nobody_there;\n")]);
            project.write("001_x.up.sql", "CREATE TABLE a (id integer);\nOPTIMIZE TABLE a;\nRENAME USER nobody_a TO nobody_b;\n");
            project.up_fails().await;
            prepare(&db, &["INSERT INTO shoring_run_steps (attempt, first_statement, last_statement, hash, state, started_at) SELECT attempt, 3, 3, 'x', 'intent', UTC_TIMESTAMP() FROM shoring_runs ON DUPLICATE KEY UPDATE state = 'intent', probe = NULL"]).await;
            let error = project.up_fails().await;
            assert_says(&error, ErrorKind::OutcomeUnknown, "outcome-unknown", &["statement 3 of `001_x`", "shoring doctor"]);
            let report = project.migrator().doctor(Confirmation::Confirmed).await.unwrap();
            assert_eq!(report.cases[0].statements[2].finding, Finding::Unknown);
            assert!(report.cases[0].next.contains("shoring mark 001 applied"), "{report:?}");
            project.migrator().mark("1", shoring::MarkAs::Applied).await.unwrap();
            assert_eq!(project.states().await, "001 applied");
        }
    }
}
