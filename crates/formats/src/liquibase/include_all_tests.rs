//! Which files `includeAll` finds: by its depth, below each root of the search path, not in hidden folders.

use crate::memory_tree::MemoryTree;
use crate::{HostConfig, HostSetting, by_name};

const FILES: [&str; 7] = [
    "db/all/a.sql",
    "db/all/one/b.sql",
    "db/all/one/two/c.sql",
    "db/all/.hidden/d.sql",
    "other/all/one/b.sql",
    "other/all/one/e.sql",
    "other/all/z.sql",
];

/// The paths of the changesets that `includeAll` with these attributes makes of the files, below these roots.
fn found(roots: &str, attributes: &str) -> String {
    let master = format!("databaseChangeLog:\n  - includeAll:\n      path: all\n{attributes}");
    let text = "--liquibase formatted sql\n--changeset me:1\nselect 1;\n";
    let mut files = vec![("master.yaml", master.as_str())];
    files.extend(FILES.map(|path| (path, text)));
    let tree = MemoryTree::new(&files);
    let mut config = HostConfig::default();
    for (name, value) in [("changelogFile", "master.yaml"), ("searchPath", roots)] {
        let origin = "liquibase.properties:1".to_owned();
        let value = value.to_owned();
        config.options.insert(name, HostSetting { value, origin });
    }
    let set = by_name("liquibase").unwrap().read(&tree, ".", &config);
    let paths = set.unwrap().migrations;
    let paths: Vec<&str> = paths.iter().map(|one| one.up.path.as_str()).collect();
    paths.join(" ")
}

#[test]
fn all_below_a_folder_are_found_but_what_is_hidden() {
    let all = "db/all/a.sql db/all/one/b.sql db/all/one/two/c.sql";
    assert_eq!(found("db", ""), all);
    assert_eq!(found("db/", ""), all);
}

#[test]
fn the_first_root_that_has_a_name_counts() {
    let both = found("other,db", "");
    assert_eq!(
        both,
        "db/all/a.sql other/all/one/b.sql other/all/one/e.sql db/all/one/two/c.sql other/all/z.sql"
    );
}

#[test]
fn the_folder_itself_is_depth_one() {
    for (least, most, expected) in [
        ("1", "1", "db/all/a.sql"),
        ("2", "2", "db/all/one/b.sql"),
        ("2", "9", "db/all/one/b.sql db/all/one/two/c.sql"),
        ("0", "0", "db/all/a.sql"),
        ("4", "9", ""),
    ] {
        let attributes = format!("      minDepth: {least}\n      maxDepth: {most}\n");
        assert_eq!(found("db", &attributes), expected, "{least} to {most}");
    }
}
