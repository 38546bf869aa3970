//! What every format of another tool has to do, over a table of small facts: read, apply, go back, and meet each kind of bad
//! input as that tool's users do.

use crate::support::{Project, ask, assert_says, prepare, tables, tell};
use shoring::{Confirmation, DownRequest, ErrorKind, MarkAs, UpRequest};
use shoring_core::Dialect;
use shoring_testkit::TestDatabase;
use shoring_testkit::tool_facts::{Renamed, Tool};

const NAMES: [&str; 4] = ["users", "orders", "items", "notes"];

fn up_of(name: &str) -> String {
    format!("CREATE TABLE {name} (id integer);\nINSERT INTO {name} VALUES (1);\n")
}

fn write(project: &Project, tool: &Tool, number: u32, name: &str, up: &str) {
    let down = format!("DROP TABLE {name};\n");
    for (path, text) in (tool.files)(number, name, up, &down) {
        project.write_beside(&format!("migrations/{path}"), &text);
    }
}

fn delete(project: &Project, tool: &Tool, number: u32, name: &str) {
    for path in tool.whole(number, name) {
        project.remove_beside(&format!("migrations/{path}"));
    }
}

/// Migrations 1, 3, 5, of which the first two are applied.
async fn begun(db: &TestDatabase, tool: &Tool) -> Project {
    let project = Project::new(db, &[]);
    if let Some((path, text)) = tool.evidence {
        project.write_beside(path, text);
    }
    for (number, name) in [(1, "users"), (3, "orders"), (5, "items")] {
        write(&project, tool, number, name, &up_of(name));
    }
    let first = UpRequest {
        steps: Some(2),
        ..UpRequest::default()
    };
    let report = project.migrator().up(&first).await;
    report.unwrap_or_else(|error| panic!("{}", tell(&error)));
    project
}

fn states(tool: &Tool, states: &[(u32, &str, &str)]) -> String {
    let told: Vec<String> = states
        .iter()
        .map(|(number, name, state)| format!("{} {state}", tool.version(*number, name)))
        .collect();
    told.join(", ")
}

/// The tables of [`NAMES`] that are there.
async fn made(db: &TestDatabase) -> String {
    let all = tables(db).await;
    let made: Vec<&str> = all
        .split(" ; ")
        .filter(|name| NAMES.contains(name))
        .collect();
    made.join(" ")
}

pub(crate) async fn its_files_run_and_go_back(db: TestDatabase, tool: Tool) {
    let project = begun(&db, &tool).await;
    let status = project.migrator().status().await.unwrap();
    assert_eq!(status.format, tool.format);
    assert_eq!(
        project.states().await,
        states(
            &tool,
            &[
                (1, "users", "applied"),
                (3, "orders", "applied"),
                (5, "items", "pending")
            ]
        )
    );
    project.up().await;
    assert_eq!(made(&db).await, "items orders users");
    let migrator = project.migrator();
    migrator.down(&DownRequest::Steps(2)).await.unwrap();
    assert_eq!(made(&db).await, "users");
    project.up().await;
    migrator.down(&DownRequest::All).await.unwrap();
    assert_eq!(made(&db).await, "");
    project.up().await;
    assert_eq!(
        project
            .migrator()
            .up(&UpRequest::default())
            .await
            .unwrap()
            .ran,
        []
    );
    for name in ["users", "orders", "items"] {
        assert_eq!(ask(&db, &format!("SELECT count(*) FROM {name}")).await, "1");
    }
}

