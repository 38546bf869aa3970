//! The table `_prisma_migrations`: a row for each try of a migration. A row that is neither finished nor rolled back says that
//! it failed; rows that were rolled back are history only, and there may be any number of them.
//!
//! On SQLite times are milliseconds since 1970, as Prisma's own engine writes them; text is read as well.

use super::lock;
use crate::history::{At, Change, History, HistoryEntry, HistoryError, Recorded};
use crate::rows;
use crate::server_clock;
use crate::table_sql::{self, Cell};
use crate::tool_lock::ToolLock;
use shoring_core::{
    Applied, AppliedKind, Attributes, Checksum, MigrationSet, OrderKey, Product, Row, TableName,
    TableShape, Value, Version,
};
use shoring_sql::writer::SqlWriter;
use std::collections::BTreeMap;
use std::sync::Arc;

const COLUMNS: &[&str] = &[
    "id",
    "checksum",
    "finished_at",
    "migration_name",
    "logs",
    "rolled_back_at",
    "started_at",
    "applied_steps_count",
];

/// The attribute of a row with its id.
const ID: &str = "id";

/// The history of Prisma Migrate.
#[derive(Debug, Clone, Copy)]
pub(super) struct PrismaHistory;

impl History for PrismaHistory {
    fn default_table(&self) -> &'static str {
        "_prisma_migrations"
    }

    fn create(&self, product: Product, table: &TableName) -> Vec<String> {
        let columns = match product {
            Product::Postgresql => {
                " (id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ, migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ, started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)"
            }
            Product::Mysql | Product::Mariadb => {
                " (id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at DATETIME(3), migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at DATETIME(3), started_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), applied_steps_count INTEGER UNSIGNED NOT NULL DEFAULT 0) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"
            }
            Product::Sqlite => {
                " (\"id\" TEXT PRIMARY KEY NOT NULL, \"checksum\" TEXT NOT NULL, \"finished_at\" DATETIME, \"migration_name\" TEXT NOT NULL, \"logs\" TEXT, \"rolled_back_at\" DATETIME, \"started_at\" DATETIME NOT NULL DEFAULT current_timestamp, \"applied_steps_count\" INTEGER UNSIGNED NOT NULL DEFAULT 0)"
            }
        };
        vec![table_sql::create(product, table, columns)]
    }

    fn recognise(&self, table: &TableShape) -> Result<(), HistoryError> {
        rows::require_columns(table, COLUMNS, "_prisma_migrations")
    }

    fn select(&self, at: At<'_>) -> String {
        let (before, after) = match at.product {
            Product::Sqlite => (
                "CASE typeof(finished_at) WHEN 'integer' THEN strftime('%Y-%m-%dT%H:%M:%fZ', finished_at / 1000.0, 'unixepoch') ELSE strftime('%Y-%m-%dT%H:%M:%fZ', ",
                ") END",
            ),
            product => server_clock::as_text(product),
        };
        SqlWriter::new(at.product.dialect())
            .sql("SELECT migration_name, id, checksum, ")
            .sql(before)
            .sql("finished_at")
            .sql(after)
            .sql(", finished_at IS NOT NULL, rolled_back_at IS NOT NULL FROM ")
            .table(&at.table.name)
            // The last try counts.
            .sql(" ORDER BY started_at")
            .finish()
    }

    fn decode(
        &self,
        at: At<'_>,
        rows: &[Row],
        _set: &MigrationSet,
    ) -> Result<Vec<Applied>, HistoryError> {
        let mut decoded: BTreeMap<(String, bool), Applied> = BTreeMap::new();
        for (index, row) in rows.iter().enumerate() {
            let bad = |reason: &str| rows::bad_row(at.table, index, reason);
            let name = row.text(0).ok_or_else(|| bad("migration_name is NULL"))?;
            let id = row.text(1).ok_or_else(|| bad("id is NULL"))?;
            let is_finished = row.bool(4) == Some(true);
            if row.bool(5) == Some(true) {
                continue;
            }
            let applied = Applied {
                kind: if is_finished {
                    AppliedKind::Applied
                } else {
                    AppliedKind::Failed
                },
                checksum: row.text(2).map(Checksum::from_text),
                applied_at: row.text(3),
                attributes: Attributes::from([(ID, id)]),
                ..Applied::new(Version::new(name.as_str()), OrderKey::Text(name.clone()))
            };
            decoded.insert((name, is_finished), applied);
        }
        Ok(decoded.into_values().collect())
    }

    fn write(
        &self,
        at: At<'_>,
        _existing: &[Arc<Applied>],
        change: Change<'_>,
    ) -> Result<Vec<String>, HistoryError> {
        let now = || Cell::Expression(now(at.product));
        let roll_back = |applied: &Applied| {
            vec![table_sql::update(
                at,
                &[("rolled_back_at", now())],
                &of_row(applied),
            )]
        };
        Ok(match change {
            Change::Begin(entry) => vec![table_sql::insert(
                at,
                &[
                    ("id", Cell::from(entry.attempt.as_str())),
                    ("checksum", Cell::from(checksum_of(at, entry)?)),
                    ("migration_name", Cell::from(name_of(at, entry)?)),
                    ("started_at", now()),
                    ("applied_steps_count", Cell::from(0)),
                ],
            )],
            Change::Apply {
                entry,
                has_begun: true,
            } => vec![table_sql::update(
                at,
                &[
                    // The row is this attempt's from now on, also when an earlier one began it.
                    ("id", Cell::from(entry.attempt.as_str())),
                    ("checksum", Cell::from(checksum_of(at, entry)?)),
                    ("logs", Cell::Value(Value::Null)),
                    ("applied_steps_count", Cell::from(1)),
                    ("finished_at", now()),
                ],
                &of_open(entry),
            )],
            Change::Apply { entry, .. } => {
                let id = Cell::from(entry.attempt.as_str());
                vec![finished(at, entry, id, Value::Null, 1)?]
            }
            Change::Mark(entry) => vec![resolved(at, entry)?],
            Change::Baseline(entries) => entries
                .iter()
                .map(|entry| resolved(at, entry))
                .collect::<Result<_, _>>()?,
            Change::Fail { entry, error } => vec![table_sql::update(
                at,
                &[("logs", Cell::from(error))],
                &of_open(entry),
            )],
            Change::TakeBackBegin(entry) => vec![table_sql::delete(at, &of_open(entry))],
            // As `prisma migrate resolve --rolled-back`: the row stays as history, and the migration may run again.
            Change::RollBack(applied) | Change::Forget(applied) => roll_back(applied),
            Change::Realign { applied, entry } => vec![table_sql::update(
                at,
                &[("checksum", Cell::from(checksum_of(at, entry)?))],
                &of_row(applied),
            )],
            // Prisma knows no way back, so no half of one. A row without a file is passed over.
            Change::BeginRollBack(_) | Change::TakeBackBeginRollBack(_) | Change::Retire(_) => {
                Vec::new()
            }
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
                .sql(" WHERE finished_at IS NOT NULL AND id = ")
                .value(&Value::from(attempt))
                .finish(),
        )
    }

    fn locks(&self, at: At<'_>, _database: &str) -> Vec<ToolLock> {
        lock::locks(at)
    }

    fn shape(&self, table: &TableName) -> TableShape {
        rows::shape(table, COLUMNS)
    }
}

