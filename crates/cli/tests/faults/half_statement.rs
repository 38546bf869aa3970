//! A statement of which MariaDB carries out one half and refuses the other.

use crate::project::FaultProject;
use shoring_testkit::TestDatabase;

/// `DROP TABLE a, b` drops `a` and then fails at `b`.
async fn drop_of_two(database: TestDatabase) {
    let project = FaultProject::empty(database)
        .with(
            "migrations/001_tables.up.sql",
            "CREATE TABLE witness (step varchar(20) NOT NULL);\nCREATE TABLE a (id int);\nCREATE TABLE b (id int PRIMARY KEY);\n\
             CREATE TABLE c (b int, FOREIGN KEY (b) REFERENCES b (id));\n",
        )
        .with(
            "migrations/002_drop.up.sql",
            "INSERT INTO witness VALUES ('2.1');\nDROP TABLE a, b;\nINSERT INTO witness VALUES ('2.3');\n",
        );
    project.expect("up 001", 0).await;
    project.expect("up", 7).await;
    let mut oracle = project.oracle().await;
    assert!(!oracle.has_table("a").await);
    // The same file again is no success: `b` is still there.
    let again = project.run("up").await;
    assert_ne!(again.code, Some(0), "{again:#?}");
    assert!(oracle.has_table("b").await);
    assert_eq!(oracle.picture().await.history, ["001"]);
    project.write(
        "migrations/002_drop.up.sql",
        "INSERT INTO witness VALUES ('2.1');\nDROP TABLE c, b;\nINSERT INTO witness VALUES ('2.3');\n",
    );
    project.expect("up", 0).await;
    let picture = oracle.picture().await;
    assert_eq!(picture.history, ["001", "002"]);
    assert!(!oracle.has_table("b").await);
    assert_eq!(picture.witnesses.len(), 2);
    assert!(picture.witnesses.values().all(|count| *count == 1));
}

mod mariadb {
    #[test]
    fn half_a_drop_is_not_taken_for_a_whole_one() {
        shoring_testkit::run(shoring_testkit::Engine::Mariadb, super::drop_of_two);
    }
}
