//! Statements beside what is known about them. What servers do with them is in `tests/`.

use super::classify;
use shoring_core::TransactionRule::{
    Allowed, Begin, Commit, CommitBeforeUse, Escapes, Forbidden, ImplicitCommit, Inner, Rollback,
};
use shoring_core::{Facts, Product, ServerVersion, TransactionRule};

const NEW: ServerVersion = ServerVersion::new(15, 0, 0);

fn targets(facts: &Facts) -> Vec<String> {
    let shown = |target: &shoring_core::Target| match &target.table {
        Some(table) => format!("{target} on {table}"),
        None => target.to_string(),
    };
    facts.targets.iter().map(shown).collect()
}

fn check(product: Product, cases: &[(&str, &str, TransactionRule, &[&str])]) {
    for (sql, verb, rule, expected) in cases {
        let facts = classify(sql, product, NEW);
        assert_eq!(
            (facts.verb.as_str(), facts.transaction),
            (*verb, *rule),
            "{sql}"
        );
        assert_eq!(targets(&facts), *expected, "{sql}");
    }
}

#[test]
fn postgresql_statements() {
    check(
        Product::Postgresql,
        &[
            (
                "create TABLE if not exists \"App\".Users (id int)",
                "CREATE TABLE",
                Allowed,
                &["table App.users"],
            ),
            (
                "/* a */ CREATE UNLOGGED TABLE é (id int)",
                "CREATE TABLE",
                Allowed,
                &["table é"],
            ),
            (
                "ALTER TABLE IF EXISTS ONLY db.s.t ADD COLUMN x int",
                "ALTER TABLE",
                Allowed,
                &["table s.t"],
            ),
            (
                "ALTER TABLE s.a RENAME TO b",
                "ALTER TABLE",
                Allowed,
                &["table s.a", "table s.b"],
            ),
            (
                "ALTER TABLE a RENAME COLUMN x TO y",
                "ALTER TABLE",
                Allowed,
                &["table a"],
            ),
            (
                "ALTER TABLE p DETACH PARTITION q CONCURRENTLY",
                "ALTER TABLE DETACH PARTITION CONCURRENTLY",
                Forbidden,
                &["table p"],
            ),
            (
                "ALTER TABLE concurrently DROP COLUMN detach",
                "ALTER TABLE",
                Allowed,
                &["table concurrently"],
            ),
            (
                "DROP TABLE IF EXISTS a, b.c CASCADE",
                "DROP TABLE",
                Allowed,
                &["table a", "table b.c"],
            ),
            (
                "CREATE UNIQUE INDEX CONCURRENTLY i ON ONLY s.t (a)",
                "CREATE INDEX CONCURRENTLY",
                Forbidden,
                &["index s.i on t", "table s.t"],
            ),
            (
                "CREATE INDEX ON t (a)",
                "CREATE INDEX",
                Allowed,
                &["table t"],
            ),
            (
                "DROP INDEX CONCURRENTLY IF EXISTS a",
                "DROP INDEX CONCURRENTLY",
                Forbidden,
                &["index a"],
            ),
            (
                "CREATE OR REPLACE FUNCTION f(a int) RETURNS int AS $$ $$",
                "CREATE FUNCTION",
                Allowed,
                &["function f"],
            ),
            (
                "DROP FUNCTION f(int, text), g",
                "DROP FUNCTION",
                Allowed,
                &["function f", "function g"],
            ),
            (
                "CREATE CONSTRAINT TRIGGER g AFTER UPDATE OF a ON s.t EXECUTE FUNCTION f()",
                "CREATE TRIGGER",
                Allowed,
                &["trigger s.g on t"],
            ),
            (
                "CREATE MATERIALIZED VIEW v AS SELECT 1",
                "CREATE MATERIALIZED VIEW",
                Allowed,
                &["view v"],
            ),
            (
                "CREATE TYPE e AS ENUM ()",
                "CREATE TYPE",
                Allowed,
                &["type e"],
            ),
            (
                "ALTER TYPE s.e ADD VALUE IF NOT EXISTS 'x'",
                "ALTER TYPE ADD VALUE",
                CommitBeforeUse,
                &["type s.e"],
            ),
            (
                "CREATE SCHEMA AUTHORIZATION joe",
                "CREATE SCHEMA",
                Allowed,
                &["schema joe"],
            ),
            (
                "CREATE EXTENSION IF NOT EXISTS pgcrypto",
                "CREATE EXTENSION",
                Allowed,
                &["extension pgcrypto"],
            ),
            (
                "CREATE TEXT SEARCH CONFIGURATION c (COPY = english)",
                "CREATE TEXT SEARCH CONFIGURATION",
                Allowed,
                &[],
            ),
            (
                "INSERT INTO s.t VALUES (1)",
                "INSERT",
                Allowed,
                &["table s.t"],
            ),
            ("VACUUM (ANALYZE) t", "VACUUM", Forbidden, &[]),
            ("begin transaction", "BEGIN", Begin, &[]),
            ("END", "END", Commit, &[]),
            ("ABORT", "ABORT", Rollback, &[]),
            ("COMMIT AND CHAIN", "COMMIT AND CHAIN", Escapes, &[]),
            ("COMMIT AND NO CHAIN", "COMMIT", Commit, &[]),
            ("ROLLBACK WORK TO SAVEPOINT a", "ROLLBACK TO", Inner, &[]),
            (
                "PREPARE TRANSACTION 'x'",
                "PREPARE TRANSACTION",
                Escapes,
                &[],
            ),
            ("SET TRANSACTION READ ONLY", "SET TRANSACTION", Inner, &[]),
            ("", "", Allowed, &[]),
        ],
    );
}

