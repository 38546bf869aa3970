//! The lock of golang-migrate. Its id is made of the names of database, schema and table.
//!
//! On PostgreSQL the tool itself takes two different ids for one table: started with a URL (the command line,
//! `migrate.New`) the database's name has the slash of the URL's path before it, started on a connection it has not. Both
//! are taken, the one with the slash first.

use crate::history::At;
use crate::tool_lock::{Taken, ToolLock};
use shoring_core::{Product, Value};
use shoring_sql::writer::SqlWriter;

/// `GenerateAdvisoryLockId` of the tool's `database` package: CRC-32 of the names with NUL between them, salted, modulo 2^32.
fn id_of(names: &[&str]) -> u32 {
    const SALT: u32 = 1_486_364_155;
    crc32fast::hash(names.join("\0").as_bytes()).wrapping_mul(SALT)
}

pub(super) fn locks(at: At<'_>, database: &str) -> Vec<ToolLock> {
    let table = &at.table.name.name;
    match at.product {
        Product::Postgresql => {
            let schema = at.table.name.schema.as_deref().unwrap_or_default();
            let with_slash = format!("/{database}");
            [with_slash.as_str(), database]
                .into_iter()
                .map(|database| {
                    let id = Value::Int(i64::from(id_of(&[schema, table, database])));
                    lock(
                        at,
                        "SELECT pg_try_advisory_lock(",
                        ")",
                        "SELECT pg_advisory_unlock(",
                        &id,
                    )
                })
                .collect()
        }
        Product::Mysql | Product::Mariadb => {
            let id = Value::from(id_of(&[&format!("{database}:{table}")]).to_string());
            vec![lock(
                at,
                "SELECT GET_LOCK(",
                ", 0)",
                "SELECT RELEASE_LOCK(",
                &id,
            )]
        }
        // Only a flag inside its process.
        Product::Sqlite => Vec::new(),
    }
}

fn lock(at: At<'_>, take: &str, after: &str, release: &str, id: &Value) -> ToolLock {
    let writer = || SqlWriter::new(at.product.dialect());
    ToolLock {
        title: "the lock of golang-migrate".to_owned(),
        take: writer().sql(take).value(id).sql(after).finish(),
        taken: Taken::ByQuery,
        release: writer().sql(release).value(id).sql(")").finish(),
        is_of_session: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_the_tool() {
        // The tool's own test values, and two computed for `public.schema_migrations` of the database `app`.
        for (names, id) in [
            (vec!["database_name"], 1_764_327_054),
            (vec!["schema_name_1", "database_name"], 2_453_313_553),
            (vec!["schema_name_2", "database_name"], 235_207_038),
            (
                vec!["schema_name_1", "schema_name_2", "database_name"],
                3_743_845_847,
            ),
            (vec!["public", "schema_migrations", "/app"], 1_726_534_663),
            (vec!["public", "schema_migrations", "app"], 1_787_120_056),
            (vec!["app:schema_migrations"], 2_938_252_834),
        ] {
            assert_eq!(id_of(&names), id, "{names:?}");
        }
    }
}
