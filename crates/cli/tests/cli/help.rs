//! Help, manual pages, completions, wrong arguments.

use crate::project::TestProject;

const COMMANDS: &[&str] = &[
    "init",
    "new",
    "status",
    "plan",
    "up",
    "down",
    "redo",
    "goto",
    "seed",
    "history",
    "doctor",
    "baseline",
    "repair",
    "mark",
    "convert",
    "wait",
    "expect",
    "config",
    "completions",
    "man",
    "help",
];

#[test]
fn the_overview() {
    let project = TestProject::empty();
    insta::assert_snapshot!(project.run("--help"), @r"
    Database migrations that are safe to run: PostgreSQL, MySQL, MariaDB and SQLite

    Usage: shoring [OPTIONS] <COMMAND>

    Commands:
      init         Start a project, or say what was detected here and write nothing that is not needed
      new          Make the next migration's files, named and numbered as the project does it
      status       Show where the database is: each migration's state, changed files, who ran what
                   [alias: info]
      plan         Show the exact statements that would run, in order, with their transactions
      up           Apply pending migrations [aliases: migrate, apply]
      down         Roll back the last migration, or the last N [alias: rollback]
      redo         Roll back the last migration and apply it again
      goto         Move to a version, up or down
      seed         Load reference data, apart from migrations
      history      Show every attempt: who, when, from where, how long, how it ended
      doctor       After a failure: what is in the database, statement by statement, and the one right
                   next command
      baseline     Adopt an existing database: record everything up to VERSION as applied without
                   running it
      repair       Bring the history in line with the files after you have judged them: it runs no
                   migration
      mark         Last resort: write or remove a migration's record without running anything
      convert      Tell the project and its history in the files and the table of another tool; the old
                   ones stay
      wait         Wait until the database has a version: for start-up scripts and init containers
      expect       Check once that the database has a version: 0 yes, 3 pending, 10 it is ahead of this
                   checkout
      config       Show every setting, its value and where it came from; secrets are masked
      completions  Print the completion script of a shell
      man          Print a manual page, or write all of them
      help         Explain a command or a topic

    Options:
      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Project:
      -C <DIR>
              Work as if started in this folder

          --dir <DIR>
              Migrations folder

          --format <NAME>
              How the migrations are written; detected when not given

          --env <NAME>
              Section [env.NAME] of shoring.toml

    Database:
          --database <URL>
              Database URL, or the path of an SQLite file

          --history-table <TABLE>
              History table: TABLE or SCHEMA.TABLE

    Output:
          --json[=<HOW>]
              Print one JSON document, or (stream) also every event as a JSON line

              Possible values:
              - document: One document at the end
              - stream:   Events as JSON lines while working, then the document as the last line

      -v, --verbose...
              Say more, also what the server says; -vv for the log

      -q, --quiet
              Say only what went wrong

          --color <WHEN>
              When to use colour

              Possible values:
              - auto:   On a terminal, unless NO_COLOR is set
              - always: Also into files and pipes
              - never:  Not at all
              
              [default: auto]

      -y, --yes
              Answer yes to every question

    First minute:
      shoring new create_users     write the first migration
      shoring up                   apply it
      shoring status               see where the database is
      shoring down                 take the last one back

    More: shoring help COMMAND, and the topics config, urls, directives, locks, json, exit-codes
    --- exit 0
    ");
}

#[test]
fn the_help_of_up() {
    let project = TestProject::empty();
    insta::assert_snapshot!(project.run("up --help"), @r"
    Apply pending migrations

    Usage: shoring up [OPTIONS] [TARGET]

    Arguments:
      [TARGET]
              Up to this version; everything when not given

    Options:
          --steps <N>
              At most this many migrations

          --dry-run
              Only show what would run, as `shoring plan`

          --allow-out-of-order
              Also run migrations that stand before an applied one

          --plan <FILE>
              Run this saved plan, or nothing if what it was made from has moved

      -h, --help
              Print help (see a summary with '-h')

    Running:
          --lock-wait <TIME>
              How long to wait for another run [default: 30s]

          --lock-timeout <TIME>
              How long one try of a statement waits for a table lock [default: 3s]

          --lock-attempts <N>
              How many tries a statement gets [default: 30]

          --no-journal
              Keep no journal of attempts: a half-done file cannot go on where it stopped

    Project:
      -C <DIR>
              Work as if started in this folder

          --dir <DIR>
              Migrations folder

          --format <NAME>
              How the migrations are written; detected when not given

          --env <NAME>
              Section [env.NAME] of shoring.toml

    Database:
          --database <URL>
              Database URL, or the path of an SQLite file

          --history-table <TABLE>
              History table: TABLE or SCHEMA.TABLE

    Output:
          --json[=<HOW>]
              Print one JSON document, or (stream) also every event as a JSON line

              Possible values:
              - document: One document at the end
              - stream:   Events as JSON lines while working, then the document as the last line

      -v, --verbose...
              Say more, also what the server says; -vv for the log

      -q, --quiet
              Say only what went wrong

          --color <WHEN>
              When to use colour

              Possible values:
              - auto:   On a terminal, unless NO_COLOR is set
              - always: Also into files and pipes
              - never:  Not at all
              
              [default: auto]

      -y, --yes
              Answer yes to every question

    Examples:
      shoring up                       everything that is pending
      shoring up 12                    up to 12
      shoring up +1                    the next one
      shoring up --dry-run             only show what would run
      shoring up --plan deploy.json    what `shoring plan --save deploy.json` showed, and nothing else
      shoring up --lock-wait 5m        when another run may take long

    A TARGET is a version (12, 012, 012_orders), an unambiguous beginning of one, +N, or head.
    --- exit 0
    ");
}

#[test]
fn every_command_has_help_with_an_example_and_a_manual_page() {
    let project = TestProject::empty();
    for command in COMMANDS {
        let help = project.run(&format!("{command} --help"));
        assert_eq!(help.code, Some(0), "{command}");
        assert!(help.stdout.contains("Examples:"), "{command}: {help}");
        assert!(
            help.stdout.contains(&format!("  shoring {command}")),
            "{command}: {help}"
        );
        assert_eq!(help.stderr, "");
        let page = project.run(&format!("man {command}"));
        assert!(page.stdout.contains(".TH"), "{command}: {page}");
    }
    let written = project.run("man --out pages");
    assert_eq!(
        written.stdout.split_terminator('\n').count(),
        COMMANDS.len() + 1
    );
    assert!(project.path().join("pages/shoring-up.1").exists());
}

#[test]
fn every_topic_can_be_read() {
    let project = TestProject::empty();
    for topic in [
        "config",
        "urls",
        "directives",
        "targets",
        "locks",
        "transactions",
        "json",
        "exit-codes",
    ] {
        let run = project.run(&format!("help {topic}"));
        assert_eq!(run.code, Some(0), "{topic}");
        assert!(run.stdout.len() > 200, "{topic}");
    }
    insta::assert_snapshot!(project.run("help exit-code"), @r"
    --- stderr
    error: there is no command or topic `exit-code`

      Next:   did you mean  shoring help exit-codes?
    --- exit 2
    ");
}

#[test]
fn every_shell_has_completions() {
    let project = TestProject::empty();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = project.run(&format!("completions {shell}"));
        assert_eq!(run.code, Some(0), "{shell}");
        assert!(run.stdout.contains("baseline"), "{shell}");
    }
}

#[test]
fn wrong_arguments() {
    let project = TestProject::empty();
    insta::assert_snapshot!(project.run("statsu"), @r"
    --- stderr
    error: unrecognized subcommand 'statsu'

      tip: a similar subcommand exists: 'status'

    Usage: shoring [OPTIONS] <COMMAND>

    For more information, try '--help'.
    --- exit 2
    ");
    insta::assert_snapshot!(project.run("statsu --json"), @r#"
    {
      "v": 1,
      "error": {
        "code": "usage",
        "message": "unrecognized subcommand 'statsu'",
        "hints": [
          "did you mean `status`?",
          "see `shoring --help`"
        ],
        "notes": [],
        "state": [],
        "exit": 2,
        "file": null,
        "line": null,
        "column": null
      }
    }
    --- exit 2
    "#);
    insta::assert_snapshot!(project.run("up --lock-wait 30"), @r"
    --- stderr
    error: invalid value '30' for '--lock-wait <TIME>': write it as 500ms, 30s, 5m or 1h

    For more information, try '--help'.
    --- exit 2
    ");
    assert_eq!(project.run("").code, Some(2));
}