#[test]
fn mysql_statements() {
    check(
        Product::Mysql,
        &[
            (
                "CREATE TABLE IF NOT EXISTS `Db`.Users (id int)",
                "CREATE TABLE",
                ImplicitCommit,
                &["table Db.Users"],
            ),
            (
                "CREATE TEMPORARY TABLE t (a int)",
                "CREATE TABLE",
                Allowed,
                &["table t"],
            ),
            (
                "CREATE FULLTEXT INDEX i ON t (a)",
                "CREATE INDEX",
                ImplicitCommit,
                &["index i on t", "table t"],
            ),
            (
                "CREATE SPATIAL INDEX i ON t (a)",
                "CREATE INDEX",
                ImplicitCommit,
                &["index i on t", "table t"],
            ),
            (
                "DROP INDEX i ON d.t",
                "DROP INDEX",
                ImplicitCommit,
                &["index d.i on t", "table d.t"],
            ),
            (
                "ALTER TABLE a ADD COLUMN b int, RENAME COLUMN x TO y, RENAME TO c",
                "ALTER TABLE",
                ImplicitCommit,
                &["table a", "table c"],
            ),
            (
                "RENAME TABLE a TO b, c TO d",
                "RENAME TABLE",
                ImplicitCommit,
                &["table a", "table b", "table c", "table d"],
            ),
            (
                "CREATE DEFINER=`root`@`%` SQL SECURITY DEFINER VIEW v AS SELECT 1",
                "CREATE VIEW",
                ImplicitCommit,
                &["view v"],
            ),
            (
                "/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET @a = 1 */",
                "CREATE TRIGGER",
                ImplicitCommit,
                &["trigger g on t"],
            ),
            (
                "CREATE DATABASE d",
                "CREATE DATABASE",
                ImplicitCommit,
                &["schema d"],
            ),
            ("CACHE INDEX t IN k", "CACHE INDEX", ImplicitCommit, &[]),
            (
                "INSERT IGNORE INTO t VALUES (1)",
                "INSERT",
                Allowed,
                &["table t"],
            ),
            ("SET autocommit = 0", "SET", Allowed, &[]),
            ("SET autocommit = 1", "SET", ImplicitCommit, &[]),
            (
                "START TRANSACTION READ ONLY",
                "START TRANSACTION",
                Begin,
                &[],
            ),
            ("ROLLBACK TO SAVEPOINT a", "ROLLBACK TO", Inner, &[]),
            ("LOCK TABLES t READ", "LOCK TABLES", ImplicitCommit, &[]),
        ],
    );
}

