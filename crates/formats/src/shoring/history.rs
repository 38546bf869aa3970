//! The native history table, one row per applied migration.
//!
//! | column | meaning |
//! |---|---|
//! | `version` | as the file spells it; primary key |
//! | `name` | the words after it |
//! | `kind` | `applied`, `baseline`, `marked` |
//! | `checksum` | SHA-256 of the file without byte order mark and with `\n` line ends, hexadecimal |
//! | `applied_at` | the server's clock |
//! | `applied_by` | the database user; on SQLite the operating system user |
//! | `milliseconds` | how long it took |
//! | `attempt` | id of the attempt in `shoring_runs` that wrote the row: the answer to a lost COMMIT |

use crate::history::{At, Change, History, HistoryEntry, HistoryError};
use crate::one_row_each::{self, OneRowEach};
use crate::rows;
use crate::server_clock;
use crate::table_sql::{self, Cell};
use shoring_core::{
    Applied, AppliedKind, Checksum, MigrationSet, Product, Row, TableName, TableShape, Value,
};
use shoring_sql::writer::SqlWriter;
use std::sync::Arc;

const COLUMNS: &[&str] = &[
    "version",
    "name",
    "kind",
    "checksum",
    "applied_at",
    "applied_by",
    "milliseconds",
    "attempt",
];

/// The native history.
#[derive(Debug, Clone, Copy)]
pub(super) struct NativeHistory;

impl History for NativeHistory {
    fn default_table(&self) -> &'static str {
        "shoring_history"
    }

    fn create(&self, product: Product, table: &TableName) -> Vec<String> {
        vec![
            SqlWriter::new(product.dialect())
                .sql("CREATE TABLE ")
                .table(table)
                .sql(" (version varchar(64) NOT NULL PRIMARY KEY, name varchar(255) NOT NULL, kind varchar(16) NOT NULL, checksum varchar(64), applied_at ")
                .sql(server_clock::column_type(product))
                .sql(" NOT NULL, applied_by varchar(255) NOT NULL, milliseconds bigint, attempt varchar(64) NOT NULL)")
                .sql(table_options(product))
                .finish(),
        ]
    }

    fn recognise(&self, table: &TableShape) -> Result<(), HistoryError> {
        rows::require_columns(table, COLUMNS, "shoring_history")
    }

    fn select(&self, at: At<'_>) -> String {
        let (before, after) = server_clock::as_text(at.product);
        SqlWriter::new(at.product.dialect())
            .sql("SELECT version, name, kind, checksum, ")
            .sql(before)
            .sql("applied_at")
            .sql(after)
            .sql(", applied_by, milliseconds FROM ")
            .table(&at.table.name)
            .finish()
    }

    fn decode(
        &self,
        at: At<'_>,
        rows: &[Row],
        _set: &MigrationSet,
    ) -> Result<Vec<Applied>, HistoryError> {
        rows::decode_each(at.table, rows, |row| {
            let kind = match row.text(2).as_deref() {
                Some("applied") => AppliedKind::Applied,
                Some("baseline") => AppliedKind::Baseline,
                Some("marked") => AppliedKind::Marked,
                other => return Err(format!("kind is `{}`", other.unwrap_or("NULL"))),
            };
            Ok(Applied {
                name: row.text(1),
                kind,
                checksum: row.text(3).map(Checksum::from_text),
                applied_at: row.text(4),
                applied_by: row.text(5),
                milliseconds: row.int(6).and_then(|value| u64::try_from(value).ok()),
                ..rows::numbered(row)?
            })
        })
    }

    fn write(
        &self,
        at: At<'_>,
        existing: &[Arc<Applied>],
        change: Change<'_>,
    ) -> Result<Vec<String>, HistoryError> {
        one_row_each::write(self, at, existing, change)
    }

    fn keeps_checksums(&self) -> bool {
        true
    }

    fn select_attempt(&self, at: At<'_>, attempt: &str) -> Option<String> {
        Some(
            SqlWriter::new(at.product.dialect())
                .sql("SELECT 1 FROM ")
                .table(&at.table.name)
                .sql(" WHERE attempt = ")
                .value(&Value::from(attempt))
                .finish(),
        )
    }

    fn shape(&self, table: &TableName) -> TableShape {
        rows::shape(table, COLUMNS)
    }
}

impl OneRowEach for NativeHistory {
    fn insert(
        &self,
        at: At<'_>,
        _existing: &[Arc<Applied>],
        entry: &HistoryEntry,
    ) -> Result<String, HistoryError> {
        if entry.version.as_str().len() > 64 {
            return Err(HistoryError::DoesNotFit {
                version: entry.version.to_string(),
                table: at.table.name.to_string(),
                type_name: "varchar(64)".to_owned(),
                reason: "it has more than 64 characters",
            });
        }
        let name: String = entry.name.chars().take(255).collect();
        let recorded = entry.recorded.as_ref();
        let user = match (
            recorded.and_then(|recorded| recorded.by.as_deref()),
            server_clock::database_user(at.product),
        ) {
            (Some(by), _) => Cell::from(by),
            (None, Some(expression)) => Cell::Expression(expression),
            (None, None) => Cell::from(entry.os_user.as_str()),
        };
        let applied_at = match recorded {
            Some(recorded) => Cell::Written(server_clock::moment(at.product, recorded.at())),
            None => Cell::Expression(server_clock::now(at.product)),
        };
        let milliseconds = match (
            entry.milliseconds,
            server_clock::milliseconds_in_transaction(at.product),
        ) {
            (None, Some(expression)) => Cell::Expression(expression),
            (milliseconds, _) => Cell::from(milliseconds.map(|value| value as i64)),
        };
        Ok(table_sql::insert(
            at,
            &[
                ("version", Cell::from(entry.version.as_str())),
                ("name", Cell::from(name)),
                ("kind", Cell::from(entry.kind.name())),
                (
                    "checksum",
                    Cell::from(entry.checksums.first().map(Checksum::as_str)),
                ),
                ("applied_at", applied_at),
                ("applied_by", user),
                ("milliseconds", milliseconds),
                ("attempt", Cell::from(entry.attempt.as_str())),
            ],
        ))
    }

    fn key(&self, _at: At<'_>, applied: &Applied) -> Result<(&'static str, Value), HistoryError> {
        Ok(("version", Value::from(applied.version.as_str())))
    }

    fn of_file(
        &self,
        _at: At<'_>,
        entry: &HistoryEntry,
    ) -> Result<Vec<(&'static str, Cell)>, HistoryError> {
        let checksum = entry.checksums.first().map(Checksum::as_str);
        Ok(vec![("checksum", Cell::from(checksum))])
    }

    fn retired(&self) -> Vec<(&'static str, Cell)> {
        vec![("kind", Cell::from(AppliedKind::Baseline.name()))]
    }
}

/// What follows the columns of a table of ours.
pub const fn table_options(product: Product) -> &'static str {
    match product {
        // Versions and checksums are compared byte by byte; MyISAM as a server default would lose the transaction.
        Product::Mysql | Product::Mariadb => {
            " ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
        }
        Product::Postgresql | Product::Sqlite => "",
    }
}
