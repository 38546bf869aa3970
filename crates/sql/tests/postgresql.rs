//! psql and a PostgreSQL server as oracles.

use crate::cases;
use crate::client::{Dice, assert_same, essence, ours, run, url};
use shoring_core::Product;
use std::process::Command;

pub(crate) fn psql(url: &str) -> Command {
    let mut command = Command::new("psql");
    command.args(["-X", "-q", "-d", url]).env(
        "PGOPTIONS",
        "-c client_min_messages=error -c statement_timeout=5s",
    );
    command
}

/// The queries psql sends for a text, from its query log.
fn sent_by_psql(text: &str) -> Vec<String> {
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
        .map(|query| essence(query, Product::Postgresql))
        .filter(|query| !query.is_empty())
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
