//! Changelogs that nobody would write: whatever stands in them, reading ends, nothing panics, and what is sent can be pointed at in
//! the file.

use super::Liquibase;
use crate::format::{Format, View};
use crate::memory_tree::MemoryTree;
use crate::{HostConfig, HostSetting};
use proptest::prelude::*;
use shoring_core::Product;
use shoring_sql::{SplitOptions, Splitter};

/// Fragments that mean something, and some that do not.
const FRAGMENTS: [&str; 34] = [
    "--changeset me:1\n",
    "--changeset \"a b\":${x} endDelimiter:// stripComments:false\n",
    "--changeset me:3 endDelimiter:\\nGO rollbackEndDelimiter:@\n",
    "--changeset me:4 splitStatements:false runOnChange:true\r\n",
    "--rollback drop ${x};\n",
    "--rollback empty\n",
    "--rollback changesetId:1 changesetAuthor:me\n",
    "/* liquibase rollback\n",
    "*/\n",
    "--ignoreLines:2\n",
    "--ignoreLines:start\n",
    "--ignoreLines:end\n",
    "--property name:x value:${x}${y}\n",
    "--property name:y value:select\n",
    "--comment é\n",
    "--precondition-sql-check expectedResult:0 select '\n",
    "--validCheckSum: any\n",
    "GO\n",
    "/\n",
    "//",
    "@@;",
    ";",
    "'",
    "\"",
    "$$",
    "${x",
    "${y}",
    "${",
    "begin ",
    "end ",
    "-- c\r\n",
    "/* 世界 */",
    "\u{feff}\n",
    "select 1",
];

fn changelog() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&FRAGMENTS[..]), 0..24)
        .prop_map(|parts| format!("--liquibase formatted sql\n{}", parts.concat()))
}

proptest! {
    #[test]
    fn whatever_stands_there_is_read_to_its_end(text in changelog()) {
        let tree = MemoryTree::new(&[("m/a.sql", &text)]);
        let config = HostConfig::default();
        let set = Liquibase.read(&tree, "m", &config).unwrap();
        for migration in &set.migrations {
            for script in [Some(&migration.up), migration.down.as_ref()].into_iter().flatten() {
                let (offset, position) = script.beginning();
                let part = script.part.unwrap().span;
                let written = &text[part.start as usize..part.end as usize];
                let options = SplitOptions::for_product(Product::Postgresql);
                let splitter = Splitter::new(written.as_bytes(), options)
                    .starting_at(offset, position)
                    .editing(script.edits.clone());
                let pieces: Result<Vec<_>, _> = splitter.collect();
                let Ok(pieces) = pieces else { continue };
                // The pieces, as they are written, are the part.
                let joined: String = pieces.iter().map(|piece| piece.file_text().into_owned()).collect();
                if !pieces.is_empty() && script.edits.is_some() {
                    prop_assert_eq!(joined.as_str(), written);
                }
            }
        }
    }

    #[test]
    fn whatever_a_master_says_is_read_to_its_end(text in "[ -~\n\t{}\\[\\]<>:\"']{0,200}", name in "(yaml|json|xml)") {
        let path = format!("m/changelog.{name}");
        let text = format!("{text}\ndatabaseChangeLog");
        let tree = MemoryTree::new(&[(path.as_str(), text.as_str())]);
        Liquibase.read(&tree, "m", &HostConfig::default()).unwrap();
    }
}

#[test]
fn settings_come_from_many_places() {
    let tree = MemoryTree::new(&[
        (
            "src/main/resources/application.properties",
            "spring.datasource.url=jdbc:postgresql://${HOST:localhost}/app\nspring.datasource.password=geheim\nspring.liquibase.change-log=classpath:/db/changes.sql\nspring.liquibase.contexts[0]=a\nspring.liquibase.contexts[1]=b\nspring.liquibase.parameters.word=spring\nspring.liquibase.default-schema=app\n",
        ),
        (
            "src/main/resources/db/changes.sql",
            "--liquibase formatted sql\n--changeset me:1\nSELECT '${word} ${PLACE}';\n",
        ),
    ]);
    let variables = |name: &str| {
        let value = match name {
            "LIQUIBASE_COMMAND_LABEL_FILTER" => "!slow",
            "LIQUIBASE_COMMAND_IMAGE" => "nothing of it",
            "PLACE" => "here",
            _ => return None,
        };
        Some(HostSetting {
            value: value.to_owned(),
            origin: format!("environment {name}"),
        })
    };
    let view = View {
        tree: &tree,
        folder: None,
        variables: &variables,
        variable_names: &[
            "LIQUIBASE_COMMAND_LABEL_FILTER",
            "LIQUIBASE_COMMAND_IMAGE",
            "PLACE",
        ],
    };
    let config = Liquibase.configure(view).unwrap();
    assert_eq!(config.diagnostics, []);
    let database = config.database.as_ref().unwrap();
    assert_eq!(database.value, "jdbc:postgresql://localhost/app");
    assert_eq!(config.option("contexts"), Some("a,b"));
    assert_eq!(config.option("labelFilter"), Some("!slow"));
    assert_eq!(config.option("defaultSchemaName"), Some("app"));
    let found = Liquibase.detect(view, &config).unwrap().unwrap();
    assert_eq!(found.folder, "src/main/resources/db");
    let set = Liquibase.read(&tree, &found.folder, &config).unwrap();
    assert_eq!(set.migrations[0].version.as_str(), "db/changes.sql::1::me");
    let edits = set.migrations[0].up.edits.as_ref().unwrap();
    let sent: Vec<&str> = edits.list.iter().map(|edit| edit.text.as_str()).collect();
    assert_eq!(sent, ["spring", "here"]);
    let told = format!("{config:?} {:?}", set.migrations);
    assert!(!told.contains("geheim"), "{told}");
}
