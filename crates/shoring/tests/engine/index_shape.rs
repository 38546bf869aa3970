//! `CREATE INDEX IF NOT EXISTS` over an index of the same name: the same shape passes, another one is refused before the
//! statement is sent, and what cannot be told is said.

use crate::support::{Project, ask, assert_says, prepare, tell};
use shoring::{ErrorKind, Event, Observer, UpRequest};
use shoring_testkit::TestDatabase;
use std::sync::{Arc, Mutex};

const PASSES: &str = "";
const REFUSED: &str = "other-index";
const WARNED: &str = "index-not-compared";

/// What the index code told of a run.
#[derive(Default)]
struct Warnings(Mutex<String>);

impl Observer for Warnings {
    fn observe(&self, event: &Event) {
        if let Event::Warned { diagnostic } = event
            && diagnostic.code == WARNED
        {
            self.0.lock().unwrap().push_str(diagnostic.code);
        }
    }
}

/// For each case: makes the tables `t` and `u`, the first index, and runs the second statement as a migration. `#` in the
/// statements is the number of the case.
async fn check(db: &TestDatabase, cases: &[(&str, &str, &str)]) {
    let project = Project::new(db, &[]);
    let mut version = 1;
    for (case, (existing, wanted, expected)) in cases.iter().enumerate() {
        let numbered = |sql: &str| sql.replace('#', &case.to_string());
        let (existing, wanted) = (numbered(existing), numbered(wanted));
        let tables = [
            numbered("CREATE TABLE t# (id integer, name varchar(40), note varchar(40))"),
            numbered("CREATE TABLE u# (id integer)"),
            existing.clone(),
        ];
        prepare(db, &tables.each_ref().map(String::as_str)).await;
        let file = format!("{version:03}_i.up.sql");
        project.write(&file, format!("{wanted};\n"));
        let warnings = Arc::new(Warnings::default());
        let migrator = project.migrator().observer(warnings.clone());
        let told = match migrator.up(&UpRequest::default()).await {
            Ok(_) => {
                version += 1;
                warnings.0.lock().unwrap().clone()
            }
            Err(error) => {
                assert_eq!(error.kind, ErrorKind::Refused, "{}", tell(&error));
                project.remove(&file);
                error.diagnostic.code.to_owned()
            }
        };
        assert_eq!(told, *expected, "{wanted}\nover {existing}");
    }
}

mod postgresql {
    use super::*;

    shoring_testkit::server_tests! {
        [postgresql]

        async fn is_compared(db: TestDatabase) {
            check(&db, &[
                ("CREATE INDEX i# ON t# (id)", "CREATE INDEX CONCURRENTLY IF NOT EXISTS i# ON t# (id)", PASSES),
                ("CREATE INDEX i# ON t# (id)", "create index if not exists I# on public.T# using BTREE (\"id\" asc nulls last)", PASSES),
                ("CREATE INDEX i# ON t# (name)", "CREATE INDEX CONCURRENTLY IF NOT EXISTS i# ON t# (id)", REFUSED),
                ("CREATE INDEX i# ON t# (name)", "CREATE INDEX IF NOT EXISTS i# ON t# (id)", REFUSED),
                ("CREATE INDEX i# ON u# (id)", "CREATE INDEX IF NOT EXISTS i# ON t# (id)", REFUSED),
                ("CREATE VIEW i# AS SELECT 1", "CREATE INDEX IF NOT EXISTS i# ON t# (id)", REFUSED),
                ("CREATE INDEX i# ON t# (id)", "CREATE UNIQUE INDEX IF NOT EXISTS i# ON t# (id)", REFUSED),
                ("CREATE INDEX i# ON t# (id)", "CREATE INDEX IF NOT EXISTS i# ON t# USING hash (id)", REFUSED),
                ("CREATE INDEX i# ON t# (id)", "CREATE INDEX IF NOT EXISTS i# ON t# (id DESC)", REFUSED),
                ("CREATE INDEX i# ON t# (id)", "CREATE INDEX IF NOT EXISTS i# ON t# (id) INCLUDE (name)", REFUSED),
                ("CREATE INDEX i# ON t# (name)", "CREATE INDEX IF NOT EXISTS i# ON t# (name varchar_pattern_ops)", REFUSED),
                ("CREATE INDEX i# ON t# (name)", "CREATE INDEX IF NOT EXISTS i# ON t# (name COLLATE \"C\")", REFUSED),
                ("CREATE INDEX i# ON t# (lower(name))", "CREATE INDEX IF NOT EXISTS i# ON t# ((lower((name)::text)))", PASSES),
                ("CREATE INDEX i# ON t# (lower(name))", "CREATE INDEX IF NOT EXISTS i# ON t# (upper(name))", REFUSED),
                ("CREATE INDEX i# ON t# (id) WHERE id > 5", "CREATE INDEX IF NOT EXISTS i# ON t# (id) WHERE (t#.id > 5)", PASSES),
                ("CREATE INDEX i# ON t# (id) WHERE id > 5", "CREATE INDEX IF NOT EXISTS i# ON t# (id) WHERE id > 6", REFUSED),
                ("CREATE INDEX i# ON t# (id)", "CREATE INDEX IF NOT EXISTS i# ON t# (id) WITH (fillfactor = 70)", PASSES),
                ("CREATE INDEX i# ON t# (id)", "CREATE INDEX IF NOT EXISTS i# ON t# (id) WHERE public.t#.id > 5", WARNED),
                ("CREATE INDEX j# ON t# (id)", "CREATE INDEX IF NOT EXISTS i# ON t# (id)", PASSES),
            ]).await;
        }

        async fn an_invalid_one_is_not_passed_over(db: TestDatabase) {
            prepare(&db, &["CREATE TABLE t (id integer)", "INSERT INTO t VALUES (1), (1)"]).await;
            let mut session = db.connect().await;
            let batch = shoring_db::Batch { statements: &["CREATE UNIQUE INDEX CONCURRENTLY i ON t (id)"] };
            session.execute(batch, &mut |_| {}).await.unwrap_err();
            let project = Project::new(&db, &[("001_i.up.sql", "CREATE UNIQUE INDEX IF NOT EXISTS i ON t (id);\n")]);
            let error = project.up_fails().await;
            assert_says(&error, ErrorKind::Refused, "invalid-index", &["its build never finished"]);
        }

        async fn the_table_may_be_of_the_same_file(db: TestDatabase) {
            let file = "CREATE TABLE t (id integer, name text);\nCREATE INDEX i ON t (name);\n\
                        SET LOCAL search_path = public;\nCREATE INDEX IF NOT EXISTS i ON t (name);\n";
            let project = Project::new(&db, &[("001_i.up.sql", file)]);
            project.up().await;
            project.write("002_i.up.sql", "CREATE TABLE u (id integer);\nCREATE INDEX IF NOT EXISTS i ON t (id);\n");
            let error = project.up_fails().await;
            assert_says(&error, ErrorKind::Refused, "other-index", &[
                "there is:   CREATE INDEX i ON public.t USING btree (name)",
                "asked for:  CREATE INDEX IF NOT EXISTS i ON t (id)",
                "002 was rolled back completely",
            ]);
            assert_eq!(project.states().await, "001 applied, 002 pending");
            assert_eq!(ask(&db, "SELECT to_regclass('u')").await, "NULL");
        }
    }
}

