//! A database that another tool migrates is not taken for a new one: refused by the tool's name, nothing is created.

use crate::support::{Project, assert_says, prepare, tables};
use shoring::{ErrorKind, UpRequest};

/// The tool, and its table in words that all servers understand.
const TABLES: &[(&str, &str)] = &[
    (
        "dbmate or Rails",
        "CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)",
    ),
    (
        "flyway",
        "CREATE TABLE flyway_schema_history (installed_rank integer PRIMARY KEY, version varchar(50), description varchar(200), type varchar(20), script varchar(1000), checksum integer, installed_by varchar(100), installed_on timestamp, execution_time integer, success boolean)",
    ),
    (
        "prisma",
        "CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64), migration_name varchar(255), finished_at timestamp NULL, logs text, rolled_back_at timestamp NULL, started_at timestamp NULL, applied_steps_count integer)",
    ),
    (
        "goose",
        "CREATE TABLE goose_db_version (id integer PRIMARY KEY, version_id bigint, is_applied boolean, tstamp timestamp NULL)",
    ),
    (
        "diesel",
        "CREATE TABLE __diesel_schema_migrations (version varchar(50) PRIMARY KEY, run_on timestamp)",
    ),
    (
        "refinery",
        "CREATE TABLE refinery_schema_history (version integer PRIMARY KEY, name varchar(255), applied_on varchar(255), checksum varchar(255))",
    ),
    (
        "liquibase",
        "CREATE TABLE databasechangelog (id varchar(255), author varchar(255), filename varchar(255), dateexecuted timestamp, orderexecuted integer, exectype varchar(10), md5sum varchar(35))",
    ),
    (
        "Alembic",
        "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)",
    ),
    (
        "Django",
        "CREATE TABLE django_migrations (id integer PRIMARY KEY, app varchar(255), name varchar(255))",
    ),
    (
        "Knex",
        "CREATE TABLE knex_migrations (id integer PRIMARY KEY, name varchar(255), batch integer)",
    ),
    (
        "Sequelize",
        "CREATE TABLE \"SequelizeMeta\" (name varchar(255) PRIMARY KEY)",
    ),
];

/// A table whose format shares its file names with the native one.
const GOLANG_MIGRATE: &str =
    "CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)";

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn are_refused_by_name(db: TestDatabase) {
        let project = Project::shop(&db);
        for (tool, create) in TABLES {
            let create = db.engine.pick((*create).to_owned(), create.replace('"', ""), (*create).to_owned());
            prepare(&db, &[&create]).await;
            let before = tables(&db).await;
            let error = project.up_fails().await;
            assert_says(&error, ErrorKind::Usage, "other-tool", &[tool, "Nothing was run and nothing was changed."]);
            let error = project.migrator().status().await.unwrap_err();
            assert_says(&error, ErrorKind::Usage, "other-tool", &[tool]);
            let error = project.migrator().baseline("1", shoring::Confirmation::Confirmed).await.unwrap_err();
            assert_says(&error, ErrorKind::Usage, "other-tool", &[tool]);
            assert_eq!(tables(&db).await, before);
            let table = before.split(" ; ").next().unwrap();
            prepare(&db, &[&db.engine.pick(format!("DROP TABLE \"{table}\""), format!("DROP TABLE {table}"), format!("DROP TABLE \"{table}\""))]).await;
        }
    }

    async fn two_histories_are_a_question(db: TestDatabase) {
        prepare(&db, &[GOLANG_MIGRATE, "INSERT INTO schema_migrations VALUES (2, false)"]).await;
        let project = Project::shop(&db);
        // The names of the files fit both; the one table there is decides.
        assert_eq!(project.states().await, "001 applied, 002 applied, 003 pending");
        let native = || project.migrator().format("shoring");
        native().up(&UpRequest::default()).await.unwrap();
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Usage, "several-histories", &["shoring_history", "schema_migrations", "golang-migrate", "--format shoring"]);
        assert_eq!(native().up(&UpRequest::default()).await.unwrap().ran, []);
    }

    async fn a_history_table_of_another_shape(db: TestDatabase) {
        prepare(&db, &["CREATE TABLE shoring_history (id integer, note varchar(10))"]).await;
        let before = tables(&db).await;
        let error = Project::shop(&db).up_fails().await;
        assert_says(&error, ErrorKind::Usage, "other-tool", &["(id, note)", "not those of shoring_history"]);
        assert_eq!(tables(&db).await, before);
    }
}
