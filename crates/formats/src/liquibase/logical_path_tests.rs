//! Whose `logicalFilePath` counts. Each line is what Liquibase 4.33 wrote into its table for the same changelogs.

use super::Liquibase;
use crate::format::Format;
use crate::memory_tree::MemoryTree;
use crate::{HostConfig, HostSetting};

const PLAIN: &str = "--liquibase formatted sql\n--changeset me:1\nselect 1;\n--changeset me:2 logicalFilePath:own.sql\nselect 2;\n";

fn identities(files: &[(&str, &str)]) -> Vec<String> {
    let header = PLAIN.replace(" sql\n", " sql logicalFilePath:header.sql\n");
    let mut all = vec![
        ("db/plain.sql", PLAIN),
        ("db/header.sql", header.as_str()),
        ("db/raw.sql", "select 3;\n"),
    ];
    all.extend(files);
    let tree = MemoryTree::new(&all);
    let mut config = HostConfig::default();
    let (master, _) = files[0];
    let changelog = HostSetting {
        value: master.to_owned(),
        origin: "liquibase.properties:1".to_owned(),
    };
    config.options.insert("changelogFile", changelog);
    let set = Liquibase.read(&tree, "db", &config).unwrap();
    assert!(set.diagnostics.is_empty(), "{:?}", set.diagnostics);
    let each = set.migrations.iter();
    each.map(|migration| migration.version.to_string())
        .collect()
}

fn paths(files: &[(&str, &str)]) -> String {
    let all = identities(files);
    let paths: Vec<&str> = all
        .iter()
        .filter_map(|identity| identity.split("::").next())
        .collect();
    paths.join(" ")
}

fn yaml(lines: &[&str]) -> String {
    format!("databaseChangeLog:\n  - {}\n", lines.join("\n  - "))
}

const INCLUDE: &str = "include: {file: db/plain.sql}";
const INCLUDE_AS: &str = "include: {file: db/plain.sql, logicalFilePath: via}";
const ROOT: &str = "logicalFilePath: root";

#[test]
fn what_is_said_of_more_counts_first() {
    let one = |lines: &[&str]| paths(&[("db/m.yaml", &yaml(lines))]);
    assert_eq!(one(&[INCLUDE]), "db/plain.sql own.sql");
    assert_eq!(one(&[INCLUDE_AS]), "via via");
    assert_eq!(one(&[ROOT, INCLUDE_AS]), "root root");
    assert_eq!(one(&[INCLUDE, "logicalFilePath: late"]), "late late");
    let header = "include: {file: db/header.sql, logicalFilePath: via}";
    assert_eq!(one(&[ROOT, header]), "header.sql header.sql");
    let raw = "include: {file: db/raw.sql, logicalFilePath: via}";
    assert_eq!(one(&[ROOT, raw]), "db/raw.sql");
}

#[test]
fn the_nearest_changelog_counts_and_then_the_nearest_include() {
    let two = |outer: &[&str], inner: &[&str]| {
        paths(&[("db/m.yaml", &yaml(outer)), ("db/inner.yaml", &yaml(inner))])
    };
    let inner = "include: {file: db/inner.yaml}";
    let inner_as = "include: {file: db/inner.yaml, logicalFilePath: outer}";
    let inner_root = "logicalFilePath: inner";
    assert_eq!(two(&[inner_as], &[INCLUDE]), "outer outer");
    assert_eq!(two(&[inner_as], &[inner_root, INCLUDE]), "inner inner");
    assert_eq!(two(&[inner_as], &[INCLUDE_AS]), "via via");
    assert_eq!(two(&[ROOT, inner], &[INCLUDE]), "root root");
    assert_eq!(two(&[ROOT, inner], &[INCLUDE_AS]), "root root");
    assert_eq!(two(&[ROOT, inner], &[inner_root, INCLUDE]), "inner inner");
    assert_eq!(two(&[inner_as], &[inner_root, INCLUDE_AS]), "inner inner");
}

#[test]
fn xml_and_json_name_it_too() {
    let xml = "<databaseChangeLog logicalFilePath=\"root\"><include file=\"db/plain.sql\"/></databaseChangeLog>";
    assert_eq!(paths(&[("db/m.xml", xml)]), "root root");
    let json = "{\"databaseChangeLog\": [{\"logicalFilePath\": \"root\"}, {\"include\": {\"file\": \"db/plain.sql\"}}]}";
    assert_eq!(paths(&[("db/m.json", json)]), "root root");
}
