//! The attributes in the first line of a changeset, with the tool's defaults.

use super::changelog::{File, Written, wrong};
use super::cutting::Delimiter;
use super::line::{Value, attribute};
use super::parameters::Lookup;
use shoring_core::Diagnostic;

/// The attributes of a changeset's first line.
pub(super) struct Head {
    pub(super) context: Vec<String>,
    pub(super) labels: Vec<String>,
    pub(super) dbms: Option<String>,
    pub(super) is_ignored: bool,
    pub(super) runs_on_change: bool,
    pub(super) runs_always: bool,
    pub(super) runs_in_transaction: bool,
    pub(super) may_fail: bool,
    pub(super) strips: bool,
    pub(super) splits: bool,
    pub(super) end_delimiter: Option<String>,
    /// How the tool cuts what applies; `None` when it does not.
    pub(super) delimiter: Option<Delimiter>,
    pub(super) rollback_delimiter: Option<Delimiter>,
}

impl Head {
    pub(super) fn read(
        file: File<'_>,
        written: &Written,
        lookup: &Lookup<'_>,
        strips: Option<bool>,
    ) -> Result<Self, Box<Diagnostic>> {
        let text = written.head.as_str();
        let refuse =
            |message: &str, hint: &str| wrong(file.path, written.line, text, message, hint);
        let truth = |name: &str| {
            attribute(text, name, Value::Word).map(|word| word.eq_ignore_ascii_case("true"))
        };
        let said = |names: &[&str], value| {
            names
                .iter()
                .find_map(|name| attribute(text, name, value).filter(|text| !text.is_empty()))
                .map(|text| lookup.expand(text))
        };
        if let Some(with) = said(&["runWith"], Value::Text) {
            return Err(refuse(
                &format!(
                    "`runWith:{with}` is not supported: it runs the changeset with another program"
                ),
                "take it out: what the server understands runs without;  or run it with Liquibase itself",
            ));
        }
        let delimiter = |splits: bool, written: Option<&String>| match written {
            _ if !splits => Ok(None),
            None => Ok(Some(Delimiter::Usual)),
            Some(text) if text == ";" => Ok(Some(Delimiter::Text {
                text: text.clone(),
                begins_line: false,
            })),
            Some(text) => Delimiter::parse(text).map(Some).ok_or_else(|| {
                refuse(
                    &format!("the delimiter `{text}` is a pattern that is not read"),
                    "name plain characters, as in  endDelimiter://",
                )
            }),
        };
        let end_delimiter = attribute(text, "endDelimiter", Value::OwnWord)
            .filter(|text| !text.is_empty())
            .map(str::to_owned);
        let rollback_end = attribute(text, "rollbackEndDelimiter", Value::OwnWord)
            .filter(|text| !text.is_empty())
            .map(str::to_owned);
        let splits = truth("splitStatements").unwrap_or(true);
        Ok(Self {
            context: said(&["contextFilter", "context"], Value::Quoted)
                .into_iter()
                .collect(),
            labels: said(&["labels"], Value::Quoted).into_iter().collect(),
            dbms: said(&["dbms"], Value::Products),
            is_ignored: truth("ignore") == Some(true),
            runs_on_change: truth("runOnChange") == Some(true),
            runs_always: truth("runAlways") == Some(true),
            runs_in_transaction: truth("runInTransaction").unwrap_or(true),
            may_fail: truth("failOnError") == Some(false),
            strips: truth("stripComments").or(strips).unwrap_or(true),
            splits,
            delimiter: delimiter(splits, end_delimiter.as_ref())?,
            end_delimiter,
            rollback_delimiter: delimiter(
                truth("rollbackSplitStatements").unwrap_or(true),
                rollback_end.as_ref(),
            )?,
        })
    }
}
