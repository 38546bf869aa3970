//! A history table of the same tool in another schema than the one that is looked at: to begin from the first migration beside it
//! would be a guess.

use super::beginning::{is_empty, is_missing};
use super::find::{NamedBy, WantedHistory};
use crate::error::{Error, ErrorKind, Result};
use shoring_core::{Dialect, TableName, TableShape};
use shoring_db::Session;

/// How many tables are named.
const NAMED: usize = 3;

/// The tables in other schemas that are those of the wanted one's tool, where it is not there itself.
///
/// Where a person has named the schema and nothing is in it, that is where a first run begins: each tenant may have a schema of
/// its own. Else it is a question.
pub(super) async fn look_elsewhere(
    session: &mut dyn Session,
    wanted: &WantedHistory,
    all: &[TableShape],
) -> Result<Vec<TableName>> {
    let dialect = session.server().dialect();
    let Some(schema) = &wanted.schema else {
        return Ok(Vec::new());
    };
    let elsewhere: Vec<TableName> = all
        .iter()
        .filter(|table| table.name.name.eq_ignore_ascii_case(&wanted.name))
        .filter(|table| wanted.format.history().recognise(table).is_ok())
        .map(|table| table.name.clone())
        .collect();
    let may_begin = match wanted.named_by {
        _ if elsewhere.is_empty() || dialect != Dialect::Postgresql => true,
        NamedBy::Us => true,
        NamedBy::Nobody => false,
        NamedBy::Tool => {
            is_missing(session, dialect, schema).await?
                || is_empty(session, dialect, Some(schema)).await?
        }
    };
    if may_begin {
        return Ok(elsewhere);
    }
    Err(question(wanted, schema, &elsewhere))
}

fn question(wanted: &WantedHistory, schema: &str, elsewhere: &[TableName]) -> Error {
    let here = TableName::new(Some(schema.to_owned()), &wanted.name);
    let mut error = Error::new(
        ErrorKind::Usage,
        "history-elsewhere",
        format!(
            "the history table `{here}` is not there, but {} {}",
            names(elsewhere),
            if elsewhere.len() == 1 { "is" } else { "are" }
        ),
    );
    if wanted.named_by == NamedBy::Nobody {
        error = error.note(format!("nothing names a schema, and then it is `{schema}`"));
    }
    error = error.state("Nothing was run and nothing was changed.");
    if let Some(first) = elsewhere.first() {
        let setting = wanted.format.schema_setting(first);
        error = error.next(format!("if `{first}` is meant, {setting}"));
    }
    error.next(format!(
        "to begin at the first migration in `{schema}`:  shoring up --history-table {here}"
    ))
}

/// The first of them, and how many more there are.
pub(crate) fn names(tables: &[TableName]) -> String {
    let quoted: Vec<String> = tables
        .iter()
        .take(NAMED)
        .map(|table| format!("`{table}`"))
        .collect();
    let mut text = quoted.join(", ");
    if tables.len() > NAMED {
        text.push_str(&format!(" and {} more", tables.len() - NAMED));
    }
    text
}
