//! An index whose concurrent build failed stays behind, invalid: ours is dropped and built again, another's is refused.

use crate::support::{Project, ask, assert_says, prepare, run};
use shoring::report::CaseKind;
use shoring::{Confirmation, ErrorKind};

const VALID: &str = "SELECT indexrelid::regclass, indisvalid FROM pg_index WHERE indrelid = 't'::regclass ORDER BY 1";

shoring_testkit::server_tests! {
    [postgresql]

    async fn ours_is_built_again(db: TestDatabase) {
        for (number, guard) in ["", "IF NOT EXISTS "].into_iter().enumerate() {
            prepare(&db, &["DROP TABLE IF EXISTS t", "CREATE TABLE t (id integer)", "INSERT INTO t VALUES (1), (1), (2)"]).await;
            let project = Project::new(&db, &[]);
            let version = number + 1;
            for earlier in 1..version {
                project.write(&format!("00{earlier}_i.up.sql"), "CREATE UNIQUE INDEX CONCURRENTLY i ON t (id);\n");
            }
            project.write(&format!("00{version}_i.up.sql"), format!("CREATE UNIQUE INDEX CONCURRENTLY {guard}i ON t (id);\n"));
            let error = project.up_fails().await;
            assert_says(&error, ErrorKind::FailedPartly, "migration-failed", &["could not create unique index", "index i is there, but invalid", "drops it and builds it again"]);
            assert_eq!(ask(&db, VALID).await, "i|f");
            prepare(&db, &["DELETE FROM t WHERE ctid = (SELECT max(ctid) FROM t WHERE id = 1)"]).await;
            project.up().await;
            assert_eq!(ask(&db, VALID).await, "i|t");
        }
    }

    async fn doctor_tells_ours_from_anothers(db: TestDatabase) {
        prepare(&db, &["CREATE TABLE t (id integer)", "INSERT INTO t VALUES (1), (1)"]).await;
        let project = Project::new(&db, &[("001_i.up.sql", "CREATE UNIQUE INDEX CONCURRENTLY i ON t (id);\n")]);
        project.up_fails().await;
        let mut session = db.connect().await;
        let batch = shoring_db::Batch { statements: &["CREATE UNIQUE INDEX CONCURRENTLY \"J\" ON t (id)"] };
        session.execute(batch, &mut |_| {}).await.unwrap_err();
        // The server says what failed before it has let go of the locks.
        session.query("SELECT 1").await.unwrap();
        for confirmation in [Confirmation::ShowOnly, Confirmation::Confirmed] {
            let report = project.migrator().doctor(confirmation).await.unwrap();
            let [anothers, ours] = report.cases.as_slice() else { panic!("{report:?}") };
            assert_eq!((anothers.kind, anothers.version.as_str(), anothers.name.as_str()), (CaseKind::Mismatch, "", "J"));
            assert!(anothers.summary.contains("index public.J on t is invalid") && anothers.summary.contains("no attempt of shoring"), "{anothers:?}");
            assert!(anothers.next.contains("DROP INDEX CONCURRENTLY \"public\".\"J\""), "{anothers:?}");
            assert_eq!((ours.kind, ours.version.as_str()), (CaseKind::PartlyApplied, "001"));
            assert!(ours.summary.contains("statement 1 of this migration began it") && ours.next.contains("shoring up"), "{ours:?}");
            // It only tells.
            assert_eq!(ask(&db, VALID).await, "i|f ; \"J\"|f");
        }
        // Whoever holds a lock of this kind may be building it.
        run(&mut session, &["BEGIN", "LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE"]).await;
        let report = project.migrator().doctor(Confirmation::ShowOnly).await.unwrap();
        assert!(report.cases.is_empty() && report.notes[0].contains("may be building it"), "{report:?}");
    }

    /// What the run began before it lost its link is its own when it has connected again.
    async fn a_build_cut_off_in_the_middle_is_built_again_by_the_same_run(db: TestDatabase) {
        prepare(&db, &["CREATE TABLE t (id integer)"]).await;
        let project = Project::new(&db, &[("001_i.up.sql", "CREATE INDEX CONCURRENTLY i ON t (id);\n")]);
        let mut holder = db.connect().await;
        // The build waits for whoever writes into the table, after its index is in the catalogue.
        run(&mut holder, &["BEGIN", "INSERT INTO t VALUES (1)"]).await;
        let cut = async {
            let building = "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'CREATE INDEX CONCURRENTLY%' AND wait_event_type = 'Lock'";
            while ask(&db, &format!("SELECT count(*) {building}")).await != "1" {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            assert_eq!(ask(&db, VALID).await, "i|f");
            assert_eq!(ask(&db, &format!("SELECT pg_terminate_backend(pid) {building}")).await, "t");
            run(&mut holder, &["COMMIT"]).await;
        };
        let (report, ()) = tokio::join!(project.up(), cut);
        assert_eq!(report.ran.len(), 1);
        assert_eq!(ask(&db, VALID).await, "i|t");
        assert_eq!(project.journal().await, "up 001 applied");
    }

    async fn in_another_schema(db: TestDatabase) {
        prepare(&db, &["CREATE SCHEMA app", "CREATE TABLE app.t (id integer)", "INSERT INTO app.t VALUES (1), (1)"]).await;
        let project = Project::new(&db, &[("001_i.up.sql", "CREATE TABLE w (id integer);\nCREATE UNIQUE INDEX CONCURRENTLY \"My Index\" ON app.t (id);\n")]);
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::FailedPartly, "migration-failed", &["1 of 2"]);
        prepare(&db, &["TRUNCATE app.t"]).await;
        project.up().await;
        assert_eq!(ask(&db, "SELECT indisvalid FROM pg_index WHERE indrelid = 'app.t'::regclass").await, "t");
    }

    async fn anothers_is_refused(db: TestDatabase) {
        prepare(&db, &["CREATE TABLE t (id integer)", "INSERT INTO t VALUES (1), (1)"]).await;
        let mut session = db.connect().await;
        let batch = shoring_db::Batch { statements: &["CREATE UNIQUE INDEX CONCURRENTLY i ON t (id)"] };
        session.execute(batch, &mut |_| {}).await.unwrap_err();
        prepare(&db, &["TRUNCATE t"]).await;
        let project = Project::new(&db, &[("001_i.up.sql", "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t (id);\n")]);
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Refused, "invalid-index", &["its build never finished", "DROP INDEX CONCURRENTLY i"]);
        assert_eq!(ask(&db, VALID).await, "i|f");
        assert_eq!(project.states().await, "001 pending");
    }

    async fn a_valid_one_of_another_shape_is_refused(db: TestDatabase) {
        prepare(&db, &["CREATE TABLE t (id integer, name text)", "CREATE INDEX i ON t (name)"]).await;
        let project = Project::new(&db, &[("001_i.up.sql", "CREATE INDEX CONCURRENTLY i ON t (id);\n")]);
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::FailedRolledBack, "migration-failed", &["already exists"]);
    }
}
