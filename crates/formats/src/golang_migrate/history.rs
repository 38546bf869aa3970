//! The table `schema_migrations(version, dirty)`. It has at most one row: the newest version, and whether a run of it is not
//! known to have ended well.
//!
//! Everything up to that version counts as applied, as the tool itself takes it. A file that came later with a lower number
//! is therefore shown as applied: the table cannot tell.

use super::lock;
use crate::history::{At, Change, History, HistoryError};
use crate::rows;
use crate::table_sql::{self, Cell};
use crate::tool_lock::ToolLock;
use shoring_core::{
    Applied, AppliedKind, MigrationSet, OrderKey, Product, Row, TableName, TableShape, Version,
};
use shoring_sql::writer::SqlWriter;
use std::sync::Arc;

const COLUMNS: &[&str] = &["version", "dirty"];

/// The history of golang-migrate.
#[derive(Debug, Clone, Copy)]
pub(super) struct GolangHistory;

impl History for GolangHistory {
    fn default_table(&self) -> &'static str {
        "schema_migrations"
    }

    fn create(&self, product: Product, table: &TableName) -> Vec<String> {
        let create = |columns| table_sql::create(product, table, columns);
        match product {
            Product::Postgresql | Product::Mysql | Product::Mariadb => vec![create(
                " (version bigint not null primary key, dirty boolean not null)",
            )],
            Product::Sqlite => vec![
                create(" (version uint64,dirty bool)"),
                SqlWriter::new(product.dialect())
                    .sql("CREATE UNIQUE INDEX IF NOT EXISTS version_unique ON ")
                    .table(table)
                    .sql(" (version)")
                    .finish(),
            ],
        }
    }

    fn recognise(&self, table: &TableShape) -> Result<(), HistoryError> {
        rows::require_exactly(table, COLUMNS, "schema_migrations(version, dirty)")
    }

    fn select(&self, at: At<'_>) -> String {
        SqlWriter::new(at.product.dialect())
            .sql("SELECT version, dirty FROM ")
            .table(&at.table.name)
            .finish()
    }

    fn decode(
        &self,
        at: At<'_>,
        rows: &[Row],
        set: &MigrationSet,
    ) -> Result<Vec<Applied>, HistoryError> {
        let row = match rows {
            [] => return Ok(Vec::new()),
            [row] => row,
            [_, ..] => {
                return Err(rows::bad_row(
                    at.table,
                    1,
                    "golang-migrate keeps one row, the newest version",
                ));
            }
        };
        let version = row
            .int(0)
            .ok_or_else(|| rows::bad_row(at.table, 0, "version is not a number"))?;
        let is_dirty = row
            .bool(1)
            .ok_or_else(|| rows::bad_row(at.table, 0, "dirty is neither true nor false"))?;
        // -1, dirty: rolling back the first migration did not end well.
        let newest = u128::try_from(version).ok();
        let mut applied: Vec<Applied> = set
            .migrations
            .iter()
            .filter(|migration| newest.is_some_and(|newest| migration.order <= number(newest)))
            .map(|migration| row_of(&migration.version, &migration.order))
            .collect();
        if let Some(newest) = newest {
            let order = number(newest);
            if applied.last().is_none_or(|last| last.order != order) {
                applied.push(row_of(&Version::new(newest.to_string()), &order));
            }
        }
        if is_dirty {
            let failed = match applied.pop() {
                Some(last) => Some(last),
                None => set
                    .migrations
                    .first()
                    .map(|first| row_of(&first.version, &first.order)),
            };
            applied.extend(failed.map(|row| Applied {
                kind: AppliedKind::Failed,
                ..row
            }));
        }
        Ok(applied)
    }

    fn write(
        &self,
        at: At<'_>,
        existing: &[Arc<Applied>],
        change: Change<'_>,
    ) -> Result<Vec<String>, HistoryError> {
        let newest = existing.iter().rfind(|row| row.kind != AppliedKind::Failed);
        Ok(match change {
            Change::Begin(entry) => set_version(at, Some(rows::bigint(at, entry)?), true),
            Change::Apply { entry, .. } => {
                let version = rows::bigint(at, entry)?;
                match newest {
                    // Out of order: the table only knows the newest, which stays it.
                    Some(newest) if newest.order > entry.order => {
                        set_version(at, of_row(newest), false)
                    }
                    Some(_) | None => set_version(at, Some(version), false),
                }
            }
            Change::TakeBackBegin(_) => set_version(at, newest.and_then(|row| of_row(row)), false),
            Change::TakeBackBeginRollBack(applied) => set_version(at, of_row(applied), false),
            Change::BeginRollBack(applied) => set_version(at, of_row(applied), true),
            Change::RollBack(applied) | Change::Forget(applied) => {
                if let Some(newest) = newest.filter(|newest| newest.order > applied.order) {
                    return Err(HistoryError::CannotSay {
                        table: at.table.name.to_string(),
                        reason: format!(
                            "it knows only the newest version, {}, and takes everything below it as applied",
                            newest.version
                        ),
                    });
                }
                let below = existing
                    .iter()
                    .rfind(|row| row.order < applied.order && row.kind != AppliedKind::Failed);
                set_version(at, below.and_then(|row| of_row(row)), false)
            }
            Change::Baseline(entries) => match entries.last() {
                Some(last) => set_version(at, Some(rows::bigint(at, last)?), false),
                None => Vec::new(),
            },
            Change::Mark(entry) => set_version(at, Some(rows::bigint(at, entry)?), false),
            // The row of `Begin` says it already; there is no place for the others.
            Change::Fail { .. } | Change::Realign { .. } | Change::Retire(_) => Vec::new(),
        })
    }

    fn keeps_only_newest(&self) -> bool {
        true
    }

    fn keeps_checksums(&self) -> bool {
        false
    }

    fn locks(&self, at: At<'_>, database: &str) -> Vec<ToolLock> {
        lock::locks(at, database)
    }

    fn shape(&self, table: &TableName) -> TableShape {
        rows::shape(table, COLUMNS)
    }
}

