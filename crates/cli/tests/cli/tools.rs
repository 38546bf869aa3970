//! What the users of each tool bring along by mistake, and what it is called: one table over tools and mistakes. The engine's
//! conformance suite says what becomes of the database; here are the exit codes and the words that a script sees.

use crate::project::TestProject;

/// A tool: its name, the file that says so, and the path of a migration with its text.
type Tool = (
    &'static str,
    Option<(&'static str, &'static str)>,
    fn(u32, &str, &str) -> (String, String),
);

const TOOLS: &[Tool] = &[
    (
        "golang-migrate",
        Some((
            "go.mod",
            "module app\n\nrequire github.com/golang-migrate/migrate/v4 v4.20.1\n",
        )),
        |number, name, sql| (format!("migrations/{number}_{name}.up.sql"), sql.to_owned()),
    ),
    (
        "flyway",
        Some((
            "flyway.conf",
            "flyway.url=jdbc:sqlite:shoring.db\nflyway.locations=filesystem:migrations\n",
        )),
        |number, name, sql| (format!("migrations/V{number}__{name}.sql"), sql.to_owned()),
    ),
    (
        "prisma",
        Some(("migrations/migration_lock.toml", "provider = \"sqlite\"\n")),
        |number, name, sql| {
            (
                format!("migrations/2026010{number}000000_{name}/migration.sql"),
                sql.to_owned(),
            )
        },
    ),
    ("dbmate", None, |number, name, sql| {
        (
            format!("migrations/2026010{number}000000_{name}.sql"),
            format!("-- migrate:up\n{sql}-- migrate:down\n"),
        )
    }),
    ("goose", None, |number, name, sql| {
        (
            format!("migrations/2026010{number}000000_{name}.sql"),
            format!("-- +goose Up\n{sql}-- +goose Down\n"),
        )
    }),
    (
        "sqlx",
        Some(("Cargo.toml", "[dependencies]\nsqlx = \"0.9\"\n")),
        |number, name, sql| (format!("migrations/{number}_{name}.sql"), sql.to_owned()),
    ),
    ("diesel", None, |number, name, sql| {
        (
            format!("migrations/2026-01-0{number}-000000_{name}/up.sql"),
            sql.to_owned(),
        )
    }),
    (
        "refinery",
        Some((
            "refinery.toml",
            "[main]\ndb_type = \"Sqlite\"\ndb_path = \"shoring.db\"\n",
        )),
        |number, name, sql| (format!("migrations/V{number}__{name}.sql"), sql.to_owned()),
    ),
    ("liquibase", None, |number, name, sql| {
        (
            format!("migrations/{number}_{name}.sql"),
            format!("--liquibase formatted sql\n--changeset me:{number}\n{sql}"),
        )
    }),
];

