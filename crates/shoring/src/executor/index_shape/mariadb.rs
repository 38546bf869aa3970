//! MariaDB (MySQL has no `IF NOT EXISTS` here): an index is columns and a kind, and `SHOW INDEX` tells both.

use super::refuse::{Comparison, words_unless_lost};
use shoring_core::{Dialect, Row};
use shoring_db::{DbError, Session};
use shoring_sql::SqlWriter;
use shoring_sql::classify::IndexDefinition;

/// The columns of `SHOW INDEX` that are read.
const NON_UNIQUE: usize = 1;
const KEY_NAME: usize = 2;
const COLUMN_NAME: usize = 4;
const SUB_PART: usize = 7;
const INDEX_TYPE: usize = 10;

pub(super) async fn compare(
    session: &mut dyn Session,
    wanted: &IndexDefinition<'_>,
    name: &str,
) -> Result<Comparison, DbError> {
    let mut writer = SqlWriter::new(Dialect::Mysql).sql("SHOW INDEX FROM ");
    if let Some(schema) = &wanted.schema {
        writer = writer.ident(schema).sql(".");
    }
    let mut rows = match session.query(&writer.ident(&wanted.table).finish()).await {
        Ok(rows) => rows,
        // No such table: the statement itself gets the better answer.
        Err(error) => return words_unless_lost(error).map(|_| Comparison::Agrees),
    };
    rows.retain(|row| is_same(&row.text(KEY_NAME).unwrap_or_default(), name));
    let Some(first) = rows.first() else {
        return Ok(Comparison::Agrees);
    };
    let is_unique = first.int(NON_UNIQUE) == Some(0);
    let method = first.text(INDEX_TYPE).unwrap_or_default();
    let special = ["FULLTEXT", "SPATIAL", "VECTOR"]
        .into_iter()
        .find(|special| is_same(special, &method));
    let there: Vec<(String, Option<u64>)> = rows.iter().map(column).collect();
    let existing = describe(&there, is_unique, &method, wanted, name);
    if is_unique != wanted.is_unique || special != wanted.special.as_deref() {
        return Ok(Comparison::Differs { existing });
    }
    let Some(asked) = &wanted.columns else {
        let why = "its list of columns was not understood".to_owned();
        return Ok(Comparison::Unknown { existing, why });
    };
    if asked.len() != there.len() {
        return Ok(Comparison::Differs { existing });
    }
    let mut is_certain = true;
    for (asked, (name, length)) in asked.iter().zip(&there) {
        if !is_same(&asked.name, name) {
            return Ok(Comparison::Differs { existing });
        }
        match (asked.length, length) {
            (Some(asked), Some(length)) if asked != *length => {
                return Ok(Comparison::Differs { existing });
            }
            // A whole column is stored without its length, and a long text is cut where the server likes.
            (Some(_), None) | (None, Some(_)) if special.is_none() => is_certain = false,
            (_, _) => {}
        }
    }
    if is_certain {
        return Ok(Comparison::Agrees);
    }
    let why = "the length of a column is given on one side only".to_owned();
    Ok(Comparison::Unknown { existing, why })
}

fn column(row: &Row) -> (String, Option<u64>) {
    let length = row.int(SUB_PART);
    (
        row.text(COLUMN_NAME).unwrap_or_default(),
        length.and_then(|length| u64::try_from(length).ok()),
    )
}

fn describe(
    columns: &[(String, Option<u64>)],
    is_unique: bool,
    method: &str,
    wanted: &IndexDefinition<'_>,
    name: &str,
) -> String {
    let list: Vec<String> = columns
        .iter()
        .map(|(column, length)| match length {
            Some(length) => format!("{column}({length})"),
            None => column.clone(),
        })
        .collect();
    let unique = if is_unique { "UNIQUE " } else { "" };
    format!(
        "{unique}INDEX {name} ON {} ({}) USING {method}",
        wanted.table,
        list.join(", ")
    )
}

/// Names of columns and indexes have no case.
fn is_same(left: &str, right: &str) -> bool {
    left.to_lowercase() == right.to_lowercase()
}
