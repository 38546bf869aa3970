//! Runs the example programs against real databases: what the documentation shows has to work.

use shoring_testkit::{Engine, TestDatabase};
use std::path::PathBuf;
use std::process::Command;

/// The program of an example, which `cargo test` builds beside the tests.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    let profile = test
        .parent()
        .and_then(|deps| deps.parent())
        .expect("tests are in target/PROFILE/deps");
    let path = profile.join("examples").join(name);
    assert!(
        path.is_file(),
        "the example `{name}` is not built: run this through `cargo xtask test`, or `cargo build -p shoring --examples`"
    );
    path
}

fn run_on(db: &TestDatabase, name: &str) -> String {
    let output = Command::new(example(name))
        .arg(db.url_text())
        .output()
        .expect("the example starts");
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{name}: {}\n{stdout}\n{stderr}",
        output.status
    );
    stdout
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn the_example_runs(db: TestDatabase) {
        let (name, expected): (&str, &[&str]) = match db.engine {
            Engine::Postgresql => (
                "postgresql",
                &["not ready: 3 migrations", "001 shop: 5 statements", "NOTICE: 3 countries are there", "now at 003", "3 countries"],
            ),
            Engine::Mariadb | Engine::Mysql => (
                "mysql",
                &["2 applied", "up up 001 invoices: applied, 3 statements", "up up 002 invoice_changes: applied, 2 statements", "2 rolled back"],
            ),
            Engine::Sqlite => (
                "sqlite",
                &["applied 001 notes: 2 statements, 2 rows", "applied  002 note_changes", "took back 1, now at 001", "applied 1 again", "applied 0 more"],
            ),
        };
        let output = run_on(&db, name);
        for line in expected {
            assert!(output.contains(line), "{name} does not say `{line}`:\n{output}");
        }
    }
}
