//! What only MySQL and MariaDB do: packets of several statements, procedures, warnings, rights.

use crate::probe::follow;
use crate::support::{batch, fail, number, run};
use shoring_core::{Probe, Target, TargetKind};
use shoring_db::{ConnectOptions, DatabaseUrl, DbErrorKind, LockAttempt, Session};
use shoring_testkit::{Engine, TestDatabase};
use std::path::Path;

/// A session of a user without any right beyond this database.
async fn connect_as_nobody(
    db: &TestDatabase,
    admin: &mut Box<dyn Session>,
    user: &str,
) -> Box<dyn Session> {
    run(
        admin,
        &[
            &format!("CREATE USER '{user}'@'%' IDENTIFIED BY 'pw'"),
            &format!("GRANT ALL ON {}.* TO '{user}'@'%'", db.name),
        ],
    )
    .await;
    let port = db.server().port();
    let text = format!("mysql://{user}:pw@127.0.0.1:{port}/{}", db.name);
    let url = DatabaseUrl::parse(&text, Path::new("/")).unwrap();
    shoring_db::connect(&url, &TestDatabase::options())
        .await
        .unwrap()
}

/// The part of a user's name that differs between tests; names have at most 32 characters.
fn user_of(db: &TestDatabase, suffix: &str) -> String {
    format!("{}{suffix}", db.name.trim_start_matches("shoring_test_"))
}