/// The table that we make is the one that the tool makes.
pub(crate) async fn its_table_has_the_shape_of_the_tool(db: TestDatabase, tool: Tool) {
    let table = tool.table_on(db.engine);
    let columns = match db.engine.dialect() {
        Dialect::Postgresql => format!(
            "SELECT column_name, data_type, character_maximum_length, is_nullable, column_default, is_identity FROM information_schema.columns WHERE table_name = '{table}' ORDER BY ordinal_position"
        ),
        Dialect::Mysql => format!(
            "SELECT column_name, column_type, is_nullable, column_default, column_key, extra, collation_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = '{table}' ORDER BY ordinal_position"
        ),
        Dialect::Sqlite => format!("PRAGMA table_info('{table}')"),
    };
    let project = begun(&db, &tool).await;
    let ours = ask(&db, &columns).await;
    let drop = db.engine.pick(
        format!("DROP TABLE \"{table}\""),
        format!("DROP TABLE `{table}`"),
        format!("DROP TABLE \"{table}\""),
    );
    let create = (tool.create)(db.engine);
    let mut statements: Vec<&str> = vec![&drop];
    statements.extend(create.iter().map(String::as_str));
    prepare(&db, &statements).await;
    assert_eq!(ours, ask(&db, &columns).await);
    // And it is taken for the tool's.
    assert_eq!(
        project.migrator().status().await.unwrap().format,
        tool.format
    );
}

pub(crate) async fn an_edited_file_stops_until_it_is_repaired(db: TestDatabase, tool: Tool) {
    let project = begun(&db, &tool).await;
    write(
        &project,
        &tool,
        3,
        "orders",
        "CREATE TABLE orders (id bigint);\n",
    );
    let error = project.up_fails().await;
    assert_says(
        &error,
        ErrorKind::Mismatch,
        "changed-files",
        &[
            "orders",
            "shoring repair",
            "Nothing was run and nothing was changed.",
        ],
    );
    assert_eq!(made(&db).await, "orders users");
    project
        .migrator()
        .repair(Confirmation::Confirmed)
        .await
        .unwrap();
    project.up().await;
    assert_eq!(made(&db).await, "items orders users");
}

pub(crate) async fn a_deleted_file_is_told(db: TestDatabase, tool: Tool) {
    let project = begun(&db, &tool).await;
    delete(&project, &tool, 1, "users");
    if tool.format == "golang-migrate" {
        // Its table does not know of the file either.
        project.up().await;
    } else if tool.missing_is_noted {
        let told = project.up_warns().await;
        // Several projects may share Liquibase's table: there it means nothing.
        assert_eq!(
            told.contains("applied migrations have no file any more")
                && told.contains(&tool.version(1, "users")),
            tool.format != "liquibase",
            "{told}"
        );
        assert!(
            project
                .migrator()
                .doctor(Confirmation::ShowOnly)
                .await
                .unwrap()
                .cases
                .is_empty()
        );
        assert_eq!(
            project.states().await,
            states(
                &tool,
                &[
                    (1, "users", "missing"),
                    (3, "orders", "applied"),
                    (5, "items", "applied")
                ]
            )
        );
    } else {
        let error = project.up_fails().await;
        assert_says(
            &error,
            ErrorKind::Mismatch,
            "missing-files",
            &["users", "bring the file back from version control"],
        );
        assert_eq!(made(&db).await, "orders users");
    }
}

pub(crate) async fn a_database_ahead_of_the_files_is_told(db: TestDatabase, tool: Tool) {
    let project = begun(&db, &tool).await;
    delete(&project, &tool, 5, "items");
    delete(&project, &tool, 3, "orders");
    if tool.missing_is_noted {
        let told = project.up_warns().await;
        assert_eq!(
            told.contains("ahead of this checkout") && told.contains(&tool.version(3, "orders")),
            tool.format != "liquibase",
            "{told}"
        );
    } else {
        let error = project.up_fails().await;
        assert_says(
            &error,
            ErrorKind::Ahead,
            "database-ahead",
            &["ahead of this checkout", "deploy the newer version"],
        );
    }
    assert_eq!(made(&db).await, "orders users");
}

pub(crate) async fn a_renamed_file(db: TestDatabase, tool: Tool) {
    let project = begun(&db, &tool).await;
    delete(&project, &tool, 3, "orders");
    match tool.renamed {
        Renamed::Same => {
            write(&project, &tool, 3, "purchases", &up_of("orders"));
            project.up().await;
            assert_eq!(made(&db).await, "items orders users");
        }
        Renamed::Changed => {
            write(&project, &tool, 3, "purchases", &up_of("orders"));
            let error = project.up_fails().await;
            assert_says(&error, ErrorKind::Mismatch, "changed-files", &["purchases"]);
        }
        Renamed::Another => {
            write(&project, &tool, 3, "notes", &up_of("notes"));
            project.up().await;
            assert_eq!(made(&db).await, "items notes orders users");
        }
    }
}