/// What the tool does to set a version, in one transaction: all rows go, one comes. It truncates on PostgreSQL; deleting
/// gives the same table and does not lock out its readers.
fn set_version(at: At<'_>, version: Option<i64>, is_dirty: bool) -> Vec<String> {
    let mut statements = vec![table_sql::delete(at, &[])];
    if version.is_some() || is_dirty {
        statements.push(table_sql::insert(
            at,
            &[
                ("version", Cell::from(version.unwrap_or(-1))),
                ("dirty", Cell::from(is_dirty)),
            ],
        ));
    }
    statements
}

fn number(version: u128) -> OrderKey {
    OrderKey::Numbers(vec![version])
}

fn row_of(version: &Version, order: &OrderKey) -> Applied {
    Applied::new(version.clone(), order.clone())
}

fn of_row(applied: &Applied) -> Option<i64> {
    value_of(&applied.order)
}

fn value_of(order: &OrderKey) -> Option<i64> {
    order.number().and_then(|number| i64::try_from(number).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory_tree::MemoryTree;
    use crate::{Format, HostConfig, golang_migrate::GolangMigrate};
    use shoring_core::{Value, shared};

    fn set() -> MigrationSet {
        let tree = MemoryTree::new(&[
            ("m/1_a.up.sql", "SELECT 1"),
            ("m/2_b.up.sql", "SELECT 2"),
            ("m/2_b.down.sql", "SELECT 2"),
            ("m/5_c.down.sql", "SELECT 5"),
        ]);
        GolangMigrate
            .read(&tree, "m", &HostConfig::default())
            .unwrap()
    }

    fn table() -> TableShape {
        GolangHistory.shape(&TableName::new(
            Some("public".to_owned()),
            "schema_migrations",
        ))
    }

    fn decoded(version: i64, dirty: bool) -> Vec<(String, AppliedKind)> {
        let table = table();
        let at = At {
            product: Product::Postgresql,
            table: &table,
        };
        let rows = [Row::new(vec![Value::Int(version), Value::Bool(dirty)])];
        GolangHistory
            .decode(at, &rows, &set())
            .unwrap()
            .into_iter()
            .map(|row| (row.version.to_string(), row.kind))
            .collect()
    }

    fn named(rows: &[(&str, AppliedKind)]) -> Vec<(String, AppliedKind)> {
        rows.iter()
            .map(|(version, kind)| ((*version).to_owned(), *kind))
            .collect()
    }

    #[test]
    fn a_version_may_have_only_a_way_down() {
        let set = set();
        assert!(set.diagnostics.is_empty());
        assert_eq!(set.migrations.len(), 3);
        assert_eq!(set.migrations[2].up.size, 0);
        assert_eq!(set.migrations[2].name, "c");
    }

    #[test]
    fn one_row_says_what_is_applied() {
        use AppliedKind::{Applied, Failed};
        assert_eq!(decoded(2, false), named(&[("1", Applied), ("2", Applied)]));
        assert_eq!(decoded(2, true), named(&[("1", Applied), ("2", Failed)]));
        assert_eq!(
            decoded(9, false),
            named(&[
                ("1", Applied),
                ("2", Applied),
                ("5", Applied),
                ("9", Applied)
            ])
        );
        assert_eq!(decoded(-1, true), named(&[("1", Failed)]));
        let table = table();
        let at = At {
            product: Product::Postgresql,
            table: &table,
        };
        assert_eq!(GolangHistory.decode(at, &[], &set()).unwrap(), []);
        let two = [
            Row::new(vec![Value::Int(1), Value::Bool(false)]),
            Row::new(vec![Value::Int(2), Value::Bool(false)]),
        ];
        assert!(GolangHistory.decode(at, &two, &set()).is_err());
    }

    #[test]
    fn going_back_one_sets_the_one_below_and_leaves_no_row_at_the_bottom() {
        let table = table();
        let at = At {
            product: Product::Postgresql,
            table: &table,
        };
        let rows = [Row::new(vec![Value::Int(2), Value::Bool(false)])];
        let existing = shared(GolangHistory.decode(at, &rows, &set()).unwrap());
        let write = |change| GolangHistory.write(at, &existing, change);
        assert_eq!(
            write(Change::RollBack(&existing[1])).unwrap(),
            [
                "DELETE FROM \"public\".\"schema_migrations\"",
                "INSERT INTO \"public\".\"schema_migrations\" (\"version\", \"dirty\") VALUES (1, FALSE)"
            ]
        );
        assert!(matches!(
            write(Change::Forget(&existing[0])),
            Err(HistoryError::CannotSay { .. })
        ));
        let first = &existing[..1];
        assert_eq!(
            GolangHistory
                .write(at, first, Change::RollBack(&first[0]))
                .unwrap(),
            ["DELETE FROM \"public\".\"schema_migrations\""]
        );
    }
}
