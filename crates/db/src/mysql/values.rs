//! Rows of the text protocol as values.

use mysql_async::consts::ColumnType;
use mysql_async::{Column, Value as Received};
use shoring_core::{Row, Value};

/// The collation id of binary strings.
const BINARY: u16 = 63;

/// One row.
pub(super) fn row(received: mysql_async::Row) -> Row {
    let columns = received.columns();
    let values = received
        .unwrap()
        .into_iter()
        .enumerate()
        .map(|(index, received)| value(received, columns.get(index)))
        .collect();
    Row::new(values)
}

fn value(received: Received, column: Option<&Column>) -> Value {
    match received {
        Received::NULL => Value::Null,
        Received::Bytes(bytes) if column.is_some_and(is_binary) => Value::Bytes(bytes),
        Received::Bytes(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Value::Text(text),
            Err(error) => Value::Bytes(error.into_bytes()),
        },
        Received::Int(number) => Value::Int(number),
        Received::UInt(number) => {
            i64::try_from(number).map_or_else(|_| Value::Text(number.to_string()), Value::Int)
        }
        Received::Float(number) => Value::Float(f64::from(number)),
        Received::Double(number) => Value::Float(number),
        // Only the binary protocol gives these, which is not used.
        date @ (Received::Date(..) | Received::Time(..)) => {
            Value::Text(date.as_sql(true).trim_matches('\'').to_owned())
        }
    }
}

/// `BLOB`, `BINARY` and their kin. Numbers and dates carry the binary collation too.
fn is_binary(column: &Column) -> bool {
    column.character_set() == BINARY
        && matches!(
            column.column_type(),
            ColumnType::MYSQL_TYPE_TINY_BLOB
                | ColumnType::MYSQL_TYPE_MEDIUM_BLOB
                | ColumnType::MYSQL_TYPE_LONG_BLOB
                | ColumnType::MYSQL_TYPE_BLOB
                | ColumnType::MYSQL_TYPE_VAR_STRING
                | ColumnType::MYSQL_TYPE_STRING
                | ColumnType::MYSQL_TYPE_VARCHAR
                | ColumnType::MYSQL_TYPE_GEOMETRY
                | ColumnType::MYSQL_TYPE_BIT
        )
}
