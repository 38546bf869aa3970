//! Commands that write records without running migrations.

use crate::project::TestProject;

#[test]
fn baseline_adopts_a_database() {
    let project = TestProject::shop();
    insta::assert_snapshot!(project.run("baseline 2"), @r"
      ✓ 001 create_users: record as baseline (taken as applied, not run)
      ✓ 002 create_orders: record as baseline (taken as applied, not run)

      Recorded; now at 002. No migration was run. See:  shoring status
    --- exit 0
    ");
    let (status, _) = project.json("status");
    assert_eq!(status["current"], "002");
    assert_eq!(status["pending"], 1);
}

#[test]
fn repair_needs_a_yes() {
    let project = TestProject::shop();
    project.run("up");
    project.write(
        "migrations/001_create_users.up.sql",
        "CREATE TABLE users (id INTEGER);\n",
    );
    insta::assert_snapshot!(project.run("repair"), @r"
    --- stderr
    error: repair changes the history, which needs a yes
     = would change 001 create_users: realign the checksum (migrations/001_create_users.up.sql is not the text that was applied)

      State:  nothing was changed
      Next:   if that is right, say  shoring repair --yes
    --- exit 11
    ");
    assert_eq!(project.run("status --exit-code").code, Some(4));
    insta::assert_snapshot!(project.run("repair --yes"), @r"
      ✓ 001 create_users: realign the checksum (migrations/001_create_users.up.sql is not the text that was applied)

      Recorded; now at 003. No migration was run. See:  shoring status
    --- exit 0
    ");
    assert_eq!(project.run("status --exit-code").code, Some(0));
    insta::assert_snapshot!(project.run("repair"), @r"
      Nothing to repair; now at 003.
    --- exit 0
    ");
}

#[test]
fn mark_writes_and_removes_a_record() {
    let project = TestProject::shop();
    project.run("up 1");
    insta::assert_snapshot!(project.run("mark 002 applied"), @r"
      ✓ 002 create_orders: record as applied (marked by hand; nothing was run)

      Recorded; now at 002. No migration was run. See:  shoring status
    --- exit 0
    ");
    insta::assert_snapshot!(project.run("mark 002 pending"), @r"
      ✓ 002 create_orders: forget the history row (marked by hand; nothing was run)

      Recorded; now at 001. No migration was run. See:  shoring status
    --- exit 0
    ");
}

#[test]
fn down_all_needs_a_yes() {
    let project = TestProject::shop().with("migrations/003_fill.down.sql", "DELETE FROM users;\n");
    project.run("up");
    insta::assert_snapshot!(project.run("down --all"), @r"
    --- stderr
    error: rolling back all 3 migrations of `sqlite:shoring.db` needs a yes
     = nothing was run

      Next:   if that is meant, say  shoring down --all --yes
    --- exit 11
    ");
    insta::assert_snapshot!(project.run("--yes down --all"), @r"
      database  sqlite:shoring.db      project  migrations/, native format      3 to run

      ✓ 003 fill                        1 statement # ms   rolled back   2 rows
      ✓ 002 create_orders               1 statement # ms   rolled back
      ✓ 001 create_users                1 statement # ms   rolled back

      3 rolled back in # ms, nothing is applied now, 3 pending. Apply again with:  shoring up
    --- exit 0
    ");
    insta::assert_snapshot!(project.run("down --all"), @r"
      Nothing to roll back: nothing is applied.
    --- exit 0
    ");
}

#[test]
fn every_way_to_the_bottom_needs_a_yes() {
    let project = TestProject::shop().with("migrations/003_fill.down.sql", "DELETE FROM users;\n");
    assert_eq!(project.run("goto base").code, Some(0));
    project.run("up");
    insta::assert_snapshot!(project.run("goto base"), @r"
    --- stderr
    error: rolling back all 3 migrations of `sqlite:shoring.db` needs a yes
     = nothing was run

      Next:   if that is meant, say  shoring goto base --yes
    --- exit 11
    ");
    insta::assert_snapshot!(project.run("down --to base"), @r"
    --- stderr
    error: rolling back all 3 migrations of `sqlite:shoring.db` needs a yes
     = nothing was run

      Next:   if that is meant, say  shoring down --to base --yes
    --- exit 11
    ");
    let (document, code) = project.json("goto base");
    assert_eq!(code, Some(11));
    assert_eq!(document["error"]["code"], "not-confirmed");
    // The first migration stays, or the number says how far it goes.
    assert_eq!(project.run("goto 1").code, Some(0));
    assert_eq!(project.run("down 1").code, Some(0));
    project.run("goto head");
    assert_eq!(project.run("goto base --yes").code, Some(0));
    assert_eq!(project.json("status").0["pending"], 3);
}

#[test]
fn a_late_migration_is_gone_to_over_the_bottom_only_with_a_yes() {
    let project = TestProject::empty()
        .with("migrations/2_b.up.sql", "CREATE TABLE b (id integer);\n")
        .with("migrations/2_b.down.sql", "DROP TABLE b;\n");
    project.run("up");
    let project = project.with("migrations/1_a.up.sql", "CREATE TABLE a (id integer);\n");
    assert_eq!(project.run("goto 1").code, Some(11));
    assert_eq!(project.run("goto 1 --yes").code, Some(0));
    assert_eq!(project.json("status").0["current"], "1");
}

#[test]
fn marking_where_only_the_newest_version_is_kept_needs_a_yes() {
    let mut project = TestProject::empty().with(
        "go.mod",
        "module x\nrequire github.com/golang-migrate/migrate/v4 v4.17.0\n",
    );
    for number in 1..=6 {
        project = project.with(&format!("migrations/{number}_x.up.sql"), "SELECT 1;\n");
    }
    project = project.with_variable("DATABASE_URL", "sqlite:shoring.db");
    project.run("up 1");
    insta::assert_snapshot!(project.run("mark 6 applied"), @r"
    --- stderr
    error: marking 6_x as applied would count 4 migrations before it that are not applied as applied, too: 2_x, 3_x, 4_x and 1 more
     = schema_migrations keeps only the newest version

      State:  Nothing was changed.
      Next:   to run what stands before it first:  shoring up 5
              if all of it is in the database:  shoring mark 6 applied --yes
    --- exit 11
    ");
    assert_eq!(project.json("status").0["current"], "1");
    insta::assert_snapshot!(project.run("mark 6 applied --yes"), @r"
      ✓ 2 x: count as applied (stands before 6; nothing was run)
      ✓ 3 x: count as applied (stands before 6; nothing was run)
      ✓ 4 x: count as applied (stands before 6; nothing was run)
      ✓ 5 x: count as applied (stands before 6; nothing was run)
      ✓ 6 x: record as applied (marked by hand; nothing was run)

      Recorded; now at 6. No migration was run. See:  shoring status
    --- exit 0
    ");
}

#[test]
fn doctor_on_a_healthy_database() {
    let project = TestProject::shop();
    project.run("up");
    insta::assert_snapshot!(project.run("doctor"), @r"
      Healthy: files, history and journal agree.
    --- exit 0
    ");
}

#[test]
fn doctor_ends_with_the_code_of_what_it_found() {
    let project = TestProject::shop();
    project.run("up");
    project.write("migrations/001_create_users.up.sql", "SELECT 1;\n");
    let (told, code) = project.json("doctor");
    assert_eq!((code, &told["healthy"]), (Some(4), &false.into()));
    let (told, code) = project.json("doctor --apply");
    assert_eq!(
        (code, &told["cases"][0]["kind"]),
        (Some(4), &"mismatch".into())
    );
}

#[test]
fn seeds_run_when_they_changed() {
    let project = TestProject::shop().with(
        "seeds/users.sql",
        "INSERT INTO users (email) VALUES ('seed@example.com') ON CONFLICT DO NOTHING;\n",
    );
    project.run("up");
    insta::assert_snapshot!(project.run("seed"), @r"
      database  sqlite:shoring.db      project  seeds/, native format      1 to run

      ✓ users                             1 statement # ms   1 row

      1 seed file run in # ms.
    --- exit 0
    ");
    insta::assert_snapshot!(project.run("seed"), @r"
      Nothing to do: the seeds have not changed.
    --- exit 0
    ");
}
