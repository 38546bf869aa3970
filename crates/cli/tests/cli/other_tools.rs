//! What users of each tool meet: files that were changed, deleted, renamed, doubled, merged late, or older than the database.
//! One table for all formats; what happens is what the tool itself does, said aloud.

use crate::project::TestProject;
use std::path::PathBuf;

/// A tool's project of four migrations, and what `up` says of what happened to the second one.
struct Tool {
    format: &'static str,
    config: &'static [(&'static str, &'static str)],
    /// `{n}` is the number of the migration, `{name}` its name.
    up: &'static str,
    down: Option<&'static str>,
    text: &'static str,
    deleted: Verdict,
    renamed: Verdict,
    late: Verdict,
    /// The third and the fourth are deleted.
    ahead: Verdict,
}

/// The exit code, and a part of what is said; nothing at all is said where it is empty.
type Verdict = (i32, &'static str);

const GONE: Verdict = (4, "migrations that were applied have no file any more");
const GONE_NOTED: Verdict = (0, "warning: applied migrations have no file any more");
const AHEAD: Verdict = (10, "the database is ahead of this checkout");
const AHEAD_NOTED: Verdict = (0, "warning: the database is ahead of this checkout");
const LATE: Verdict = (4, "stand before the current version and were never applied");
const SILENT: Verdict = (0, "");

const PLAIN: &str = "CREATE TABLE t{n} (id integer);\n";

const TOOLS: &[Tool] = &[
    Tool {
        format: "golang-migrate",
        config: &[(
            "go.mod",
            "module x\nrequire github.com/golang-migrate/migrate/v4 v4.17.0\n",
        )],
        up: "migrations/{n}_{name}.up.sql",
        down: Some("migrations/{n}_{name}.down.sql"),
        text: PLAIN,
        // Its table keeps the newest version and nothing else.
        deleted: SILENT,
        renamed: SILENT,
        late: (0, "warning: nothing records that these migrations ran"),
        ahead: AHEAD,
    },
    Tool {
        format: "flyway",
        config: &[(
            "flyway.toml",
            "[flyway]\nlocations = [\"filesystem:db/migration\"]\n",
        )],
        up: "db/migration/V{n}__{name}.sql",
        down: None,
        text: PLAIN,
        deleted: GONE,
        renamed: (4, "the file has another name than what was applied"),
        late: LATE,
        ahead: AHEAD,
    },
    Tool {
        format: "prisma",
        config: &[
            (
                "prisma/schema.prisma",
                "datasource db {\n  provider = \"sqlite\"\n  url = env(\"DATABASE_URL\")\n}\n",
            ),
            (
                "prisma/migrations/migration_lock.toml",
                "provider = \"sqlite\"\n",
            ),
        ],
        up: "prisma/migrations/2024010100000{n}_{name}/migration.sql",
        down: None,
        text: PLAIN,
        deleted: GONE_NOTED,
        renamed: (
            4,
            "files were renamed after they had been applied, and would run again",
        ),
        late: SILENT,
        ahead: AHEAD_NOTED,
    },
    Tool {
        format: "dbmate",
        config: &[],
        up: "db/migrations/2024010100000{n}_{name}.sql",
        down: None,
        text: "-- migrate:up\nCREATE TABLE t{n} (id integer);\n-- migrate:down\nDROP TABLE t{n};\n",
        deleted: GONE_NOTED,
        renamed: SILENT,
        late: SILENT,
        ahead: AHEAD_NOTED,
    },
    Tool {
        format: "goose",
        config: &[],
        up: "migrations/2024010100000{n}_{name}.sql",
        down: None,
        text: "-- +goose Up\nCREATE TABLE t{n} (id integer);\n-- +goose Down\nDROP TABLE t{n};\n",
        deleted: GONE_NOTED,
        renamed: SILENT,
        late: LATE,
        ahead: AHEAD_NOTED,
    },
    Tool {
        format: "sqlx",
        config: &[(
            "Cargo.toml",
            "[package]\nname = \"x\"\n[dependencies]\nsqlx = \"0.8\"\n",
        )],
        up: "migrations/2024010100000{n}_{name}.up.sql",
        down: Some("migrations/2024010100000{n}_{name}.down.sql"),
        text: PLAIN,
        deleted: GONE,
        renamed: SILENT,
        late: SILENT,
        ahead: AHEAD,
    },
    Tool {
        format: "diesel",
        config: &[(
            "diesel.toml",
            "[migrations_directory]\ndir = \"migrations\"\n",
        )],
        up: "migrations/2024-01-01-00000{n}_{name}/up.sql",
        down: Some("migrations/2024-01-01-00000{n}_{name}/down.sql"),
        text: PLAIN,
        deleted: GONE_NOTED,
        renamed: SILENT,
        late: SILENT,
        ahead: AHEAD_NOTED,
    },
    Tool {
        format: "refinery",
        config: &[(
            "Cargo.toml",
            "[package]\nname = \"x\"\n[dependencies]\nrefinery = \"0.8\"\n",
        )],
        up: "migrations/V{n}__{name}.sql",
        down: None,
        text: PLAIN,
        deleted: GONE,
        // Its hash is of the name too.
        renamed: (4, "files were changed after they had been applied"),
        late: LATE,
        ahead: AHEAD,
    },
    Tool {
        format: "liquibase",
        config: &[
            ("liquibase.properties", "changeLogFile=db/main.yaml\n"),
            (
                "db/main.yaml",
                "databaseChangeLog:\n  - includeAll:\n      path: db/changes\n",
            ),
        ],
        up: "db/changes/{n}_{name}.sql",
        down: None,
        text: "--liquibase formatted sql\n--changeset ann:{n}\nCREATE TABLE t{n} (id integer);\n--rollback DROP TABLE t{n};\n",
        // Other projects may share its table.
        deleted: SILENT,
        renamed: (4, "logicalFilePath:db/changes/2_a.sql"),
        late: SILENT,
        ahead: SILENT,
    },
];

impl Tool {
    fn files(&self, number: u32, name: &str) -> Vec<(PathBuf, String)> {
        let fill = |text: &str| {
            text.replace("{n}", &number.to_string())
                .replace("{name}", name)
        };
        let down = self
            .down
            .map(|path| (fill(path).into(), fill("DROP TABLE t{n};\n")));
        [(fill(self.up).into(), fill(self.text))]
            .into_iter()
            .chain(down)
            .collect()
    }

    /// The project; of `numbers` there are files.
    fn project(&self, numbers: &[u32]) -> TestProject {
        let project = TestProject::empty();
        for (path, text) in self.config {
            project.write(path, text);
        }
        for number in numbers {
            self.add(&project, *number, "a");
        }
        project
    }

    fn add(&self, project: &TestProject, number: u32, name: &str) {
        for (path, text) in self.files(number, name) {
            project.write(path.to_str().unwrap(), &text);
        }
    }

    fn delete(&self, project: &TestProject, number: u32, name: &str) {
        for (path, _) in self.files(number, name) {
            project.remove(path.to_str().unwrap());
            // The folder of one migration goes with it; one with more in it stays.
            std::fs::remove_dir(project.path().join(&path).parent().unwrap()).ok();
        }
    }

    /// Runs `up` and compares.
    fn expect(&self, project: &TestProject, what: &str, (exit, said): Verdict) {
        let run = project.run("up --database sqlite:x.db");
        let place = format!("{} {what}: {run}", self.format);
        assert_eq!(run.code, Some(exit), "{place}");
        assert!(run.stderr.contains(said), "{place}");
        let is_silent = said.is_empty();
        assert_eq!(run.stderr.is_empty(), is_silent, "{place}");
        // What stops says what to type, and that nothing happened.
        if exit == 4 || exit == 10 || exit == 2 {
            assert!(run.stderr.contains("  Next:   "), "{place}");
            assert!(run.stderr.contains("Nothing was run"), "{place}");
        }
    }
}

fn run(project: &TestProject, line: &str) {
    let run = project.run(&format!("{line} --database sqlite:x.db"));
    assert_eq!(run.code, Some(0), "{line}: {run}");
}

#[test]
fn what_happens_to_files_that_were_applied() {
    for tool in TOOLS {
        let changed = tool.project(&[1, 2, 3, 4]);
        run(&changed, "up --steps 3");
        let (path, text) = tool.files(2, "a").remove(0);
        changed.write(
            path.to_str().unwrap(),
            &text.replace("id integer", "id text"),
        );
        let said = "files were changed after they had been applied";
        tool.expect(&changed, "changed", (4, said));
        run(&changed, "repair --yes");
        tool.expect(&changed, "changed and repaired", SILENT);

        let deleted = tool.project(&[1, 2, 3, 4]);
        run(&deleted, "up --steps 3");
        tool.delete(&deleted, 2, "a");
        tool.expect(&deleted, "deleted", tool.deleted);
        run(&deleted, "repair --yes");
        tool.expect(&deleted, "deleted and repaired", SILENT);

        let renamed = tool.project(&[1, 2, 3, 4]);
        run(&renamed, "up --steps 3");
        tool.delete(&renamed, 2, "a");
        tool.add(&renamed, 2, "b");
        tool.expect(&renamed, "renamed", tool.renamed);

        let late = tool.project(&[1, 3, 4]);
        run(&late, "up --steps 2");
        tool.add(&late, 2, "a");
        tool.expect(&late, "late", tool.late);
        run(&late, "up --allow-out-of-order");

        let ahead = tool.project(&[1, 2, 3, 4]);
        run(&ahead, "up");
        tool.delete(&ahead, 3, "a");
        tool.delete(&ahead, 4, "a");
        tool.expect(&ahead, "ahead", tool.ahead);
    }
}

#[test]
fn two_files_with_one_version_are_refused_where_the_name_is_no_part_of_it() {
    for tool in TOOLS.iter().filter(|tool| tool.format != "prisma") {
        let project = tool.project(&[1, 2]);
        if tool.format == "liquibase" {
            let (path, text) = tool.files(2, "a").remove(0);
            let doubled = format!("{text}--changeset ann:2\nSELECT 1;\n");
            project.write(path.to_str().unwrap(), &doubled);
        } else {
            tool.add(&project, 2, "b");
        }
        let run = project.run("up --database sqlite:x.db");
        assert_eq!(run.code, Some(2), "{}: {run}", tool.format);
        assert!(run.stderr.contains("  Next:   "), "{}: {run}", tool.format);
        assert!(!project.has("x.db"), "{}", tool.format);
    }
}

#[test]
fn a_renamed_file_can_be_taken_over_as_the_message_says() {
    let tool = TOOLS.iter().find(|tool| tool.format == "prisma").unwrap();
    let project = tool.project(&[1, 2, 3]);
    run(&project, "up --steps 2");
    tool.delete(&project, 2, "a");
    tool.add(&project, 2, "b");
    insta::assert_snapshot!(project.run("up --database sqlite:x.db"), @r"
    --- stderr
    error: files were renamed after they had been applied, and would run again
     = 20240101000002_b: has the text of 20240101000002_a, which has no file; applied [day] [time] UTC by tester

      State:  Nothing was run and nothing was changed.
      Next:   give the file its old name back;  if the new one is meant:  shoring mark 20240101000002_b applied
    --- exit 4
    ");
    run(&project, "mark 20240101000002_b applied");
    run(&project, "repair --yes");
    tool.expect(&project, "taken over", SILENT);
    let (status, _) = project.json("status --database sqlite:x.db");
    assert_eq!(status["pending"], 0);
}

#[test]
fn a_renamed_file_of_ours_does_not_run_twice_by_following_advice() {
    let project = TestProject::shop();
    project.run("up 2");
    let text = std::fs::read_to_string(project.path().join("migrations/002_create_orders.up.sql"));
    project.write("migrations/005_create_orders.up.sql", &text.unwrap());
    project.remove("migrations/002_create_orders.up.sql");
    project.remove("migrations/002_create_orders.down.sql");
    insta::assert_snapshot!(project.run("up"), @r"
    --- stderr
    error: files were renamed after they had been applied, and would run again
     = 002_create_orders: no file; applied [day] [time] UTC by tester
     = 005_create_orders: has the text of 002_create_orders, which has no file; applied [day] [time] UTC by tester

      State:  Nothing was run and nothing was changed.
      Next:   give the file its old name back;  if the new one is meant:  shoring mark 005 applied
    --- exit 4
    ");
}

#[test]
fn status_advises_what_up_does() {
    for (format, exit, hint) in [
        ("dbmate", 3, "See what would run:  shoring plan"),
        ("goose", 4, "shoring up --allow-out-of-order"),
    ] {
        let tool = TOOLS.iter().find(|tool| tool.format == format).unwrap();
        let late = tool.project(&[1, 3, 4]);
        run(&late, "up --steps 2");
        tool.add(&late, 2, "a");
        let run = late.run("status --exit-code --database sqlite:x.db");
        assert_eq!(run.code, Some(exit), "{run}");
        assert!(run.stdout.contains(hint), "{run}");
    }
    let tool = &TOOLS[1];
    let ahead = tool.project(&[1, 2]);
    run(&ahead, "up");
    tool.delete(&ahead, 2, "a");
    let run = ahead.run("status --database sqlite:x.db");
    assert!(
        run.stdout
            .contains("The database is ahead of this checkout"),
        "{run}"
    );
    assert!(!run.stdout.contains("repair"), "{run}");
}

#[test]
fn a_project_of_a_tool_is_not_begun_anew_in_a_default_database() {
    for tool in TOOLS {
        let project = tool.project(&[1, 2]);
        for line in ["status", "plan", "up", "down", "history", "doctor"] {
            let run = project.run(line);
            assert_eq!(run.code, Some(2), "{} {line}: {run}", tool.format);
            assert!(
                run.stderr.contains("nothing says where the database of"),
                "{} {line}: {run}",
                tool.format
            );
        }
        assert!(!project.has("shoring.db"), "{}", tool.format);
    }
    let prisma = TOOLS[2].project(&[1]);
    insta::assert_snapshot!(prisma.run("up"), @r"
    --- stderr
    error: nothing says where the database of this Prisma project is

      State:  Nothing was run and nothing was changed.
      Next:   name it:  export DATABASE_URL=postgres://app@localhost/app
              or for one command:  shoring --database URL status
    --- exit 2
    ");
}

#[test]
fn a_new_changeset_that_nothing_includes_is_told() {
    let project = TestProject::empty()
        .with("liquibase.properties", "changeLogFile=db/main.yaml\n")
        .with(
            "db/main.yaml",
            "databaseChangeLog:\n  - include:\n      file: db/1.sql\n  - include:\n      file: db/2.sql\n",
        )
        .with("db/1.sql", "--liquibase formatted sql\n--changeset a:1\nSELECT 1;\n")
        .with("db/2.sql", "--liquibase formatted sql\n--changeset a:2\nSELECT 1;\n");
    insta::assert_snapshot!(project.run("new more"), @r"
    db/3-more.sql
    --- stderr
    warning: nothing includes `db/3-more.sql`
     = add it to the changelog that includes the others: until then it does not run
    --- exit 0
    ");
    insta::assert_snapshot!(project.run("new more"), @r"
    --- stderr
    error: cannot write `db/3-more.sql`: File exists (os error 17)

      Next:   take another name, or finish the file that is there
    --- exit 2
    ");
}

#[test]
fn files_of_flyway_that_are_elsewhere_make_no_new_project() {
    for location in ["filesystem:/flyway/sql", "filesystem:../sql"] {
        let conf = format!("flyway.url=jdbc:sqlite:x.db\nflyway.locations={location}\n");
        let project = TestProject::empty().with("flyway.conf", &conf);
        for line in ["init", "status", "up", "new more"] {
            let run = project.run(line);
            assert_eq!(run.code, Some(2), "{location} {line}: {run}");
            assert!(
                run.stderr
                    .contains("flyway.conf configures Flyway; none of its locations is in this"),
                "{location} {line}: {run}"
            );
        }
        assert!(!project.has("shoring.toml") && !project.has("migrations"));
    }
}
