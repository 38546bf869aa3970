//! The statements that all history tables need, built with quoting: insert, update, delete of one row.

use crate::history::{At, HistoryEntry};
use crate::server_clock;
use shoring_core::{Product, TableName, Value};
use shoring_sql::writer::SqlWriter;

/// What goes into a column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    /// A value, written as a literal.
    Value(Value),
    /// An expression of ours.
    Expression(&'static str),
    /// An expression of ours with a value in it, built with quoting.
    Written(String),
}

impl<T: Into<Value>> From<T> for Cell {
    fn from(value: T) -> Self {
        Self::Value(value.into())
    }
}

/// `CREATE TABLE table` with what follows its name: SQL of ours.
pub(crate) fn create(product: Product, table: &TableName, definition: &'static str) -> String {
    SqlWriter::new(product.dialect())
        .sql("CREATE TABLE ")
        .table(table)
        .sql(definition)
        .finish()
}

/// `INSERT INTO table (columns) VALUES (cells)`.
pub(crate) fn insert(at: At<'_>, cells: &[(&str, Cell)]) -> String {
    let mut writer = SqlWriter::new(at.product.dialect())
        .sql("INSERT INTO ")
        .table(&at.table.name)
        .sql(" (");
    for (index, (column, _)) in cells.iter().enumerate() {
        writer = separated(writer, index, ", ").ident(column);
    }
    writer = writer.sql(") VALUES (");
    for (index, (_, cell)) in cells.iter().enumerate() {
        writer = write_cell(separated(writer, index, ", "), cell);
    }
    writer.sql(")").finish()
}

/// `UPDATE table SET … WHERE …`, all conditions together.
pub(crate) fn update(at: At<'_>, cells: &[(&str, Cell)], of: &[(&str, Value)]) -> String {
    let mut writer = SqlWriter::new(at.product.dialect())
        .sql("UPDATE ")
        .table(&at.table.name)
        .sql(" SET ");
    for (index, (column, cell)) in cells.iter().enumerate() {
        writer = separated(writer, index, ", ").ident(column).sql(" = ");
        writer = write_cell(writer, cell);
    }
    write_conditions(writer, of).finish()
}

/// `DELETE FROM table WHERE …`; without conditions, all rows.
pub(crate) fn delete(at: At<'_>, of: &[(&str, Value)]) -> String {
    let writer = SqlWriter::new(at.product.dialect())
        .sql("DELETE FROM ")
        .table(&at.table.name);
    write_conditions(writer, of).finish()
}

/// A column for the time of a migration, where that is kept from elsewhere; else its default says it.
pub(crate) fn recorded<'c>(
    at: At<'_>,
    column: &'c str,
    entry: &HistoryEntry,
) -> Option<(&'c str, Cell)> {
    let recorded = entry.recorded.as_ref()?;
    let moment = server_clock::foreign_moment(at.product, recorded.at());
    Some((column, Cell::Written(moment)))
}

fn write_conditions(mut writer: SqlWriter, of: &[(&str, Value)]) -> SqlWriter {
    for (index, (column, value)) in of.iter().enumerate() {
        writer = writer
            .sql(if index == 0 { " WHERE " } else { " AND " })
            .ident(column);
        writer = match value {
            Value::Null => writer.sql(" IS NULL"),
            value => writer.sql(" = ").value(value),
        };
    }
    writer
}

fn write_cell(writer: SqlWriter, cell: &Cell) -> SqlWriter {
    match cell {
        Cell::Value(value) => writer.value(value),
        Cell::Expression(sql) => writer.sql(sql),
        Cell::Written(sql) => writer.sql(sql),
    }
}

fn separated(writer: SqlWriter, index: usize, separator: &'static str) -> SqlWriter {
    if index == 0 {
        writer
    } else {
        writer.sql(separator)
    }
}

/// As [`insert`], with a number in `rank` that is one more than the largest one there, and 1 in an empty table. Numbers below
/// 0 do not count.
pub(crate) fn insert_next(at: At<'_>, rank: &str, cells: &[(&str, Cell)]) -> String {
    let mut writer = SqlWriter::new(at.product.dialect())
        .sql("INSERT INTO ")
        .table(&at.table.name)
        .sql(" (")
        .ident(rank);
    for (column, _) in cells {
        writer = writer.sql(", ").ident(column);
    }
    // MySQL takes no subquery on the table among VALUES.
    writer = writer
        .sql(") SELECT coalesce(max(")
        .ident(rank)
        .sql("), 0) + 1");
    for (_, cell) in cells {
        writer = write_cell(writer.sql(", "), cell);
    }
    writer
        .sql(" FROM ")
        .table(&at.table.name)
        .sql(" WHERE ")
        .ident(rank)
        .sql(" >= 0")
        .finish()
}
