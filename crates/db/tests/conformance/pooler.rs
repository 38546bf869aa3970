//! PgBouncer in transaction mode: recognised, and no session lock taken.

use crate::support::{batch, number};
use shoring_core::{Probe, Target, TargetKind};
use shoring_db::{Batch, ConnectOptions, DatabaseUrl, DbErrorKind, LockAttempt};
use shoring_testkit::{TestDatabase, variable};
use std::path::Path;

/// The URL of the test's database through the pooler.
fn through_pooler(db: &TestDatabase, suffix: &str) -> DatabaseUrl {
    let text = variable::value(variable::PGBOUNCER_URL);
    let (server, _) = text.rsplit_once('/').unwrap();
    DatabaseUrl::parse(&format!("{server}/{}{suffix}", db.name), Path::new("/")).unwrap()
}

shoring_testkit::server_tests! {
    [postgresql]

    async fn a_reading_session_leaves_nothing_on_the_poolers_connection(db: TestDatabase) {
        let reading = ConnectOptions { read_only: true, ..TestDatabase::options() };
        for _ in 0..3 {
            let session = shoring_db::connect(&through_pooler(&db, ""), &reading).await.unwrap();
            session.close().await.unwrap();
        }
        let mut session = shoring_db::connect(&through_pooler(&db, ""), &TestDatabase::options()).await.unwrap();
        session
            .execute(Batch { statements: &["CREATE TABLE written (id integer)"] }, &mut |_| {})
            .await
            .unwrap();
        session.close().await.unwrap();
    }

    async fn a_pooler_is_recognised_and_gets_no_session_lock(db: TestDatabase) {
        let mut session = shoring_db::connect(&through_pooler(&db, ""), &TestDatabase::options()).await.unwrap();
        let topology = session.topology().await.unwrap();
        assert!(topology.pooler.unwrap().contains("the handshake named backend"));
        assert_eq!(session.try_lock(&db.name).await.unwrap(), LockAttempt::Unsupported);
        session.unlock(&db.name).await.unwrap();
        assert_eq!(number(&mut session, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())").await, 0);
        session.close().await.unwrap();
    }

    async fn statements_probes_and_offsets_work_through_it(db: TestDatabase) {
        let mut session = shoring_db::connect(&through_pooler(&db, ""), &TestDatabase::options()).await.unwrap();
        let (completed, result) = batch(&mut session, &["BEGIN", "CREATE TABLE t (id integer)", "COMMIT"]).await;
        result.unwrap();
        assert_eq!(completed.len(), 3);
        let probe = session.probe(&Target::new(TargetKind::Table, "t")).await.unwrap();
        assert!(matches!(probe, Probe::Present { .. }));
        let sql = "SELECT 'é', nowhere";
        let error = batch(&mut session, &["SELECT 1", sql]).await.1.unwrap_err();
        assert_eq!((error.index, error.error.offset), (1, sql.find("nowhere")));
        session.reset().await.unwrap();
        session.close().await.unwrap();
    }

    async fn a_schema_in_the_url_does_not_stay_on_its_connection(db: TestDatabase) {
        for suffix in ["?search_path=app", "?currentSchema=app", "?schema=app"] {
            let error = shoring_db::connect(&through_pooler(&db, suffix), &TestDatabase::options()).await.err().unwrap();
            assert_eq!(error.kind, DbErrorKind::Configuration, "{error:?}");
            assert!(error.message.contains("ALTER ROLE"), "{error:?}");
        }
        let mut session = shoring_db::connect(&through_pooler(&db, ""), &TestDatabase::options()).await.unwrap();
        assert_eq!(crate::support::text(&mut session, "SHOW search_path").await, "\"$user\", public");
        session.close().await.unwrap();
    }

    async fn its_refusals_are_told_from_its_troubles(db: TestDatabase) {
        for suffix in ["_that_is_not_there", "?options=-c%20work_mem%3D1MB"] {
            let error = shoring_db::connect(&through_pooler(&db, suffix), &TestDatabase::options()).await.err().unwrap();
            assert_eq!(error.kind, DbErrorKind::Authentication, "{error:?}");
        }
    }

    async fn tls_is_refused_by_it_when_required(db: TestDatabase) {
        let required = through_pooler(&db, "?sslmode=require");
        let error = shoring_db::connect(&required, &TestDatabase::options()).await.err().unwrap();
        assert_eq!(error.kind, DbErrorKind::Tls);
        for mode in ["disable", "allow", "prefer"] {
            let url = through_pooler(&db, &format!("?sslmode={mode}"));
            let session = shoring_db::connect(&url, &TestDatabase::options()).await.unwrap();
            session.close().await.unwrap();
        }
    }
}
