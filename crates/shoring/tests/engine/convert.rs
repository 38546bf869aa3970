//! `convert`: between any two formats and back, with what stops it.

use crate::support::{Project, ask, assert_says, carets, tables, tell};
use shoring::report::{ConvertReport, Status};
use shoring::{Confirmation, ConvertRequest, DownRequest, ErrorKind, Migrator, UpRequest};
use shoring_testkit::{Engine, TestDatabase};

/// Every format that a project can be converted to.
const FORMATS: [&str; 11] = [
    "shoring",
    "manual",
    "golang-migrate",
    "dbmate",
    "flyway",
    "sqlx",
    "prisma",
    "diesel",
    "goose",
    "refinery",
    "liquibase",
];

fn request(to: &str, into: &str, table: &str) -> ConvertRequest {
    ConvertRequest {
        to: to.to_owned(),
        into: Some(into.to_owned()),
        into_table: Some(table.to_owned()),
        expands_placeholders: false,
        confirmation: Confirmation::Confirmed,
    }
}

/// The project in one of its folders.
fn side(project: &Project, format: &str, folder: &str, table: &str) -> Migrator {
    Migrator::from_dir(project.root().join(folder))
        .database(&project.db.url_text())
        .format(format)
        .history_table(table)
}

async fn convert(migrator: &Migrator, request: &ConvertRequest) -> ConvertReport {
    let way = format!("{} in {:?}", request.to, request.into);
    let report = migrator.convert(request).await;
    report.unwrap_or_else(|error| panic!("{way}: {}", tell(&error)))
}

async fn status(migrator: &Migrator) -> Status {
    let status = migrator.status().await;
    status.unwrap_or_else(|error| panic!("{}", tell(&error)))
}

fn states(status: &Status) -> String {
    let states: Vec<&str> = status
        .migrations
        .iter()
        .map(|entry| entry.state.name())
        .collect();
    states.join(" ")
}

/// When each migration was applied, to the second.
fn times(status: &Status) -> Vec<Option<String>> {
    let seconds = |at: &String| at[..19].to_owned();
    status
        .migrations
        .iter()
        .map(|entry| entry.applied_at.as_ref().map(seconds))
        .collect()
}

/// Everything in a folder with its text, by name.
fn texts(project: &Project, folder: &str) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    let mut folders = vec![project.root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = std::fs::read_to_string(&path).unwrap();
                texts.push((path.to_string_lossy().into_owned(), text));
            }
        }
    }
    texts.sort();
    texts
}

