//! The builder.

use super::literal;
use shoring_core::{Dialect, TableName, Value};

/// Builds one statement from SQL written here, names and values.
///
/// ```
/// use shoring_core::{Dialect, TableName, Value};
/// use shoring_sql::SqlWriter;
///
/// let table = TableName::new(Some("app".to_owned()), "order");
/// let sql = SqlWriter::new(Dialect::Postgresql)
///     .sql("INSERT INTO ")
///     .table(&table)
///     .sql(" (")
///     .idents(&["id", "note"])
///     .sql(") VALUES (")
///     .values(&[Value::Int(1), Value::from("it's")])
///     .sql(")")
///     .finish();
/// assert_eq!(sql, r#"INSERT INTO "app"."order" ("id", "note") VALUES (1, 'it''s')"#);
/// ```
///
/// A NUL cannot stand in SQL text. [`SqlWriter::try_finish`] refuses it; [`SqlWriter::finish`] writes U+FFFD in its place,
/// so that no server sees a statement that is cut short. Bytes, and text in MySQL and SQLite, are written in
/// hexadecimal when they contain one and keep it.
#[derive(Debug, Clone)]
#[must_use]
pub struct SqlWriter {
    dialect: Dialect,
    text: String,
    error: Option<WriteError>,
}

/// A name or value that cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// A name with a NUL.
    #[error("the name `{}` contains a NUL", name.replace('\0', "\u{2400}"))]
    NulInName {
        /// The name.
        name: String,
    },
    /// A text with a NUL, which PostgreSQL cannot store.
    #[error("a text value contains a NUL")]
    NulInText,
}

impl SqlWriter {
    /// An empty statement.
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            text: String::new(),
            error: None,
        }
    }

    /// SQL as it stands. Never a name or a value that came from outside.
    pub fn sql(mut self, sql: &str) -> Self {
        self.text.push_str(sql);
        self
    }

    /// A quoted name.
    pub fn ident(mut self, name: &str) -> Self {
        if name.contains('\0') {
            self.error.get_or_insert_with(|| WriteError::NulInName {
                name: name.to_owned(),
            });
        }
        literal::push_name(&mut self.text, self.dialect, name);
        self
    }

    /// Quoted names with commas between them.
    pub fn idents(mut self, names: &[&str]) -> Self {
        for (index, name) in names.iter().enumerate() {
            if index > 0 {
                self.text.push_str(", ");
            }
            self = self.ident(name);
        }
        self
    }

    /// A table with its schema, if it has one, both quoted.
    pub fn table(mut self, table: &TableName) -> Self {
        if let Some(schema) = &table.schema {
            self = self.ident(schema);
            self.text.push('.');
        }
        self.ident(&table.name)
    }

    /// A value as a literal. It means the same whatever `standard_conforming_strings` (PostgreSQL) and
    /// `NO_BACKSLASH_ESCAPES` (MySQL) are set to.
    pub fn value(mut self, value: &Value) -> Self {
        if self.dialect == Dialect::Postgresql
            && matches!(value, Value::Text(text) if text.contains('\0'))
        {
            self.error.get_or_insert(WriteError::NulInText);
        }
        literal::push_value(&mut self.text, self.dialect, value);
        self
    }

    /// Values with commas between them.
    pub fn values(mut self, values: &[Value]) -> Self {
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                self.text.push_str(", ");
            }
            self = self.value(value);
        }
        self
    }

    /// The statement. A NUL that cannot be written has become U+FFFD.
    #[must_use]
    pub fn finish(self) -> String {
        self.text
    }

    /// The statement, or what could not be written.
    pub fn try_finish(self) -> Result<String, WriteError> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(self.text),
        }
    }
}
