//! PostgreSQL: `COPY … FROM stdin` with its data lines, and what stands after it.

use crate::support::{Project, ask, assert_says};
use shoring::{ErrorKind, PlanRequest, UpRequest};

const DUMP: &str = "CREATE TABLE t (id integer, name text);\nCOPY t (id, name) FROM stdin;\n1\tone; -- two\n2\t\\N\n3\tgröße\\tü\n\\.\n\nINSERT INTO t VALUES (4, 'after');\nCOPY t FROM STDIN WITH (FORMAT csv);\n5,\"five; COMMIT\"\n\\.\nCREATE INDEX i ON t (id);\n";

shoring_testkit::server_tests! {
    [postgresql]

    async fn data_and_the_statements_after_it(db: TestDatabase) {
        let project = Project::new(&db, &[("001_data.up.sql", DUMP)]);
        let plan = project.migrator().plan(&PlanRequest::Up(UpRequest::default())).await.unwrap();
        assert_eq!(plan.migrations[0].statement_count, 5);
        let report = project.up().await;
        assert_eq!((report.ran[0].statements, report.ran[0].rows), (5, 5));
        assert_eq!(ask(&db, "SELECT id, name FROM t ORDER BY id").await, "1|one; -- two ; 2|NULL ; 3|größe\tü ; 4|after ; 5|five; COMMIT");
        assert_eq!(ask(&db, "SELECT count(*) FROM pg_indexes WHERE indexname = 'i'").await, "1");
    }

    async fn bad_data_rolls_everything_back(db: TestDatabase) {
        let project = Project::new(&db, &[("001_data.up.sql", DUMP.replace("2\t", "zwei\t").as_str())]);
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::FailedRolledBack, "migration-failed", &["statement 2 of 5", "zwei", "nothing of 001 remains"]);
        assert_eq!(crate::support::user_tables(&db).await, "");
        project.write("001_data.up.sql", DUMP);
        project.up().await;
    }

    async fn without_a_transaction(db: TestDatabase) {
        let project = Project::new(&db, &[("001_data.up.sql", format!("-- shoring: no-transaction\n{DUMP}").as_str())]);
        project.up().await;
        assert_eq!(ask(&db, "SELECT count(*) FROM t").await, "5");
    }

    async fn more_than_one_message_holds(db: TestDatabase) {
        let mut text = "CREATE TABLE t (id integer, filler text);\nCOPY t FROM stdin;\n".to_owned();
        for id in 0..20_000 {
            text.push_str(&format!("{id}\t{}\n", "x".repeat(60)));
        }
        text.push_str("\\.\nINSERT INTO t VALUES (-1, 'after');\n");
        let project = Project::new(&db, &[("001_data.up.sql", &text)]);
        assert_eq!(project.up().await.ran[0].rows, 20_001);
        assert_eq!(ask(&db, "SELECT count(*), min(id) FROM t").await, "20001|-1");
    }
}
