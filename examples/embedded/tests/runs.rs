//! The program does what its documentation says.

use std::path::Path;
use std::process::{Command, Output};

fn embedded(command: &str, folder: &Path) -> Output {
    // The program has its migrations with it: it runs in a folder without any.
    Command::new(env!("CARGO_BIN_EXE_embedded"))
        .args([command, "sqlite:app.db"])
        .current_dir(folder)
        .output()
        .expect("the program starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn it_serves_only_on_the_schema_it_was_built_with() {
    let folder = tempfile::tempdir().unwrap();

    let early = embedded("serve", folder.path());
    assert_eq!(early.status.code(), Some(3), "{early:?}");
    assert!(
        !folder.path().join("app.db").exists(),
        "asking must not create a database"
    );

    let migrated = embedded("migrate", folder.path());
    assert!(migrated.status.success(), "{migrated:?}");
    assert!(
        stdout(&migrated).contains("002 sessions_by_user"),
        "{migrated:?}"
    );
    assert!(
        stdout(&migrated).contains("2 applied, now at 002"),
        "{migrated:?}"
    );

    let again = embedded("migrate", folder.path());
    assert!(
        stdout(&again).contains("0 applied, now at 002"),
        "{again:?}"
    );

    let served = embedded("serve", folder.path());
    assert_eq!(stdout(&served), "serving\n", "{served:?}");
}
