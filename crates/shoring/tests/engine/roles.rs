//! PostgreSQL: with a role in the settings, everything made belongs to it, whatever a file does in between.

use crate::support::{Project, ask, prepare};
use shoring::{Identity, Migrator, Overrides, Settings, Surroundings, UpRequest};
use shoring_testkit::TestDatabase;
use std::collections::BTreeMap;

fn settings(project: &Project, role: &str) -> Settings {
    let overrides = Overrides {
        database: Some(project.db.url_text()),
        role: Some(role.to_owned()),
        ..Overrides::default()
    };
    let surroundings = Surroundings {
        root: project.root(),
        environment: BTreeMap::new(),
        identity: Identity {
            os_user: "maria".to_owned(),
            host: "laptop".to_owned(),
            pid: 42,
            git: shoring::Commit::NONE,
            tool: "test".to_owned(),
        },
    };
    Settings::load(&overrides, &surroundings).unwrap()
}

async fn with_roles(db: &TestDatabase, names: &[&str]) {
    for name in names {
        prepare(
            db,
            &[
                &format!("CREATE ROLE {name}"),
                &format!("GRANT ALL ON SCHEMA public TO {name}"),
            ],
        )
        .await;
    }
}

async fn drop_roles(db: &TestDatabase, names: &[&str]) {
    for name in names {
        prepare(
            db,
            &[
                &format!("DROP OWNED BY {name} CASCADE"),
                &format!("DROP ROLE {name}"),
            ],
        )
        .await;
    }
}

shoring_testkit::server_tests! {
    [postgresql]

    async fn everything_belongs_to_the_role(db: TestDatabase) {
        let owner = format!("{}_owner", db.name);
        let other = format!("{}_other", db.name);
        with_roles(&db, &[&owner, &other]).await;
        prepare(&db, &[&format!("GRANT {other} TO {owner}")]).await;
        let project = Project::new(&db, &[
            ("001_a.up.sql", "CREATE TABLE a (id integer);\n"),
            ("002_role.up.sql", &format!("SET ROLE {other};\nCREATE TABLE theirs (id integer);\n")),
            ("003_c.up.sql", "CREATE TABLE c (id integer);\n"),
            ("004_d.up.sql", "CREATE INDEX CONCURRENTLY i ON c (id);\nRESET ROLE;\nCREATE TABLE e (id integer);\n"),
            ("005_f.up.sql", "CREATE TABLE f (id integer);\n"),
        ]);
        let migrator = Migrator::new(settings(&project, &owner));
        migrator.up(&UpRequest::default()).await.unwrap_or_else(|error| panic!("{}", crate::support::tell(&error)));
        assert_eq!(ask(&db, &format!("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tableowner = '{owner}' ORDER BY 1")).await,
            "a ; c ; f ; shoring_history ; shoring_lock ; shoring_run_steps ; shoring_runs");
        assert_eq!(ask(&db, "SELECT count(*) FROM shoring_history").await, "5");
        assert_eq!(migrator.up(&UpRequest::default()).await.unwrap().ran, []);
        let status = migrator.status().await.unwrap();
        assert_eq!(status.migrations[0].applied_by.as_deref(), Some("postgres"));
        drop_roles(&db, &[&owner, &other]).await;
    }

    async fn a_role_without_rights_is_said_so(db: TestDatabase) {
        let poor = format!("{}_poor", db.name);
        // Until 14, everybody may create in `public`.
        prepare(&db, &[&format!("CREATE ROLE {poor}"), "REVOKE CREATE ON SCHEMA public FROM PUBLIC"]).await;
        let project = Project::shop(&db);
        let error = Migrator::new(settings(&project, &poor)).up(&UpRequest::default()).await.unwrap_err();
        assert!(crate::support::tell(&error).contains("permission denied"), "{}", crate::support::tell(&error));
        assert_eq!(crate::support::tables(&db).await, "");
        let error = Migrator::new(settings(&project, "nobody_at_all")).up(&UpRequest::default()).await.unwrap_err();
        assert!(error.to_string().contains("nobody_at_all"), "{error}");
        prepare(&db, &[&format!("DROP ROLE {poor}")]).await;
    }

    async fn through_a_pooler_nobody_else_gets_the_role(db: TestDatabase) {
        let owner = format!("{}_owner", db.name);
        with_roles(&db, &[&owner]).await;
        let pooler = shoring_testkit::variable::value(shoring_testkit::variable::PGBOUNCER_URL);
        let (server, _) = pooler.rsplit_once('/').unwrap();
        let pooled = format!("{server}/{}", db.name);
        let project = Project::shop(&db);
        let mut settings = settings(&project, &owner);
        settings.database.value.clone_from(&pooled);
        let migrator = Migrator::new(&settings);
        migrator.up(&UpRequest::default()).await.unwrap_or_else(|error| panic!("{}", crate::support::tell(&error)));
        assert_eq!(ask(&db, &format!("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = '{owner}'")).await, "6");
        let url = shoring_db::DatabaseUrl::parse(&pooled, std::path::Path::new("/")).unwrap();
        let mut session = shoring_db::connect(&url, &TestDatabase::options()).await.unwrap();
        let rows = session.query("SELECT current_user").await.unwrap();
        assert_eq!(rows[0].text(0).as_deref(), Some("postgres"));
        session.close().await.unwrap();
        drop_roles(&db, &[&owner]).await;
    }
}