/// Its text says which one it is. To run it would be to run it twice.
pub(crate) async fn a_renumbered_file_is_not_run_twice(db: TestDatabase, tool: Tool) {
    let project = begun(&db, &tool).await;
    delete(&project, &tool, 3, "orders");
    write(&project, &tool, 7, "orders", &up_of("orders"));
    if tool.format == "liquibase" {
        // Several projects may share its table, so a row without a changeset says nothing under another id.
        return;
    }
    let error = project.up_fails().await;
    let code = "renamed-files";
    assert_says(
        &error,
        ErrorKind::Mismatch,
        code,
        &["orders", "Nothing was run and nothing was changed."],
    );
    assert_eq!(made(&db).await, "orders users");
    // `repair` does not take the row away that keeps the text from running again.
    let migrator = project.migrator();
    migrator.repair(Confirmation::Confirmed).await.unwrap();
    let error = project.up_fails().await;
    assert_says(&error, ErrorKind::Mismatch, code, &["orders"]);
    let version = tool.version(7, "orders");
    let mark = format!("shoring mark {version} applied");
    if tool.format == "golang-migrate" {
        // Its table would call the one between applied, too.
        assert!(!tell(&error).contains(&mark), "{}", tell(&error));
        return;
    }
    assert_says(&error, ErrorKind::Mismatch, code, &[&mark]);
    migrator.mark(&version, MarkAs::Applied).await.unwrap();
    migrator.repair(Confirmation::Confirmed).await.unwrap();
    // A number below an applied one may be late.
    let late = UpRequest {
        allow_out_of_order: true,
        ..UpRequest::default()
    };
    migrator.up(&late).await.unwrap();
    assert_eq!(made(&db).await, "items orders users");
    assert_eq!(ask(&db, "SELECT count(*) FROM orders").await, "1");
    // Another text is another migration.
    write(&project, &tool, 8, "notes", &up_of("notes"));
    project.up().await;
    assert_eq!(made(&db).await, "items notes orders users");
}

pub(crate) async fn two_files_of_one_version_are_refused(db: TestDatabase, tool: Tool) {
    let project = begun(&db, &tool).await;
    if !tool.has_duplicates {
        return;
    }
    write(&project, &tool, 5, "notes", &up_of("notes"));
    let error = project.up_fails().await;
    assert_says(
        &error,
        ErrorKind::Usage,
        "duplicate-version",
        &["items", "notes", "Nothing was run and nothing was changed."],
    );
    assert_eq!(made(&db).await, "orders users");
}

pub(crate) async fn a_late_file_of_a_merged_branch(db: TestDatabase, tool: Tool) {
    let project = begun(&db, &tool).await;
    write(&project, &tool, 2, "notes", &up_of("notes"));
    if tool.format == "golang-migrate" {
        project.up().await;
        assert_eq!(made(&db).await, "items orders users");
        return;
    }
    if tool.late_runs {
        project.up().await;
    } else {
        let error = project.up_fails().await;
        assert_says(
            &error,
            ErrorKind::Mismatch,
            "out-of-order",
            &["notes", "--allow-out-of-order"],
        );
        assert_eq!(made(&db).await, "orders users");
        let allowed = UpRequest {
            allow_out_of_order: true,
            ..UpRequest::default()
        };
        project.migrator().up(&allowed).await.unwrap();
    }
    assert_eq!(made(&db).await, "items notes orders users");
}

