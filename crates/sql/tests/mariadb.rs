//! The mariadb client and a MariaDB server as oracles.

use crate::cases;
use crate::client::{Dice, assert_same, essence, ours, run, url};
use shoring_core::Product;
use std::process::Command;

fn mariadb(arguments: &[&str]) -> Command {
    client("SHORING_TEST_MARIADB_URL", arguments)
}

/// MariaDB's client, on the server of this variable.
pub(crate) fn client(variable: &str, arguments: &[&str]) -> Command {
    let url = url(variable);
    let rest = url.split_once("://").unwrap().1.trim_end_matches('/');
    let (user, host) = rest.rsplit_once('@').unwrap();
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    let (host, port) = host.split_once(':').unwrap_or((host, "3306"));
    let port = port.split('/').next().unwrap();
    let mut command = Command::new("mariadb");
    command
        .args([
            "--no-defaults",
            "--force",
            "--batch",
            "--default-character-set=utf8mb4",
            "-h",
            host,
            "-P",
            port,
            "-u",
            user,
        ])
        .arg(format!("--password={password}"))
        .args(arguments);
    command
}

/// The queries the client sends: with `--verbose` it prints each between two lines of dashes.
fn sent_by_client(text: &str) -> Vec<String> {
    let (out, _) = run(&mut mariadb(&["--verbose"]), text);
    let mut queries = Vec::new();
    let mut query: Option<String> = None;
    for line in out.split('\n') {
        match (&mut query, line) {
            (None, "--------------") => query = Some(String::new()),
            (Some(text), "--------------") => {
                queries.push(essence(text, Product::Mariadb));
                query = None;
            }
            (Some(text), line) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, _) => {}
        }
    }
    queries.retain(|query| !query.is_empty());
    queries
}

/// `USE` is a command of the client, which it does not print.
fn without_use(mut statements: Vec<String>) -> Vec<String> {
    statements.retain(|statement| !statement.to_ascii_lowercase().starts_with("use "));
    statements
}

#[test]
fn the_client_cuts_the_case_files_at_the_same_places() {
    for (name, text) in cases::files("mysql") {
        if name.starts_with("refused_") || name.starts_with("better_") {
            continue;
        }
        assert_same(
            &name,
            &without_use(ours(&text, Product::Mariadb)),
            &sent_by_client(&text),
        );
    }
}

#[test]
fn the_client_cuts_generated_files_at_the_same_places() {
    const PARTS: &[&str] = &[
        "SELECT",
        "a",
        "begin_x",
        "'x;y'",
        "'it''s;'",
        "'\\';'",
        "\"q;\\\"\"",
        "`b;```",
        "/* ; */",
        "/* ; ' */",
        "# ; '\n",
        "-- ; \"\n",
        "--\n",
        "--1",
        "/*!40101 x */",
        "/*M!100100 y */",
        "\\N",
        "(",
        ")",
        "@a",
        ":=",
        "1.5e-3",
        "é",
        "\u{a0}",
        "*/",
        ".",
        ",",
        "\r\n",
        "\t",
        "x'1f'",
        "5-- 3\n",
        "//",
        "$$",
        "^",
        "/",
        "*",
    ];
    let mut dice = Dice(0xfeed);
    let mut text = String::new();
    for _ in 0..60 {
        let delimiter = dice.pick(&[";", "//", "$$", ";;", "^"]);
        text.push_str(&format!("DELIMITER {delimiter}\n"));
        for _ in 0..30 {
            text.push_str("DO x");
            for _ in 0..dice.below(10) {
                let part = dice.pick(PARTS);
                text.push_str(
                    if delimiter.starts_with('/') && part.starts_with(['/', '*']) {
                        "+"
                    } else {
                        part
                    },
                );
                text.push_str(dice.pick(&[" ", " ", "\n"]));
            }
            text.push_str(delimiter);
            text.push_str(dice.pick(&["\n", " "]));
        }
        text.push('\n');
    }
    assert_same(
        "generated",
        &ours(&text, Product::Mariadb),
        &sent_by_client(&text),
    );
}

#[test]
fn written_text_means_the_same_under_every_sql_mode() {
    use shoring_core::{Dialect, Value};
    use shoring_sql::SqlWriter;
    let value = "it's \\n \"q\" \\' \u{1F600} \n;\u{1a}";
    let digits: Vec<_> = value.bytes().map(|byte| format!("{byte:02X}")).collect();
    for mode in ["", "NO_BACKSLASH_ESCAPES", "ANSI_QUOTES"] {
        let sql = SqlWriter::new(Dialect::Mysql)
            .sql("SELECT HEX(")
            .value(&Value::from(value))
            .sql(")")
            .finish();
        let (out, _) = run(
            &mut mariadb(&["-N"]),
            &format!("SET sql_mode='{mode}';\n{sql};\n"),
        );
        assert_eq!(out.trim(), digits.concat(), "{mode}");
    }
}

#[test]
fn the_client_follows_no_backslash_escapes_as_we_do() {
    let modes = [
        "SET sql_mode = 'NO_BACKSLASH_ESCAPES'",
        "SET sql_mode = ''",
        "SET @@session.sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES')",
        "SET @saved = @@sql_mode, sql_mode = 1048576",
        "SET sql_mode = @saved",
        "/*!40101 SET sql_mode = DEFAULT */",
    ];
    // Strings that are whole under the mode they stand under; `escapes` says under which.
    let with = ["'a\\';b'", "\"c\\\";d\"", "'\\\\'", "'e;'"];
    let without = ["'a\\'", "\"c\\\"", "'\\\\\\'", "'e;'"];
    let mut dice = Dice(0xcafe);
    let mut text = "SET @saved = '';\n".to_owned();
    let mut escapes = true;
    let mut saved = true;
    for _ in 0..500 {
        let mode = dice.below(modes.len());
        match mode {
            0 | 2 => escapes = false,
            3 => (saved, escapes) = (escapes, false),
            4 => escapes = saved,
            _ => escapes = true,
        }
        text.push_str(modes[mode]);
        text.push_str(";\n");
        for _ in 0..dice.below(4) {
            let strings = if escapes { with } else { without };
            text.push_str(&format!("DO {};\n", dice.pick(&strings)));
        }
    }
    assert_same(
        "generated",
        &without_use(ours(&text, Product::Mariadb)),
        &sent_by_client(&text),
    );
}
