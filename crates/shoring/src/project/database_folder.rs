//! Folders that are named after a database: `migrations/postgres` beside `migrations/sqlite3`. Which of them is meant, the
//! database tells.

use shoring_core::Dialect;

/// What the name of a folder says about a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// It is the folder of this one.
    This,
    /// It is the folder of another one.
    Other,
    /// It names none.
    Unsaid,
}

/// Names of databases. `None` is one that Shoring does not reach.
const NAMES: &[(&str, Option<Dialect>)] = &[
    ("postgresql", Some(Dialect::Postgresql)),
    ("postgres", Some(Dialect::Postgresql)),
    ("pgsql", Some(Dialect::Postgresql)),
    ("psql", Some(Dialect::Postgresql)),
    ("pg", Some(Dialect::Postgresql)),
    ("mysql", Some(Dialect::Mysql)),
    ("mariadb", Some(Dialect::Mysql)),
    ("sqlite3", Some(Dialect::Sqlite)),
    ("sqlite", Some(Dialect::Sqlite)),
    ("clickhouse", None),
    ("cockroach", None),
    ("cockroachdb", None),
    ("crdb", None),
    ("db2", None),
    ("duckdb", None),
    ("h2", None),
    ("mssql", None),
    ("oracle", None),
    ("snowflake", None),
    ("spanner", None),
    ("sqlserver", None),
    ("yugabyte", None),
    ("yugabytedb", None),
];

/// Whether the last name of a database in `folder` is that of `database`.
pub(super) fn fit(folder: &str, database: Dialect) -> Fit {
    let named = folder.rsplit('/').find_map(|part| {
        let found = NAMES
            .iter()
            .find(|(name, _)| part.eq_ignore_ascii_case(name));
        found.map(|(_, named)| *named)
    });
    match named {
        None => Fit::Unsaid,
        Some(named) if named == Some(database) => Fit::This,
        Some(_) => Fit::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_name_their_database() {
        for (folder, database, expected) in [
            ("migrations/postgres", Dialect::Postgresql, Fit::This),
            ("db/PostgreSQL/migrations", Dialect::Postgresql, Fit::This),
            ("migrations/sqlite3", Dialect::Postgresql, Fit::Other),
            ("migrations/mariadb", Dialect::Mysql, Fit::This),
            ("migrations/clickhouse", Dialect::Mysql, Fit::Other),
            ("sqlite/mysql", Dialect::Sqlite, Fit::Other),
            ("migrations/orders", Dialect::Sqlite, Fit::Unsaid),
            ("migrations/postgres-audit", Dialect::Sqlite, Fit::Unsaid),
        ] {
            assert_eq!(fit(folder, database), expected, "{folder} {database:?}");
        }
    }
}
