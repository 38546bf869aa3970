//! Every format as a source and as a target: what is rendered is read again, and the way back gives the same bytes.

use super::{
    Portable, RenderInto, RenderedFile, RenderedTree, TextReader, is_same_script, portable, spell,
};
use crate::memory_tree::MemoryTree;
use crate::{FORMATS, Format, HostConfig, by_name};
use shoring_core::{Migration, MigrationSet, Product, TransactionMode, Tree};
use std::io::Read;
use std::sync::Arc;

const FILES: &[(&str, &str)] = &[
    (
        "m/001_users.up.sql",
        "-- users; and more\nCREATE TABLE users (\n  id int PRIMARY KEY,\n  name text DEFAULT 'a;b'\n);\nINSERT INTO users VALUES (1, 'ä');\n",
    ),
    ("m/001_users.down.sql", "DROP TABLE users;\n"),
    (
        "m/002_touch.up.sql",
        "CREATE FUNCTION touch() RETURNS trigger AS $body$\nBEGIN\n  NEW.name := 'x;';\n  RETURN NEW;\nEND;\n$body$ LANGUAGE plpgsql;\n\nSELECT 1;",
    ),
    ("m/002_touch.down.sql", "DROP FUNCTION touch();\r\n"),
    (
        "m/003_index.up.sql",
        "-- shoring: no-transaction\nCREATE INDEX CONCURRENTLY i ON users (name);\n",
    ),
    (
        "m/003_index.down.sql",
        "-- shoring: no-transaction\nDROP INDEX CONCURRENTLY i;\n",
    ),
    (
        "m/004_nothing.up.sql",
        "-- shoring: empty\n-- for another database\n",
    ),
    ("m/004_nothing.down.sql", "-- shoring: empty\n-- likewise\n"),
    ("m/010_last.up.sql", "\n\nSELECT 2;\n\n"),
    ("m/010_last.down.sql", "SELECT 3;\n"),
];

fn read(format: &dyn Format, tree: &dyn Tree, folder: &str) -> MigrationSet {
    let mut set = format.read(tree, folder, &HostConfig::default()).unwrap();
    assert_eq!(set.diagnostics, [], "{}", format.name());
    set.migrations
        .sort_by(|left, right| left.order.cmp(&right.order));
    set
}

/// The files of a project in another format.
fn converted(
    (source, tree, folder): (&dyn Format, &dyn Tree, &str),
    (target, into): (&dyn Format, &str),
) -> Vec<RenderedFile> {
    let set = read(source, tree, folder);
    let migrations: Vec<&Migration> = set.migrations.iter().map(AsRef::as_ref).collect();
    let spellings = spell(target, &migrations, None).unwrap();
    let config = HostConfig::default();
    let into = RenderInto {
        tree,
        folder: into,
        config: &config,
        product: Product::Postgresql,
        has_ways_back: true,
    };
    let mut files = Vec::new();
    for (migration, spelling) in migrations.into_iter().zip(spellings) {
        let portable = Portable {
            version: spelling.version,
            name: spelling.name,
            ..portable(source, tree, migration, false).unwrap()
        };
        files.extend(target.render(into, &portable));
    }
    files
}

fn text(tree: &Arc<dyn Tree>, file: &RenderedFile) -> String {
    let mut text = String::new();
    TextReader::new(Arc::clone(tree), file.pieces.clone())
        .read_to_string(&mut text)
        .unwrap();
    text
}

#[test]
fn there_and_back_gives_the_same_bytes_between_any_two() {
    let native = by_name("shoring").unwrap();
    let origin: Arc<dyn Tree> = Arc::new(MemoryTree::new(FILES));
    for first in FORMATS {
        let files = converted((native, origin.as_ref(), "m"), (*first, "one"));
        let one: Arc<dyn Tree> = Arc::new(RenderedTree::new(Arc::clone(&origin), files));
        let there = read(*first, one.as_ref(), "one");
        assert_eq!(there.migrations.len(), 5, "{}", first.name());
        let modes = there.migrations.iter().map(|one| {
            let down = one.down.as_ref().unwrap();
            [&one.up, down].map(|script| script.directives.transaction == TransactionMode::None)
        });
        let expected = [[false; 2], [false; 2], [true; 2], [false; 2], [false; 2]];
        assert_eq!(modes.collect::<Vec<_>>(), expected, "{}", first.name());
        for second in FORMATS {
            let way = format!("{} to {}", first.name(), second.name());
            let files = converted((*first, one.as_ref(), "one"), (*second, "two"));
            let two: Arc<dyn Tree> = Arc::new(RenderedTree::new(Arc::clone(&one), files));
            let set = read(*second, two.as_ref(), "two");
            for (left, right) in there.migrations.iter().zip(&set.migrations) {
                let left = portable(*first, one.as_ref(), left, false).unwrap();
                let right = portable(*second, two.as_ref(), right, false).unwrap();
                let same = |one_script, two_script| {
                    is_same_script((one.as_ref(), one_script), (two.as_ref(), two_script)).unwrap()
                };
                assert!(same(Some(&left.up), Some(&right.up)), "{way}");
                assert!(same(left.down.as_ref(), right.down.as_ref()), "{way}");
            }
            let files = converted((*second, two.as_ref(), "two"), (native, "m"));
            let back: Vec<(String, String)> = files
                .iter()
                .map(|file| (file.path.clone(), text(&two, file)))
                .collect();
            let expected: Vec<(String, String)> = FILES
                .iter()
                .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
                .collect();
            assert_eq!(back, expected, "{way}");
        }
    }
}