/// A mistake that is made in a project of which 1, 3 and 5 are there, and 1 and 3 are applied.
type Mistake = (&'static str, fn(&TestProject, &Tool));

const MISTAKES: &[Mistake] = &[
    ("edited", |project, tool| {
        write(
            project,
            tool,
            3,
            "orders",
            "CREATE TABLE orders (id text);\n",
        );
    }),
    ("deleted", |project, tool| remove(project, tool, 1, "users")),
    ("renamed", |project, tool| {
        remove(project, tool, 3, "orders");
        write(project, tool, 3, "purchases", &table("orders"));
    }),
    ("renumbered", |project, tool| {
        remove(project, tool, 3, "orders");
        write(project, tool, 7, "orders", &table("orders"));
    }),
    ("twice", |project, tool| {
        write(project, tool, 5, "notes", &table("notes"));
    }),
    ("late", |project, tool| {
        write(project, tool, 2, "notes", &table("notes"));
    }),
    ("ahead", |project, tool| {
        remove(project, tool, 5, "items");
        remove(project, tool, 3, "orders");
    }),
    ("unknown key", |project, tool| match tool.0 {
        "flyway" => project.write("flyway.conf", "flyway.tabel=x\n"),
        "sqlx" => project.write("sqlx.toml", "[migrate]\ntable-nam = \"x\"\n"),
        "diesel" => project.write("diesel.toml", "[migrations]\ndir = \"x\"\n"),
        "liquibase" => project.write("liquibase.properties", "changeLogFil=x\n"),
        "refinery" => project.write(
            "refinery.toml",
            "[main]\ndb_type = \"Sqlite\"\ndb_path = \"shoring.db\"\ncolour = \"red\"\n",
        ),
        // These have no configuration of which we read keys.
        _ => {}
    }),
];

fn table(name: &str) -> String {
    format!("CREATE TABLE {name} (id integer);\n")
}

fn write(project: &TestProject, tool: &Tool, number: u32, name: &str, sql: &str) {
    let (path, text) = (tool.2)(number, name, sql);
    project.write(&path, &text);
}

fn remove(project: &TestProject, tool: &Tool, number: u32, name: &str) {
    let (path, _) = (tool.2)(number, name, "");
    project.remove(&path);
    if path.ends_with("/up.sql") || path.ends_with("/migration.sql") {
        let folder = project.path().join(path);
        std::fs::remove_dir(folder.parent().unwrap()).unwrap();
    }
}

fn begun(tool: &Tool) -> TestProject {
    let project = TestProject::empty().with_variable("DATABASE_URL", "sqlite:shoring.db");
    if let Some((path, text)) = tool.1 {
        project.write(path, text);
    }
    for (number, name) in [(1, "users"), (3, "orders"), (5, "items")] {
        write(&project, tool, number, name, &table(name));
    }
    let run = project.run("up --steps 2");
    assert_eq!(run.code, Some(0), "{}: {run}", tool.0);
    let (status, _) = project.json("status");
    assert_eq!(status["format"], tool.0);
    project
}

#[test]
fn each_mistake_has_its_name_and_its_exit_code_in_each_tool() {
    let mut told = String::new();
    for tool in TOOLS {
        told.push_str(&format!("{}\n", tool.0));
        for (mistake, make) in MISTAKES {
            let project = begun(tool);
            make(&project, tool);
            let (document, code) = project.json("up");
            let code = code.unwrap();
            let (what, next) = match document["error"]["code"].as_str() {
                Some(what) => (what.to_owned(), &document["error"]["hints"]),
                None => {
                    let ran = document["applied"].as_array().unwrap().len();
                    (format!("{ran} applied"), &document["notice"])
                }
            };
            let next = match next {
                serde_json::Value::Null => String::new(),
                serde_json::Value::Array(hints) => hints
                    .iter()
                    .map(|hint| hint.as_str().unwrap())
                    .collect::<Vec<_>>()
                    .join("; "),
                other => other.as_str().unwrap().to_owned(),
            };
            let line = format!("  {mistake:11} {code:2} {what:17} {next}");
            told.push_str(line.trim_end());
            told.push('\n');
        }
    }
    insta::assert_snapshot!(told, @r"
    golang-migrate
      edited       4 changed-files     put the old text back and write a new migration;  if the change is meant:  shoring repair
      deleted      0 1 applied
      renamed      0 1 applied
      renumbered   4 renamed-files     give the file its old name back
      twice        2 duplicate-version give the one that was never applied the next free number; correct it, then run the same command again
      late         0 1 applied
      ahead       10 database-ahead    run this from a checkout that has these files, or deploy the newer version
      unknown key  0 1 applied
    flyway
      edited       4 changed-files     put the old text back and write a new migration;  if the change is meant:  shoring repair
      deleted      4 missing-files     bring the file back from version control;  if it is gone for good:  shoring repair
      renamed      4 changed-files     give the file its old name back;  if the new one is meant:  shoring repair
      renumbered   4 renamed-files     give the file its old name back;  if the new one is meant:  shoring mark 7 applied
      twice        2 duplicate-version give the one that was never applied the next free version; correct it, then run the same command again
      late         4 out-of-order      give the file a number after the current version;  or run it all the same:  shoring up --allow-out-of-order
      ahead       10 database-ahead    run this from a checkout that has these files, or deploy the newer version
      unknown key  2 bad-configuration did you mean `table`?; correct it, then run the same command again
    prisma
      edited       4 changed-files     put the old text back and write a new migration;  if the change is meant:  shoring repair
      deleted      0 1 applied
      renamed      4 renamed-files     give the file its old name back;  if the new one is meant:  shoring mark 20260103000000_purchases applied
      renumbered   4 renamed-files     give the file its old name back;  if the new one is meant:  shoring mark 20260107000000_orders applied
      twice        0 2 applied
      late         0 2 applied
      ahead        0 0 applied
      unknown key  0 1 applied
    dbmate
      edited       4 changed-files     put the old text back and write a new migration;  if the change is meant:  shoring repair
      deleted      0 1 applied
      renamed      0 1 applied
      renumbered   4 renamed-files     give the file its old name back;  if the new one is meant:  shoring mark 20260107000000 applied
      twice        2 duplicate-version give the one that was never applied a new number; correct it, then run the same command again
      late         0 2 applied
      ahead        0 0 applied
      unknown key  0 1 applied
    goose
      edited       4 changed-files     put the old text back and write a new migration;  if the change is meant:  shoring repair
      deleted      0 1 applied
      renamed      0 1 applied
      renumbered   4 renamed-files     give the file its old name back;  if the new one is meant:  shoring mark 20260107000000 applied
      twice        2 duplicate-version give the one that was never applied a new number; correct it, then run the same command again
      late         4 out-of-order      give the file a number after the current version;  or run it all the same:  shoring up --allow-out-of-order
      ahead        0 0 applied
      unknown key  0 1 applied
    sqlx
      edited       4 changed-files     put the old text back and write a new migration;  if the change is meant:  shoring repair
      deleted      4 missing-files     bring the file back from version control;  if it is gone for good:  shoring repair
      renamed      0 1 applied
      renumbered   4 renamed-files     give the file its old name back;  if the new one is meant:  shoring mark 7 applied
      twice        2 duplicate-version give the one that was never applied the next free number; correct it, then run the same command again
      late         0 2 applied
      ahead       10 database-ahead    run this from a checkout that has these files, or deploy the newer version
      unknown key  2 tool-config       correct it in `sqlx.toml`, or take it out; sqlx refuses it too; correct it, then run the same command again
    diesel
      edited       4 changed-files     put the old text back and write a new migration;  if the change is meant:  shoring repair
      deleted      0 1 applied
      renamed      0 1 applied
      renumbered   4 renamed-files     give the file its old name back;  if the new one is meant:  shoring mark 20260107000000 applied
      twice        2 duplicate-version give the one that was never applied a new version; correct it, then run the same command again
      late         0 2 applied
      ahead        0 0 applied
      unknown key  2 tool-config       correct it in `diesel.toml`, or take it out; diesel refuses it too; correct it, then run the same command again
    refinery
      edited       4 changed-files     put the old text back and write a new migration;  if the change is meant:  shoring repair
      deleted      4 missing-files     bring the file back from version control;  if it is gone for good:  shoring repair
      renamed      4 changed-files     give the file its old name back;  if the new one is meant:  shoring repair
      renumbered   4 renamed-files     give the file its old name back;  if the new one is meant:  shoring mark 7 applied
      twice        2 duplicate-version give the one that was never applied the next free number; correct it, then run the same command again
      late         4 out-of-order      give the file a number after the current version;  or run it all the same:  shoring up --allow-out-of-order
      ahead       10 database-ahead    run this from a checkout that has these files, or deploy the newer version
      unknown key  0 1 applied
    liquibase
      edited       4 changed-files     put the old text back and write a new migration;  if the change is meant:  shoring repair
      deleted      0 1 applied
      renamed      4 renamed-files     move it back, or write where it was:  --changeset AUTHOR:ID logicalFilePath:migrations/3_orders.sql   (for a whole file, in its first line); if the new one is meant:  shoring mark migrations/3_purchases.sql::3::me applied; if it is another one, of a project that shares the table, give it another id
      renumbered   6 migration-failed  if it is such a rest, compare it with the file, drop it, and run  shoring up; if all of migrations/7_orders.sql::7::me is there:  shoring mark migrations/7_orders.sql::7::me applied; else fix the file, then run  shoring up
      twice        0 2 applied
      late         0 2 applied
      ahead        0 0 applied
      unknown key  0 1 applied
    ");
}

#[test]
fn a_folder_under_another_name_is_not_run_again_and_what_is_said_helps() {
    let tool = TOOLS.iter().find(|tool| tool.0 == "prisma").unwrap();
    let project = begun(tool);
    remove(&project, tool, 3, "orders");
    write(&project, tool, 4, "purchases", &table("orders"));
    insta::assert_snapshot!(project.run("up"), @r"
    --- stderr
    error: files were renamed after they had been applied, and would run again
     = 20260104000000_purchases: has the text of 20260103000000_orders, which has no file; applied [day] [time] UTC by tester

      State:  Nothing was run and nothing was changed.
      Next:   give the file its old name back;  if the new one is meant:  shoring mark 20260104000000_purchases applied
    --- exit 4
    ");
    insta::assert_snapshot!(project.run("status"), @r"
      sqlite:shoring.db ([version])      prisma project, migrations, history _prisma_migrations

      state     version                    name   applied                       by took
      applied   20260101000000_users              [day] [time]   just now   tester # ms
      missing   20260103000000_orders             [day] [time]   just now   tester # ms   there is no file
      pending   20260104000000_purchases                                                        has the text of 20260103000000_orders, which was applied
      pending   20260105000000_items

      at 20260103000000_orders, 2 pending, 1 missing file. Put the files back, or accept them:  shoring repair
    --- exit 0
    ");
    insta::assert_snapshot!(project.run("doctor"), @r"
      ✗ 20260104000000_purchases   has the text of a migration that was applied and has no file any more

      Next:   give the file its old name back;  if the new one is meant:  shoring mark 20260104000000_purchases applied

    --- exit 4
    ");
    insta::assert_snapshot!(project.run("mark 20260104000000_purchases applied"), @r"
      ✓ 20260104000000_purchases: record as applied (marked by hand; nothing was run)

      Recorded; now at 20260104000000_purchases. No migration was run. See:  shoring status
    --- exit 0
    ");
    insta::assert_snapshot!(project.run("up"), @r"
      database  sqlite:shoring.db      project  migrations/, Prisma project      1 to run

      ✓ 20260105000000_items                             1 statement # ms

      1 applied in # ms, now at 20260105000000_items.
    --- stderr
    warning: applied migrations have no file any more
     = 20260103000000_orders: no file; applied [day] [time] UTC by tester
     = bring the file back from version control;  if it is gone for good:  shoring repair
    --- exit 0
    ");
}

#[test]
fn a_name_that_the_history_keeps_can_be_given_back_or_taken_over() {
    let tool = TOOLS.iter().find(|tool| tool.0 == "flyway").unwrap();
    let project = begun(tool);
    remove(&project, tool, 3, "orders");
    write(&project, tool, 3, "purchases", &table("orders"));
    insta::assert_snapshot!(project.run("up"), @r"
    --- stderr
    error: files were changed after they had been applied
     = 3_purchases: the file has another name than what was applied; applied [day] [time] UTC by tester (as `orders`)

      State:  Nothing was run and nothing was changed.
      Next:   give the file its old name back;  if the new one is meant:  shoring repair
    --- exit 4
    ");
    assert_eq!(project.run("repair --yes").code, Some(0));
    // There is no undo file, so nothing is said of a way back.
    insta::assert_snapshot!(project.run("up"), @r"
      database  sqlite:shoring.db      project  migrations/, Flyway project      1 to run

      ✓ 5 items                       1 statement # ms

      1 applied in # ms, now at 5.
    --- exit 0
    ");
}
