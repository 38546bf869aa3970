//! SQLite: the twelve-step rebuild of a table keeps its children, however the file is written; a rebuild that breaks
//! references is refused.

use crate::support::{Project, ask, assert_says};
use shoring::ErrorKind;
use shoring_testkit::TestDatabase;

const BASE: &str = "CREATE TABLE parent (id integer PRIMARY KEY, name text);
CREATE TABLE child (id integer PRIMARY KEY, parent_id integer NOT NULL REFERENCES parent (id) ON DELETE CASCADE);
CREATE TABLE guest (id integer PRIMARY KEY, parent_id integer REFERENCES parent (id) ON DELETE SET NULL);
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO parent SELECT i, 'p' || i FROM n;
INSERT INTO child SELECT id, id FROM parent;
INSERT INTO guest SELECT id, id FROM parent;
";

const STEPS: &str = "CREATE TABLE parent_new (id integer PRIMARY KEY, name text NOT NULL);
INSERT INTO parent_new SELECT id, name FROM parent;
DROP TABLE parent;
ALTER TABLE parent_new RENAME TO parent;
";

const ALL_THERE: &str = "SELECT (SELECT count(*) FROM parent), (SELECT count(*) FROM child WHERE parent_id = id), (SELECT count(*) FROM guest WHERE parent_id = id)";

async fn rebuilds(db: &TestDatabase, text: &str) {
    let project = Project::new(
        db,
        &[
            ("001_base.up.sql", BASE),
            ("002_rebuild.up.sql", text),
            (
                "003_next.up.sql",
                "CREATE TABLE enforced AS SELECT foreign_keys FROM pragma_foreign_keys;",
            ),
        ],
    );
    project.up().await;
    assert_eq!(ask(db, ALL_THERE).await, "1000|1000|1000", "{text}");
    assert_eq!(ask(db, "PRAGMA foreign_key_check").await, "");
    assert!(
        ask(db, "SELECT sql FROM sqlite_schema WHERE name = 'child'")
            .await
            .contains("REFERENCES parent"),
        "{text}"
    );
    assert!(
        ask(db, "SELECT sql FROM sqlite_schema WHERE name = 'parent'")
            .await
            .contains("NOT NULL"),
        "{text}"
    );
    assert_eq!(
        project.states().await,
        "001 applied, 002 applied, 003 applied"
    );
}

