//! A new file comes into the program with the next build, though no Rust file changed (sqlx#681, diesel#3119).
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot prepare its program has failed"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A copy of this package outside of the workspace, with its dependencies where they are and the target folder of the
/// tests, so that only the program itself is built anew.
struct Copy {
    root: PathBuf,
}

impl Copy {
    fn new() -> Self {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let workspace = package
            .ancestors()
            .nth(2)
            .expect("examples/embedded of the workspace");
        // The same place each time, so that nothing piles up in the target folder.
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("embedded-copy");
        if root.exists() {
            fs::remove_dir_all(&root).unwrap();
        }
        for folder in ["src", "migrations"] {
            fs::create_dir_all(root.join(folder)).unwrap();
            for entry in fs::read_dir(package.join(folder)).unwrap() {
                let from = entry.unwrap().path();
                let name = from.file_name().expect("an entry has a name");
                fs::copy(&from, root.join(folder).join(name)).unwrap();
            }
        }
        fs::copy(package.join("build.rs"), root.join("build.rs")).unwrap();
        fs::copy(workspace.join("Cargo.lock"), root.join("Cargo.lock")).unwrap();
        let manifest = fs::read_to_string(workspace.join("Cargo.toml")).unwrap();
        let (_, profiles) = manifest
            .split_once("\n[profile.")
            .expect("the workspace has profiles");
        let crates = workspace.join("crates");
        fs::write(
            root.join("Cargo.toml"),
            format!(
                "[package]\nname = \"embedded-copy\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
                 [dependencies]\nshoring = {{ path = \"{}\" }}\n\n\
                 [build-dependencies]\nshoring-embed = {{ path = \"{}\" }}\n\n\
                 [workspace]\nresolver = \"3\"\n\n[profile.{profiles}",
                crates.join("shoring").display(),
                crates.join("embed").display(),
            ),
        )
        .unwrap();
        Self { root }
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.root.join("migrations").join(name), text).unwrap();
    }

    /// Builds it; gives the program.
    fn build(&self) -> PathBuf {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .parent()
            .expect("a folder in the target folder");
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["build", "--offline", "--quiet", "--manifest-path"])
            .arg(self.root.join("Cargo.toml"))
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", target);
        // What `cargo test` says of this package would be news to build scripts that ask for it (ring's does), and they and
        // all that depends on them would be built again.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            let is_of_package = ["CARGO_PKG_", "CARGO_MANIFEST_", "OUT_DIR"]
                .iter()
                .any(|prefix| text.starts_with(prefix));
            if is_of_package {
                cargo.env_remove(&name);
            }
        }
        let output = cargo.output().expect("cargo starts");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        target.join("debug").join("embedded-copy")
    }

    /// What the program says when it migrates the database.
    fn migrate(&self) -> String {
        let output = Command::new(self.build())
            .args(["migrate", "sqlite:app.db"])
            .current_dir(&self.root)
            .output()
            .expect("the program starts");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

#[test]
fn a_new_changed_or_removed_file_is_noticed_by_the_next_build() {
    let copy = Copy::new();
    assert!(copy.migrate().contains("2 applied, now at 002"));
    copy.write("003_notes.up.sql", "CREATE TABLE notes (id INTEGER);\n");
    let said = copy.migrate();
    assert!(said.contains("003 notes"), "{said}");
    assert!(said.contains("1 applied, now at 003"), "{said}");
    // A file that was there, with another text.
    copy.write("004_more.up.sql", "CREATE TABLE wrong (id INTEGER);\n");
    copy.build();
    copy.write(
        "004_more.up.sql",
        "CREATE TABLE more (id INTEGER);\nINSERT INTO more VALUES (1);\n",
    );
    copy.write("005_last.up.sql", "INSERT INTO more VALUES (2);\n");
    let said = copy.migrate();
    assert!(said.contains("2 applied, now at 005"), "{said}");
    fs::remove_file(copy.root.join("migrations/005_last.up.sql")).unwrap();
    fs::remove_file(copy.root.join("app.db")).unwrap();
    let said = copy.migrate();
    assert!(said.contains("4 applied, now at 004"), "{said}");
}