/// Two of three migrations applied, some time ago.
async fn two_of_three(db: &TestDatabase) -> Project {
    let project = Project::shop(db);
    let first = UpRequest {
        steps: Some(2),
        ..UpRequest::default()
    };
    project.migrator().up(&first).await.unwrap();
    let long_ago = db.engine.pick(
        "UPDATE shoring_history SET applied_at = '2026-01-02T03:04:05Z'",
        "UPDATE shoring_history SET applied_at = '2026-01-02 03:04:05'",
        "UPDATE shoring_history SET applied_at = '2026-01-02T03:04:05.000Z'",
    );
    crate::support::prepare(db, &[long_ago]).await;
    project
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn between_any_two_and_back(db: TestDatabase) {
        let project = two_of_three(&db).await;
        let native = side(&project, "shoring", "migrations", "shoring_history");
        let before = (texts(&project, "migrations"), status(&native).await);
        let history = "SELECT * FROM shoring_history ORDER BY version";
        let rows_before = ask(&db, history).await;
        let old = vec![Some("2026-01-02T03:04:05".to_owned()); 2];
        for first in FORMATS.into_iter().filter(|first| *first != "shoring") {
            let (one, one_table) = (format!("one-{first}"), format!("h_{}", first.replace('-', "_")));
            let report = convert(&native, &request(first, &one, &one_table)).await;
            assert!(report.applied && report.rows.len() == 2, "{first}: {report:?}");
            let there = side(&project, first, &one, &one_table);
            let told = status(&there).await;
            assert_eq!(states(&told), "applied applied pending", "{first}");
            if times(&told)[0].is_some() {
                assert_eq!(times(&told)[..2], old, "{first}");
            }
            for second in FORMATS.into_iter().filter(|second| *second != first) {
                let way = format!("{first} to {second}");
                let (two, two_table) = (format!("two-{first}-{second}"), format!("{one_table}_{}", second.replace('-', "_")));
                let report = convert(&there, &request(second, &two, &two_table)).await;
                assert_eq!(report.rows.len(), 2, "{way}");
                let second_side = side(&project, second, &two, &two_table);
                let told = status(&second_side).await;
                assert_eq!(states(&told), "applied applied pending", "{way}");
                if second != "shoring" {
                    let back = convert(&second_side, &request("shoring", "migrations", "shoring_history")).await;
                    assert_eq!((back.files.as_slice(), back.rows.len()), (&[] as &[String], 0), "{way}");
                    assert_eq!((back.known, back.known_rows), (3, 2), "{way}");
                }
                assert_eq!(states(&status(&there).await), "applied applied pending", "{way}");
            }
        }
        let mut after = (texts(&project, "migrations"), status(&native).await);
        after.1.database.clone_from(&before.1.database);
        assert_eq!(after, before);
        assert_eq!(ask(&db, history).await, rows_before);
    }

    async fn the_new_format_goes_on_and_back(db: TestDatabase) {
        for format in FORMATS.into_iter().filter(|format| *format != "shoring") {
            // Each on tables of its own.
            let project = two_of_three(&db).await;
            let native = side(&project, "shoring", "migrations", "shoring_history");
            let table = format!("h_{}", format.replace('-', "_"));
            let before = tables(&db).await;
            let shown = ConvertRequest {
                confirmation: Confirmation::ShowOnly,
                ..request(format, "other", &table)
            };
            let shown = convert(&native, &shown).await;
            assert!(!shown.applied && !project.root().join("other").exists());
            assert_eq!(tables(&db).await, before, "{format}");
            let done = convert(&native, &request(format, "other", &table)).await;
            assert_eq!((&done.files, &done.rows), (&shown.files, &shown.rows), "{format}");
            let config = std::fs::read_to_string(project.root().join("shoring.toml")).unwrap();
            assert!(config.contains(&format!("format = \"{format}\"\ndir = \"other\"\nhistory_table = \"{table}\"")), "{config}");
            let again = convert(&native, &request(format, "other", &table)).await;
            assert_eq!((again.files.len(), again.rows.len(), again.settings.len()), (0, 0, 0), "{format}");
            let other = side(&project, format, "other", &table);
            let ran = other.up(&UpRequest::default()).await.unwrap_or_else(|error| panic!("{format}: {}", tell(&error)));
            assert_eq!(ran.ran.len(), 1, "{format}");
            let back = convert(&other, &request("shoring", "migrations", "shoring_history")).await;
            assert_eq!((back.known, back.rows.len(), back.known_rows), (3, 1, 2), "{format}");
            assert_eq!(states(&status(&native).await), "applied applied applied", "{format}");
            let ran = other.down(&DownRequest::All).await.unwrap_or_else(|error| panic!("{format}: {}", tell(&error)));
            assert_eq!(ran.ran.len(), 3, "{format}");
            let error = other.convert(&request("shoring", "migrations", "shoring_history")).await.unwrap_err();
            assert_says(&error, ErrorKind::Mismatch, "histories-differ", &["`", "shoring_history", "says that 001 is applied", "shoring mark"]);
            crate::support::prepare(&db, &["DROP TABLE shoring_history", "DROP TABLE shoring_runs", "DROP TABLE shoring_run_steps"]).await;
        }
    }

    async fn files_and_history_must_agree(db: TestDatabase) {
        let project = two_of_three(&db).await;
        let native = side(&project, "shoring", "migrations", "shoring_history");
        let refused = async || native.convert(&request("goose", "other", "h")).await.unwrap_err();
        project.write("001_users.up.sql", "SELECT 1;\n");
        assert_says(&refused().await, ErrorKind::Mismatch, "changed-files", &["001_users"]);
        project.remove("001_users.up.sql");
        project.remove("001_users.down.sql");
        assert_says(&refused().await, ErrorKind::Mismatch, "missing-files", &["001"]);
        assert!(!project.root().join("other").exists());
        assert!(!tables(&db).await.contains(" h"));
    }

    async fn a_folder_with_something_else_is_left_alone(db: TestDatabase) {
        let project = two_of_three(&db).await;
        let native = side(&project, "shoring", "migrations", "shoring_history");
        project.write_beside("other/1_x.sql", "-- +goose Up\nSELECT 1;\n");
        let error = native.convert(&request("goose", "other", "h")).await.unwrap_err();
        assert_says(&error, ErrorKind::Refused, "folder-in-use", &["`other/1_x.sql` is there already, and is not `migrations/001_users.up.sql`", "--into DIR"]);
        let error = native.convert(&request("shoring", "x", "h")).await.unwrap_err();
        assert_says(&error, ErrorKind::Usage, "same-format", &["this is a native format already"]);
        let error = native.convert(&request("gooze", "x", "h")).await.unwrap_err();
        assert_says(&error, ErrorKind::Usage, "unknown-format", &["did you mean `--format goose`?"]);
        let error = native.convert(&request("manual", "migrations", "shoring_history")).await.unwrap_err();
        assert_says(&error, ErrorKind::Refused, "same-table", &["shoring_history` is the history table now, and would be that of manual too", "--into-table NAME"]);
    }

    async fn versions_that_the_target_cannot_spell_are_counted(db: TestDatabase) {
        let project = Project::new(&db, &[
            ("V1__a.sql", "CREATE TABLE a (id integer);\n"),
            ("V1.1__b.sql", "CREATE TABLE b (id integer);\n"),
            ("V2__c.sql", "CREATE TABLE c (id integer);\n"),
        ]);
        let flyway = side(&project, "flyway", "migrations", "flyway_schema_history");
        flyway.up(&UpRequest { steps: Some(2), ..UpRequest::default() }).await.unwrap();
        let report = convert(&flyway, &request("dbmate", "other", "h")).await;
        let rows: Vec<String> = report.rows.iter().map(|row| format!("{} {}", row.from, row.to)).collect();
        assert_eq!(rows, ["1 0001", "1.1 0002"]);
        let dbmate = side(&project, "dbmate", "other", "h");
        dbmate.up(&UpRequest::default()).await.unwrap();
        // Back in the old files they have their old versions.
        let back = convert(&dbmate, &request("flyway", "migrations", "flyway_schema_history")).await;
        let rows: Vec<String> = back.rows.iter().map(|row| format!("{} {}", row.from, row.to)).collect();
        assert_eq!((back.files.len(), rows.as_slice()), (0, &["0003 2".to_owned()][..]));
        assert_eq!(states(&status(&flyway).await), "applied applied applied");
    }

    async fn what_only_flyway_has_is_refused_by_name(db: TestDatabase) {
        let project = Project::new(&db, &[
            ("V1__a.sql", "CREATE TABLE a (id integer);\nINSERT INTO a VALUES (${number});\n"),
            ("afterMigrate.sql", "SELECT 1;\n"),
        ]);
        project.write_beside("flyway.conf", "flyway.locations=filesystem:migrations\nflyway.placeholders.number=7\n");
        let flyway = side(&project, "flyway", "migrations", "flyway_schema_history");
        flyway.up(&UpRequest::default()).await.unwrap_or_else(|error| panic!("{}", tell(&error)));
        let error = flyway.convert(&request("sqlx", "other", "h")).await.unwrap_err();
        assert_says(&error, ErrorKind::Refused, "placeholder", &["`${number}` is a placeholder, and sqlx has none", "--expand-placeholders"]);
        assert_eq!(carets(&error), "migrations/V1__a.sql:2:23 ${number}");
        let expanded = ConvertRequest { expands_placeholders: true, ..request("sqlx", "other", "h") };
        let report = convert(&flyway, &expanded).await;
        assert_eq!(texts(&project, "other")[0].1, "CREATE TABLE a (id integer);\nINSERT INTO a VALUES (7);\n");
        assert!(report.warnings[0].contains("`migrations/afterMigrate.sql` runs around migrations, and in sqlx nothing does"), "{:?}", report.warnings);
        project.write("R__view.sql", "SELECT 1;\n");
        let error = flyway.convert(&expanded).await.unwrap_err();
        assert_says(&error, ErrorKind::Refused, "cannot-convert", &["`migrations/R__view.sql` is a repeatable migration, and sqlx has none"]);
    }

    async fn a_table_of_the_newest_version_cannot_tell_a_gap(db: TestDatabase) {
        let project = Project::new(&db, &[
            ("1_a.sql", "-- migrate:up\nCREATE TABLE a (id integer);\n-- migrate:down\n"),
            ("3_c.sql", "-- migrate:up\nCREATE TABLE c (id integer);\n-- migrate:down\n"),
        ]);
        let dbmate = side(&project, "dbmate", "migrations", "schema_migrations");
        dbmate.up(&UpRequest::default()).await.unwrap();
        project.write("2_b.sql", "-- migrate:up\nCREATE TABLE b (id integer);\n-- migrate:down\n");
        let error = dbmate.convert(&request("golang-migrate", "other", "h")).await.unwrap_err();
        assert_says(&error, ErrorKind::Refused, "cannot-convert", &["3_c is applied and one before it is not", "shoring up"]);
        let report = convert(&dbmate, &request("goose", "other", "h")).await;
        assert!(report.warnings.iter().any(|warning| warning.contains("2_b is pending below an applied one, which stops goose")), "{:?}", report.warnings);
    }

    async fn without_a_database_the_files_are_told(db: TestDatabase) {
        let project = Project::shop(&db);
        let native = side(&project, "shoring", "migrations", "shoring_history");
        let report = convert(&native, &request("flyway", "other", "h")).await;
        assert_eq!((report.files.len(), report.rows.len(), report.applied), (6, 0, true));
        if db.engine == Engine::Sqlite { assert!(!db.file().exists()); } else { assert_eq!(tables(&db).await, ""); }
    }
}