shoring_testkit::server_tests! {
    [sqlite]

    /// As scripts for SQLite do what `ALTER TABLE` cannot.
    async fn a_definition_is_changed_by_its_text(db: TestDatabase) {
        let project = Project::new(
            &db,
            &[(
                "001_a.sql",
                "CREATE TABLE t (id integer);\nALTER TABLE t ADD COLUMN made text DEFAULT NULL /* not yet */;\nPRAGMA writable_schema = on;\nUPDATE sqlite_master SET sql = replace(sql, 'DEFAULT NULL /* not yet */', 'DEFAULT CURRENT_TIMESTAMP') WHERE name = 't';\nPRAGMA writable_schema = off;\n",
            )],
        );
        project.up().await;
        assert_eq!(
            ask(&db, "SELECT sql FROM sqlite_schema WHERE name = 't'").await,
            "CREATE TABLE t (id integer, made text DEFAULT CURRENT_TIMESTAMP)"
        );
    }

    async fn plain(db: TestDatabase) {
        rebuilds(&db, STEPS).await;
    }

    async fn with_enforcement_switched_on_in_the_file(db: TestDatabase) {
        rebuilds(&db, &format!("PRAGMA foreign_keys=ON;\n{STEPS}")).await;
    }

    async fn with_enforcement_switched_on_in_the_middle(db: TestDatabase) {
        rebuilds(&db, &STEPS.replace("DROP TABLE", "PRAGMA foreign_keys = 1;\nDROP TABLE")).await;
    }

    async fn with_a_transaction_of_its_own(db: TestDatabase) {
        rebuilds(&db, &format!("BEGIN;\n{STEPS}COMMIT;\n")).await;
    }

    async fn with_enforcement_on_before_its_own_transaction(db: TestDatabase) {
        rebuilds(&db, &format!("PRAGMA foreign_keys=ON;\nBEGIN TRANSACTION;\n{STEPS}END;\n")).await;
    }

    async fn with_enforcement_on_inside_its_own_transaction(db: TestDatabase) {
        rebuilds(&db, &format!("BEGIN;\nPRAGMA foreign_keys=ON;\n{STEPS}COMMIT;\n")).await;
    }

    async fn as_the_manual_writes_it(db: TestDatabase) {
        rebuilds(&db, &format!("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n{STEPS}PRAGMA foreign_key_check;\nCOMMIT;\nPRAGMA foreign_keys=ON;\n")).await;
    }

    async fn off_and_on_around_it(db: TestDatabase) {
        rebuilds(&db, &format!("PRAGMA foreign_keys=OFF;\n{STEPS}PRAGMA foreign_keys=ON;\n")).await;
    }

    async fn without_a_transaction(db: TestDatabase) {
        rebuilds(&db, &format!("-- shoring: no-transaction\nPRAGMA foreign_keys=ON;\n{STEPS}")).await;
    }

    async fn the_other_way_round(db: TestDatabase) {
        rebuilds(&db, "PRAGMA legacy_alter_table=ON;\nALTER TABLE parent RENAME TO parent_old;\nCREATE TABLE parent (id integer PRIMARY KEY, name text NOT NULL);\nINSERT INTO parent SELECT id, name FROM parent_old;\nDROP TABLE parent_old;\n").await;
    }

    async fn a_rebuild_that_loses_rows_is_refused(db: TestDatabase) {
        for own in [false, true] {
            let lossy = STEPS.replace("FROM parent;", "FROM parent WHERE id > 3;");
            let text = if own { format!("BEGIN;\n{lossy}COMMIT;\n") } else { lossy };
            let project = Project::new(&db, &[("001_base.up.sql", BASE), ("002_rebuild.up.sql", &text)]);
            let error = project.up_fails().await;
            assert_says(&error, ErrorKind::FailedRolledBack, "broken-references", &["6 rows would refer to rows that are no longer there", "table `child`, row 1: refers to `parent`", "nothing of 002 remains"]);
            assert_eq!(ask(&db, ALL_THERE).await, "1000|1000|1000");
            assert_eq!(project.states().await, "001 applied, 002 pending");
        }
    }

    async fn references_broken_before_do_not_stop_it(db: TestDatabase) {
        let base = format!("{BASE}PRAGMA foreign_keys=OFF;\nDELETE FROM parent WHERE id = 7;\n");
        let project = Project::new(&db, &[("001_base.up.sql", &base), ("002_rebuild.up.sql", STEPS)]);
        project.up().await;
        assert_eq!(ask(&db, ALL_THERE).await, "999|1000|1000");
    }

    async fn enforcement_is_as_before_afterwards(db: TestDatabase) {
        let project = Project::new(&db, &[
            ("001_base.up.sql", BASE),
            ("002_before.up.sql", "CREATE TABLE before AS SELECT foreign_keys FROM pragma_foreign_keys;"),
            ("003_rebuild.up.sql", STEPS),
            ("004_after.up.sql", "CREATE TABLE after AS SELECT foreign_keys FROM pragma_foreign_keys;"),
        ]);
        project.up().await;
        assert_eq!(ask(&db, "SELECT (SELECT foreign_keys FROM before) = (SELECT foreign_keys FROM after)").await, "1");
    }

    async fn enforcement_is_as_before_after_a_failure_that_is_passed_over(db: TestDatabase) {
        let project = Project::new(&db, &[(
            "changelog.sql",
            "--liquibase formatted sql\n--changeset me:1\nCREATE TABLE before AS SELECT foreign_keys FROM pragma_foreign_keys;\n--changeset me:2 failOnError:false\nDROP TABLE before;\nDROP TABLE nowhere;\n--changeset me:3\nCREATE TABLE after AS SELECT foreign_keys FROM pragma_foreign_keys;\n",
        )]);
        project.up().await;
        assert_eq!(ask(&db, "SELECT (SELECT foreign_keys FROM before) = (SELECT foreign_keys FROM after)").await, "1");
    }
}
