//! The engine inside somebody's program: a session of the caller's, embedded files, blocking calls, events.

use crate::support::{Project, ask, tell};
use shoring::{
    Confirmation, DownRequest, EmbeddedFile, Event, GateRequest, MarkAs, Migrator, Observer,
    PlanRequest, SeedRequest, UpRequest,
};
use shoring_core::event::Silent;
use shoring_db::Session;
use shoring_testkit::{Engine, TestDatabase};
use std::sync::{Arc, Mutex};

const EMBEDDED: &[EmbeddedFile] = &[
    EmbeddedFile {
        name: "001_t.down.sql",
        bytes: b"DROP TABLE t;",
    },
    EmbeddedFile {
        name: "001_t.up.sql",
        bytes: b"CREATE TABLE t (id integer);",
    },
    EmbeddedFile {
        name: "002_u.up.sql",
        bytes: b"CREATE TABLE u (id integer);",
    },
];

/// Keeps what happened, without what differs from run to run.
#[derive(Default)]
struct Story(Mutex<Vec<String>>);

impl Story {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl Observer for Story {
    fn observe(&self, event: &Event) {
        let line = match event {
            Event::LockAcquired { .. } => "lock".to_owned(),
            Event::PlanReady { migrations, .. } => format!("plan {migrations}"),
            Event::MigrationStarted {
                version,
                direction,
                statements,
                first_statement,
                ..
            } => format!(
                "start {} {version} of {statements} at {first_statement}",
                direction.name()
            ),
            Event::StatementStarted { number, verb, .. } => format!("begin {number} {verb}"),
            Event::StatementFinished { number, rows, .. } => {
                format!("end {number} {}", rows.unwrap_or_default())
            }
            Event::MigrationFinished {
                version,
                statements,
                rows,
                ..
            } => format!("finish {version} {statements} {rows}"),
            Event::MigrationFailed {
                version, number, ..
            } => format!("fail {version} at {number}"),
            Event::Notice {
                severity, message, ..
            } => format!("{severity} {message}"),
            _ => return,
        };
        self.0.lock().unwrap().push(line);
    }
}

/// A session on a connection that the test itself opened with the driver's own crate.
async fn own_session(db: &TestDatabase) -> Box<dyn Session> {
    let url = db.url();
    let place = || match &url.hosts[0] {
        shoring_db::Host::Tcp(host, port) => (host.clone(), *port),
        shoring_db::Host::Unix(..) => panic!("the test server's URL names a host"),
    };
    let password = || url.password.as_ref().unwrap().reveal().to_owned();
    match db.engine {
        Engine::Postgresql => {
            let (host, port) = place();
            let mut config = tokio_postgres::Config::new();
            config
                .host(host)
                .port(port)
                .dbname(&db.name)
                .user(url.user.as_ref().unwrap())
                .password(password());
            let (client, connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
            drop(tokio::spawn(connection));
            Box::new(
                shoring_db::postgresql::PostgresSession::from_client(client)
                    .await
                    .unwrap(),
            )
        }
        Engine::Mariadb | Engine::Mysql => {
            let (host, port) = place();
            let options = mysql_async::OptsBuilder::default()
                .ip_or_hostname(host)
                .tcp_port(port)
                .user(url.user.clone())
                .pass(Some(password()))
                .db_name(Some(&db.name));
            let connection = mysql_async::Conn::new(options).await.unwrap();
            Box::new(
                shoring_db::mysql::MysqlSession::from_conn(connection)
                    .await
                    .unwrap(),
            )
        }
        Engine::Sqlite => {
            let connection = rusqlite::Connection::open(db.file()).unwrap();
            Box::new(
                shoring_db::sqlite::SqliteSession::from_connection(connection)
                    .await
                    .unwrap(),
            )
        }
    }
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn on_a_session_of_the_callers(db: TestDatabase) {
        let project = Project::shop(&db);
        let migrator = Migrator::from_dir(project.root().join("migrations")).observer(Arc::new(Silent));
        let mut session = own_session(&db).await;
        let settings = db.engine.pick(
            "SELECT current_setting('lock_timeout'), current_setting('statement_timeout')",
            "SELECT @@lock_wait_timeout, DATABASE()",
            "SELECT timeout FROM pragma_busy_timeout",
        );
        let before = format!("{:?}", session.query(settings).await.unwrap());
        let (session, report) = migrator.up_on(session, &UpRequest::default()).await;
        assert_eq!(report.unwrap_or_else(|error| panic!("{}", tell(&error))).ran.len(), 3);
        let mut session = session.unwrap();
        assert_eq!(format!("{:?}", session.query(settings).await.unwrap()), before, "the caller's settings are as before");
        assert_eq!(session.query("SELECT id FROM users").await.unwrap().len(), 1);
        project.write("004_bad.up.sql", "SELECT 1;\nINSERT INTO nowhere VALUES (1);\n");
        let (session, report) = migrator.up_on(session, &UpRequest::default()).await;
        assert_eq!(report.unwrap_err().diagnostic.code, "migration-failed");
        let mut session = session.unwrap();
        assert_eq!(session.query("SELECT id FROM users").await.unwrap().len(), 1);
        project.remove("004_bad.up.sql");
        let (session, report) = migrator.up_on(session, &UpRequest::default()).await;
        assert_eq!(report.unwrap().ran, []);
        session.unwrap().close().await.unwrap();
        assert_eq!(project.states().await, "001 applied, 002 applied, 003 applied");
    }

    async fn a_session_is_given_back_after_a_refusal(db: TestDatabase) {
        crate::support::prepare(&db, &["CREATE TABLE shoring_history (id integer)"]).await;
        let project = Project::shop(&db);
        let migrator = Migrator::from_dir(project.root().join("migrations"));
        let (session, report) = migrator.up_on(own_session(&db).await, &UpRequest::default()).await;
        assert_eq!(report.unwrap_err().diagnostic.code, "other-tool");
        assert!(session.is_some(), "the caller keeps its connection");
    }

    async fn embedded_files(db: TestDatabase) {
        let migrator = Migrator::from_embedded(EMBEDDED).database(&db.url_text());
        assert_eq!(migrator.up(&UpRequest::default()).await.unwrap().ran.len(), 2);
        migrator.expect_version("head").await.unwrap();
        let error = migrator.down(&DownRequest::All).await.unwrap_err();
        assert_eq!(error.diagnostic.code, "no-down");
        assert_eq!(migrator.new_migration("x").unwrap_err().diagnostic.code, "embedded");
        assert_eq!(migrator.status().await.unwrap().migrations.len(), 2);
    }

    async fn blocking_inside_a_runtime(db: TestDatabase) {
        let project = Project::shop(&db);
        let migrator = project.migrator().blocking();
        assert_eq!(migrator.up(&UpRequest::default()).unwrap().ran.len(), 3);
        assert_eq!(migrator.status().unwrap().pending, 0);
        migrator.expect_version("3").unwrap();
        assert_eq!(migrator.down(&DownRequest::Steps(1)).unwrap().ran.len(), 1);
        let outside = std::thread::spawn(move || migrator.up(&UpRequest::default()));
        assert_eq!(outside.join().unwrap().unwrap().ran.len(), 1);
    }

    async fn every_blocking_call(db: TestDatabase) {
        let project = Project::shop(&db);
        project.write_beside("seeds/01.sql", "INSERT INTO users VALUES (7, 'c@d');\n");
        let migrator = project.migrator().blocking();
        assert_eq!(migrator.plan(&PlanRequest::Up(UpRequest::default())).unwrap().migrations.len(), 3);
        migrator.baseline("1", Confirmation::ShowOnly).unwrap();
        assert_eq!(migrator.goto("2").unwrap().ran.len(), 2);
        migrator.up(&UpRequest::default()).unwrap();
        assert_eq!(migrator.redo(1).unwrap().ran.len(), 2);
        assert_eq!(migrator.seed(&SeedRequest::default()).unwrap().ran.len(), 1);
        assert!(migrator.history().unwrap().entries.len() > 5);
        assert_eq!(migrator.repair(Confirmation::ShowOnly).unwrap().changes, []);
        assert_eq!(migrator.doctor(Confirmation::ShowOnly).unwrap().cases, []);
        migrator.expect("3").unwrap();
        migrator.wait(&GateRequest { version: "3".to_owned(), timeout: std::time::Duration::ZERO }).unwrap();
        migrator.mark("3", MarkAs::Pending).unwrap();
        assert_eq!(migrator.new_migration("more").unwrap().version, "004");
        migrator.init().unwrap();
    }

    async fn events_in_their_order(db: TestDatabase) {
        let story = Arc::new(Story::default());
        let project = Project::shop(&db);
        let migrator = project.migrator().observer(story.clone());
        migrator.up(&UpRequest { steps: Some(2), ..UpRequest::default() }).await.unwrap();
        let told = story.take();
        let expected = ["lock", "plan 2", "start up 001 of 2 at 1", "end 1 0", "end 2 1", "finish 001 2 1", "start up 002 of 1 at 1", "end 1 0", "finish 002 1 0"];
        let without_begin: Vec<&str> = told.iter().map(String::as_str).filter(|line| !line.starts_with("begin")).collect();
        assert_eq!(without_begin, expected);
        assert_eq!(told.iter().find(|line| line.starts_with("begin")).map(String::as_str), Some("begin 1 CREATE TABLE"));
        project.write("003_index.up.sql", "INSERT INTO nowhere VALUES (1);\n");
        migrator.up(&UpRequest::default()).await.unwrap_err();
        let told = story.take();
        assert_eq!(told.last().map(String::as_str), Some("fail 003 at 1"), "{told:?}");
        project.remove("003_index.up.sql");
        project.remove("003_index.down.sql");
        migrator.up(&UpRequest::default()).await.unwrap();
        assert_eq!(story.take(), Vec::<String>::new());
        migrator.down(&DownRequest::Steps(1)).await.unwrap();
        assert!(story.take().contains(&"start down 002 of 1 at 1".to_owned()));
    }

    async fn a_missing_database_is_said_so(db: TestDatabase) {
        let project = Project::shop(&db);
        let migrator = Migrator::from_dir(project.root().join("migrations"));
        assert_eq!(migrator.up(&UpRequest::default()).await.unwrap_err().diagnostic.code, "no-database");
        let error = migrator.database("postgres://a:canary@h:x/db").status().await.unwrap_err();
        assert_eq!(error.diagnostic.code, "bad-url");
        assert!(!format!("{error:?}").contains("canary"));
    }
}

mod notices {
    use super::{Arc, Project, Story, UpRequest, ask};

    shoring_testkit::server_tests! {
        [postgresql]

        async fn of_the_server_are_told(db: TestDatabase) {
            let story = Arc::new(Story::default());
            let project = Project::new(&db, &[("001_n.up.sql", "DO $$ BEGIN RAISE NOTICE 'hello %', 1; RAISE WARNING 'careful'; END $$;\n")]);
            project.migrator().observer(story.clone()).up(&UpRequest::default()).await.unwrap();
            let told = story.take();
            assert!(told.contains(&"NOTICE hello 1".to_owned()) && told.contains(&"WARNING careful".to_owned()), "{told:?}");
            assert_eq!(ask(&db, "SELECT count(*) FROM shoring_history").await, "1");
        }
    }
}
