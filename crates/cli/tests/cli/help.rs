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
    insta::assert_snapshot!(project.run("--help"), @"");
}

#[test]
fn the_help_of_up() {
    let project = TestProject::empty();
    insta::assert_snapshot!(project.run("up --help"), @"");
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
    insta::assert_snapshot!(project.run("help exit-code"), @"");
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
    insta::assert_snapshot!(project.run("statsu"), @"");
    insta::assert_snapshot!(project.run("statsu --json"), @"");
    insta::assert_snapshot!(project.run("up --lock-wait 30"), @"");
    assert_eq!(project.run("").code, Some(2));
}
