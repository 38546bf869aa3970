//! Tables and columns from `information_schema`.

use super::quote;
use super::session::MysqlSession;
use crate::error::{DbError, DbErrorKind};
use shoring_core::{ColumnShape, Product, Row, TableName, TableShape};

/// The database of the connection.
const DATABASE: &str = "SELECT DATABASE()";

/// `SYSTEM VERSIONED` is MariaDB's word for a table with history; sequences and views are no ordinary tables.
const ORDINARY: &str = "TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')";

impl MysqlSession {
    /// The database of the connection as it is now.
    pub(super) async fn database_now(&mut self) -> Result<String, DbError> {
        selected_database(&self.ask(DATABASE).await?)
    }

    /// See [`crate::Session::tables_named`].
    pub(super) async fn find_tables(&mut self, names: &[&str]) -> Result<Vec<TableShape>, DbError> {
        let quoted: Vec<String> = names.iter().map(|name| quote::text(name)).collect();
        let those = format!(
            "TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN ({})",
            quoted.join(", ")
        );
        let [schema, found, columns] = self
            .ask_together([
                DATABASE,
                &format!(
                    "SELECT TABLE_NAME FROM information_schema.TABLES WHERE {those} AND {ORDINARY} ORDER BY TABLE_NAME"
                ),
                &format!(
                    "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA \
                     FROM information_schema.COLUMNS WHERE {those} ORDER BY TABLE_NAME, ORDINAL_POSITION"
                ),
            ])
            .await?;
        let schema = selected_database(&schema)?;
        let product = self.server.product;
        let shape = |name: String| TableShape {
            columns: columns
                .iter()
                .filter(|row| row.text(0).as_ref() == Some(&name))
                .filter_map(|row| column(row, product))
                .collect(),
            name: TableName::new(Some(schema.clone()), name),
        };
        Ok(found
            .iter()
            .filter_map(|row| row.text(0))
            // `information_schema` compares without case even where names are stored with it.
            .filter(|name| !self.has_case_sensitive_names || names.contains(&name.as_str()))
            .map(shape)
            .collect())
    }

    /// See [`crate::Session::tables_in`].
    pub(super) async fn list_tables(
        &mut self,
        schema: Option<&str>,
    ) -> Result<Vec<TableName>, DbError> {
        let schema = match schema {
            Some(schema) => schema.to_owned(),
            None => self.database_now().await?,
        };
        let rows = self
            .ask(&format!(
                "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = {} AND {ORDINARY}",
                quote::text(&schema)
            ))
            .await?;
        let mut names: Vec<TableName> = rows
            .iter()
            .filter_map(|row| Some(TableName::new(Some(schema.clone()), row.text(0)?)))
            .collect();
        names.sort();
        Ok(names)
    }
}

/// The answer to [`DATABASE`].
fn selected_database(rows: &[Row]) -> Result<String, DbError> {
    rows.first().and_then(|row| row.text(0)).ok_or_else(|| {
        DbError::new(
            DbErrorKind::Configuration,
            "no database is selected: name one in the URL, as in `mysql://host/app`",
        )
    })
}

fn column(row: &Row, product: Product) -> Option<ColumnShape> {
    let is_not_null = row.bool(3) == Some(false);
    let default = row.text(4).filter(|default| {
        // MariaDB 10.2.7 and later write the absent default of a nullable column as the text NULL.
        !(product == Product::Mariadb && default == "NULL")
    });
    let extra = row.text(5).unwrap_or_default().to_ascii_lowercase();
    let is_filled = extra.contains("auto_increment") || extra.contains("generated");
    Some(ColumnShape {
        name: row.text(1)?,
        type_name: row.text(2)?.to_lowercase(),
        is_not_null,
        has_default: default.is_some() || is_filled,
    })
}
