//! The three tables of ours, as `CREATE TABLE` per product.
//!
//! `shoring_runs`: one row per attempt to run one migration (and per `baseline`, `mark`, `repair`).
//!
//! | column | meaning |
//! |---|---|
//! | `attempt` | id, a version 7 UUID |
//! | `run` | id of the command's run, shared by its attempts |
//! | `command` | `up`, `down`, `baseline`, `mark`, `repair`, `seed` |
//! | `version`, `name`, `direction`, `checksum` | what ran |
//! | `state` | `started`, `applied`, `failed`, `settled` |
//! | `is_open` | 1 while a part of it may be in the database and the history does not say so |
//! | `statements` | statements in the file |
//! | `started_at`, `finished_at`, `milliseconds` | the server's clock |
//! | `os_user`, `db_user`, `host`, `pid`, `tool`, `git` | who |
//! | `fence` | fencing number of the lease it ran under |
//! | `error` | the message of a failure |
//! | `compatible_with` | the directive of an up file: programs that know this version and later still work |
//!
//! `shoring_run_steps`: for attempts that are not one transaction, one row per step (a statement, or a run of statements in
//! one transaction): `intent` is written before, `done` after; `probe` is what the catalogue said before.
//!
//! `shoring_lock`: one row, who runs migrations now and the fencing number.

use shoring_core::{Product, TableName};
use shoring_formats::server_clock;
use shoring_sql::writer::SqlWriter;

/// Name of the journal of attempts.
pub(crate) const RUNS: &str = "shoring_runs";
/// Column of [`RUNS`] that journals made by an earlier version do not have.
pub(crate) const COMPATIBLE_WITH: &str = "compatible_with";
/// Name of the journal of steps.
pub(crate) const STEPS: &str = "shoring_run_steps";
/// Name of the lease table.
pub(crate) const LOCK: &str = "shoring_lock";

/// `CREATE TABLE` for a table of ours beside the history table.
pub(crate) fn create(product: Product, table: &TableName) -> String {
    let time = server_clock::column_type(product);
    let writer = SqlWriter::new(product.dialect())
        .sql("CREATE TABLE ")
        .table(table);
    let writer = match table.name.as_str() {
        RUNS => writer
            .sql(" (attempt varchar(64) NOT NULL PRIMARY KEY, run varchar(64) NOT NULL, command varchar(16) NOT NULL, version varchar(64) NOT NULL, name varchar(255) NOT NULL, direction varchar(8) NOT NULL, checksum varchar(64), state varchar(16) NOT NULL, is_open smallint NOT NULL, statements bigint, started_at ")
            .sql(time)
            .sql(" NOT NULL, finished_at ")
            .sql(time)
            .sql(", milliseconds bigint, os_user varchar(255), db_user varchar(255), host varchar(255), pid bigint, tool varchar(64), git varchar(64), fence bigint NOT NULL, error text, compatible_with varchar(64))"),
        STEPS => writer
            .sql(" (attempt varchar(64) NOT NULL, first_statement bigint NOT NULL, last_statement bigint NOT NULL, hash varchar(64) NOT NULL, state varchar(16) NOT NULL, probe text, started_at ")
            .sql(time)
            .sql(" NOT NULL, finished_at ")
            .sql(time)
            .sql(", milliseconds bigint, row_count bigint, PRIMARY KEY (attempt, first_statement))"),
        _ => writer
            .sql(" (id smallint NOT NULL PRIMARY KEY, owner varchar(64), fence bigint NOT NULL, kind varchar(16), host varchar(255), pid bigint, os_user varchar(255), backend varchar(128), doing varchar(255), acquired_at ")
            .sql(time)
            .sql(", heartbeat_at ")
            .sql(time)
            .sql(")"),
    };
    writer.sql(shoring_formats::table_options(product)).finish()
}

/// What finds the few open attempts among all: a row is in it only while it is open. MySQL has no index of a part of a table,
/// and reads ten thousand rows in the time of a round trip.
pub(crate) fn create_index(product: Product, table: &TableName) -> Option<String> {
    let is_partial = match product {
        Product::Postgresql | Product::Sqlite => true,
        Product::Mysql | Product::Mariadb => false,
    };
    if table.name != RUNS || !is_partial {
        return None;
    }
    Some(
        SqlWriter::new(product.dialect())
            .sql("CREATE INDEX ")
            .ident("shoring_runs_open")
            .sql(" ON ")
            .table(table)
            .sql(" (attempt) WHERE is_open = 1")
            .finish(),
    )
}

/// The statement that adds [`COMPATIBLE_WITH`] to a journal that does not have it.
pub(crate) fn add_compatible_with(product: Product, table: &TableName) -> String {
    SqlWriter::new(product.dialect())
        .sql("ALTER TABLE ")
        .table(table)
        .sql(" ADD COLUMN ")
        .ident(COMPATIBLE_WITH)
        .sql(" varchar(64)")
        .finish()
}
