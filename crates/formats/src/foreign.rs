//! Other tools' history tables, recognised so that nobody's database is taken for a new one and migrated from zero: those of
//! our formats, and those of tools that have none here.

use crate::{FORMATS, Format};
use shoring_core::{Product, TableShape};

/// A history table of a tool without a format, by its usual name and the columns that tell it apart.
#[derive(Debug, Clone, Copy)]
pub struct ForeignTable {
    /// The tool.
    pub tool: &'static str,
    /// The table's usual name.
    pub table: &'static str,
    /// Columns that must all be there; the whole list if `is_exact`.
    pub columns: &'static [&'static str],
    /// Whether there may be no other columns.
    pub is_exact: bool,
}

/// What the tools use by default. `schema_migrations` is shared by several: decided by columns, never by name. What a format
/// describes itself is not here, but for a table that a tool without a format has as well.
pub const FOREIGN_TABLES: &[ForeignTable] = &[
    ForeignTable {
        tool: "dbmate or Rails",
        table: "schema_migrations",
        columns: &["version"],
        is_exact: true,
    },
    ForeignTable {
        tool: "Alembic",
        table: "alembic_version",
        columns: &["version_num"],
        is_exact: false,
    },
    ForeignTable {
        tool: "Django",
        table: "django_migrations",
        columns: &["app", "name"],
        is_exact: false,
    },
    ForeignTable {
        tool: "Knex",
        table: "knex_migrations",
        columns: &["name", "batch"],
        is_exact: false,
    },
    ForeignTable {
        tool: "Sequelize",
        table: "SequelizeMeta",
        columns: &["name"],
        is_exact: false,
    },
];

/// The formats that are another tool's.
fn tools() -> impl Iterator<Item = &'static dyn Format> {
    FORMATS
        .iter()
        .copied()
        .filter(|format| !matches!(format.name(), "shoring" | "manual"))
}

/// The usual names of all tables that [`owner_of`] knows.
pub fn table_names(product: Product) -> Vec<String> {
    let of_formats = tools().flat_map(|format| {
        let history = format.history();
        history.table_names(history.default_table(), product)
    });
    let mut names: Vec<String> = FOREIGN_TABLES
        .iter()
        .map(|foreign| foreign.table.to_owned())
        .chain(of_formats)
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The tool whose table this is, judged by name (without case) and columns.
pub fn owner_of(table: &TableShape) -> Option<&'static str> {
    let foreign = FOREIGN_TABLES.iter().find(|foreign| {
        table.name.name.eq_ignore_ascii_case(foreign.table)
            && foreign
                .columns
                .iter()
                .all(|column| table.column(column).is_some())
            && (!foreign.is_exact || table.columns.len() == foreign.columns.len())
    });
    let of_format = || {
        tools().find(|format| {
            let history = format.history();
            table
                .name
                .name
                .eq_ignore_ascii_case(history.default_table())
                && history.recognise(table).is_ok()
        })
    };
    match foreign {
        Some(foreign) => Some(foreign.tool),
        None => of_format().map(Format::name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoring_core::{ColumnShape, TableName};

    fn table(name: &str, columns: &[&str]) -> TableShape {
        TableShape {
            name: TableName::new(None, name),
            columns: columns
                .iter()
                .map(|name| ColumnShape {
                    name: (*name).to_owned(),
                    type_name: String::new(),
                    is_not_null: false,
                    has_default: false,
                })
                .collect(),
        }
    }

    #[test]
    fn schema_migrations_is_decided_by_columns() {
        assert_eq!(
            owner_of(&table("schema_migrations", &["version", "dirty"])),
            Some("golang-migrate")
        );
        assert_eq!(
            owner_of(&table("schema_migrations", &["version"])),
            Some("dbmate or Rails")
        );
        assert_eq!(
            owner_of(&table(
                "schema_migrations",
                &["version", "name", "applied_at"]
            )),
            None
        );
    }
}
