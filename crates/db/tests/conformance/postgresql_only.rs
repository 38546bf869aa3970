//! What only PostgreSQL can show: a caller's own client, progress, a flood of notices, a syntax error behind good statements.

use crate::support::{batch, fail, number, run};
use shoring_db::postgresql::PostgresSession;
use shoring_db::{Host, LockAttempt, Session};
use std::time::Duration;
use tokio_postgres::NoTls;

shoring_testkit::server_tests! {
    [postgresql]

    async fn a_callers_own_client_becomes_a_session(db: TestDatabase) {
        let url = db.url();
        let Host::Tcp(host, port) = &url.hosts[0] else { panic!("the test server's URL names a host") };
        let mut config = tokio_postgres::Config::new();
        config.host(host).port(*port).dbname(&db.name).user(url.user.as_ref().unwrap());
        config.password(url.password.as_ref().unwrap().reveal());
        let (client, connection) = config.connect(NoTls).await.unwrap();
        let driving = tokio::spawn(connection);
        let mut session: Box<dyn Session> = Box::new(PostgresSession::from_client(client).await.unwrap());
        run(&mut session, &["CREATE TABLE t (id integer)"]).await;
        assert_eq!(session.try_lock(&db.name).await.unwrap(), LockAttempt::Acquired);
        let canceller = session.canceller();
        let asking = tokio::spawn(async move {
            let mut pause = tokio::time::interval(Duration::from_millis(50));
            loop {
                pause.tick().await;
                canceller.cancel().await.unwrap();
            }
        });
        let error = fail(&mut session, "SELECT pg_sleep(60)").await;
        asking.abort();
        assert_eq!(error.kind, shoring_db::DbErrorKind::Cancelled);
        session.close().await.unwrap();
        driving.await.unwrap().unwrap();
    }

    async fn an_option_the_server_does_not_know_is_ours_to_correct(db: TestDatabase) {
        let url = db.url_with("?options=-c%20no_such_setting%3D1");
        let error = shoring_db::connect(&url, &shoring_testkit::TestDatabase::options()).await.err().unwrap();
        assert_eq!(error.kind, shoring_db::DbErrorKind::Configuration, "{error:?}");
    }

    async fn the_server_with_the_right_role_is_taken(db: TestDatabase) {
        let options = shoring_testkit::TestDatabase::options();
        for (wanted, is_there) in [
            ("any", true),
            ("read-write", true),
            ("primary", true),
            ("prefer-standby", true),
            ("read-only", false),
            ("standby", false),
        ] {
            let url = db.url_with(&format!("?target_session_attrs={wanted}"));
            match shoring_db::connect(&url, &options).await {
                Ok(session) => {
                    assert!(is_there, "{wanted}");
                    session.close().await.unwrap();
                }
                Err(error) => {
                    assert!(!is_there, "{wanted}: {error:?}");
                    assert_eq!(error.kind, shoring_db::DbErrorKind::Unreachable);
                }
            }
        }
    }

    async fn a_long_index_build_tells_its_phase(db: TestDatabase) {
        let mut holder = db.connect().await;
        let mut builder = db.connect().await;
        let mut observer = db.connect().await;
        run(&mut holder, &["CREATE TABLE t (id integer)", "BEGIN", "INSERT INTO t VALUES (1)"]).await;
        let (holding, building) = (holder.backend(), builder.backend());
        let build = tokio::spawn(async move { batch(&mut builder, &["CREATE INDEX CONCURRENTLY t_id ON t (id)"]).await.1 });
        let activity = loop {
            let activity = observer.activity(&building).await.unwrap();
            if activity.progress.is_some() && !activity.blockers.is_empty() {
                break activity;
            }
        };
        assert!(activity.progress.unwrap().phase.starts_with("waiting for writers"));
        assert!(holding.0.starts_with(&format!("{}:", activity.blockers[0].session)));
        assert_eq!(activity.blockers[0].state.as_deref(), Some("idle in transaction"));
        assert_eq!(activity.blockers[0].application.as_deref(), Some("shoring-test"));
        run(&mut holder, &["COMMIT"]).await;
        build.await.unwrap().unwrap();
    }

    async fn a_flood_of_notices_is_cut(db: TestDatabase) {
        let mut session = db.connect().await;
        run(&mut session, &["DO $$ BEGIN FOR i IN 1..10007 LOOP RAISE NOTICE '%', i; END LOOP; END $$"]).await;
        let notices = session.take_notices();
        assert_eq!(notices.len(), 10_001);
        assert_eq!(notices[10_000].message, "7 further notices were dropped");
    }

    async fn a_syntax_error_stops_the_whole_message(db: TestDatabase) {
        let mut session = db.connect().await;
        let statements = ["CREATE TABLE t (id integer)", "INSERT INTO t VALUES (1)", "SELEC 'é'"];
        let (completed, result) = batch(&mut session, &statements).await;
        let error = result.unwrap_err();
        // The server parses the message before it runs any of it.
        assert_eq!(completed, []);
        assert_eq!((error.index, error.error.offset), (2, Some(0)));
        assert_eq!(number(&mut session, "SELECT count(*) FROM pg_class WHERE relname = 't'").await, 0);
    }

    async fn an_error_inside_a_function_tells_its_context(db: TestDatabase) {
        let mut session = db.connect().await;
        let error = fail(&mut session, "DO $$ BEGIN\n PERFORM nowhere.f('é'); END $$").await;
        let context = error.context.unwrap();
        assert!(context.contains("line 2"), "{context}");
        assert!(context.contains("nowhere.f"), "{context}");
        assert_eq!(error.offset, None);
        let error = fail(&mut session, "DO $$ BEGIN RAISE EXCEPTION 'x' USING DETAIL = 'd', HINT = 'h', ERRCODE = 'AB123'; END $$").await;
        assert_eq!((error.code.as_deref(), error.detail.as_deref(), error.hint.as_deref()), (Some("AB123"), Some("d"), Some("h")));
    }

    async fn the_schema_of_the_url_is_where_tables_go(db: TestDatabase) {
        let mut session = db.connect().await;
        run(&mut session, &["CREATE SCHEMA \"My App\"", "CREATE SCHEMA app"]).await;
        for (suffix, expected) in [
            ("?schema=My%20App", "My App"),
            ("?currentSchema=app,public", "app"),
            ("?search_path=app", "app"),
            ("?options=-csearch_path%3Dapp", "app"),
            ("", "public"),
        ] {
            let url = db.url_with(suffix);
            let mut session = shoring_db::connect(&url, &shoring_testkit::TestDatabase::options()).await.unwrap();
            assert_eq!(session.current_schema().await.unwrap().as_deref(), Some(expected), "{suffix}");
            run(&mut session, &["SET search_path = nowhere"]).await;
            session.reset().await.unwrap();
            assert_eq!(session.current_schema().await.unwrap().as_deref(), Some(expected), "{suffix}");
        }
    }
}