pub(crate) async fn a_file_that_fails_leaves_what_the_message_says(db: TestDatabase, tool: Tool) {
    let project = begun(&db, &tool).await;
    let bad = "CREATE TABLE items (id integer);\nINSERT INTO items VALUES (1);\nINSERT INTO nowhere VALUES (1);\n";
    write(&project, &tool, 5, "items", bad);
    let error = project.up_fails().await;
    match db.engine.dialect() {
        Dialect::Postgresql | Dialect::Sqlite => {
            assert_eq!(error.kind, ErrorKind::FailedRolledBack, "{}", tell(&error));
            assert_eq!(made(&db).await, "orders users");
        }
        Dialect::Mysql => {
            assert_eq!(error.kind, ErrorKind::FailedPartly, "{}", tell(&error));
            assert_eq!(made(&db).await, "items orders users");
        }
    }
    write(&project, &tool, 5, "items", &up_of("items"));
    project.up().await;
    assert_eq!(ask(&db, "SELECT count(*) FROM items").await, "1");
    assert_eq!(
        project.states().await,
        states(
            &tool,
            &[
                (1, "users", "applied"),
                (3, "orders", "applied"),
                (5, "items", "applied")
            ]
        )
    );
}

/// Without the journal only the tool's own table can tell of a half.
pub(crate) async fn a_half_is_told_to_the_tool(db: TestDatabase, tool: Tool) {
    let project = begun(&db, &tool).await;
    if db.engine.dialect() != Dialect::Mysql || !tool.knows_failed {
        return;
    }
    let bad = "CREATE TABLE items (id integer);\nINSERT INTO nowhere VALUES (1);\n";
    write(&project, &tool, 5, "items", bad);
    project.up_fails().await;
    prepare(
        &db,
        &["DELETE FROM shoring_run_steps", "DELETE FROM shoring_runs"],
    )
    .await;
    let error = project.up_fails().await;
    assert_says(
        &error,
        ErrorKind::Mismatch,
        "failed-row",
        &["items: recorded as failed", "shoring doctor"],
    );
    project
        .migrator()
        .mark(&tool.version(5, "items"), MarkAs::Applied)
        .await
        .unwrap();
    project.up().await;
}

/// A run that was killed after the tool's table was told of its beginning and before its first statement.
pub(crate) async fn a_killed_beginning_wedges_nobody(db: TestDatabase, tool: Tool) {
    let project = begun(&db, &tool).await;
    if db.engine.dialect() != Dialect::Mysql {
        return;
    }
    let bad = "CREATE TABLE items (id integer);\nINSERT INTO nowhere VALUES (1);\n";
    write(&project, &tool, 5, "items", bad);
    project.up_fails().await;
    prepare(&db, &["DELETE FROM shoring_run_steps", "DROP TABLE items"]).await;
    // Nothing of it is there after this either, and the table does not say otherwise.
    write(
        &project,
        &tool,
        5,
        "items",
        "INSERT INTO nowhere VALUES (1);\nCREATE TABLE items (id integer);\n",
    );
    let error = project.up_fails().await;
    assert_eq!(error.kind, ErrorKind::FailedRolledBack, "{}", tell(&error));
    write(&project, &tool, 5, "items", &up_of("items"));
    project.up().await;
    assert_eq!(ask(&db, "SELECT count(*) FROM items").await, "1");
}

pub(crate) async fn other_line_ends(db: TestDatabase, tool: Tool) {
    let project = begun(&db, &tool).await;
    let windows = up_of("orders").replace('\n', "\r\n");
    write(&project, &tool, 3, "orders", &windows);
    let plan = || async {
        let request = shoring::PlanRequest::Up(UpRequest::default());
        project
            .migrator()
            .plan(&request)
            .await
            .unwrap()
            .notes
            .join("\n")
    };
    assert_eq!(
        plan()
            .await
            .contains("the line ends are not those of the applied file"),
        tool.minds_line_ends
    );
    project.up().await;
    assert_eq!(made(&db).await, "items orders users");
    if tool.minds_line_ends {
        project
            .migrator()
            .repair(Confirmation::Confirmed)
            .await
            .unwrap();
        assert!(!plan().await.contains("line ends"));
    }
}

pub(crate) async fn a_database_without_history_gets_a_baseline(db: TestDatabase, tool: Tool) {
    let project = begun(&db, &tool).await;
    let table = tool.table_on(db.engine);
    let all = match db.engine.dialect() {
        Dialect::Postgresql | Dialect::Sqlite => format!("DROP TABLE \"{table}\""),
        Dialect::Mysql => format!("DROP TABLE `{table}`"),
    };
    prepare(&db, &[&all]).await;
    project
        .migrator()
        .baseline(&tool.version(3, "orders"), Confirmation::Confirmed)
        .await
        .unwrap();
    project.up().await;
    assert_eq!(made(&db).await, "items orders users");
    for name in ["users", "orders", "items"] {
        assert_eq!(ask(&db, &format!("SELECT count(*) FROM {name}")).await, "1");
    }
}

