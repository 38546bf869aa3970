//! Puts a session into the schema that a tool is configured with.

use shoring_core::{Product, Value};
use shoring_sql::writer::SqlWriter;

/// The schema first, then what the search path was: as the tool does it before each migration.
pub(crate) fn enter_schema(schema: &str, product: Product) -> Option<String> {
    let writer = || SqlWriter::new(product.dialect());
    match product {
        Product::Postgresql => {
            let quoted = writer().ident(schema).finish();
            Some(
                writer()
                    .sql("SELECT set_config('search_path', ")
                    .value(&Value::from(quoted.as_str()))
                    .sql(" || coalesce(', ' || nullif(current_setting('search_path'), ''), ''), false) WHERE current_schema() IS DISTINCT FROM ")
                    .value(&Value::from(schema))
                    .finish(),
            )
        }
        Product::Mysql | Product::Mariadb => Some(writer().sql("USE ").ident(schema).finish()),
        Product::Sqlite => None,
    }
}
