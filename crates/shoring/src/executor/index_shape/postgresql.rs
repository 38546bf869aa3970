//! PostgreSQL says itself what a statement means: the same index is made on an empty temporary table of the same columns, both
//! are read from the catalogue, and the table is rolled back.

use super::refuse::{Comparison, words_unless_lost};
use crate::execute::execute_one;
use shoring_core::{Dialect, Value};
use shoring_db::{Batch, DbError, Session, StatementError};
use shoring_sql::SqlWriter;
use shoring_sql::classify::IndexDefinition;

/// All that makes two indexes alike on tables with the same column names. `indnullsnotdistinct` came with 15.
const SHAPE: &str = "ROW((SELECT amname FROM pg_catalog.pg_am WHERE oid = c.relam), i.indisunique, \
    pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct', i.indnkeyatts, i.indoption, i.indclass, i.indcollation, \
    ARRAY(SELECT pg_catalog.pg_get_indexdef(i.indexrelid, k, false) FROM pg_catalog.generate_series(1, i.indnatts) k), \
    ARRAY(SELECT a.attoptions::text FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid ORDER BY a.attnum), \
    pg_catalog.pg_get_expr(i.indpred, i.indrelid))::text";

pub(super) async fn compare(
    session: &mut dyn Session,
    wanted: &IndexDefinition<'_>,
    name: &str,
    is_inside: bool,
) -> Result<Comparison, DbError> {
    let Some(row) = session.query(&select_existing(wanted, name)).await?.pop() else {
        return Ok(Comparison::Agrees);
    };
    let text = |at: usize| row.text(at).unwrap_or_default();
    let existing = text(4);
    match (text(2).as_str(), text(3).as_str()) {
        ("its index", "valid") => {}
        ("its index", _) => return Ok(Comparison::Invalid),
        (_, _) => return Ok(Comparison::Differs { existing }),
    }
    let (begin, end): (&str, &[&str]) = if is_inside {
        (
            "SAVEPOINT shoring_index_shape",
            &[
                "ROLLBACK TO SAVEPOINT shoring_index_shape",
                "RELEASE SAVEPOINT shoring_index_shape",
            ],
        )
    } else {
        ("BEGIN", &["ROLLBACK"])
    };
    execute_one(session, begin).await?;
    let shape = shape_of_twin(session, wanted, &text(0), &text(1)).await;
    for sql in end {
        execute_one(session, sql).await?;
    }
    Ok(match shape {
        Ok(shape) if shape == text(5) => Comparison::Agrees,
        Ok(_) => Comparison::Differs { existing },
        Err(error) => Comparison::Unknown {
            existing,
            why: words_unless_lost(error)?,
        },
    })
}

/// What has the name of the index in the schema of its table: schema and name of the table, whether it is an index of that
/// table, whether it is valid, its definition, its shape.
fn select_existing(wanted: &IndexDefinition<'_>, name: &str) -> String {
    let mut table = SqlWriter::new(Dialect::Postgresql);
    if let Some(schema) = &wanted.schema {
        table = table.ident(schema).sql(".");
    }
    let table = table.ident(&wanted.table).finish();
    SqlWriter::new(Dialect::Postgresql)
        .sql(
            "SELECT n.nspname, t.relname, CASE WHEN i.indrelid = t.oid THEN 'its index' END, \
             CASE WHEN i.indisvalid AND i.indisready THEN 'valid' END, \
             coalesce(pg_catalog.pg_get_indexdef(i.indexrelid), 'something that is no index'), ",
        )
        .sql(SHAPE)
        .sql(
            " FROM pg_catalog.pg_class t JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace \
             JOIN pg_catalog.pg_class c ON c.relnamespace = t.relnamespace \
             LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid WHERE t.oid = pg_catalog.to_regclass(",
        )
        .value(&Value::from(table))
        .sql(") AND c.relname = ")
        .value(&Value::from(name.to_owned()))
        .sql("::name")
        .finish()
}

async fn shape_of_twin(
    session: &mut dyn Session,
    wanted: &IndexDefinition<'_>,
    schema: &str,
    table: &str,
) -> Result<String, DbError> {
    let writer = || SqlWriter::new(Dialect::Postgresql);
    // Of the same name, because a predicate may say `orders.paid`.
    let twin = writer().sql("pg_temp.").ident(table).finish();
    let make_table = writer()
        .sql("CREATE TEMPORARY TABLE ")
        .sql(&twin)
        .sql(" (LIKE ")
        .ident(schema)
        .sql(".")
        .ident(table)
        .sql(")")
        .finish();
    let unique = if wanted.is_unique { "UNIQUE " } else { "" };
    let make_index = format!("CREATE {unique}INDEX ON {twin}{}", wanted.tail);
    let batch = Batch {
        statements: &[&make_table, &make_index],
    };
    let made = session.execute(batch, &mut |_| {}).await;
    made.map_err(|StatementError { error, .. }| error)?;
    session.take_notices();
    let sql = writer()
        .sql("SELECT ")
        .sql(SHAPE)
        .sql(
            " FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid \
             WHERE i.indrelid = pg_catalog.to_regclass(",
        )
        .value(&Value::from(twin))
        .sql(")")
        .finish();
    let rows = session.query(&sql).await?;
    Ok(rows.first().and_then(|row| row.text(0)).unwrap_or_default())
}
