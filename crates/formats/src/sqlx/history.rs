//! The table `_sqlx_migrations`: one row for each migration, with its SHA-384 and whether it ended well.

use super::lock;
use crate::history::{At, Change, History, HistoryEntry, HistoryError};
use crate::rows;
use crate::server_clock;
use crate::table_sql::{self, Cell};
use crate::tool_lock::ToolLock;
use shoring_core::{
    Applied, AppliedKind, Checksum, MigrationSet, Product, Row, TableName, TableShape, Value,
};
use shoring_sql::writer::SqlWriter;
use std::sync::Arc;

const COLUMNS: &[&str] = &[
    "version",
    "description",
    "installed_on",
    "success",
    "checksum",
    "execution_time",
];

const NANOSECONDS: i64 = 1_000_000;

/// The history of sqlx.
#[derive(Debug, Clone, Copy)]
pub(super) struct SqlxHistory;

impl History for SqlxHistory {
    fn default_table(&self) -> &'static str {
        "_sqlx_migrations"
    }

    fn create(&self, product: Product, table: &TableName) -> Vec<String> {
        let columns = match product {
            Product::Postgresql => {
                " (version BIGINT PRIMARY KEY, description TEXT NOT NULL, installed_on TIMESTAMPTZ NOT NULL DEFAULT now(), success BOOLEAN NOT NULL, checksum BYTEA NOT NULL, execution_time BIGINT NOT NULL)"
            }
            Product::Mysql | Product::Mariadb | Product::Sqlite => {
                " (version BIGINT PRIMARY KEY, description TEXT NOT NULL, installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, checksum BLOB NOT NULL, execution_time BIGINT NOT NULL)"
            }
        };
        vec![table_sql::create(product, table, columns)]
    }

    fn recognise(&self, table: &TableShape) -> Result<(), HistoryError> {
        rows::require_columns(table, COLUMNS, "_sqlx_migrations")
    }

    fn select(&self, at: At<'_>) -> String {
        let (before, after) = server_clock::foreign_as_text(at.product);
        let checksum = match at.product {
            Product::Postgresql => "encode(checksum, 'hex')",
            Product::Mysql | Product::Mariadb | Product::Sqlite => "lower(hex(checksum))",
        };
        SqlWriter::new(at.product.dialect())
            .sql("SELECT version, description, ")
            .sql(before)
            .sql("installed_on")
            .sql(after)
            .sql(", success, ")
            .sql(checksum)
            .sql(", execution_time FROM ")
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
            let success = row
                .bool(3)
                .ok_or_else(|| "success is neither true nor false".to_owned())?;
            let time = row.int(5).and_then(|time| u64::try_from(time).ok());
            Ok(Applied {
                name: row.text(1).map(|words| words.replace(' ', "_")),
                kind: if success {
                    AppliedKind::Applied
                } else {
                    AppliedKind::Failed
                },
                checksum: row.text(4).map(Checksum::from_text),
                applied_at: row.text(2),
                milliseconds: time.map(|time| time / NANOSECONDS.unsigned_abs()),
                ..rows::numbered(row)?
            })
        })
    }

    fn write(
        &self,
        at: At<'_>,
        _existing: &[Arc<Applied>],
        change: Change<'_>,
    ) -> Result<Vec<String>, HistoryError> {
        let set_success = |applied: &Applied, success: bool| -> Result<Vec<String>, HistoryError> {
            Ok(vec![table_sql::update(
                at,
                &[("success", Cell::from(success))],
                &of_row(at, applied)?,
            )])
        };
        Ok(match change {
            Change::Begin(entry) => vec![insert(at, entry, false)?],
            Change::Apply {
                entry,
                has_begun: true,
            } => vec![table_sql::update(
                at,
                &[
                    ("success", Cell::from(true)),
                    ("checksum", checksum_of(at, entry)?),
                    ("execution_time", time_of(at, entry)),
                ],
                &[("version", Value::Int(rows::bigint(at, entry)?))],
            )],
            Change::Apply { entry, .. } | Change::Mark(entry) => vec![insert(at, entry, true)?],
            Change::Baseline(entries) => entries
                .iter()
                .map(|entry| insert(at, entry, true))
                .collect::<Result<_, _>>()?,
            Change::TakeBackBegin(entry) => vec![table_sql::delete(
                at,
                &[("version", Value::Int(rows::bigint(at, entry)?))],
            )],
            Change::BeginRollBack(applied) => set_success(applied, false)?,
            Change::TakeBackBeginRollBack(applied) => set_success(applied, true)?,
            Change::RollBack(applied) | Change::Forget(applied) => {
                vec![table_sql::delete(at, &of_row(at, applied)?)]
            }
            Change::Realign { applied, entry } => vec![table_sql::update(
                at,
                &[("checksum", checksum_of(at, entry)?)],
                &of_row(at, applied)?,
            )],
            // The row of `Begin` says it already; there is no row that is history only.
            Change::Fail { .. } | Change::Retire(_) => Vec::new(),
        })
    }

    fn keeps_checksums(&self) -> bool {
        true
    }

    fn locks(&self, at: At<'_>, database: &str) -> Vec<ToolLock> {
        lock::locks(at, database)
    }

    fn shape(&self, table: &TableName) -> TableShape {
        rows::shape(table, COLUMNS)
    }
}