#[test]
fn sqlite_statements() {
    check(
        Product::Sqlite,
        &[
            (
                "CREATE TABLE [My Table] (a)",
                "CREATE TABLE",
                Allowed,
                &["table My Table"],
            ),
            (
                "ALTER TABLE main.a RENAME TO b",
                "ALTER TABLE",
                Allowed,
                &["table main.a", "table main.b"],
            ),
            (
                "CREATE UNIQUE INDEX main.i ON t (a)",
                "CREATE INDEX",
                Allowed,
                &["index main.i on t", "table t"],
            ),
            (
                "CREATE VIRTUAL TABLE f USING fts5(a)",
                "CREATE VIRTUAL TABLE",
                Allowed,
                &["table f"],
            ),
            (
                "INSERT OR REPLACE INTO t VALUES (1)",
                "INSERT",
                Allowed,
                &["table t"],
            ),
            ("PRAGMA foreign_keys", "PRAGMA foreign_keys", Allowed, &[]),
            (
                "PRAGMA main.Foreign_Keys = OFF",
                "PRAGMA foreign_keys",
                Forbidden,
                &[],
            ),
            ("VACUUM", "VACUUM", Forbidden, &[]),
            ("END TRANSACTION", "END", Commit, &[]),
            ("ROLLBACK TRANSACTION TO x", "ROLLBACK TO", Inner, &[]),
        ],
    );
}

#[test]
fn what_changes_the_session_is_known() {
    for (product, sql, expected) in [
        (Product::Postgresql, "SET search_path TO a", true),
        (Product::Postgresql, "SET LOCAL search_path TO a", false),
        (
            Product::Postgresql,
            "SELECT pg_catalog.set_config('search_path', '', false)",
            true,
        ),
        (Product::Postgresql, "SELECT 'set_config'", false),
        (Product::Postgresql, "CREATE TABLE t (a int)", false),
        (Product::Postgresql, "CREATE TEMP TABLE t (a int)", true),
        (Product::Postgresql, "DO $$ BEGIN END $$", true),
        (Product::Mysql, "USE d", true),
        (Product::Mysql, "SELECT 1", false),
        (Product::Sqlite, "PRAGMA foreign_keys = OFF", true),
        (Product::Sqlite, "PRAGMA user_version = 1", false),
    ] {
        assert_eq!(
            classify(sql, product, NEW).changes_session,
            expected,
            "{sql}"
        );
    }
}

#[test]
fn what_may_run_twice_is_known() {
    for (product, sql, expected) in [
        (
            Product::Postgresql,
            "CREATE TABLE IF NOT EXISTS t (a int)",
            true,
        ),
        (Product::Postgresql, "CREATE TABLE t (a int)", false),
        (
            Product::Postgresql,
            "ALTER TABLE IF EXISTS t ADD COLUMN a int",
            false,
        ),
        (
            Product::Postgresql,
            "ALTER TABLE t ADD COLUMN IF NOT EXISTS a numeric(1, 2)",
            true,
        ),
        (
            Product::Postgresql,
            "ALTER TABLE t ADD COLUMN IF NOT EXISTS a int, ADD b int",
            false,
        ),
        (
            Product::Postgresql,
            "CREATE OR REPLACE VIEW v AS SELECT 1",
            true,
        ),
        (Product::Postgresql, "VACUUM t", true),
        (Product::Mariadb, "DROP TABLE IF EXISTS t", true),
        (Product::Mysql, "INSERT INTO t VALUES (1)", false),
        (Product::Sqlite, "DROP TABLE t", false),
    ] {
        assert_eq!(classify(sql, product, NEW).is_idempotent, expected, "{sql}");
    }
}
