//! What scripts rely on: one document on stdout whatever happens, talk on stderr, the same number in it and as exit code.

use crate::project::TestProject;
use serde_json::Value;

/// Runs a command and gives its only document. Nothing else is on stdout.
fn document(project: &TestProject, line: &str) -> (Value, Option<i32>) {
    let output = project.command(line).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let document: Value =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{line}: {error}: {text}"));
    assert_eq!(document["v"], 1, "{line}: {text}");
    assert!(!output.stderr.contains(&0x1b), "{line}: colour on stderr");
    (document, output.status.code())
}

#[test]
fn every_command_that_succeeds_prints_one_document() {
    let project = TestProject::shop()
        .with("migrations/003_fill.down.sql", "DELETE FROM users;\n")
        .with("seeds/one.sql", "SELECT 1;\n");
    for line in [
        "init",
        "status",
        "info",
        "plan",
        "plan --down",
        "config",
        "history",
        "doctor",
        "down",
        "up --dry-run",
        "up 1",
        "migrate +1",
        "apply",
        "seed",
        "expect head",
        "wait --at-least 2",
        "goto 2",
        "redo",
        "rollback",
        "mark 2 applied",
        "mark 2 pending",
        "repair --yes",
        "new add_things",
        "completions bash",
        "man",
        "help",
        "help up",
        "help exit-codes",
    ] {
        for line in [format!("--json {line}"), format!("{line} --json")] {
            // What the first spelling has done, the second finds done.
            let (found, code) = document(&project, &line);
            assert_eq!(code, Some(0), "{line}: {found:#}");
            assert!(found.get("error").is_none(), "{line}: {found:#}");
        }
    }
}

#[test]
fn every_command_that_fails_prints_one_document() {
    let whole = TestProject::shop();
    whole.run("up");
    let missing = TestProject::shop();
    missing.run("up");
    missing.remove("migrations/001_create_users.up.sql");
    missing.remove("migrations/001_create_users.down.sql");
    for (project, line, expected) in [
        (&missing, "up", 4),
        (&missing, "plan", 4),
        (&missing, "repair", 11),
        (&whole, "up nowhere", 2),
        (&whole, "plan nowhere", 2),
        (&whole, "down --to nowhere", 2),
        (&whole, "down --all", 11),
        (&whole, "redo nine", 2),
        (&whole, "goto nowhere", 2),
        (&whole, "expect nowhere", 2),
        (&whole, "wait --at-least nowhere --timeout 0s", 2),
        (&whole, "mark nowhere applied", 2),
        (&whole, "mark 1 sideways", 2),
        (&whole, "baseline 1", 11),
        (&whole, "convert", 2),
        (&whole, "convert --to shoring", 2),
        (&missing, "convert --to goose", 4),
        (&whole, "new", 2),
        (&whole, "seed nothing", 2),
        (&whole, "help nothing", 2),
        (&whole, "completions nothing", 2),
        (&whole, "man nothing", 2),
        (&whole, "statsu", 2),
        (&whole, "", 2),
        (&whole, "status --dir nowhere", 2),
        (&whole, "status --format nothing", 2),
        (&whole, "init --format nothing", 2),
        (&whole, "config --env nowhere", 2),
        (&whole, "doctor --database postgres://app@127.0.0.1:1/x", 9),
        (&whole, "history --database mysql://app@127.0.0.1:1/x", 9),
    ] {
        let (found, code) = document(project, &format!("{line} --json"));
        let Some(error) = found["error"].as_object() else {
            panic!("{line}: {found:#}");
        };
        let mut keys: Vec<&str> = error.keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(
            keys,
            [
                "code", "column", "exit", "file", "hints", "line", "message", "notes", "state"
            ],
            "{line}"
        );
        assert!(
            error["code"].is_string() && error["message"].is_string(),
            "{line}"
        );
        assert!(error["hints"].is_array(), "{line}");
        assert_eq!(
            error["exit"].as_i64().map(|exit| exit as i32),
            code,
            "{line}"
        );
        assert_eq!(error["file"].is_null(), error["line"].is_null(), "{line}");
        assert_eq!((code, line), (Some(expected), line), "{found:#}");
    }
}

