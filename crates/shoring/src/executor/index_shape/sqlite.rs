//! SQLite keeps the text of an index. The same tokens are the same index; other tokens prove a difference only where they
//! name other columns.

use super::refuse::{Comparison, words_unless_lost};
use shoring_core::{Dialect, Product, Value};
use shoring_db::{DbError, Session};
use shoring_sql::SqlWriter;
use shoring_sql::classify::{IndexColumn, IndexDefinition};

pub(super) async fn compare(
    session: &mut dyn Session,
    wanted: &IndexDefinition<'_>,
    name: &str,
) -> Result<Comparison, DbError> {
    // The index of a temporary table is a temporary one.
    let sql = SqlWriter::new(Dialect::Sqlite)
        .sql("SELECT sql FROM ")
        .ident(wanted.schema.as_deref().unwrap_or("main"))
        .sql(".sqlite_schema WHERE type = 'index' AND name = ")
        .value(&Value::from(name.to_owned()))
        .sql(" COLLATE NOCASE AND NOT EXISTS (SELECT 1 FROM temp.sqlite_schema WHERE type = 'table' AND name = ")
        .value(&Value::from(wanted.table.clone()))
        .sql(" COLLATE NOCASE)")
        .finish();
    let rows = match session.query(&sql).await {
        Ok(rows) => rows,
        // No such database: the statement itself gets the better answer.
        Err(error) => return words_unless_lost(error).map(|_| Comparison::Agrees),
    };
    let Some(existing) = rows.first().and_then(|row| row.text(0)) else {
        return Ok(Comparison::Agrees);
    };
    let product = Product::Sqlite;
    let Some(there) = IndexDefinition::read(&existing, product) else {
        let why = "its text was not understood".to_owned();
        return Ok(Comparison::Unknown { existing, why });
    };
    let is_other =
        there.is_unique != wanted.is_unique || !is_same(&there.table, &wanted.table) || {
            match (&there.columns, &wanted.columns) {
                (Some(there), Some(wanted)) => are_other_columns(there, wanted),
                (_, _) => false,
            }
        };
    if is_other {
        return Ok(Comparison::Differs { existing });
    }
    if there.comparable_tail(product) == wanted.comparable_tail(product) {
        return Ok(Comparison::Agrees);
    }
    let why = "the two are spelled differently".to_owned();
    Ok(Comparison::Unknown { existing, why })
}

fn are_other_columns(left: &[IndexColumn], right: &[IndexColumn]) -> bool {
    left.len() != right.len()
        || left
            .iter()
            .zip(right)
            .any(|(left, right)| !is_same(&left.name, &right.name))
}

fn is_same(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right)
}
