//! psql and a PostgreSQL server as oracles.

use crate::cases;
use crate::client::{Dice, assert_same, essence, ours, run, url};
use shoring_core::Product;
use shoring_sql::{PieceKind, SplitOptions, split_str};
use std::process::Command;

pub(crate) fn psql(url: &str) -> Command {
    let mut command = Command::new("psql");
    command.args(["-X", "-q", "-d", url]).env(
        "PGOPTIONS",
        "-c client_min_messages=error -c statement_timeout=5s",
    );
    command
}

/// The queries psql sends for a text, without what does not matter.
fn sent_by_psql(text: &str) -> Vec<String> {
    let mut queries = logged_by_psql(text);
    for query in &mut queries {
        *query = essence(query, Product::Postgresql);
    }
    queries.retain(|query| !query.is_empty());
    queries
}

/// The queries psql sends for a text, from its query log.
fn logged_by_psql(text: &str) -> Vec<String> {
    let folder = std::env::temp_dir().join(format!(
        "shoring-sql-{}-{:?}",
        std::process::id(),
        std::thread::current().id()
    ));
    let log = folder.with_extension("log");
    drop(std::fs::remove_file(&log));
    run(
        psql(&url("SHORING_TEST_POSTGRES_URL")).arg("-L").arg(&log),
        text,
    );
    let content = std::fs::read_to_string(&log).unwrap();
    std::fs::remove_file(&log).unwrap();
    content
        .split("********* QUERY **********\n")
        .skip(1)
        .filter_map(|block| block.split("\n**************************\n").next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn psql_cuts_the_case_files_at_the_same_places() {
    for (name, text) in cases::files("postgresql") {
        // What we refuse is not compared.
        if name.starts_with("refused_") || name.starts_with("better_") {
            continue;
        }
        // A schema of its own, which goes away with the session.
        let text = format!("SET search_path = pg_temp;\n{text}");
        assert_same(
            &name,
            &ours(&text, Product::Postgresql),
            &sent_by_psql(&text),
        );
    }
}

#[test]
fn psql_cuts_generated_files_at_the_same_places() {
    const PARTS: &[&str] = &[
        "SELECT",
        "a",
        "begin",
        "END",
        "case",
        "atomic",
        "CREATE",
        "OR",
        "replace",
        "'x;y'",
        "'it''s;'",
        "E'\\';' ||",
        "\"q;\"\"\"",
        "$$;$$",
        "$t$ ; $$ $t$",
        "$1",
        "a$b$c",
        "/* ; */",
        "/* ; /* ' */ \" */",
        "-- ; '\n",
        "(1;2)",
        "(",
        ")",
        "[1]",
        "::int",
        ":x",
        "->",
        "<>-1",
        "B'01'",
        "x'1f'",
        "U&'\\0041'",
        "u&\"d;\"",
        "n';'",
        "1.5e-3",
        "é",
        "ü$x$",
        "$é$;$é$",
        "*/",
        ".",
        ",",
        "\r\n",
        "\u{c}",
        "\u{a0}",
        "@-",
        "1..2",
        "||",
    ];
    const ROUTINE: &str = "CREATE OR REPLACE FUNCTION pg_temp.f() RETURNS text BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN ';' END; END;";
    let mut dice = Dice(0x5eed);
    let mut text = String::new();
    for number in 0..3000 {
        if number % 10 == 0 {
            text.push_str(ROUTINE);
        }
        for _ in 0..dice.below(12) {
            text.push_str(dice.pick(PARTS));
            text.push_str(dice.pick(&[" ", " ", "\n", "\t"]));
        }
        // Parentheses that stay open take the next statements in.
        text.push_str(dice.pick(&[";", ";\n", " ;; ", ");", "))))))))))));\n"]));
    }
    text.push_str(&")".repeat(3000));
    text.push_str(";SELECT 'last';");
    assert_same(
        "generated",
        &ours(&text, Product::Postgresql),
        &sent_by_psql(&text),
    );
}

#[test]
fn psql_follows_standard_conforming_strings_as_we_do() {
    let settings = [
        ("SET standard_conforming_strings = off", false),
        ("SET standard_conforming_strings TO on", true),
        ("SET SESSION standard_conforming_strings = 'f'", false),
        ("RESET standard_conforming_strings", true),
        (
            "SELECT set_config('standard_conforming_strings', 'no', false)",
            false,
        ),
        ("RESET ALL", true),
        (
            "BEGIN;\nSET LOCAL standard_conforming_strings = off;\nSELECT 'in\\';';\nROLLBACK;\nRESET ALL",
            true,
        ),
    ];
    // Strings that are whole under the setting they stand under.
    let on = ["'a\\'", "'b;\\\\\\'", "E'c\\';'", "'it''s;'", "U&'\\0041;'"];
    let off = ["'a\\';'", "'b\\\\'", "E'c\\';'", "'it''s;'", "$$'\\;$$"];
    let mut dice = Dice(0x00ac_ce55);
    let mut text = String::new();
    for _ in 0..400 {
        let (setting, is_on) = settings[dice.below(settings.len())];
        text.push_str(setting);
        text.push_str(";\n");
        for _ in 0..dice.below(4) {
            let strings = if is_on { on } else { off };
            text.push_str(&format!("SELECT {};\n", dice.pick(&strings)));
        }
    }
    // Compared as they are: tokens would need to know the setting.
    let ours: Vec<_> = split_str(&text, SplitOptions::for_product(Product::Postgresql))
        .unwrap()
        .iter()
        .filter(|piece| piece.kind == PieceKind::Statement)
        .map(|piece| piece.sql().to_owned())
        .collect();
    let theirs: Vec<_> = logged_by_psql(&text)
        .iter()
        .map(|query| query.trim().trim_end_matches(';').to_owned())
        .collect();
    assert_same("generated", &ours, &theirs);
}
