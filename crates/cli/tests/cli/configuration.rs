//! Where settings come from, and what is wrong with them.

use crate::project::TestProject;

#[test]
fn every_value_has_an_origin() {
    let project = TestProject::empty()
        .with(
            "shoring.toml",
            "lock_wait = \"5m\"\n\n[env.prod]\nrole = \"owner\"\n",
        )
        .with(".env", "DATABASE_URL=postgres://app:canary@db/shop\n")
        .with_variable("SHORING_SEEDS", "data")
        .with_variable("SHORING_PASSWORD", "canary");
    let run = project.run("config --dir sql --env prod");
    assert!(!format!("{run}").contains("canary"));
    insta::assert_snapshot!(run, @"");
    let (document, _) = project.json("config --dir sql --env prod");
    assert!(!document.to_string().contains("canary"));
    assert_eq!(document["v"], 1);
    assert_eq!(document["settings"][0]["file"], ".env");
}

#[test]
fn an_unknown_key_has_a_caret() {
    let project =
        TestProject::shop().with("shoring.toml", "dir = \"migrations\"\nlock_wiat = \"3s\"\n");
    insta::assert_snapshot!(project.run("status"), @"");
    let (document, code) = project.json("status");
    assert_eq!(code, Some(2));
    assert_eq!(document["error"]["code"], "config-unknown-key");
    assert_eq!(document["error"]["line"], 2);
}

#[test]
fn an_unknown_environment_is_named() {
    let project =
        TestProject::shop().with("shoring.toml", "[env.production]\nlock_wait = \"3s\"\n");
    insta::assert_snapshot!(project.run("status --env producton"), @"");
}

#[test]
fn a_wrong_url_is_never_repeated() {
    for url in [
        "postgres://app:can@ary#canary@db:5432/shop",
        "postgres://app:canary@db:port/shop",
        "pg://app:canary@db/shop",
        "mysql://app:canary@db/shop?canary=canary",
        "canary://canary",
        "sqlite://app:canary@db/x",
    ] {
        for line in [
            "status",
            "up",
            "config",
            "up -vv",
            "plan --json",
            "config --json",
            "doctor --json=stream",
        ] {
            let project = TestProject::shop().with_variable("DATABASE_URL", url);
            let run = project.run(line);
            assert!(!format!("{run}").contains("canary"), "{url} {line}: {run}");
            assert!(
                run.code == Some(2) || line.starts_with("config"),
                "{url} {line}: {run}"
            );
        }
    }
}

#[test]
fn a_wrong_url_is_located() {
    let project = TestProject::shop();
    insta::assert_snapshot!(project.run("status --database postgres://app:canary@db:port/shop"), @"");
}

#[test]
fn the_flag_wins() {
    let project = TestProject::shop()
        .with(".env", "DATABASE_URL=sqlite:dotenv.db\n")
        .with_variable("DATABASE_URL", "sqlite:environment.db");
    project.run("up --database sqlite:flag.db");
    assert!(project.has("flag.db") && !project.has("environment.db"));
    project.run("up");
    assert!(project.has("environment.db") && !project.has("dotenv.db"));
}