/// As `prisma migrate resolve --applied`.
fn resolved(at: At<'_>, entry: &HistoryEntry) -> Result<String, HistoryError> {
    let id = Cell::Expression(new_id(at.product));
    finished(at, entry, id, Value::from(""), 0)
}

fn finished(
    at: At<'_>,
    entry: &HistoryEntry,
    id: Cell,
    logs: Value,
    steps: i64,
) -> Result<String, HistoryError> {
    let (started, finished) = match (&entry.recorded, at.product) {
        (Some(recorded), product) => {
            let moment = moment(product, recorded);
            (Cell::Written(moment.clone()), Cell::Written(moment))
        }
        // The transaction's beginning is the migration's.
        (None, Product::Postgresql) => (
            Cell::Expression("transaction_timestamp()"),
            Cell::Expression(now(at.product)),
        ),
        (None, product) => (
            Cell::Expression(now(product)),
            Cell::Expression(now(product)),
        ),
    };
    Ok(table_sql::insert(
        at,
        &[
            ("id", id),
            ("checksum", Cell::from(checksum_of(at, entry)?)),
            ("finished_at", finished),
            ("migration_name", Cell::from(name_of(at, entry)?)),
            ("logs", Cell::Value(logs)),
            ("started_at", started),
            ("applied_steps_count", Cell::from(steps)),
        ],
    ))
}

