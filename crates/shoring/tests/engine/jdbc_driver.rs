//! What the JDBC driver of Flyway and Liquibase makes of a file: MariaDB Connector/J connects with `IGNORE_SPACE`, MySQL
//! Connector/J does not.

use crate::support::{Project, ask, prepare, tell};
use shoring_testkit::TestDatabase;

const TEXT: &str = "CREATE TABLE counted (n integer);\nINSERT INTO counted SELECT COUNT (*) FROM counted;\nCREATE PROCEDURE p() SELECT 1;\n";

async fn decides_what_a_space_means(db: &TestDatabase, project: &Project, config: [&str; 2]) {
    let [file, key] = config;
    let name_driver = |scheme: &str| {
        let text = format!("{key}=jdbc:{scheme}://h/d\nchangelogFile=migrations/one.sql\n");
        let text = match file {
            "flyway.conf" => text.split_once('\n').unwrap().0,
            _ => &text,
        };
        project.write_beside(file, text);
    };
    name_driver("mysql");
    let error = project.up_fails().await;
    assert!(tell(&error).contains("syntax"), "{}", tell(&error));
    prepare(db, &["DROP TABLE counted, shoring_runs, shoring_run_steps"]).await;
    let rows = ["DROP TABLE IF EXISTS flyway_schema_history"];
    prepare(db, &rows).await;
    name_driver("mariadb");
    project.up().await;
    assert_eq!(ask(db, "SELECT n FROM counted").await, "0");
    // A routine keeps the mode it was made with.
    let mode = "SELECT FIND_IN_SET('IGNORE_SPACE', sql_mode) > 0 FROM information_schema.routines WHERE routine_schema = DATABASE()";
    assert_eq!(ask(db, mode).await, "1");
}

shoring_testkit::server_tests! {
    [mariadb, mysql]

    async fn decides_what_a_space_means_to_flyway(db: TestDatabase) {
        let project = Project::new(&db, &[("V1__counted.sql", TEXT)]);
        decides_what_a_space_means(&db, &project, ["flyway.conf", "flyway.url"]).await;
    }

    async fn decides_what_a_space_means_to_liquibase(db: TestDatabase) {
        let text = format!("--liquibase formatted sql\n--changeset me:1\n{TEXT}");
        let project = Project::new(&db, &[("one.sql", text.as_str())]);
        decides_what_a_space_means(&db, &project, ["liquibase.properties", "url"]).await;
    }
}
