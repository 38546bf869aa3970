//! `--preconditions` of a changeset as questions to the database.

use super::line::{Value, attribute};
use shoring_core::{Condition, Conditions, Position, Product, Unmet, Value as SqlValue};
use shoring_sql::writer::SqlWriter;

/// Why a precondition cannot be asked.
pub(super) struct Wrong {
    pub(super) line: u64,
    pub(super) message: String,
    pub(super) hint: &'static str,
}

/// What a changeset asks for. `schema` is the one that unqualified names are in.
pub(super) fn read(
    head: Option<&str>,
    questions: &[(String, String, u64)],
    head_line: u64,
    product: Product,
    schema: Option<&str>,
) -> Result<Option<Conditions>, Wrong> {
    let unmet = |name: &str| {
        let Some(word) = head.and_then(|head| attribute(head, name, Value::Word)) else {
            return Ok(Unmet::Halt);
        };
        match word.to_ascii_uppercase().as_str() {
            "HALT" => Ok(Unmet::Halt),
            "CONTINUE" => Ok(Unmet::Skip),
            "MARK_RAN" => Ok(Unmet::MarkApplied),
            "WARN" => Ok(Unmet::Warn),
            _ => Err(Wrong {
                line: head_line,
                message: format!("`{name}:{word}` is not known"),
                hint: "there are HALT, CONTINUE, MARK_RAN and WARN",
            }),
        }
    };
    let (on_fail, on_error) = (unmet("onFail")?, unmet("onError")?);
    let mut all = Vec::new();
    for (kind, body, line) in questions {
        let position = Position {
            line: *line,
            column: 1,
        };
        let (question, expected) = match kind.as_str() {
            "sql-check" => sql_check(body).ok_or_else(|| Wrong {
                line: *line,
                message: "it has no expected result and no query".to_owned(),
                hint: "write  --precondition-sql-check expectedResult:0 SELECT …",
            })?,
            "table-exists" | "view-exists" => {
                let name = kind.trim_end_matches("-exists");
                let Some(named) = attribute(body, name, Value::Word) else {
                    return Err(Wrong {
                        line: *line,
                        message: format!("it names no {name}"),
                        hint: "write  --precondition-table-exists table:NAME  or  --precondition-view-exists view:NAME",
                    });
                };
                let schema = attribute(body, "schema", Value::Word).or(schema);
                (
                    exists(name == "view", named, schema, product),
                    "1".to_owned(),
                )
            }
            _ => {
                return Err(Wrong {
                    line: *line,
                    message: format!("`--precondition-{kind}` is not known"),
                    hint: "there are sql-check, table-exists and view-exists",
                });
            }
        };
        all.push(Condition {
            question,
            expected,
            title: format!("{kind} {body}"),
            position,
        });
    }
    Ok((!all.is_empty()).then_some(Conditions {
        all,
        on_fail,
        on_error,
    }))
}

/// Query and expected result: `expectedResult:0 SELECT …`, with or without the word, the result also in quotes.
fn sql_check(body: &str) -> Option<(String, String)> {
    let word = "expectedResult:";
    let rest = match body.get(..word.len()) {
        Some(head) if head.eq_ignore_ascii_case(word) => &body[word.len()..],
        Some(_) | None => body,
    };
    let (expected, query) = match rest.chars().next()? {
        quote @ ('\'' | '"') => rest[1..].split_once(quote)?,
        _ => rest
            .split_once(' ')
            .map(|(expected, _)| (expected, &rest[expected.len()..]))?,
    };
    let query = query.strip_prefix(' ')?.trim();
    (!expected.is_empty() && !query.is_empty()).then(|| (query.to_owned(), expected.to_owned()))
}

/// A query that gives 1 when there is such a table or view. The tool compares names without case.
fn exists(is_view: bool, name: &str, schema: Option<&str>, product: Product) -> String {
    let writer = |sql: &str| SqlWriter::new(product.dialect()).sql(sql);
    let lower = SqlValue::from(name.to_lowercase());
    match product {
        Product::Sqlite => {
            writer("SELECT CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = ")
                .value(&SqlValue::from(if is_view { "view" } else { "table" }))
                .sql(" AND lower(name) = ")
                .value(&lower)
                .sql(") THEN 1 ELSE 0 END")
                .finish()
        }
        Product::Postgresql | Product::Mysql | Product::Mariadb => {
            let writer = writer("SELECT CASE WHEN EXISTS (SELECT 1 FROM information_schema.tables WHERE table_type ")
                .sql(if is_view { "= 'VIEW'" } else { "<> 'VIEW'" })
                .sql(" AND lower(table_name) = ")
                .value(&lower)
                .sql(" AND table_schema = ");
            let writer = match (schema, product) {
                (Some(schema), _) => writer.value(&SqlValue::from(schema)),
                (None, Product::Postgresql) => writer.sql("current_schema()"),
                (None, _) => writer.sql("DATABASE()"),
            };
            writer.sql(") THEN 1 ELSE 0 END").finish()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_have_a_result_and_a_query() {
        let told =
            |body: &str| sql_check(body).map(|(query, expected)| format!("{expected}|{query}"));
        assert_eq!(told("expectedResult:0 select 1").unwrap(), "0|select 1");
        assert_eq!(
            told("expectedresult:'a b' select 'x'").unwrap(),
            "a b|select 'x'"
        );
        assert_eq!(
            told("t SELECT count(*) FROM a").unwrap(),
            "t|SELECT count(*) FROM a"
        );
        assert_eq!(told("expectedResult:0"), None);
        assert_eq!(told(""), None);
    }
}
