//! The mariadb client and a MariaDB server as oracles.

use crate::cases;
use crate::client::{Dice, assert_same, essence, ours, run, url};
use shoring_core::{Product, ServerVersion, TransactionRule};
use shoring_sql::classify;
use std::process::Command;

fn mariadb(arguments: &[&str]) -> Command {
    let url = url("SHORING_TEST_MARIADB_URL");
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

/// Whether a row inserted before the statement survives a rollback after it.
fn commits(database: &str, statement: &str) -> bool {
    let text = format!(
        "CREATE OR REPLACE TABLE {database}.probe (a int) ENGINE=InnoDB; CREATE TABLE IF NOT EXISTS {database}.t (a int, KEY k (a)) ENGINE=InnoDB;\n\
         USE {database};\nSET autocommit=0;\nINSERT INTO {database}.probe VALUES (1);\n{statement};\nROLLBACK;\nUNLOCK TABLES;\nSELECT CONCAT('rows=', COUNT(*)) FROM {database}.probe;\n"
    );
    let (out, errors) = run(&mut mariadb(&["-N"]), &text);
    assert!(out.contains("rows="), "{statement}: {out}{errors}");
    out.contains("rows=1")
}

#[test]
fn implicit_commits_are_those_the_server_makes() {
    let database = "shoring_sql_commit";
    run(
        &mut mariadb(&[]),
        &format!("CREATE DATABASE IF NOT EXISTS {database};"),
    );
    let statements = [
        "CREATE TABLE u (a int)",
        "CREATE TEMPORARY TABLE v (a int)",
        "CREATE OR REPLACE TABLE u (a int)",
        "DROP TABLE IF EXISTS u",
        "DROP TEMPORARY TABLE IF EXISTS v",
        "ALTER TABLE t ADD COLUMN b int",
        "RENAME TABLE t TO t2, t2 TO t",
        "TRUNCATE TABLE t",
        "TRUNCATE t",
        "CREATE INDEX i ON t (a)",
        "DROP INDEX IF EXISTS i ON t",
        "CREATE OR REPLACE VIEW w AS SELECT 1",
        "CREATE OR REPLACE DEFINER=root@localhost SQL SECURITY INVOKER VIEW w AS SELECT 1",
        "DROP VIEW IF EXISTS w",
        "CREATE SEQUENCE IF NOT EXISTS s",
        "DROP SEQUENCE IF EXISTS s",
        "CREATE OR REPLACE PROCEDURE p() SELECT 1",
        "CREATE OR REPLACE DEFINER=CURRENT_USER() FUNCTION f() RETURNS int RETURN 1",
        "DROP FUNCTION IF EXISTS f",
        "CREATE OR REPLACE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET @x=1",
        "CREATE OR REPLACE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1",
        "DROP EVENT IF EXISTS e",
        "CREATE USER IF NOT EXISTS shoring_u",
        "GRANT SELECT ON shoring_sql_commit.* TO shoring_u",
        "REVOKE SELECT ON shoring_sql_commit.* FROM shoring_u",
        "SET PASSWORD FOR shoring_u = PASSWORD('x')",
        "DROP USER IF EXISTS shoring_u",
        "CREATE DATABASE IF NOT EXISTS shoring_sql_commit2",
        "DROP DATABASE IF EXISTS shoring_sql_commit2",
        "ANALYZE TABLE t",
        "CHECK TABLE t",
        "OPTIMIZE TABLE t",
        "REPAIR TABLE t",
        "FLUSH TABLES",
        "FLUSH STATUS",
        "LOCK TABLES probe WRITE",
        "UNLOCK TABLES",
        "BEGIN",
        "START TRANSACTION",
        "SET autocommit=1",
        "SET autocommit = ON",
        "CACHE INDEX t IN default",
        "LOAD INDEX INTO CACHE t",
        "SET @x = 1",
        "SET NAMES utf8mb4",
        "SET SESSION sql_mode=''",
        "SELECT 1",
        "INSERT INTO t (a) VALUES (1)",
        "REPLACE INTO t (a) VALUES (1)",
        "DO 1",
        "SHOW TABLES",
        "EXPLAIN SELECT 1",
        "ANALYZE SELECT 1",
        "USE shoring_sql_commit",
        "SAVEPOINT a",
        "PREPARE x FROM 'SELECT 1'",
        "ANALYZE FORMAT=JSON SELECT 1",
        "/*!40101 CREATE TABLE IF NOT EXISTS u (a int) */",
    ];
    let mut wrong = Vec::new();
    for statement in statements {
        let rule = classify(statement, Product::Mariadb, ServerVersion::new(10, 11, 0)).transaction;
        let expected = matches!(
            rule,
            TransactionRule::ImplicitCommit | TransactionRule::Begin
        );
        if commits(database, statement) != expected {
            wrong.push(format!("{statement}: classified {rule:?}"));
        }
    }
    run(&mut mariadb(&[]), &format!("DROP DATABASE {database};"));
    assert!(wrong.is_empty(), "{wrong:#?}");
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