mod mariadb {
    use super::*;

    shoring_testkit::server_tests! {
        [mariadb]

        async fn is_compared(db: TestDatabase) {
            check(&db, &[
                ("CREATE INDEX i# ON t# (id, name)", "CREATE INDEX IF NOT EXISTS I# ON t# (`ID` ASC, name)", PASSES),
                ("CREATE INDEX i# ON t# (name)", "CREATE INDEX IF NOT EXISTS i# ON t# (id)", REFUSED),
                ("CREATE INDEX i# ON t# (id, name)", "CREATE INDEX IF NOT EXISTS i# ON t# (id)", REFUSED),
                ("CREATE INDEX i# ON t# (id)", "CREATE UNIQUE INDEX IF NOT EXISTS i# ON t# (id)", REFUSED),
                ("CREATE INDEX i# ON t# (name)", "CREATE FULLTEXT INDEX IF NOT EXISTS i# ON t# (name)", REFUSED),
                ("CREATE FULLTEXT INDEX i# ON t# (name)", "CREATE FULLTEXT INDEX IF NOT EXISTS i# ON t# (name)", PASSES),
                ("CREATE INDEX i# ON t# (name(5))", "CREATE INDEX IF NOT EXISTS i# ON t# (name(6))", REFUSED),
                ("CREATE INDEX i# ON t# (name(5))", "CREATE INDEX IF NOT EXISTS i# ON t# (name(5))", PASSES),
                ("CREATE INDEX i# ON t# (name)", "CREATE INDEX IF NOT EXISTS i# ON t# (name(40))", WARNED),
                // Names of indexes belong to their table.
                ("CREATE INDEX i# ON u# (id)", "CREATE INDEX IF NOT EXISTS i# ON t# (name)", PASSES),
            ]).await;
        }
    }
}

mod sqlite {
    use super::*;

    shoring_testkit::server_tests! {
        [sqlite]

        async fn is_compared(db: TestDatabase) {
            check(&db, &[
                ("CREATE INDEX i# ON t# (id)", "create index if not exists main.I# on T# (\"ID\" asc)", PASSES),
                ("CREATE INDEX i# ON t# (name)", "CREATE INDEX IF NOT EXISTS i# ON t# (id)", REFUSED),
                ("CREATE INDEX i# ON u# (id)", "CREATE INDEX IF NOT EXISTS i# ON t# (id)", REFUSED),
                ("CREATE INDEX i# ON t# (id)", "CREATE UNIQUE INDEX IF NOT EXISTS i# ON t# (id)", REFUSED),
                ("CREATE INDEX i# ON t# (id)", "CREATE INDEX IF NOT EXISTS i# ON t# (id, name)", REFUSED),
                ("CREATE INDEX i# ON t# (lower(name))", "CREATE INDEX IF NOT EXISTS i# ON t# (LOWER(name))", PASSES),
                ("CREATE INDEX i# ON t# (lower(name))", "CREATE INDEX IF NOT EXISTS i# ON t# (upper(name))", WARNED),
                ("CREATE INDEX i# ON t# (id) WHERE id > 5", "CREATE INDEX IF NOT EXISTS i# ON t# (id) WHERE id > 6", WARNED),
                ("SELECT 1", "CREATE TEMP TABLE w# (id);\nCREATE INDEX IF NOT EXISTS i# ON w# (id)", PASSES),
            ]).await;
        }
    }
}
