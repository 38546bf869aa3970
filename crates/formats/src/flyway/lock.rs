//! The lock of Flyway: an advisory lock on PostgreSQL, a named one on MySQL, none on SQLite. Its id is made of the quoted name
//! of the history table with Java's `String.hashCode`.

use crate::history::At;
use crate::tool_lock::{Taken, ToolLock};
use shoring_core::{Product, Value};
use shoring_sql::writer::SqlWriter;

/// `Flyway` as ASCII: what the tool adds the hash to.
const FLYWAY: i64 = 0x466C_7977_6179;

pub(super) fn locks(at: At<'_>) -> Vec<ToolLock> {
    let table = SqlWriter::new(at.product.dialect())
        .table(&at.table.name)
        .finish();
    match at.product {
        Product::Postgresql => {
            let id = Value::Int(FLYWAY + i64::from(java_hash(&table)));
            vec![lock(
                at,
                ("SELECT pg_try_advisory_lock(", ")"),
                "SELECT pg_advisory_unlock(",
                &id,
            )]
        }
        Product::Mysql | Product::Mariadb => {
            let id = Value::from(format!("Flyway-{}", java_hash(&table)));
            vec![lock(
                at,
                ("SELECT GET_LOCK(", ", 0)"),
                "SELECT RELEASE_LOCK(",
                &id,
            )]
        }
        Product::Sqlite => Vec::new(),
    }
}

/// `String.hashCode` of Java.
fn java_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0_i32, |hash, unit| {
        hash.wrapping_mul(31).wrapping_add(i32::from(unit))
    })
}

fn lock(at: At<'_>, (before, after): (&str, &str), release: &str, id: &Value) -> ToolLock {
    let writer = || SqlWriter::new(at.product.dialect());
    ToolLock {
        title: "the lock of Flyway".to_owned(),
        take: writer().sql(before).value(id).sql(after).finish(),
        taken: Taken::ByQuery,
        release: writer().sql(release).value(id).sql(")").finish(),
        is_of_session: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoring_core::{TableName, TableShape};

    #[test]
    fn ids_are_those_of_the_tool() {
        // Seen in pg_locks and in the general log of MariaDB while the tool ran.
        for (product, schema, expected) in [
            (
                Product::Postgresql,
                "public",
                "SELECT pg_try_advisory_lock(77433833903597)",
            ),
            (
                Product::Mariadb,
                "app",
                "SELECT GET_LOCK('Flyway--320650056', 0)",
            ),
        ] {
            let table = TableShape {
                name: TableName::new(Some(schema.to_owned()), "flyway_schema_history"),
                columns: Vec::new(),
            };
            let at = At {
                product,
                table: &table,
            };
            assert_eq!(locks(at)[0].take, expected);
        }
    }
}
