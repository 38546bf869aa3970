//! The sqlite3 shell as an oracle.

use crate::cases;
use crate::client::{Dice, run};
use shoring_core::Product;
use shoring_sql::{PieceKind, SplitOptions, split_str};
use std::process::Command;

fn sqlite(input: &str) -> (String, String) {
    run(
        Command::new("sqlite3").args(["-batch", "-init", "/dev/null", ":memory:"]),
        input,
    )
}

fn statements(text: &str) -> Vec<String> {
    split_str(text, SplitOptions::for_product(Product::Sqlite))
        .unwrap()
        .iter()
        .filter(|piece| piece.kind == PieceKind::Statement)
        .map(|piece| piece.sql().to_owned())
        .collect()
}

#[test]
fn the_shell_makes_the_same_database_of_the_case_files() {
    for (name, text) in cases::files("sqlite") {
        // The open comment would take in what is appended here.
        if name.starts_with("refused_") || name.starts_with("open_comment") {
            continue;
        }
        let whole = sqlite(&format!("{text}\n;\n.dump\nSELECT total_changes();\n"));
        assert_eq!(whole.1, "", "{name}");
        // Each statement known to be complete; the shell reports what is cut in two.
        let ours: Vec<_> = statements(&text)
            .iter()
            .map(|sql| format!("{sql};\n.print\n"))
            .collect();
        let (out, errors) = sqlite(&format!(
            "{}.dump\nSELECT total_changes();\n",
            ours.concat()
        ));
        assert_eq!(errors, "", "{name}");
        let lines = |text: &str| {
            text.lines()
                .filter(|line| !line.is_empty())
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(lines(&out), lines(&whole.0), "{name}");
    }
}

#[test]
fn the_shell_cuts_generated_files_at_the_same_places() {
    const PARTS: &[&str] = &[
        "'x;y'",
        "'it''s;'",
        "\"a\"",
        "[a]",
        "`a`",
        "/* ; ' */ 1",
        "1 -- ; '\n",
        "1.5e-3",
        "x'1f'",
        "(1)",
        "'\\'",
        "CASE WHEN 1 THEN ';' END",
        "-1",
        "a",
        "'\u{a0};'",
        "\r\n1",
        "\u{c}2",
        "1 /*/ ; */",
    ];
    let mut dice = Dice(0xbeef);
    let mut text = String::new();
    for _ in 0..2000 {
        text.push_str("SELECT 'mark'");
        for _ in 0..dice.below(8) {
            text.push_str(", ");
            text.push_str(dice.pick(PARTS));
        }
        text.push_str(dice.pick(&[
            " FROM t;",
            " FROM t;\n",
            "\nFROM t\n;\n",
            " FROM t /* ; */ ;;",
        ]));
    }
    let (out, errors) = sqlite(&format!("CREATE TABLE t AS SELECT 1 AS a;\n{text}\n"));
    assert_eq!(errors, "");
    let marks = out
        .lines()
        .filter(|line| *line == "mark" || line.starts_with("mark|"))
        .count();
    assert_eq!(statements(&text).len(), marks);
    assert_eq!(marks, 2000);
}
