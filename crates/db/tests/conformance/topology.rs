//! What stands between us and the data, when nothing does.

use crate::support::run;
use shoring_core::{Dialect, Product};
use shoring_testkit::{Engine, TestDatabase};

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn a_direct_connection_is_seen_as_one(db: TestDatabase) {
        let mut session = db.connect().await;
        let topology = session.topology().await.unwrap();
        assert_eq!(topology, shoring_db::Topology::default());
        let server = session.server().clone();
        let expected = match db.engine {
            Engine::Postgresql => Product::Postgresql,
            Engine::Mariadb => Product::Mariadb,
            Engine::Mysql => Product::Mysql,
            Engine::Sqlite => Product::Sqlite,
        };
        assert_eq!(server.product, expected);
        assert!(server.version.major >= 3);
        assert!(!session.backend().0.is_empty());
    }

    async fn a_read_only_database_is_named(db: TestDatabase) {
        let mut session = db.connect().await;
        run(&mut session, &["CREATE TABLE t (id integer)"]).await;
        match db.engine.dialect() {
            Dialect::Postgresql => {
                let sql = format!("ALTER DATABASE {} SET default_transaction_read_only = on", db.name);
                run(&mut session, &[&sql]).await;
                let mut session = db.connect().await;
                assert!(session.topology().await.unwrap().read_only.is_some());
            }
            Dialect::Sqlite => {
                let options = shoring_db::ConnectOptions { read_only: true, ..TestDatabase::options() };
                let mut session = shoring_db::connect(&db.url(), &options).await.unwrap();
                assert!(session.topology().await.unwrap().read_only.is_some());
            }
            // `read_only` is a setting of the whole server, and other tests use it.
            Dialect::Mysql => {}
        }
    }
}
