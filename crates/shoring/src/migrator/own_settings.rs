//! The settings of a caller's session that a run changes for itself: read before, put back after.

use crate::database_error::query_error;
use crate::error::Result;
use crate::execute::execute_one;
use shoring_core::{Product, Value};
use shoring_db::Session;
use shoring_sql::writer::SqlWriter;

/// What the caller's session had set.
pub(super) struct OwnSettings {
    values: Vec<String>,
}

impl OwnSettings {
    /// Reads them.
    pub(super) async fn read(session: &mut dyn Session) -> Result<Self> {
        let query = match session.server().product {
            Product::Postgresql => {
                "SELECT current_setting('lock_timeout'), current_setting('statement_timeout'), current_setting('role')"
            }
            Product::Mysql => "SELECT @@session.lock_wait_timeout",
            Product::Mariadb => "SELECT @@session.lock_wait_timeout, @@session.max_statement_time",
            Product::Sqlite => "PRAGMA busy_timeout",
        };
        let rows = session
            .query(query)
            .await
            .map_err(|error| query_error(&error))?;
        let values = rows.first().map_or_else(Vec::new, |row| {
            (0..row.values.len())
                .map(|column| row.text(column).unwrap_or_default())
                .collect()
        });
        Ok(Self { values })
    }

    /// Puts them back. A session that is broken by now stays as it is.
    pub(super) async fn put_back(&self, session: &mut dyn Session) {
        let product = session.server().product;
        let names: &[&str] = match product {
            Product::Postgresql => &[
                "SET lock_timeout = ",
                "SET statement_timeout = ",
                "SET ROLE ",
            ],
            Product::Mysql | Product::Mariadb => &[
                "SET SESSION lock_wait_timeout = ",
                "SET SESSION max_statement_time = ",
            ],
            Product::Sqlite => &["PRAGMA busy_timeout = "],
        };
        for (name, value) in names.iter().zip(&self.values) {
            let writer = SqlWriter::new(product.dialect()).sql(name);
            let sql = match product {
                Product::Postgresql => writer.value(&Value::from(value.as_str())),
                // Numbers, as the server spelled them.
                Product::Mysql | Product::Mariadb | Product::Sqlite => writer.sql(value),
            };
            drop(execute_one(session, &sql.finish()).await);
        }
    }
}
