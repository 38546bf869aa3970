//! The name and shape of a table as the catalogue shows them. Enough to recognise a history table, not a schema model.

use std::fmt;

/// A table name with the schema (MySQL: database) it was found in or is to be created in. Always qualified where the
/// database has schemas, so that a migration that changes `search_path` cannot move it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableName {
    /// The schema; `None` for SQLite's main database.
    pub schema: Option<String>,
    /// The name.
    pub name: String,
}

impl TableName {
    /// A table name.
    pub fn new(schema: Option<String>, name: impl Into<String>) -> Self {
        Self {
            schema,
            name: name.into(),
        }
    }

    /// Another table of the same schema.
    #[must_use]
    pub fn sibling(&self, name: &str) -> Self {
        Self {
            schema: self.schema.clone(),
            name: name.to_owned(),
        }
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}.")?;
        }
        f.write_str(&self.name)
    }
}

/// One column as the catalogue shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnShape {
    /// The name.
    pub name: String,
    /// The type in the catalogue's own spelling, lower case: `integer`, `timestamp with time zone`, `varchar(255)`.
    pub type_name: String,
    /// Whether NULL is refused.
    pub is_not_null: bool,
    /// Whether the column has a default (or is generated).
    pub has_default: bool,
}

/// A table with its columns in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableShape {
    /// The qualified name.
    pub name: TableName,
    /// The columns, in order.
    pub columns: Vec<ColumnShape>,
}

impl TableShape {
    /// The column of this name, compared without case.
    pub fn column(&self, name: &str) -> Option<&ColumnShape> {
        self.columns
            .iter()
            .find(|column| column.name.eq_ignore_ascii_case(name))
    }
}
