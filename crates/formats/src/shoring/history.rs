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

use crate::history::{History, HistoryEntry, HistoryError};
use crate::numbered::order_of;
use crate::server_clock;
use shoring_core::{
    Applied, AppliedKind, Checksum, ColumnShape, Product, Row, TableName, TableShape, Value,
    Version,
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

    fn create(&self, product: Product, table: &TableName) -> String {
        SqlWriter::new(product.dialect())
            .sql("CREATE TABLE ")
            .table(table)
            .sql(" (version varchar(64) NOT NULL PRIMARY KEY, name varchar(255) NOT NULL, kind varchar(16) NOT NULL, checksum varchar(64), applied_at ")
            .sql(server_clock::column_type(product))
            .sql(" NOT NULL, applied_by varchar(255) NOT NULL, milliseconds bigint, attempt varchar(64) NOT NULL)")
            .sql(table_options(product))
            .finish()
    }

    fn recognise(&self, table: &TableShape) -> Result<(), HistoryError> {
        if COLUMNS.iter().all(|column| table.column(column).is_some()) {
            return Ok(());
        }
        Err(HistoryError::OtherTool {
            table: table.name.to_string(),
            found: column_names(table),
            wanted: "shoring_history",
            looks_like: crate::foreign::owner_of(table),
        })
    }

    fn select(&self, product: Product, table: &TableShape) -> String {
        let (before, after) = server_clock::as_text(product);
        SqlWriter::new(product.dialect())
            .sql("SELECT version, name, kind, checksum, ")
            .sql(before)
            .sql("applied_at")
            .sql(after)
            .sql(", applied_by, milliseconds FROM ")
            .table(&table.name)
            .finish()
    }

    fn decode(&self, table: &TableShape, rows: &[Row]) -> Result<Vec<Applied>, HistoryError> {
        let mut decoded = Vec::with_capacity(rows.len());
        for (index, row) in rows.iter().enumerate() {
            let bad = |reason: String| HistoryError::BadRow {
                table: table.name.to_string(),
                row: index + 1,
                reason,
            };
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
            });
        }
        in_order(table, decoded)
    }

    fn insert(
        &self,
        product: Product,
        table: &TableShape,
        _existing: &[Applied],
        entry: &HistoryEntry,
    ) -> Result<String, HistoryError> {
        if entry.version.as_str().len() > 64 {
            return Err(HistoryError::DoesNotFit {
                version: entry.version.to_string(),
                table: table.name.to_string(),
                type_name: "varchar(64)".to_owned(),
                reason: "it has more than 64 characters",
            });
        }
        let name: String = entry.name.chars().take(255).collect();
        let mut writer = SqlWriter::new(product.dialect())
            .sql("INSERT INTO ")
            .table(&table.name)
            .sql(" (version, name, kind, checksum, applied_at, applied_by, milliseconds, attempt) VALUES (")
            .values(&[
                Value::from(entry.version.as_str()),
                Value::from(name),
                Value::from(entry.kind.name()),
                Value::from(entry.checksum.as_ref().map(Checksum::as_str)),
            ])
            .sql(", ")
            .sql(server_clock::now(product))
            .sql(", ");
        writer = match server_clock::database_user(product) {
            Some(expression) => writer.sql(expression),
            None => writer.value(&Value::from(entry.os_user.as_str())),
        };
        writer = writer.sql(", ");
        writer = match (
            entry.milliseconds,
            server_clock::milliseconds_in_transaction(product),
        ) {
            (None, Some(expression)) => writer.sql(expression),
            (milliseconds, _) => writer.value(&Value::from(milliseconds.map(|value| value as i64))),
        };
        Ok(writer
            .sql(", ")
            .value(&Value::from(entry.attempt.as_str()))
            .sql(")")
            .finish())
    }

    fn delete(&self, product: Product, table: &TableShape, applied: &Applied) -> String {
        SqlWriter::new(product.dialect())
            .sql("DELETE FROM ")
            .table(&table.name)
            .sql(" WHERE version = ")
            .value(&Value::from(applied.version.as_str()))
            .finish()
    }

    fn realign(
        &self,
        product: Product,
        table: &TableShape,
        applied: &Applied,
        checksum: &Checksum,
    ) -> Option<String> {
        Some(
            SqlWriter::new(product.dialect())
                .sql("UPDATE ")
                .table(&table.name)
                .sql(" SET checksum = ")
                .value(&Value::from(checksum.as_str()))
                .sql(" WHERE version = ")
                .value(&Value::from(applied.version.as_str()))
                .finish(),
        )
    }

    fn retire(&self, product: Product, table: &TableShape, applied: &Applied) -> Option<String> {
        Some(
            SqlWriter::new(product.dialect())
                .sql("UPDATE ")
                .table(&table.name)
                .sql(" SET kind = ")
                .value(&Value::from(AppliedKind::Baseline.name()))
                .sql(" WHERE version = ")
                .value(&Value::from(applied.version.as_str()))
                .finish(),
        )
    }

    fn keeps_checksums(&self) -> bool {
        true
    }

    fn select_attempt(&self, product: Product, table: &TableName, attempt: &str) -> Option<String> {
        Some(
            SqlWriter::new(product.dialect())
                .sql("SELECT 1 FROM ")
                .table(table)
                .sql(" WHERE attempt = ")
                .value(&Value::from(attempt))
                .finish(),
        )
    }

    fn shape(&self, table: &TableName) -> TableShape {
        TableShape {
            name: table.clone(),
            columns: COLUMNS
                .iter()
                .map(|name| ColumnShape {
                    name: (*name).to_owned(),
                    type_name: String::new(),
                    is_not_null: true,
                    has_default: false,
                })
                .collect(),
        }
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

/// The column names of a table for a message.
pub(crate) fn column_names(table: &TableShape) -> String {
    table
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}

/// Sorts decoded rows; two rows of one version are an error.
pub(crate) fn in_order(
    table: &TableShape,
    mut rows: Vec<Applied>,
) -> Result<Vec<Applied>, HistoryError> {
    rows.sort_by(|left, right| left.order.cmp(&right.order));
    for (index, pair) in rows.windows(2).enumerate() {
        if let [left, right] = pair
            && left.order == right.order
        {
            return Err(HistoryError::BadRow {
                table: table.name.to_string(),
                row: index + 2,
                reason: format!(
                    "version `{}` stands there twice (also as `{}`)",
                    right.version, left.version
                ),
            });
        }
    }
    Ok(rows)
}
