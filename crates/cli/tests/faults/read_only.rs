//! Servers that take no writes: a standby of PostgreSQL, a MariaDB with `read_only`. What only looks works; what would
//! write is refused before anything is tried, and works once the server does.

use crate::own_mariadb::Mariadb;
use crate::own_postgresql::Postgresql;
use crate::own_server::OwnServer;
use crate::project::FaultProject;
use shoring_testkit::TestDatabase;

fn project(database: TestDatabase) -> FaultProject {
    FaultProject::empty(database)
        .with("migrations/001_a.up.sql", "CREATE TABLE a (id int);\n")
        .with("migrations/001_a.down.sql", "DROP TABLE a;\n")
        .with("migrations/002_b.up.sql", "CREATE TABLE b (id int);\n")
}

/// Every command that writes is refused with these words, and nothing is written.
async fn assert_refused(project: &FaultProject, url: &str, words: &str) {
    let before = project.oracle().await.picture().await;
    for line in ["up", "down", "mark 2 applied"] {
        let ended = project.start_at(url, line).end().await;
        assert_eq!(ended.code, Some(2), "{line}: {ended:#?}");
        for word in [
            words,
            "State:  Nothing was run and nothing was changed.",
            "Next:   connect to the primary server",
        ] {
            assert!(ended.stderr.contains(word), "{line}: `{word}`: {ended:#?}");
        }
    }
    assert_eq!(project.oracle().await.picture().await, before);
    for (line, code) in [
        ("status", 0),
        ("status --exit-code", 3),
        ("plan", 0),
        ("history", 0),
        ("doctor", 0),
    ] {
        let ended = project.start_at(url, line).end().await;
        assert_eq!(ended.code, Some(code), "{line}: {ended:#?}");
    }
}

mod postgresql {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_standby_is_read_and_not_migrated_until_it_is_promoted() {
        let mut primary = OwnServer::start(Postgresql).await;
        let database = TestDatabase::create_on(primary.server()).await;
        let project = project(database.clone());
        project.expect("up 1", 0).await;
        // A copy of a server that was stopped in an orderly way needs no tool that not every distribution has.
        primary.stop().await;
        let mut standby = OwnServer::prepared(Postgresql);
        standby.fill_from(primary.data());
        std::fs::write(standby.data().join("standby.signal"), "").unwrap();
        primary.launch().await;
        standby.launch().await;
        let there = TestDatabase::named(standby.server(), database.name.clone());
        assert_refused(&project, &there.url_text(), "the server is a standby").await;
        let mut session = there.connect().await;
        session.query("SELECT pg_promote()").await.unwrap();
        let ended = project.start_at(&there.url_text(), "up").end().await;
        assert_eq!(ended.code, Some(0), "{ended:#?}");
        assert_eq!(project.oracle().await.picture().await.history, ["001"]);
    }

    async fn database_without_writes(database: TestDatabase) {
        let name = database.name.clone();
        let project = project(database);
        project.expect("up 1", 0).await;
        let mut oracle = project.oracle().await;
        let set = format!("ALTER DATABASE {name} SET default_transaction_read_only");
        oracle.execute(&format!("{set} = on")).await;
        let words = "`default_transaction_read_only` is on";
        assert_refused(&project, &project.url(None), words).await;
        oracle.execute(&format!("{set} = off")).await;
        project.expect("up", 0).await;
    }

    #[test]
    fn a_database_whose_transactions_are_read_only_is_read_and_not_migrated() {
        shoring_testkit::run(shoring_testkit::Engine::Postgresql, database_without_writes);
    }
}

mod mariadb {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_server_with_read_only_is_read_and_not_migrated() {
        let server = OwnServer::start(Mariadb).await;
        let database = TestDatabase::create_on(server.server()).await;
        let name = database.name.clone();
        let project = project(database);
        let mut admin = project.oracle().await;
        // Root may write all the same.
        admin
            .execute("CREATE USER app@'127.0.0.1' IDENTIFIED BY 'app'")
            .await;
        admin
            .execute(&format!("GRANT ALL ON {name}.* TO app@'127.0.0.1'"))
            .await;
        let url = project.url(None).replace("root:own@", "app:app@");
        let ended = project.start_at(&url, "up 1").end().await;
        assert_eq!(ended.code, Some(0), "{ended:#?}");
        admin.execute("SET GLOBAL read_only = 1").await;
        assert_refused(&project, &url, "read_only").await;
        admin.execute("SET GLOBAL read_only = 0").await;
        let ended = project.start_at(&url, "up").end().await;
        assert_eq!(ended.code, Some(0), "{ended:#?}");
    }
}
