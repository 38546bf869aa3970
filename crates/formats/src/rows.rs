//! What the readers of all history tables share: column lists, order, errors.

use crate::history::{At, HistoryEntry, HistoryError};
use crate::numbered::order_of;
use shoring_core::{Applied, ColumnShape, OrderKey, Row, TableName, TableShape, Version};

/// Checks that the table has these columns, among others; `wanted` names it for people.
pub(crate) fn require_columns(
    table: &TableShape,
    columns: &[&str],
    wanted: &'static str,
) -> Result<(), HistoryError> {
    if columns.iter().all(|column| table.column(column).is_some()) {
        return Ok(());
    }
    Err(other_tool(table, wanted))
}

/// As [`require_columns`], and there may be no others: a table whose name several tools use.
pub(crate) fn require_exactly(
    table: &TableShape,
    columns: &[&str],
    wanted: &'static str,
) -> Result<(), HistoryError> {
    if table.columns.len() == columns.len() {
        return require_columns(table, columns, wanted);
    }
    Err(other_tool(table, wanted))
}

fn other_tool(table: &TableShape, wanted: &'static str) -> HistoryError {
    HistoryError::OtherTool {
        table: table.name.to_string(),
        found: table
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect::<Vec<_>>()
            .join(", "),
        wanted,
    }
}

/// The error for a row, counted from 0.
pub(crate) fn bad_row(table: &TableShape, index: usize, reason: impl Into<String>) -> HistoryError {
    HistoryError::BadRow {
        table: table.name.to_string(),
        row: index + 1,
        reason: reason.into(),
    }
}

/// A shape of columns whose types do not matter before the table is there.
pub(crate) fn shape(table: &TableName, columns: &[&str]) -> TableShape {
    TableShape {
        name: table.clone(),
        columns: columns
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

/// The version of an entry as a number of 64 bits.
pub(crate) fn bigint(at: At<'_>, entry: &HistoryEntry) -> Result<i64, HistoryError> {
    bigint_of(at, &entry.version, &entry.order)
}

/// A version as a number of 64 bits.
pub(crate) fn bigint_of(
    at: At<'_>,
    version: &Version,
    order: &OrderKey,
) -> Result<i64, HistoryError> {
    let number = order.number().and_then(|number| i64::try_from(number).ok());
    number.ok_or_else(|| HistoryError::DoesNotFit {
        version: version.to_string(),
        table: at.table.name.to_string(),
        type_name: "bigint".to_owned(),
        reason: "it is larger than 64 bits hold",
    })
}

/// The bytes of hexadecimal text.
pub(crate) fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

/// Decodes each row for itself, in order; two rows of one migration are an error. `decode` says what is wrong with a row.
pub(crate) fn decode_each(
    table: &TableShape,
    rows: &[Row],
    decode: impl Fn(&Row) -> Result<Applied, String>,
) -> Result<Vec<Applied>, HistoryError> {
    let decoded = rows
        .iter()
        .enumerate()
        .map(|(index, row)| decode(row).map_err(|reason| bad_row(table, index, reason)))
        .collect::<Result<_, _>>()?;
    in_order(table, decoded)
}

/// The text of the column that is selected first, the version.
pub(crate) fn version_of(row: &Row) -> Result<String, String> {
    row.text(0).ok_or_else(|| "version is NULL".to_owned())
}

/// A row of a version that is a number, and is selected first.
pub(crate) fn numbered(row: &Row) -> Result<Applied, String> {
    let version = version_of(row)?;
    let order =
        order_of(&version).ok_or_else(|| format!("version `{version}` is not a number from 0"))?;
    Ok(Applied::new(Version::new(version), order))
}

/// Sorts decoded rows; two rows of one migration are an error.
fn in_order(table: &TableShape, mut rows: Vec<Applied>) -> Result<Vec<Applied>, HistoryError> {
    rows.sort_by(|left, right| left.order.cmp(&right.order));
    for (index, pair) in rows.windows(2).enumerate() {
        if let [left, right] = pair
            && left.order == right.order
        {
            return Err(bad_row(
                table,
                index + 1,
                format!(
                    "version `{}` stands there twice (also as `{}`)",
                    right.version, left.version
                ),
            ));
        }
    }
    Ok(rows)
}
