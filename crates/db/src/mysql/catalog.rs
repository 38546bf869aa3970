//! Tables and columns from `information_schema`.

use super::quote;
use super::session::MysqlSession;
use crate::error::{DbError, DbErrorKind};
use shoring_core::{ColumnShape, Product, Row, TableName, TableShape};

/// `SYSTEM VERSIONED` is MariaDB's word for a table with history; sequences and views are no ordinary tables.
const ORDINARY: &str = "TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')";

impl MysqlSession {
    /// The database of the connection as it is now.
    pub(super) async fn database_now(&mut self) -> Result<String, DbError> {
        let rows = self.ask("SELECT DATABASE()").await?;
        rows.first().and_then(|row| row.text(0)).ok_or_else(|| {
            DbError::new(
                DbErrorKind::Configuration,
                "no database is selected: name one in the URL, as in `mysql://host/app`",
            )
        })
    }

    /// See [`crate::Session::tables_named`].
    pub(super) async fn find_tables(&mut self, names: &[&str]) -> Result<Vec<TableShape>, DbError> {
        let schema = self.database_now().await?;
        let quoted: Vec<String> = names.iter().map(|name| quote::text(name)).collect();
        let found = self
            .ask(&format!(
                "SELECT TABLE_NAME FROM information_schema.TABLES \
                 WHERE TABLE_SCHEMA = {} AND TABLE_NAME IN ({}) AND {ORDINARY} ORDER BY TABLE_NAME",
                quote::text(&schema),
                quoted.join(", ")
            ))
            .await?;
        let mut tables = Vec::new();
        for found in found.iter().filter_map(|row| row.text(0)) {
            // `information_schema` compares without case even where names are stored with it.
            if self.has_case_sensitive_names && !names.contains(&found.as_str()) {
                continue;
            }
            let columns = self.columns(&schema, &found).await?;
            tables.push(TableShape {
                name: TableName::new(Some(schema.clone()), found),
                columns,
            });
        }
        Ok(tables)
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

    async fn columns(&mut self, schema: &str, table: &str) -> Result<Vec<ColumnShape>, DbError> {
        let rows = self
            .ask(&format!(
                "SELECT COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA \
                 FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {} \
                 ORDER BY ORDINAL_POSITION",
                quote::text(schema),
                quote::text(table)
            ))
            .await?;
        let product = self.server.product;
        Ok(rows.iter().filter_map(|row| column(row, product)).collect())
    }
}

fn column(row: &Row, product: Product) -> Option<ColumnShape> {
    let is_not_null = row.bool(2) == Some(false);
    let default = row.text(3).filter(|default| {
        // MariaDB 10.2.7 and later write the absent default of a nullable column as the text NULL.
        !(product == Product::Mariadb && default == "NULL")
    });
    let extra = row.text(4).unwrap_or_default().to_ascii_lowercase();
    let is_filled = extra.contains("auto_increment") || extra.contains("generated");
    Some(ColumnShape {
        name: row.text(0)?,
        type_name: row.text(1)?.to_lowercase(),
        is_not_null,
        has_default: default.is_some() || is_filled,
    })
}
