//! `tests/cases/<dialect>/*.sql`: each file beside the snapshot of its pieces.

use shoring_core::Product;
use shoring_sql::{PieceKind, SplitOptions, split_str};
use std::fmt::Write as _;
use std::path::PathBuf;

pub(crate) fn files(folder: &str) -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cases")
        .join(folder);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .map(|path| {
            (
                path.file_stem().unwrap().to_string_lossy().into_owned(),
                std::fs::read_to_string(&path).unwrap(),
            )
        })
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no cases in {}", folder.display());
    files
}

fn rendered(text: &str, product: Product) -> String {
    let mut out = String::new();
    match split_str(text, SplitOptions::for_product(product)) {
        Err(error) => writeln!(out, "error at {:?}: {error}", error.offset()).unwrap(),
        Ok(pieces) => {
            let joined: String = pieces.iter().map(shoring_sql::Piece::full_text).collect();
            assert_eq!(joined, text);
            for piece in pieces
                .iter()
                .filter(|piece| piece.kind != PieceKind::Trivia)
            {
                writeln!(
                    out,
                    "--- {:?} at {}:{}\n{}",
                    piece.kind,
                    piece.position.line,
                    piece.position.column,
                    piece.sql()
                )
                .unwrap();
            }
        }
    }
    out
}

fn check(folder: &str, product: Product) {
    for (name, text) in files(folder) {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(format!("cases/{folder}"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(name, rendered(&text, product)));
    }
}

#[test]
fn postgresql_files_are_cut_as_their_snapshots_say() {
    check("postgresql", Product::Postgresql);
}

#[test]
fn mysql_files_are_cut_as_their_snapshots_say() {
    check("mysql", Product::Mariadb);
}

#[test]
fn sqlite_files_are_cut_as_their_snapshots_say() {
    check("sqlite", Product::Sqlite);
}
