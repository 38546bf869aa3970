//! A user without rights: refusals, and what may not be seen.

use crate::support::{fail, run};
use shoring_core::Dialect;
use shoring_db::{Activity, DatabaseUrl, DbErrorKind, Session};
use shoring_testkit::TestDatabase;
use std::path::Path;

/// Makes a login that may connect and read nothing, and connects with it.
async fn stranger(db: &TestDatabase, admin: &mut Box<dyn Session>) -> Box<dyn Session> {
    let name = format!("u{}", db.name.replace("shoring_test", ""));
    let create = db.engine.pick(
        vec![format!("CREATE ROLE {name} LOGIN PASSWORD 'pw@/'")],
        vec![
            // An anonymous `''@localhost`, which a fresh MariaDB may have, would come before `'%'`.
            format!(
                "CREATE USER {name}@'%' IDENTIFIED BY 'pw@/', {name}@localhost IDENTIFIED BY 'pw@/'"
            ),
            format!(
                "GRANT SELECT ON {}.* TO {name}@'%', {name}@localhost",
                db.name
            ),
        ],
        vec![],
    );
    drop_stranger(db, admin).await;
    for statement in &create {
        run(admin, &[statement]).await;
    }
    let text = db.url_text();
    let (scheme, rest) = text.split_once("://").unwrap();
    let (_, place) = rest.rsplit_once('@').unwrap();
    let url = format!("{scheme}://{name}:pw@/@{place}");
    let url = DatabaseUrl::parse(&url, Path::new("/")).unwrap();
    shoring_db::connect(&url, &TestDatabase::options())
        .await
        .unwrap()
}

async fn drop_stranger(db: &TestDatabase, admin: &mut Box<dyn Session>) {
    let name = format!("u{}", db.name.replace("shoring_test", ""));
    let drop = db.engine.pick(
        format!("DROP ROLE IF EXISTS {name}"),
        format!("DROP USER IF EXISTS {name}@'%', {name}@localhost"),
        String::new(),
    );
    run(admin, &[&drop]).await;
    admin.take_notices();
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql]

    async fn a_user_without_rights_is_told_so(db: TestDatabase) {
        let mut admin = db.connect().await;
        run(&mut admin, &["CREATE TABLE t (id integer)"]).await;
        if db.engine.dialect() == Dialect::Postgresql {
            run(&mut admin, &["REVOKE CREATE ON SCHEMA public FROM public"]).await;
        }
        let mut session = stranger(&db, &mut admin).await;
        let error = fail(&mut session, "CREATE TABLE u (id integer)").await;
        assert_eq!(error.kind, DbErrorKind::Permission, "{error:?}");
        let error = fail(&mut session, "INSERT INTO t VALUES (1)").await;
        assert_eq!(error.kind, DbErrorKind::Permission, "{error:?}");
        session.close().await.unwrap();
        drop_stranger(&db, &mut admin).await;
    }

    async fn nothing_is_concluded_from_what_may_not_be_seen(db: TestDatabase) {
        let mut admin = db.connect().await;
        let mut session = stranger(&db, &mut admin).await;
        let own = session.backend();
        assert_eq!(session.is_alive(&own).await.unwrap(), Some(true));
        assert_ne!(session.is_alive(&admin.backend()).await.unwrap(), Some(false));
        assert_eq!(session.activity(&admin.backend()).await.unwrap(), Activity::default());
        session.close().await.unwrap();
        drop_stranger(&db, &mut admin).await;
    }
}