shoring_testkit::server_tests! {
    [mariadb, mysql]

    async fn a_large_batch_travels_in_few_packets(db: TestDatabase) {
        let mut session = db.connect().await;
        run(&mut session, &["CREATE TABLE t (id integer PRIMARY KEY)"]).await;
        let texts: Vec<String> = (0..3000).map(|id| format!("INSERT INTO t VALUES ({id}) -- {id}")).collect();
        let mut statements: Vec<&str> = texts.iter().map(String::as_str).collect();
        let (completed, result) = batch(&mut session, &statements).await;
        result.unwrap();
        let expected: Vec<(usize, u64)> = (0..3000).map(|index| (index, 1)).collect();
        assert_eq!(completed, expected);
        run(&mut session, &["DELETE FROM t"]).await;
        statements[2000] = "INSERT INTO t\n VALUES (1 2)";
        let (completed, result) = batch(&mut session, &statements).await;
        let error = result.unwrap_err();
        assert_eq!((completed.len(), error.index), (2000, 2000));
        assert_eq!(error.error.code.as_deref(), Some("1064"));
        assert_eq!(error.error.offset, statements[2000].find("2)"), "{:?}", error.error);
        assert_eq!(number(&mut session, "SELECT count(*) FROM t").await, 2000);
    }

    async fn a_procedure_with_many_results_is_one_statement(db: TestDatabase) {
        let mut session = db.connect().await;
        let (completed, result) = batch(&mut session, &[
            "CREATE TABLE t (id integer)",
            "CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2, 3; INSERT INTO t VALUES (1), (2); END",
            "INSERT INTO t VALUES (9)",
            "CALL p()",
            "INSERT INTO t VALUES (10)",
            "CREATE PROCEDURE bad() BEGIN SELECT 1; INSERT INTO nowhere VALUES (1); END",
        ]).await;
        result.unwrap();
        assert_eq!(completed, [(0, 0), (1, 0), (2, 1), (3, 2), (4, 1), (5, 0)]);
        let (completed, result) = batch(&mut session, &["SELECT 1", "CALL bad()", "SELECT 1"]).await;
        let error = result.unwrap_err();
        assert_eq!((completed.len(), error.index), (1, 1));
        assert_eq!(error.error.code.as_deref(), Some("1146"));
        assert_eq!(number(&mut session, "SELECT count(*) FROM t").await, 4);
        assert_eq!(session.query("CALL p()").await.unwrap().len(), 1);
        assert_eq!(number(&mut session, "SELECT 5").await, 5);
    }

    async fn warnings_in_a_packet_are_not_lost_silently(db: TestDatabase) {
        let mut session = db.connect().await;
        batch(&mut session, &["DROP TABLE IF EXISTS a", "CREATE TABLE t (id integer)", "DROP TABLE IF EXISTS b"]).await.1.unwrap();
        let notices = session.take_notices();
        assert_eq!(notices.len(), 2, "{notices:?}");
        assert!(notices[0].message.contains("statement 1"), "{notices:?}");
        assert!(notices[1].message.contains('b') && notices[1].severity == "Note", "{notices:?}");
    }

    async fn a_statement_larger_than_a_packet_is_refused_before_it_is_sent(db: TestDatabase) {
        let mut session = db.connect().await;
        let limit = number(&mut session, "SELECT @@max_allowed_packet").await;
        let large = format!("SELECT '{}'", "x".repeat(usize::try_from(limit).unwrap()));
        let error = fail(&mut session, &large).await;
        assert_eq!(error.kind, DbErrorKind::Statement);
        assert!(error.message.contains("max_allowed_packet") && error.message.contains(&limit.to_string()), "{error:?}");
        assert!(error.message.contains(&large.len().to_string()));
        assert_eq!(number(&mut session, "SELECT 1").await, 1);
    }

    async fn no_file_of_this_machine_is_read(db: TestDatabase) {
        let mut session = db.connect().await;
        run(&mut session, &["CREATE TABLE t (line varchar(500))"]).await;
        let error = fail(&mut session, "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t").await;
        assert_eq!(error.kind, DbErrorKind::Statement);
        assert_eq!(number(&mut session, "SELECT count(*) FROM t").await, 0);
    }

    async fn a_killed_sleep_is_cancelled(db: TestDatabase) {
        let mut session = db.connect().await;
        let mut other = db.connect().await;
        let canceller = session.canceller();
        let id = number(&mut session, "SELECT connection_id()").await;
        let asking = tokio::spawn(async move {
            let query = format!("SELECT count(*) FROM information_schema.processlist WHERE id = {id} AND info LIKE '%sleep%'");
            while number(&mut other, &query).await == 0 {}
            canceller.cancel().await.unwrap();
        });
        let error = fail(&mut session, "SELECT sleep(60)").await;
        asking.await.unwrap();
        assert_eq!(error.kind, DbErrorKind::Cancelled, "{error:?}");
        assert_eq!(number(&mut session, "SELECT 1").await, 1);
    }

    async fn an_alter_that_waits_for_metadata_is_cancelled(db: TestDatabase) {
        let mut holder = db.connect().await;
        let mut waiter = db.connect().await;
        let mut observer = db.connect().await;
        run(&mut holder, &["CREATE TABLE t (id integer)", "BEGIN", "SELECT * FROM t"]).await;
        let (canceller, waiting) = (waiter.canceller(), waiter.backend());
        let alter = tokio::spawn(async move { (fail(&mut waiter, "ALTER TABLE t ADD n integer").await, waiter) });
        while observer.activity(&waiting).await.unwrap().blockers.is_empty() {}
        canceller.cancel().await.unwrap();
        let (error, mut waiter) = alter.await.unwrap();
        assert_eq!(error.kind, DbErrorKind::Cancelled, "{error:?}");
        run(&mut waiter, &["SET lock_wait_timeout = 1"]).await;
        let error = fail(&mut waiter, "ALTER TABLE t ADD n integer").await;
        assert_eq!((error.kind, error.code.as_deref()), (DbErrorKind::LockTimeout, Some("1205")));
    }

    async fn a_row_lock_shows_its_holder(db: TestDatabase) {
        let mut holder = db.connect().await;
        let mut waiter = db.connect().await;
        let mut observer = db.connect().await;
        run(&mut holder, &["CREATE TABLE t (id integer PRIMARY KEY, n integer)", "INSERT INTO t VALUES (1, 1)"]).await;
        run(&mut holder, &["BEGIN", "UPDATE t SET n = 2"]).await;
        let (waiting, holding) = (waiter.backend(), holder.backend());
        let update = tokio::spawn(async move { batch(&mut waiter, &["UPDATE t SET n = 3"]).await.1 });
        let blockers = loop {
            let activity = observer.activity(&waiting).await.unwrap();
            if !activity.blockers.is_empty() {
                break activity.blockers;
            }
            // MariaDB renews what INNODB_LOCK_WAITS shows only when nobody has read it for a tenth of a second.
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        };
        assert_eq!(blockers.len(), 1, "{blockers:?}");
        assert!(holding.0.starts_with(&blockers[0].session), "{blockers:?}");
        assert_eq!(blockers[0].state.as_deref(), Some("idle in transaction"));
        run(&mut holder, &["COMMIT"]).await;
        update.await.unwrap().unwrap();
    }

    async fn who_sees_little_concludes_little(db: TestDatabase) {
        let mut admin = db.connect().await;
        let mut one = connect_as_nobody(&db, &mut admin, &user_of(&db, "a")).await;
        let mut two = connect_as_nobody(&db, &mut admin, &user_of(&db, "b")).await;
        let admins = admin.backend();
        let ones = one.backend();
        assert_eq!(two.is_alive(&admins).await.unwrap(), None);
        assert_eq!(two.is_alive(&two.backend()).await.unwrap(), Some(true));
        assert_eq!(admin.is_alive(&ones).await.unwrap(), Some(true));
        assert_eq!(one.topology().await.unwrap(), shoring_db::Topology::default());
        assert_eq!(two.activity(&admins).await.unwrap(), shoring_db::Activity::default());
        assert_eq!(one.try_lock("m").await.unwrap(), LockAttempt::Acquired);
        let LockAttempt::Held(Some(holder)) = two.try_lock("m").await.unwrap() else {
            panic!("the holder's connection id is no secret");
        };
        assert!(ones.0.starts_with(&holder.session));
        let error = two.query("SELECT * FROM mysql.user").await.unwrap_err();
        assert_eq!(error.kind, DbErrorKind::Permission, "{error:?}");
        let hidden = Target { schema: Some("mysql".to_owned()), ..Target::new(TargetKind::Table, "user") };
        assert_eq!(two.probe(&hidden).await.unwrap(), Probe::Unknown);
        assert_eq!(two.probe(&Target::new(TargetKind::Database, "mysql")).await.unwrap(), Probe::Unknown);
        one.close().await.unwrap();
        while admin.is_alive(&ones).await.unwrap() != Some(false) {}
        assert_eq!(two.is_alive(&ones).await.unwrap(), None);
        for suffix in ["a", "b"] {
            run(&mut admin, &[&format!("DROP USER '{}'@'%'", user_of(&db, suffix))]).await;
        }
    }

    async fn things_of_mysql_are_probed(db: TestDatabase) {
        let mut session = db.connect().await;
        let session = &mut session;
        let counted = Target::new(TargetKind::Table, "counted");
        run(session, &["CREATE TABLE counted (id integer AUTO_INCREMENT PRIMARY KEY, n integer)"]).await;
        let before = session.probe(&counted).await.unwrap();
        run(session, &["INSERT INTO counted VALUES (), (), ()"]).await;
        assert_eq!(session.probe(&counted).await.unwrap(), before);
        follow(session, &Target::new(TargetKind::Procedure, "p"), "CREATE PROCEDURE p() SELECT 1", None, "DROP PROCEDURE p").await;
        follow(session, &Target::new(TargetKind::Function, "f"), "CREATE FUNCTION f() RETURNS integer DETERMINISTIC RETURN 1", None, "DROP FUNCTION f").await;
        follow(
            session,
            &Target::new(TargetKind::Event, "e"),
            "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1",
            Some("ALTER EVENT e ON SCHEDULE EVERY 2 DAY"),
            "DROP EVENT e",
        ).await;
        let other = format!("{}_other", db.name);
        follow(
            session,
            &Target::new(TargetKind::Schema, other.clone()),
            &format!("CREATE DATABASE {other}"),
            Some(&format!("ALTER DATABASE {other} COLLATE utf8mb4_bin")),
            &format!("DROP DATABASE {other}"),
        ).await;
        let index = Target { table: Some("counted".to_owned()), ..Target::new(TargetKind::Index, "i") };
        follow(session, &index, "CREATE INDEX i ON counted (n)", None, "DROP INDEX i ON counted").await;
        run(session, &["CREATE INDEX i ON counted (n)"]).await;
        let plain = session.probe(&index).await.unwrap();
        run(session, &["DROP INDEX i ON counted", "CREATE UNIQUE INDEX i ON counted (n, id)"]).await;
        assert_ne!(session.probe(&index).await.unwrap(), plain);
        if db.engine == Engine::Mariadb {
            follow(session, &Target::new(TargetKind::Sequence, "s"), "CREATE SEQUENCE s", Some("ALTER SEQUENCE s INCREMENT 5"), "DROP SEQUENCE s").await;
        } else {
            assert_eq!(session.probe(&Target::new(TargetKind::Sequence, "s")).await.unwrap(), Probe::Unknown);
        }
    }

    async fn a_connection_without_a_database_asks_for_one(db: TestDatabase) {
        let mut session = shoring_db::connect(&db.server().admin(), &TestDatabase::options()).await.unwrap();
        let error = session.current_schema().await.unwrap_err();
        assert_eq!(error.kind, DbErrorKind::Configuration);
        assert!(error.message.contains("URL"));
    }

    async fn a_read_only_session_says_so(db: TestDatabase) {
        let options = ConnectOptions { read_only: true, ..TestDatabase::options() };
        let mut session = shoring_db::connect(&db.url(), &options).await.unwrap();
        let evidence = session.topology().await.unwrap().read_only.unwrap();
        assert!(evidence.contains("read_only"), "{evidence}");
        let error = fail(&mut session, "CREATE TABLE t (id integer)").await;
        assert_eq!(error.kind, DbErrorKind::ReadOnly);
    }

    async fn names_in_errors_are_pointed_at(db: TestDatabase) {
        let mut session = db.connect().await;
        run(&mut session, &["CREATE TABLE t (id integer, a integer)"]).await;
        for (statement, token) in [
            ("CREATE TABLE t (id integer)", "t ("),
            ("ALTER TABLE t\n  ADD COLUMN `a` integer", "`a`"),
            ("ALTER TABLE t DROP COLUMN zz", "zz"),
            ("INSERT INTO nowhere VALUES (1)", "nowhere"),
            ("CREATE INDEX i ON t (zz)", "zz"),
            ("DROP TABLE nowhere", "nowhere"),
            ("SELECT zz()", "zz"),
            ("ALTER TABLE t ADD COLUMN b GROUP", "GROUP"),
            ("SELECT (1", ""),
        ] {
            let error = fail(&mut session, statement).await;
            let expected = if token.is_empty() { Some(statement.len()) } else { statement.find(token) };
            assert_eq!(error.offset, expected, "{statement}: {error:?}");
        }
    }

    async fn a_connection_of_the_callers_is_taken_as_it_is(db: TestDatabase) {
        let admin = db.server().admin();
        let builder = mysql_async::OptsBuilder::default()
            .ip_or_hostname("127.0.0.1")
            .tcp_port(db.server().port())
            .user(admin.user.as_deref())
            .pass(admin.password.as_ref().map(shoring_db::Secret::reveal))
            .db_name(Some(db.name.as_str()));
        let mut connection = mysql_async::Conn::new(builder.clone()).await.unwrap();
        mysql_async::prelude::Queryable::query_drop(&mut connection, "SET sql_mode = 'ANSI_QUOTES'").await.unwrap();
        let mut session: Box<dyn Session> = Box::new(shoring_db::mysql::MysqlSession::from_conn(connection).await.unwrap());
        assert_eq!(number(&mut session, "SELECT count(*) FROM (SELECT 1 AS a) AS \"t\" WHERE \"a\" = 1").await, 1);
        assert!(session.split_options().ansi_quotes && session.split_options().backslash_escapes);
        run(&mut session, &["SET sql_mode = ''"]).await;
        session.reset().await.unwrap();
        assert_eq!(number(&mut session, "SELECT @@sql_mode = 'ANSI_QUOTES'").await, 1);
        session.close().await.unwrap();

        let handler = mysql_async::WhiteListFsHandler::new(["/etc/passwd"]);
        let connection = mysql_async::Conn::new(builder.local_infile_handler(Some(handler))).await.unwrap();
        let error = shoring_db::mysql::MysqlSession::from_conn(connection).await.err().unwrap();
        assert_eq!(error.kind, DbErrorKind::Configuration);
    }

    async fn a_dump_header_is_undone_by_reset(db: TestDatabase) {
        let mut session = db.connect().await;
        let query = "SELECT concat_ws(' ', @@character_set_client, @@collation_connection, @@sql_mode, @@time_zone, @@sql_notes, \
                     @@unique_checks, @@foreign_key_checks, @@lock_wait_timeout, @@autocommit, database())";
        let before = session.query(query).await.unwrap();
        batch(&mut session, &[
            "/*!40101 SET NAMES latin1 */",
            "/*!40103 SET TIME_ZONE='+00:00' */",
            "/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */",
            "/*!40014 SET FOREIGN_KEY_CHECKS=0 */",
            "/*!40101 SET SQL_MODE='NO_AUTO_VALUE_ON_ZERO,ANSI_QUOTES,NO_BACKSLASH_ESCAPES' */",
            "/*!40111 SET SQL_NOTES=0 */",
            "SET lock_wait_timeout = 7",
            "USE information_schema",
            "SET autocommit = 0",
        ]).await.1.unwrap();
        assert_ne!(session.query(query).await.unwrap(), before);
        session.reset().await.unwrap();
        assert_eq!(session.query(query).await.unwrap(), before);
    }
}
