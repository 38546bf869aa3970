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
    insta::assert_snapshot!(run, @r"
      environment prod

      database          postgres://app@db:5432/shop   .env:1
      password          ***                           environment SHORING_PASSWORD
      password_file     (none)                        default
      dir               sql                           the command line
      format            (detected)                    default
      history_table     (the format's own)            default
      journal           true                          default
      lock_wait         5m                            shoring.toml:1
      lock_timeout      3s                            default
      lock_attempts     30                            default
      connect_timeout   10s                           default
      role              owner                         shoring.toml:4
      seeds             data                          environment SHORING_SEEDS
    --- exit 0
    ");
    let (document, _) = project.json("config --dir sql --env prod");
    assert!(!document.to_string().contains("canary"));
    assert_eq!(document["v"], 1);
    assert_eq!(document["settings"][0]["file"], ".env");
}

#[test]
fn an_unknown_key_has_a_caret() {
    let project =
        TestProject::shop().with("shoring.toml", "dir = \"migrations\"\nlock_wiat = \"3s\"\n");
    insta::assert_snapshot!(project.run("status"), @r"
    --- stderr
    error: unknown key `lock_wiat`
     ┌─ shoring.toml:2:1
      │
    2 │ lock_wiat
      │ ^^^^^^^^^ not a setting
      │
      = did you mean `lock_wait`?
      = the keys are database, password_file, dir, format, history_table, journal, lock_wait, lock_timeout, lock_attempts, connect_timeout, role, seeds, env

      Next:   correct it, then run the same command again
    --- exit 2
    ");
    let (document, code) = project.json("status");
    assert_eq!(code, Some(2));
    assert_eq!(document["error"]["code"], "config-unknown-key");
    assert_eq!(document["error"]["line"], 2);
}

#[test]
fn an_unknown_environment_is_named() {
    let project =
        TestProject::shop().with("shoring.toml", "[env.production]\nlock_wait = \"3s\"\n");
    insta::assert_snapshot!(project.run("status --env producton"), @r"
    --- stderr
    error: there is no `[env.producton]` in `shoring.toml`
     = did you mean `production`?

      Next:   add the section to `shoring.toml`, or leave out the name
    --- exit 2
    ");
}

#[test]
fn a_wrong_url_is_never_repeated() {
    for url in [
        "postgres://app:can@ary#canary@127.0.0.1:1/shop",
        "postgres://app:canary@db:port/shop",
        "pg://app:canary@db/shop",
        "mysql://app:canary@127.0.0.1:x/shop?canary=canary",
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
                run.code == Some(2) || run.code == Some(9) || line.starts_with("config"),
                "{url} {line}: {run}"
            );
        }
    }
}

#[test]
fn a_wrong_url_is_located() {
    let project = TestProject::shop();
    insta::assert_snapshot!(project.run("status --database postgres://app:canary@db:port/shop"), @r"
    --- stderr
    error: the database URL has no valid port at character 26: percent-encode `@`, `/`, `?`, `#` and `:` in the password
     = it comes from the command line

      Next:   correct it; a password with special characters is easier to give as SHORING_PASSWORD or `password_file`
    --- exit 2
    ");
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

#[cfg(unix)]
#[test]
fn what_never_ends_is_no_configuration() {
    for name in [".env", "shoring.toml"] {
        let project = TestProject::empty();
        let path = project.path().join(name);
        std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
        let run = project.run("status");
        assert_eq!(run.code, Some(2), "{run}");
        assert!(
            run.stderr
                .contains(&format!("cannot read `{name}`: it is not a plain file")),
            "{run}"
        );
        std::fs::remove_file(&path).unwrap();
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        assert_eq!(project.run("status").code, Some(2), "{name}");
    }
}

#[test]
fn the_folder_of_pythons_packages_is_no_configuration() {
    let project = TestProject::shop().with(".env/pyvenv.cfg", "home = /usr/bin\n");
    assert_eq!(project.run("up").code, Some(0));
}
