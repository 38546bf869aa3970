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
use crate::numbered::order_of;
use crate::rows;
use crate::server_clock;
use crate::table_sql::{self, Cell};
use shoring_core::{
    Applied, AppliedKind, Attributes, Checksum, MigrationSet, Product, Row, TableName, TableShape,
    Value, Version,
};
use shoring_sql::writer::SqlWriter;

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
        let mut decoded = Vec::with_capacity(rows.len());
        for (index, row) in rows.iter().enumerate() {
            let bad = |reason: String| rows::bad_row(at.table, index, reason);
            let version = row
                .text(0)
                .ok_or_else(|| bad("version is NULL".to_owned()))?;
            let order = order_of(&version)
                .ok_or_else(|| bad(format!("version `{version}` is not a number")))?;
            let kind = match row.text(2).as_deref() {
                Some("applied") => AppliedKind::Applied,
                Some("baseline") => AppliedKind::Baseline,
                Some("marked") => AppliedKind::Marked,
                other => return Err(bad(format!("kind is `{}`", other.unwrap_or("NULL")))),
            };
            decoded.push(Applied {
                version: Version::new(version),
                order,
                name: row.text(1),
                kind,
                checksum: row.text(3).map(Checksum::from_text),
                applied_at: row.text(4),
                applied_by: row.text(5),
                milliseconds: row.int(6).and_then(|value| u64::try_from(value).ok()),
                attributes: Attributes::new(),
            });
        }
        rows::in_order(at.table, decoded)
    }

    fn write(
        &self,
        at: At<'_>,
        _existing: &[Applied],
        change: Change<'_>,
    ) -> Result<Vec<String>, HistoryError> {
        let row_of = |applied: &Applied| [("version", Value::from(applied.version.as_str()))];
        Ok(match change {
            // What is half-done stands in the journal.
            Change::Begin(_)
            | Change::TakeBackBegin(_)
            | Change::Fail { .. }
            | Change::BeginRollBack(_)
            | Change::TakeBackBeginRollBack(_) => Vec::new(),
            Change::Apply { entry, .. } | Change::Mark(entry) => vec![insert(at, entry)?],
            Change::Baseline(entries) => entries
                .iter()
                .map(|entry| insert(at, entry))
                .collect::<Result<_, _>>()?,
            Change::RollBack(applied) | Change::Forget(applied) => {
                vec![table_sql::delete(at, &row_of(applied))]
            }
            Change::Realign { applied, entry } => {
                let checksum = entry.checksums.first().map(Checksum::as_str);
                vec![table_sql::update(
                    at,
                    &[("checksum", Cell::from(checksum))],
                    &row_of(applied),
                )]
            }
            Change::Retire(applied) => vec![table_sql::update(
                at,
                &[("kind", Cell::from(AppliedKind::Baseline.name()))],
                &row_of(applied),
            )],
        })
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

fn insert(at: At<'_>, entry: &HistoryEntry) -> Result<String, HistoryError> {
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