fn insert(at: At<'_>, entry: &HistoryEntry, success: bool) -> Result<String, HistoryError> {
    let time = if success {
        time_of(at, entry)
    } else {
        // What the tool itself writes while a migration runs.
        Cell::from(-1)
    };
    let mut cells = vec![
        ("version", Cell::from(rows::bigint(at, entry)?)),
        ("description", Cell::from(entry.name.replace('_', " "))),
        ("success", Cell::from(success)),
        ("checksum", checksum_of(at, entry)?),
        ("execution_time", time),
    ];
    cells.extend(table_sql::recorded(at, "installed_on", entry));
    Ok(table_sql::insert(at, &cells))
}

/// Nanoseconds, as the tool counts.
fn time_of(at: At<'_>, entry: &HistoryEntry) -> Cell {
    match (
        entry.milliseconds,
        server_clock::milliseconds_in_transaction(at.product),
    ) {
        (None, Some(_)) => Cell::Expression(
            "(extract(epoch from (clock_timestamp() - transaction_timestamp())) * 1000000000)::bigint",
        ),
        (milliseconds, _) => {
            Cell::from((milliseconds.unwrap_or(0) as i64).saturating_mul(NANOSECONDS))
        }
    }
}

fn checksum_of(at: At<'_>, entry: &HistoryEntry) -> Result<Cell, HistoryError> {
    let text = entry.checksums.first().map(Checksum::as_str);
    let bytes = text
        .and_then(rows::from_hexadecimal)
        .ok_or_else(|| HistoryError::CannotSay {
            table: at.table.name.to_string(),
            reason: format!(
                "it keeps the checksum of each file, and {} has none",
                entry.version
            ),
        })?;
    Ok(Cell::Value(Value::Bytes(bytes)))
}

fn of_row(at: At<'_>, applied: &Applied) -> Result<[(&'static str, Value); 1], HistoryError> {
    Ok([(
        "version",
        Value::Int(rows::bigint_of(at, &applied.version, &applied.order)?),
    )])
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoring_core::{Attributes, OrderKey, Version};

    fn entry() -> HistoryEntry {
        HistoryEntry {
            version: Version::new("0007"),
            order: OrderKey::Numbers(vec![7]),
            name: "add_mail".to_owned(),
            checksums: vec![Checksum::from_text("00ff")],
            attributes: Attributes::new(),
            kind: AppliedKind::Applied,
            os_user: String::new(),
            attempt: String::new(),
            run: String::new(),
            milliseconds: Some(5),
            recorded: None,
        }
    }

    #[test]
    fn rows_are_those_of_the_tool() {
        let table = SqlxHistory.shape(&TableName::new(None, "_sqlx_migrations"));
        let write = |product, change| {
            let at = At {
                product,
                table: &table,
            };
            SqlxHistory.write(at, &[], change).unwrap()
        };
        let entry = entry();
        assert_eq!(
            write(Product::Mysql, Change::Begin(&entry)),
            [
                "INSERT INTO `_sqlx_migrations` (`version`, `description`, `success`, `checksum`, `execution_time`) VALUES (7, 'add mail', FALSE, x'00ff', (-1))"
            ]
        );
        let apply = |has_begun| Change::Apply {
            entry: &entry,
            has_begun,
        };
        assert_eq!(
            write(Product::Mysql, apply(true)),
            [
                "UPDATE `_sqlx_migrations` SET `success` = TRUE, `checksum` = x'00ff', `execution_time` = 5000000 WHERE `version` = 7"
            ]
        );
        assert_eq!(
            write(Product::Postgresql, apply(false)),
            [
                "INSERT INTO \"_sqlx_migrations\" (\"version\", \"description\", \"success\", \"checksum\", \"execution_time\") VALUES (7, 'add mail', TRUE, E'\\\\x00ff'::bytea, 5000000)"
            ]
        );
    }

    #[test]
    fn a_row_without_success_is_a_failed_one() {
        let table = SqlxHistory.shape(&TableName::new(None, "_sqlx_migrations"));
        let at = At {
            product: Product::Sqlite,
            table: &table,
        };
        let row = |version, success| {
            Row::new(vec![
                Value::Int(version),
                Value::from("add mail"),
                Value::from("2026-01-01T00:00:00.000Z"),
                Value::Int(success),
                Value::from("00ff"),
                Value::Int(-1),
            ])
        };
        let set = crate::Format::read(
            &super::super::Sqlx,
            &crate::memory_tree::MemoryTree::new(&[]),
            "m",
            &crate::HostConfig::default(),
        )
        .unwrap();
        let rows = SqlxHistory
            .decode(at, &[row(2, 0), row(1, 1)], &set)
            .unwrap();
        let told: Vec<(&str, AppliedKind, Option<&str>)> = rows
            .iter()
            .map(|row| (row.version.as_str(), row.kind, row.name.as_deref()))
            .collect();
        assert_eq!(
            told,
            [
                ("1", AppliedKind::Applied, Some("add_mail")),
                ("2", AppliedKind::Failed, Some("add_mail"))
            ]
        );
        assert!(
            SqlxHistory
                .decode(at, &[row(1, 1), row(1, 1)], &set)
                .is_err()
        );
    }
}