#[test]
fn a_stream_is_lines_of_json_and_ends_with_the_document() {
    let project = TestProject::shop().with("migrations/004_bad.up.sql", "SELECT nope;\n");
    for (line, key) in [
        ("--json=stream up", "error"),
        ("status --json=stream", "migrations"),
    ] {
        let output = project.command(line).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<Value> = text
            .lines()
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
            })
            .collect();
        let (last, events) = lines.split_last().unwrap();
        assert!(last["v"] == 1 && last.get(key).is_some(), "{text}");
        assert!(
            events.iter().all(|event| event["event"].is_string()),
            "{text}"
        );
    }
}

#[test]
fn a_saved_plan_is_run_and_nothing_else() {
    let project = TestProject::shop();
    let run = project.run("plan 2 --save deploy.json");
    assert!(
        run.stdout
            .contains("Saved as deploy.json. Run it with:  shoring up --plan deploy.json"),
        "{run}"
    );
    assert!(!project.has("shoring.db"));
    let saved: Value =
        serde_json::from_str(&std::fs::read_to_string(project.path().join("deploy.json")).unwrap())
            .unwrap();
    assert_eq!((&saved["v"], &saved["kind"]), (&1.into(), &"plan".into()));
    assert_eq!(saved["migrations"][1]["version"], "002");
    let (report, code) = project.json("up --plan deploy.json");
    assert_eq!(
        (code, &report["current"], &report["pending"]),
        (Some(0), &"002".into(), &1.into())
    );
    project.write("migrations/002_create_orders.up.sql", "SELECT 1;\n");
    let (failed, code) = project.json("up --plan deploy.json");
    assert_eq!(
        (code, &failed["error"]["code"]),
        (Some(4), &"changed-files".into())
    );
}

#[test]
fn a_plan_that_no_longer_fits_is_refused_with_what_moved() {
    let project = TestProject::shop();
    project.run("plan --save deploy.json");
    project.write(
        "migrations/002_create_orders.up.sql",
        "CREATE TABLE orders (id INTEGER);\n",
    );
    insta::assert_snapshot!(project.run("up --plan deploy.json"), @r"
    --- stderr
    error: the saved plan is not what would run now
     = `migrations/002_create_orders.up.sql` was changed since

      State:  Nothing was run and nothing was changed.
      Next:   look at what would run now, and save it again:  shoring plan --save FILE
    --- exit 4
    ");
    assert!(!project.has("shoring.db"));
}

#[test]
fn a_file_that_is_no_plan_is_refused() {
    let project = TestProject::shop()
        .with("cut.json", "{\n  \"v\": 1,\n  \"kind\": \"plan\"")
        .with("other.json", "{\"v\": 1, \"migrations\": []}\n")
        .with("newer.json", "{\"v\": 2, \"kind\": \"plan\"}\n")
        .with(
            "odd.json",
            "{\"v\": 1, \"kind\": \"plan\", \"surprise\": 1}\n",
        );
    for (file, code, place) in [
        ("nowhere.json", "no-plan", Value::Null),
        ("cut.json", "bad-plan", 3.into()),
        ("other.json", "bad-plan", Value::Null),
        ("newer.json", "bad-plan", Value::Null),
        ("odd.json", "bad-plan", 1.into()),
    ] {
        let (found, exit) = project.json(&format!("up --plan {file}"));
        assert_eq!(
            (exit, &found["error"]["code"]),
            (Some(2), &code.into()),
            "{found:#}"
        );
        assert_eq!(found["error"]["line"], place, "{found:#}");
    }
    let (_, exit) = project.json("up 2 --plan odd.json");
    assert_eq!(exit, Some(2));
    assert!(!project.has("shoring.db"));
}

#[test]
fn a_plan_names_the_command_that_runs_it() {
    let project = TestProject::shop().with("migrations/003_fill.down.sql", "DELETE FROM users;\n");
    let says = |line: &str, command: &str| {
        let run = project.run(line);
        let end = format!("Run it with:  {command}\n");
        assert!(run.stdout.ends_with(&end), "{line}: {run}");
    };
    says("plan", "shoring up");
    says("plan 2", "shoring up 2");
    says("plan +1", "shoring up +1");
    says("up --steps 2 --dry-run", "shoring up --steps 2");
    says(
        "plan 2 --allow-out-of-order",
        "shoring up 2 --allow-out-of-order",
    );
    project.run("up");
    says("plan --down", "shoring down");
    says("plan --down 2", "shoring down 2");
    says("plan --down --to 1", "shoring down --to 1");
    says("down --all --dry-run", "shoring down --all");
}