pub(crate) async fn marks_are_rows(db: TestDatabase, tool: Tool) {
    let project = begun(&db, &tool).await;
    let migrator = project.migrator();
    let last = tool.version(5, "items");
    migrator.mark(&last, MarkAs::Applied).await.unwrap();
    project.up().await;
    assert_eq!(made(&db).await, "orders users");
    migrator.mark(&last, MarkAs::Pending).await.unwrap();
    project.up().await;
    assert_eq!(made(&db).await, "items orders users");
}

/// Wherever the table is, it is found, and stays where it is when a migration changes the path.
pub(crate) async fn a_table_in_another_schema_is_found(db: TestDatabase, tool: Tool) {
    let project = begun(&db, &tool).await;
    if db.engine.dialect() != Dialect::Postgresql {
        return;
    }
    let history = tool.table_on(db.engine);
    let tables = [
        history.as_str(),
        "shoring_runs",
        "shoring_run_steps",
        "shoring_lock",
    ];
    prepare(&db, &["CREATE SCHEMA app"]).await;
    for table in tables {
        prepare(&db, &[&format!("ALTER TABLE \"{table}\" SET SCHEMA app")]).await;
    }
    let up = "CREATE SCHEMA other;\nSET search_path TO other;\nCREATE TABLE items (id integer);\n";
    write(&project, &tool, 5, "items", up);
    project.up().await;
    assert_eq!(
        project
            .migrator()
            .up(&UpRequest::default())
            .await
            .unwrap()
            .ran,
        []
    );
    let found = ask(
        &db,
        &format!(
            "SELECT table_schema FROM information_schema.tables WHERE table_name IN ('{history}', 'shoring_runs') GROUP BY 1"
        ),
    )
    .await;
    assert_eq!(found, "app");
    assert_eq!(ask(&db, "SELECT count(*) FROM other.items").await, "0");
}

/// One test of each function above on each server, for one tool.
macro_rules! conformance {
    ($module:ident, $facts:ident, $engines:tt) => {
        mod $module {
            use shoring_testkit::tool_facts::$facts as FACTS;

            crate::conformance::conformance!(@tests $engines
                its_files_run_and_go_back
                its_table_has_the_shape_of_the_tool
                an_edited_file_stops_until_it_is_repaired
                a_deleted_file_is_told
                a_database_ahead_of_the_files_is_told
                a_renamed_file
                a_renumbered_file_is_not_run_twice
                two_files_of_one_version_are_refused
                a_late_file_of_a_merged_branch
                a_file_that_fails_leaves_what_the_message_says
                a_half_is_told_to_the_tool
                a_killed_beginning_wedges_nobody
                other_line_ends
                a_database_without_history_gets_a_baseline
                marks_are_rows
                a_table_in_another_schema_is_found
            );
        }
    };
    (@tests [$($engine:ident),+] $($name:ident)+) => {
        shoring_testkit::server_tests! {
            [$($engine),+]

            $(async fn $name(db: TestDatabase) {
                super::$name(db, FACTS).await;
            })+
        }
    };
}
use conformance;

conformance!(
    golang_migrate,
    GOLANG_MIGRATE,
    [postgresql, mariadb, mysql, sqlite]
);
conformance!(dbmate, DBMATE, [postgresql, mariadb, mysql, sqlite]);
conformance!(sqlx, SQLX, [postgresql, mariadb, mysql, sqlite]);
conformance!(prisma, PRISMA, [postgresql, mariadb, mysql, sqlite]);
conformance!(diesel, DIESEL, [postgresql, mariadb, mysql, sqlite]);
conformance!(goose, GOOSE, [postgresql, mariadb, mysql, sqlite]);
conformance!(refinery, REFINERY, [postgresql, mariadb, mysql, sqlite]);
conformance!(liquibase, LIQUIBASE, [postgresql, mariadb, mysql, sqlite]);
