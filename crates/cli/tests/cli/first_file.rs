//! Projects of a tool before their first migration: its configuration or what requires it says whose they are, and `new` writes
//! the first file as that tool would.

use crate::project::TestProject;

/// Files of a project, the format that it is of, and the beginning of the path of its first migration.
type Beginning = (Files, &'static str, &'static str);

type Files = &'static [(&'static str, &'static str)];

const BEGINNINGS: &[Beginning] = &[
    (
        &[(
            "prisma/schema.prisma",
            "datasource db {\n  provider = \"sqlite\"\n  url = env(\"DATABASE_URL\")\n}\n",
        )],
        "prisma",
        "prisma/migrations/",
    ),
    (
        &[(
            "flyway.toml",
            "[flyway]\nlocations = [\"filesystem:sql\"]\n",
        )],
        "flyway",
        "sql/V",
    ),
    (
        &[
            (
                "go.mod",
                "module app\n\nrequire github.com/pressly/goose/v3 v3.20.0\n",
            ),
            ("db/migrations/.gitkeep", ""),
        ],
        "goose",
        "db/migrations/",
    ),
    (
        &[
            (
                "go.mod",
                "module app\n\nrequire github.com/golang-migrate/migrate/v4 v4.19.0\n",
            ),
            ("migrations/.gitkeep", ""),
        ],
        "golang-migrate",
        "migrations/",
    ),
    (
        &[
            ("Makefile", "up:\n\tdbmate up\n"),
            ("db/migrations/.gitkeep", ""),
        ],
        "dbmate",
        "db/migrations/",
    ),
    (
        &[
            ("Cargo.toml", "[dependencies]\nsqlx = \"0.8\"\n"),
            ("migrations/.gitkeep", ""),
        ],
        "sqlx",
        "migrations/",
    ),
    (
        &[
            ("Cargo.toml", "[dependencies]\nrefinery = \"0.8\"\n"),
            ("migrations/.gitkeep", ""),
        ],
        "refinery",
        "migrations/V",
    ),
    (
        &[("diesel.toml", "[print_schema]\nfile = \"src/schema.rs\"\n")],
        "diesel",
        "migrations/",
    ),
    // Nothing waits for a tool there: no folder, other SQL in it, a project of ours that somebody began.
    (
        &[(
            "go.mod",
            "module app\n\nrequire github.com/pressly/goose/v3 v3.20.0\n",
        )],
        "shoring",
        "migrations/001_",
    ),
    (
        &[
            ("Cargo.toml", "[dependencies]\nsqlx = \"0.8\"\n"),
            ("migrations/.gitkeep", ""),
            ("shoring.toml", ""),
        ],
        "shoring",
        "migrations/001_",
    ),
    (
        &[
            (
                "prisma/schema.prisma",
                "datasource db {\n  provider = \"sqlite\"\n  url = env(\"DATABASE_URL\")\n}\n",
            ),
            (
                "migrations/001_users.up.sql",
                "CREATE TABLE users (id integer);\n",
            ),
        ],
        "shoring",
        "migrations/002_",
    ),
];

#[test]
fn the_first_migration_is_written_as_its_tool_would() {
    for (files, format, path) in BEGINNINGS {
        let project = files.iter().fold(
            TestProject::empty().with_variable("DATABASE_URL", "sqlite:app.db"),
            |project, (path, text)| project.with(path, text),
        );
        let (status, code) = project.json("status");
        assert_eq!(code, Some(0), "{format}: {status}");
        assert_eq!(status["format"], *format, "{files:?}: {status}");
        let run = project.run("new first");
        assert!(run.stdout.starts_with(path), "{format}: {run}");
        // What was expected is there now. Where a tool is required too, a numbered file may be its own.
        if *format != "shoring" {
            let (status, _) = project.json("status");
            assert_eq!(status["format"], *format, "{status}");
        }
    }
}

#[test]
fn what_decided_is_told_and_nothing_is_written() {
    let project = TestProject::empty()
        .with_variable("DATABASE_URL", "sqlite:app.db")
        .with(
            "go.mod",
            "module app\n\nrequire github.com/golang-migrate/migrate/v4 v4.19.0\n",
        )
        .with("migrations/.gitkeep", "");
    insta::assert_snapshot!(project.run("init"), @r"
      found   go.mod:3 requires golang-migrate; migrations/ has no migration yet

      golang-migrate project in migrations, 0 migrations. Nothing was written. Write the first:  shoring new create_users
    --- exit 0
    ");
    let project = project.with("Cargo.toml", "[dependencies]\nsqlx = \"0.8\"\n");
    insta::assert_snapshot!(project.run("new first"), @r#"
    --- stderr
    error: these files could be of golang-migrate or of sqlx
     = golang-migrate: go.mod:3 requires golang-migrate; migrations/ has no migration yet
     = sqlx: Cargo.toml:2 requires sqlx; migrations/ has no migration yet

      State:  Nothing was run and nothing was changed.
      Next:   say which is meant:  --format golang-migrate   or   --format sqlx
              or for good in shoring.toml:  format = "golang-migrate"
    --- exit 2
    "#);
}
