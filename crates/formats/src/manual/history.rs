//! The table `schema_migrations(version INTEGER PRIMARY KEY, name TEXT, applied_at TIMESTAMP)` as people make it by hand.
//!
//! It is never altered. Only `version`, `name` and `applied_at` are written; further columns are left to their defaults.
//! Two things about it vary and are kept: how `name` is spelled (`create_users`, `001_create_users`,
//! `001_create_users.up.sql`) and whether `applied_at` has a default.

use crate::history::{At, Change, History, HistoryEntry, HistoryError};
use crate::numbered::order_of;
use crate::one_row_each::{self, OneRowEach};
use crate::rows;
use crate::server_clock;
use crate::table_sql::{self, Cell};
use shoring_core::{
    Applied, ColumnShape, MigrationSet, OrderKey, Product, Row, TableName, TableShape, Value,
};
use shoring_sql::writer::SqlWriter;
use std::sync::Arc;

/// The hand-made history.
#[derive(Debug, Clone, Copy)]
pub(super) struct ManualHistory;

/// How existing rows spell `name`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NameStyle {
    Bare,
    /// `001_create_users`, or with the ending of the file.
    WithVersion {
        separator: char,
        ending: &'static str,
    },
}

impl History for ManualHistory {
    fn default_table(&self) -> &'static str {
        "schema_migrations"
    }

    fn create(&self, product: Product, table: &TableName) -> Vec<String> {
        let columns = match product {
            // bigint, so that timestamps as versions fit; an existing INTEGER column is left as it is.
            Product::Postgresql => {
                " (version bigint PRIMARY KEY, name text NOT NULL, applied_at timestamp with time zone NOT NULL DEFAULT now())"
            }
            Product::Mysql | Product::Mariadb => {
                " (version bigint PRIMARY KEY, name varchar(255) NOT NULL, applied_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP) ENGINE=InnoDB"
            }
            Product::Sqlite => {
                " (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP)"
            }
        };
        vec![table_sql::create(product, table, columns)]
    }

    fn recognise(&self, table: &TableShape) -> Result<(), HistoryError> {
        rows::require_columns(
            table,
            &["version", "name", "applied_at"],
            "schema_migrations(version, name, applied_at)",
        )
    }

    fn select(&self, at: At<'_>) -> String {
        let (before, after) = server_clock::foreign_as_text(at.product);
        SqlWriter::new(at.product.dialect())
            .sql("SELECT version, name, ")
            .sql(before)
            .sql("applied_at")
            .sql(after)
            .sql(" FROM ")
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
            Ok(Applied {
                name: row.text(1),
                applied_at: row.text(2),
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
        false
    }

    fn shape(&self, table: &TableName) -> TableShape {
        let column = |name: &str, type_name: &str, has_default| ColumnShape {
            name: name.to_owned(),
            type_name: type_name.to_owned(),
            is_not_null: true,
            has_default,
        };
        TableShape {
            name: table.clone(),
            columns: vec![
                column("version", "bigint", false),
                column("name", "text", false),
                column("applied_at", "timestamp", true),
            ],
        }
    }
}

impl OneRowEach for ManualHistory {
    fn insert(
        &self,
        at: At<'_>,
        existing: &[Arc<Applied>],
        entry: &HistoryEntry,
    ) -> Result<String, HistoryError> {
        let version = fitting_version(at.table, entry)?;
        let name = match style_of(existing) {
            NameStyle::Bare => entry.name.clone(),
            NameStyle::WithVersion { separator, ending } => {
                format!("{}{separator}{}{ending}", entry.version, entry.name)
            }
        };
        let mut cells = vec![
            ("version", Cell::Value(version)),
            ("name", Cell::from(name)),
        ];
        let has_default = at
            .table
            .column("applied_at")
            .is_some_and(|column| column.has_default);
        if let Some(cell) = table_sql::recorded(at, "applied_at", entry) {
            cells.push(cell);
        } else if !has_default {
            cells.push(("applied_at", Cell::Expression("CURRENT_TIMESTAMP")));
        }
        Ok(table_sql::insert(at, &cells))
    }

    fn key(&self, at: At<'_>, applied: &Applied) -> Result<(&'static str, Value), HistoryError> {
        Ok(("version", version_as_stored(at.table, applied)))
    }
}

fn version_as_stored(table: &TableShape, applied: &Applied) -> Value {
    match &applied.order {
        OrderKey::Numbers(numbers) if !is_text(table) => numbers
            .first()
            .and_then(|number| i64::try_from(*number).ok())
            .map_or_else(|| Value::from(applied.version.as_str()), Value::Int),
        OrderKey::Numbers(_) | OrderKey::Text(_) | OrderKey::Last(_) => {
            Value::from(applied.version.as_str())
        }
    }
}

fn is_text(table: &TableShape) -> bool {
    table.column("version").is_some_and(|column| {
        ["char", "text", "clob"]
            .iter()
            .any(|word| column.type_name.contains(word))
    })
}

/// The value for the column `version`. A 14-digit timestamp does not fit PostgreSQL's and MySQL's 32-bit INTEGER: refused
/// before anything runs, not after the migration did.
fn fitting_version(table: &TableShape, entry: &HistoryEntry) -> Result<Value, HistoryError> {
    let column = table.column("version");
    if is_text(table) {
        return Ok(Value::from(entry.version.as_str()));
    }
    let type_name = column.map_or("bigint", |column| column.type_name.as_str());
    let refuse = |reason| HistoryError::DoesNotFit {
        version: entry.version.to_string(),
        table: table.name.to_string(),
        type_name: type_name.to_owned(),
        reason,
    };
    let number = entry.order.number();
    let number = number
        .and_then(|number| i64::try_from(number).ok())
        .ok_or_else(|| refuse("it is larger than 64 bits hold"))?;
    // SQLite's INTEGER has 64 bits; its catalogue spells the declared type, in capitals or not.
    // MariaDB, and MySQL before 8.0.19, add a display width: int(11).
    let is_unsigned = type_name.contains("unsigned");
    let limit = match (type_name.split(['(', ' ']).next(), is_unsigned) {
        (Some("tinyint"), false) => i64::from(i8::MAX),
        (Some("tinyint"), true) => i64::from(u8::MAX),
        (Some("smallint" | "int2" | "smallserial"), false) => i64::from(i16::MAX),
        (Some("smallint"), true) => i64::from(u16::MAX),
        (Some("mediumint"), false) => 8_388_607,
        (Some("mediumint"), true) => 16_777_215,
        (Some("integer" | "int" | "int4" | "serial"), false) => i64::from(i32::MAX),
        (Some("integer" | "int"), true) => i64::from(u32::MAX),
        _ => i64::MAX,
    };
    let is_sqlite = table.name.schema.is_none();
    if number > limit && !is_sqlite {
        return Err(refuse(
            "it needs a bigint column, or files with shorter numbers",
        ));
    }
    Ok(Value::Int(number))
}

/// The style of the last row that has a name; a new table gets the bare middle part.
fn style_of(existing: &[Arc<Applied>]) -> NameStyle {
    let Some(applied) = existing
        .iter()
        .rev()
        .find(|applied| applied.name.as_deref().is_some_and(|name| !name.is_empty()))
    else {
        return NameStyle::Bare;
    };
    let name = applied.name.as_deref().unwrap_or_default();
    let ending = [".up.sql", ".sql"]
        .into_iter()
        .find(|ending| name.ends_with(ending))
        .unwrap_or("");
    let separator = name
        .find(['_', '-'])
        .filter(|at| order_of(&name[..*at]) == Some(applied.order.clone()))
        .and_then(|at| name[at..].chars().next());
    match separator {
        Some(separator) => NameStyle::WithVersion { separator, ending },
        None => NameStyle::Bare,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoring_core::{AppliedKind, Attributes, Version};

    fn applied(version: &str, name: &str) -> Applied {
        Applied {
            name: Some(name.to_owned()),
            ..Applied::new(Version::new(version), order_of(version).unwrap())
        }
    }

    fn entry(version: &str) -> HistoryEntry {
        HistoryEntry {
            version: Version::new(version),
            order: order_of(version).unwrap(),
            name: "orders".to_owned(),
            checksums: Vec::new(),
            attributes: Attributes::new(),
            kind: AppliedKind::Applied,
            os_user: "maria".to_owned(),
            attempt: "a".to_owned(),
            run: String::new(),
            milliseconds: None,
            recorded: None,
        }
    }

    #[test]
    fn the_style_of_existing_names_is_kept() {
        assert_eq!(style_of(&[]), NameStyle::Bare);
        assert_eq!(
            style_of(&[applied("1", "create_users").into()]),
            NameStyle::Bare
        );
        for (name, separator, ending) in [
            ("001_create_users", '_', ""),
            ("001_create_users.up.sql", '_', ".up.sql"),
            ("1-create-users.sql", '-', ".sql"),
        ] {
            assert_eq!(
                style_of(&[applied("1", name).into()]),
                NameStyle::WithVersion { separator, ending }
            );
        }
        assert_eq!(
            style_of(&[applied("1", "2fa_tokens").into()]),
            NameStyle::Bare
        );
    }

    #[test]
    fn a_timestamp_does_not_fit_32_bits() {
        let mut table = ManualHistory.shape(&TableName::new(
            Some("public".to_owned()),
            "schema_migrations",
        ));
        let fits = |table: &TableShape, version| {
            let at = At {
                product: Product::Postgresql,
                table,
            };
            let change = Change::Mark(&entry(version));
            ManualHistory.write(at, &[], change).is_ok()
        };
        assert!(fits(&table, "20260101000000"));
        table.columns[0].type_name = "integer".to_owned();
        assert!(!fits(&table, "20260101000000"));
        assert!(fits(&table, "42"));
    }
}
