//! The table `refinery_schema_history`: version, name, time as text, and the hash in decimal. refinery panics on a time or a hash
//! that it cannot read, so both are written exactly as it does.
//!
//! Programs built with `int8-versions` have a column of 64 bits and other hashes. Which it is, the column says.

use crate::history::{At, Change, History, HistoryEntry, HistoryError};
use crate::one_row_each::{self, OneRowEach};
use crate::rows;
use crate::table_sql::{self, Cell};
use shoring_core::{
    Applied, Attributes, Checksum, MigrationSet, Product, Row, TableName, TableShape, Value,
};
use shoring_sql::writer::SqlWriter;
use std::sync::Arc;

const COLUMNS: &[&str] = &["version", "name", "applied_on", "checksum"];

/// The attribute of a migration with its hashes for versions of 64 bits, in the order of its checksums.
pub(super) const WIDE: &str = "checksums-of-int8";

/// The history of refinery.
#[derive(Debug, Clone, Copy)]
pub(super) struct RefineryHistory;

impl History for RefineryHistory {
    fn default_table(&self) -> &'static str {
        "refinery_schema_history"
    }

    fn create(&self, product: Product, table: &TableName) -> Vec<String> {
        vec![table_sql::create(
            product,
            table,
            "(version int4 PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255), checksum VARCHAR(255))",
        )]
    }

    fn recognise(&self, table: &TableShape) -> Result<(), HistoryError> {
        rows::require_columns(table, COLUMNS, "refinery_schema_history")
    }

    fn select(&self, at: At<'_>) -> String {
        SqlWriter::new(at.product.dialect())
            .sql("SELECT version, name, applied_on, checksum FROM ")
            .table(&at.table.name)
            .finish()
    }

    fn decode(
        &self,
        at: At<'_>,
        rows: &[Row],
        set: &MigrationSet,
    ) -> Result<Vec<Applied>, HistoryError> {
        rows::decode_each(at.table, rows, |row| {
            let applied = rows::numbered(row)?;
            let mut checksum = row.text(3).map(Checksum::from_text);
            if is_wide(at.table)
                && let Some(wide) = &checksum
                && let Some(migration) = set.by_order(&applied.order)
            {
                // Told by the hash with a version of 32 bits that stands at the same place.
                let place = wide_of(&migration.attributes).position(|known| known == wide.as_str());
                let narrow = place.and_then(|place| migration.checksums.get(place));
                checksum = narrow.or(checksum.as_ref()).cloned();
            }
            Ok(Applied {
                name: row.text(1),
                checksum,
                applied_at: row.text(2),
                ..applied
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

    fn shape(&self, table: &TableName) -> TableShape {
        rows::shape(table, COLUMNS)
    }
}

impl OneRowEach for RefineryHistory {
    fn insert(
        &self,
        at: At<'_>,
        _existing: &[Arc<Applied>],
        entry: &HistoryEntry,
    ) -> Result<String, HistoryError> {
        let version = rows::bigint(at, entry)?;
        if !is_wide(at.table) && i32::try_from(version).is_err() {
            return Err(HistoryError::DoesNotFit {
                version: entry.version.to_string(),
                table: at.table.name.to_string(),
                type_name: "int4".to_owned(),
                reason: "it is larger than 32 bits hold, and refinery without `int8-versions` reads no more",
            });
        }
        let applied_on = match &entry.recorded {
            // The column is text.
            Some(recorded) => Cell::from(recorded.at()),
            None => Cell::Expression(now(at.product)),
        };
        let mut cells = vec![("version", Cell::from(version)), ("applied_on", applied_on)];
        cells.extend(self.of_file(at, entry)?);
        Ok(table_sql::insert(at, &cells))
    }

    fn key(&self, at: At<'_>, applied: &Applied) -> Result<(&'static str, Value), HistoryError> {
        let version = rows::bigint_of(at, &applied.version, &applied.order)?;
        Ok(("version", Value::Int(version)))
    }

    fn of_file(
        &self,
        at: At<'_>,
        entry: &HistoryEntry,
    ) -> Result<Vec<(&'static str, Cell)>, HistoryError> {
        Ok(vec![
            ("name", Cell::from(entry.name.as_str())),
            ("checksum", Cell::from(checksum_of(at, entry)?)),
        ])
    }
}

/// RFC 3339 in UTC.
const fn now(product: Product) -> &'static str {
    match product {
        Product::Postgresql => {
            "to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
        }
        Product::Mysql | Product::Mariadb => {
            "DATE_FORMAT(UTC_TIMESTAMP(6), '%Y-%m-%dT%H:%i:%s.%fZ')"
        }
        Product::Sqlite => "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
    }
}

/// Whether the table is that of a program built with `int8-versions`.
fn is_wide(table: &TableShape) -> bool {
    table.column("version").is_some_and(|column| {
        let type_name = column.type_name.to_ascii_lowercase();
        type_name.contains("int8") || type_name.contains("bigint")
    })
}

fn wide_of(attributes: &Attributes) -> impl Iterator<Item = &str> {
    let all = attributes.get(WIDE).map(String::as_str).unwrap_or_default();
    all.split(' ').filter(|checksum| !checksum.is_empty())
}

fn checksum_of<'e>(at: At<'_>, entry: &'e HistoryEntry) -> Result<&'e str, HistoryError> {
    let first = if is_wide(at.table) {
        wide_of(&entry.attributes).next()
    } else {
        entry.checksums.first().map(Checksum::as_str)
    };
    first.ok_or_else(|| HistoryError::CannotSay {
        table: at.table.name.to_string(),
        reason: format!(
            "it keeps a hash of each file, and that of {} is not known here",
            entry.version
        ),
    })
}
