//! psql and a PostgreSQL server as oracles.

use crate::cases;
use crate::client::{Dice, assert_same, essence, ours, run, url};
use shoring_core::{Product, ServerVersion, TransactionRule};
use shoring_sql::classify;
use std::process::Command;

fn psql(url: &str) -> Command {
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

/// The SQLSTATE each statement fails with inside of a transaction block, `00000` if it does not.
fn in_transaction_block(statement: &str) -> String {
    let text = format!("BEGIN;\n{statement};\n\\echo state :SQLSTATE\nROLLBACK;\n");
    let (out, _) = run(&mut psql(&url("SHORING_TEST_POSTGRES_URL")), &text);
    out.lines()
        .find_map(|line| line.strip_prefix("state "))
        .unwrap_or("none")
        .to_owned()
}

fn server_version() -> ServerVersion {
    let (out, _) = run(
        psql(&url("SHORING_TEST_POSTGRES_URL")).arg("-At"),
        "SHOW server_version;",
    );
    ServerVersion::parse(out.trim()).unwrap()
}

#[test]
fn forbidden_statements_are_those_the_server_refuses_in_a_transaction() {
    let version = server_version();
    let forbidden = [
        "CREATE INDEX CONCURRENTLY ON pg_class (oid)",
        "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON pg_class (oid)",
        "DROP INDEX CONCURRENTLY IF EXISTS nope",
        "REINDEX INDEX CONCURRENTLY pg_class_oid_index",
        "REINDEX (CONCURRENTLY) TABLE pg_class",
        "REINDEX (VERBOSE, CONCURRENTLY ON) TABLE pg_class",
        "REINDEX SCHEMA pg_temp",
        "REINDEX DATABASE postgres",
        "REINDEX SYSTEM postgres",
        "VACUUM",
        "VACUUM (FULL, ANALYZE) pg_class",
        "CLUSTER",
        "CLUSTER VERBOSE",
        "CREATE DATABASE shoring_nope",
        "DROP DATABASE IF EXISTS shoring_nope",
        "ALTER DATABASE postgres SET TABLESPACE pg_default",
        "CREATE TABLESPACE shoring_nope LOCATION '/nonexistent'",
        "DROP TABLESPACE IF EXISTS shoring_nope",
        "ALTER SYSTEM SET work_mem = '4MB'",
        "ALTER SYSTEM RESET ALL",
        "DISCARD ALL",
        "COMMIT PREPARED 'nope'",
        "ROLLBACK PREPARED 'nope'",
        "CREATE SUBSCRIPTION s CONNECTION 'host=/nonexistent' PUBLICATION p",
    ];
    for statement in forbidden {
        let facts = classify(statement, Product::Postgresql, version);
        assert_eq!(facts.transaction, TransactionRule::Forbidden, "{statement}");
        assert_eq!(in_transaction_block(statement), "25001", "{statement}");
    }
    let allowed = [
        "CREATE INDEX concurrently_i ON pg_temp.nope (oid)",
        "DROP INDEX IF EXISTS concurrently",
        "REINDEX TABLE pg_temp.nope",
        "REINDEX (CONCURRENTLY FALSE) TABLE pg_temp.nope",
        "REINDEX (VERBOSE) INDEX pg_temp.nope",
        "CLUSTER pg_temp.nope",
        "CLUSTER VERBOSE pg_temp.nope",
        "ANALYZE pg_temp.nope",
        "ALTER DATABASE postgres SET work_mem = '4MB'",
        "ALTER TABLESPACE pg_default RESET (random_page_cost)",
        "DISCARD TEMP",
        "DISCARD PLANS",
        "CHECKPOINT",
        "LISTEN x",
        "NOTIFY x",
        "LOAD 'plpgsql'",
        "CREATE SUBSCRIPTION s CONNECTION 'host=/nonexistent' PUBLICATION p WITH (connect = false)",
        "CREATE SUBSCRIPTION s CONNECTION 'host=/nonexistent' PUBLICATION p WITH (create_slot = false)",
        "DROP OWNED BY nope",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY nope",
        "SET CONSTRAINTS ALL DEFERRED",
        "CREATE SCHEMA shoring_nope",
        "ALTER TABLE nope DETACH PARTITION x",
    ];
    for statement in allowed {
        let facts = classify(statement, Product::Postgresql, version);
        assert_eq!(facts.transaction, TransactionRule::Allowed, "{statement}");
        assert_ne!(in_transaction_block(statement), "25001", "{statement}");
    }
}

#[test]
fn statements_on_things_that_must_exist_are_refused_in_a_transaction_too() {
    let version = server_version();
    let setup = "DROP SCHEMA IF EXISTS shoring_sql CASCADE; CREATE SCHEMA shoring_sql;\n\
        CREATE TABLE shoring_sql.p (a int) PARTITION BY LIST (a); CREATE TABLE shoring_sql.q PARTITION OF shoring_sql.p FOR VALUES IN (1);\n\
        CREATE TYPE shoring_sql.e AS ENUM ('a');\n\
        CREATE SUBSCRIPTION shoring_sql_s CONNECTION 'host=/nonexistent' PUBLICATION p WITH (connect = false);\n\
        ALTER SUBSCRIPTION shoring_sql_s ENABLE;\n";
    let url = url("SHORING_TEST_POSTGRES_URL");
    run(&mut psql(&url), setup);
    let statements = [
        (
            "ALTER TABLE shoring_sql.p DETACH PARTITION shoring_sql.q CONCURRENTLY",
            "25001",
        ),
        (
            "ALTER TABLE shoring_sql.p DETACH PARTITION shoring_sql.q",
            "00000",
        ),
        (
            "ALTER SUBSCRIPTION shoring_sql_s REFRESH PUBLICATION",
            "25001",
        ),
        (
            "ALTER SUBSCRIPTION shoring_sql_s SET PUBLICATION x WITH (refresh = false)",
            "00000",
        ),
        ("DROP SUBSCRIPTION shoring_sql_s", "25001"),
        ("ALTER TYPE shoring_sql.e ADD VALUE 'b'", "00000"),
        (
            "ALTER TYPE shoring_sql.e ADD VALUE 'b'; SELECT 'b'::shoring_sql.e",
            "55P04",
        ),
    ];
    let found: Vec<_> = statements
        .iter()
        .map(|(statement, _)| in_transaction_block(statement))
        .collect();
    run(
        &mut psql(&url),
        "ALTER SUBSCRIPTION shoring_sql_s DISABLE; ALTER SUBSCRIPTION shoring_sql_s SET (slot_name = NONE); DROP SUBSCRIPTION shoring_sql_s; DROP SCHEMA shoring_sql CASCADE;",
    );
    for ((statement, expected), found) in statements.iter().zip(found) {
        assert_eq!(found, *expected, "{statement}");
        let rule = classify(statement, Product::Postgresql, version).transaction;
        assert_eq!(
            rule == TransactionRule::Forbidden,
            *expected == "25001",
            "{statement}"
        );
    }
    let rule = |major| {
        classify(
            statements[5].0,
            Product::Postgresql,
            ServerVersion::new(major, 0, 0),
        )
        .transaction
    };
    assert_eq!(
        (rule(11), rule(12)),
        (TransactionRule::Forbidden, TransactionRule::CommitBeforeUse)
    );
}
