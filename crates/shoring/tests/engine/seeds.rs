//! Seeds run once, again when they were changed, and never touch the history.

use crate::support::{Project, ask, assert_says, tables};
use shoring::{ErrorKind, SeedRequest};
use shoring_testkit::Engine;

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn run_once_and_again_when_changed(db: TestDatabase) {
        let project = Project::shop(&db);
        project.write_beside("seeds/users.sql", "DELETE FROM users WHERE id > 9;\nINSERT INTO users VALUES (10, 'seed');\n");
        project.write_beside("seeds/orders.sql", "DELETE FROM orders;\nINSERT INTO orders VALUES (1, 10);\n");
        let migrator = project.migrator();
        let error = migrator.seed(&SeedRequest::default()).await.unwrap_err();
        assert_says(&error, ErrorKind::Pending, "pending", &["3 migrations are pending", "shoring up"]);
        if db.engine == Engine::Sqlite { assert!(!db.file().exists()); } else { assert_eq!(tables(&db).await, ""); }
        project.up().await;
        let ran = |report: shoring::report::RunReport| report.ran.into_iter().map(|ran| ran.version).collect::<Vec<_>>();
        assert_eq!(ran(migrator.seed(&SeedRequest::default()).await.unwrap()), ["orders", "users"]);
        assert_eq!(ran(migrator.seed(&SeedRequest::default()).await.unwrap()), Vec::<String>::new());
        project.write_beside("seeds/users.sql", "DELETE FROM users WHERE id > 9;\nINSERT INTO users VALUES (11, 'seed');\n");
        assert_eq!(ran(migrator.seed(&SeedRequest::default()).await.unwrap()), ["users"]);
        let force = SeedRequest { names: vec!["orders".to_owned()], force: true };
        assert_eq!(ran(migrator.seed(&force).await.unwrap()), ["orders"]);
        assert_eq!(ask(&db, "SELECT id FROM users ORDER BY id").await, "1 ; 11");
        assert_eq!(ask(&db, "SELECT count(*) FROM orders").await, "1");
        assert_eq!(ask(&db, "SELECT count(*) FROM shoring_history").await, "3");
        assert_eq!(project.states().await, "001 applied, 002 applied, 003 applied");
        let error = migrator.seed(&SeedRequest { names: vec!["nowhere".to_owned()], force: false }).await.unwrap_err();
        assert_says(&error, ErrorKind::Usage, "no-such-seed", &["`nowhere`"]);
    }

    async fn a_failure_names_the_seed(db: TestDatabase) {
        let project = Project::shop(&db);
        project.up().await;
        project.write_beside("seeds/bad.sql", "INSERT INTO users VALUES (20, 'x');\nINSERT INTO nowhere VALUES (1);\n");
        let error = project.migrator().seed(&SeedRequest::default()).await.unwrap_err();
        assert_says(&error, ErrorKind::FailedRolledBack, "migration-failed", &["statement 2 of 2 in bad", "shoring seed"]);
        assert_eq!(ask(&db, "SELECT count(*) FROM users").await, "1");
        project.write_beside("seeds/bad.sql", "INSERT INTO users VALUES (20, 'x');\n");
        project.migrator().seed(&SeedRequest::default()).await.unwrap();
    }

    async fn a_seed_with_a_number_is_not_a_migration(db: TestDatabase) {
        let project = Project::shop(&db);
        project.up().await;
        // Half of it stays on MySQL, where definitions commit.
        project.write_beside("seeds/002.sql", db.engine.pick(
            "CREATE INDEX CONCURRENTLY seed_i ON users (email);\nINSERT INTO nowhere VALUES (1);\n",
            "CREATE TABLE seeded (id integer);\nINSERT INTO nowhere VALUES (1);\n",
            "INSERT INTO users VALUES (30, 'x');\nVACUUM;\nINSERT INTO nowhere VALUES (1);\n",
        ));
        let error = project.migrator().seed(&SeedRequest::default()).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::FailedPartly);
        assert_eq!(project.states().await, "001 applied, 002 applied, 003 applied");
        assert_eq!(project.up().await.ran, []);
        project.migrator().redo(2).await.unwrap();
    }

    async fn no_folder(db: TestDatabase) {
        let project = Project::shop(&db);
        project.up().await;
        let error = project.migrator().seed(&SeedRequest::default()).await.unwrap_err();
        assert_says(&error, ErrorKind::Usage, "no-seeds", &["seeds/"]);
    }
}