/// A time that is known: MySQL's column holds UTC, SQLite's milliseconds.
fn moment(product: Product, recorded: &Recorded) -> String {
    let moment = server_clock::moment(product, recorded.at());
    match product {
        Product::Postgresql | Product::Mysql | Product::Mariadb => moment,
        Product::Sqlite => {
            format!("CAST(round((julianday({moment}) - 2440587.5) * 86400000) AS INTEGER)")
        }
    }
}

const fn now(product: Product) -> &'static str {
    match product {
        Product::Postgresql => "clock_timestamp()",
        Product::Mysql | Product::Mariadb => "UTC_TIMESTAMP(3)",
        Product::Sqlite => "CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)",
    }
}

const fn new_id(product: Product) -> &'static str {
    match product {
        Product::Postgresql => "gen_random_uuid()::text",
        Product::Mysql | Product::Mariadb => "UUID()",
        Product::Sqlite => {
            "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))"
        }
    }
}

fn name_of<'e>(at: At<'_>, entry: &'e HistoryEntry) -> Result<&'e str, HistoryError> {
    let name = entry.version.as_str();
    if name.chars().count() <= 255 {
        return Ok(name);
    }
    Err(HistoryError::DoesNotFit {
        version: name.to_owned(),
        table: at.table.name.to_string(),
        type_name: "varchar(255)".to_owned(),
        reason: "it has more than 255 characters",
    })
}

fn checksum_of<'e>(at: At<'_>, entry: &'e HistoryEntry) -> Result<&'e str, HistoryError> {
    let first = entry.checksums.first().map(Checksum::as_str);
    first.ok_or_else(|| HistoryError::CannotSay {
        table: at.table.name.to_string(),
        reason: format!(
            "it keeps the checksum of each file, and {} has none",
            entry.version
        ),
    })
}

/// The row that was read.
fn of_row(applied: &Applied) -> [(&'static str, Value); 1] {
    let id = applied.attributes.get(ID).cloned().unwrap_or_default();
    [("id", Value::from(id))]
}

/// The row of a try that has not ended.
fn of_open(entry: &HistoryEntry) -> [(&'static str, Value); 3] {
    [
        ("migration_name", Value::from(entry.version.as_str())),
        ("finished_at", Value::Null),
        ("rolled_back_at", Value::Null),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, id: &str, finished: bool, rolled_back: bool) -> Row {
        Row::new(vec![
            Value::from(name),
            Value::from(id),
            Value::from("aa"),
            Value::from(finished.then_some("2026-01-01T00:00:00.000Z")),
            Value::Bool(finished),
            Value::Bool(rolled_back),
        ])
    }

    #[test]
    fn the_last_try_counts_and_rolled_back_ones_do_not() {
        let table = PrismaHistory.shape(&TableName::new(None, "_prisma_migrations"));
        let at = At {
            product: Product::Postgresql,
            table: &table,
        };
        let set = crate::Format::read(
            &super::super::Prisma,
            &crate::memory_tree::MemoryTree::new(&[]),
            "m",
            &crate::HostConfig::default(),
        )
        .unwrap();
        let rows = [
            row("1_a", "x", false, true),
            row("1_a", "y", true, false),
            row("2_b", "z", false, false),
            row("3_c", "q", true, true),
        ];
        let told: Vec<(String, AppliedKind, String)> = PrismaHistory
            .decode(at, &rows, &set)
            .unwrap()
            .into_iter()
            .map(|row| {
                (
                    row.version.to_string(),
                    row.kind,
                    row.attributes[ID].clone(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("1_a".to_owned(), AppliedKind::Applied, "y".to_owned()),
                ("2_b".to_owned(), AppliedKind::Failed, "z".to_owned())
            ]
        );
    }
}
