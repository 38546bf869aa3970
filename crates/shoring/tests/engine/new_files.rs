//! `new` and `init`: files in the project's own numbering, and nothing over what is there.

use shoring::Migrator;
use std::fs;
use std::path::Path;

fn project(files: &[&str]) -> (tempfile::TempDir, Migrator) {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("migrations");
    fs::create_dir(&folder).unwrap();
    for file in files {
        fs::write(folder.join(file), "SELECT 1;\n").unwrap();
    }
    let migrator = Migrator::from_dir(folder);
    (root, migrator)
}

#[test]
fn the_next_number_in_the_projects_style() {
    for (there, expected) in [
        (
            &[][..],
            &[
                "migrations/001_add_tags.up.sql",
                "migrations/001_add_tags.down.sql",
            ][..],
        ),
        (
            &["0041_a.up.sql", "0041_a.down.sql"],
            &[
                "migrations/0042_add_tags.up.sql",
                "migrations/0042_add_tags.down.sql",
            ],
        ),
        (
            &["9-a.up.sql"],
            &[
                "migrations/10-add_tags.up.sql",
                "migrations/10-add_tags.down.sql",
            ],
        ),
        (
            &["001_a.sql", "002_b.sql"],
            &[
                "migrations/003_add_tags.sql",
                "migrations/003_add_tags.down.sql",
            ],
        ),
        (
            &["999_a.up.sql"],
            &[
                "migrations/1000_add_tags.up.sql",
                "migrations/1000_add_tags.down.sql",
            ],
        ),
    ] {
        let (root, migrator) = project(there);
        let report = migrator.new_migration("Add  Tags!").unwrap();
        assert_eq!(report.files, expected, "{there:?}");
        for file in &report.files {
            assert!(root.path().join(file).is_file());
        }
    }
}

#[test]
fn timestamps_stay_timestamps_and_go_forward() {
    let (_root, migrator) = project(&["20240131120000_a.up.sql"]);
    let first = migrator.new_migration("b").unwrap().version;
    assert!(
        first.len() == 14 && first.as_str() > "20240131120000",
        "{first}"
    );
    let second = migrator.new_migration("c").unwrap().version;
    assert!(second > first, "{second} {first}");
    let (_root, migrator) = project(&["29990101000000_future.up.sql"]);
    assert_eq!(
        migrator.new_migration("b").unwrap().version,
        "29990101000001"
    );
}

#[test]
fn a_name_without_a_letter_is_refused() {
    let (root, migrator) = project(&[]);
    let error = migrator.new_migration(" ../.. ").unwrap_err();
    assert_eq!(error.diagnostic.code, "bad-name");
    assert_eq!(names(&root.path().join("migrations")), Vec::<String>::new());
    migrator.new_migration("../../etc/passwd").unwrap();
    assert_eq!(names(root.path()), ["migrations"]);
}

#[test]
fn init_writes_one_file_into_a_new_project_and_nothing_into_another() {
    let (root, migrator) = project(&[]);
    let report = migrator.init().unwrap();
    assert_eq!(report.written, ["shoring.toml"]);
    assert_eq!(migrator.init().unwrap().written, Vec::<String>::new());
    assert_eq!(names(root.path()), ["migrations", "shoring.toml"]);
    let (root, migrator) = project(&["001_a.up.sql", "002_b.up.sql"]);
    let report = migrator.init().unwrap();
    assert_eq!(
        (report.written, report.migrations, report.dir.as_str()),
        (Vec::new(), 2, "migrations")
    );
    assert_eq!(report.evidence, ["migrations/ has 2 numbered .sql files"]);
    assert_eq!(names(root.path()), ["migrations"]);
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
