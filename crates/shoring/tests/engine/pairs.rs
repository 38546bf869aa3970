//! Formats whose files look the same: the history table says which it is, for each of them and beside each other.

use crate::support::{Project, assert_says, prepare};
use shoring::{ErrorKind, UpRequest};
use shoring_testkit::tool_facts::{self, Tool};
use shoring_testkit::{Engine, TestDatabase};

/// A format with the statements that make its table.
type Named = (&'static str, &'static str, fn(Engine) -> Vec<String>);

fn of(tool: &Tool) -> Named {
    (tool.format, tool.table, tool.create)
}

/// Those that read `1_users.up.sql`.
fn numbered() -> Vec<Named> {
    vec![
        of(&tool_facts::GOLANG_MIGRATE),
        of(&tool_facts::SQLX),
        ("manual", "schema_migrations", |_| {
            vec!["CREATE TABLE schema_migrations (version integer PRIMARY KEY, name varchar(50), applied_at timestamp NULL)".to_owned()]
        }),
        ("shoring", "shoring_history", |engine| {
            let columns = "version varchar(64) NOT NULL PRIMARY KEY, name varchar(255) NOT NULL, kind varchar(16) NOT NULL, checksum varchar(64), applied_by varchar(255) NOT NULL, milliseconds bigint, attempt varchar(64) NOT NULL";
            let time = engine.pick("timestamp with time zone", "datetime(6)", "text");
            vec![format!(
                "CREATE TABLE shoring_history ({columns}, applied_at {time} NOT NULL)"
            )]
        }),
    ]
}

fn project(db: &TestDatabase) -> Project {
    Project::new(
        db,
        &[
            ("1_users.up.sql", "CREATE TABLE users (id integer);\n"),
            ("1_users.down.sql", "DROP TABLE users;\n"),
        ],
    )
}

async fn make(db: &TestDatabase, (_, _, create): Named) {
    for statement in create(db.engine) {
        prepare(db, &[&statement]).await;
    }
}

async fn drop_table(db: &TestDatabase, (_, table, _): Named) {
    let quoted = db.engine.pick('"', '`', '"');
    prepare(db, &[&format!("DROP TABLE {quoted}{table}{quoted}")]).await;
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn the_table_decides_whatever_the_project_uses(db: TestDatabase) {
        let project = project(&db);
        let uses = [
            None,
            Some(("Cargo.toml", "[dependencies]\nsqlx = \"0.9\"\n")),
            Some(("go.mod", "module app\n\nrequire github.com/golang-migrate/migrate/v4 v4.19.0\n")),
        ];
        for evidence in uses {
            if let Some((path, text)) = evidence {
                project.write_beside(path, text);
            }
            for format in numbered() {
                make(&db, format).await;
                let status = project.migrator().status().await.unwrap();
                assert_eq!(status.format, format.0, "{evidence:?}");
                drop_table(&db, format).await;
            }
        }
        // Both are required by now, and no table is there.
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Usage, "several-formats", &["golang-migrate", "sqlx", "go.mod:3", "Cargo.toml:2"]);
    }

    async fn without_a_table_what_the_project_uses_decides(db: TestDatabase) {
        let project = project(&db);
        assert_eq!(project.migrator().status().await.unwrap().format, "shoring");
        project.write_beside("Cargo.toml", "[dependencies]\nsqlx = \"0.9\"\n");
        assert_eq!(project.migrator().status().await.unwrap().format, "sqlx");
        project.remove_beside("Cargo.toml");
        project.write_beside("Makefile", "up:\n\tmigrate -path migrations -database $(DB) up\n");
        assert_eq!(project.migrator().status().await.unwrap().format, "golang-migrate");
    }

    async fn two_tables_are_a_question_for_every_pair(db: TestDatabase) {
        let project = project(&db);
        let all = numbered();
        for (index, one) in all.iter().enumerate() {
            for other in &all[index + 1..] {
                if one.1 == other.1 {
                    continue;
                }
                make(&db, *one).await;
                make(&db, *other).await;
                let error = project.up_fails().await;
                assert_says(&error, ErrorKind::Usage, "several-histories", &[one.0, other.0, "--format", "Nothing was run and nothing was changed."]);
                drop_table(&db, *one).await;
                drop_table(&db, *other).await;
            }
        }
    }

    /// A format whose files no other can read is known by them, whatever table another tool left.
    async fn files_with_marks_and_folders_are_their_tools(db: TestDatabase) {
        let tools = [tool_facts::DBMATE, tool_facts::GOOSE, tool_facts::DIESEL, tool_facts::PRISMA, tool_facts::REFINERY];
        for tool in tools {
            let project = Project::new(&db, &[]);
            if let Some((path, text)) = tool.evidence {
                project.write_beside(path, text);
            }
            for (path, text) in (tool.files)(1, "users", "SELECT 1;\n", "SELECT 1;\n") {
                project.write_beside(&format!("migrations/{path}"), &text);
            }
            for other in numbered() {
                // One name, two tools: the columns say that it is the other's.
                if other.1 == tool.table {
                    continue;
                }
                make(&db, other).await;
                let status = project.migrator().status().await.unwrap();
                assert_eq!(status.format, tool.format, "beside {}", other.0);
                drop_table(&db, other).await;
            }
            project.migrator().up(&UpRequest::default()).await.unwrap();
            prepare(&db, &[db.engine.pick("DROP TABLE shoring_runs, shoring_run_steps, shoring_lock", "DROP TABLE shoring_runs, shoring_run_steps, shoring_lock", "DROP TABLE shoring_runs")]).await;
            if db.engine == Engine::Sqlite {
                prepare(&db, &["DROP TABLE shoring_run_steps", "DROP TABLE shoring_lock"]).await;
            }
            drop_table(&db, of(&tool)).await;
        }
    }
}
