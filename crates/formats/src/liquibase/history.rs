//! The table `DATABASECHANGELOG`: a row for each changeset that ran, known by id, author and path. It has no key, and older
//! versions of the tool made it with fewer columns.

use super::name;
use super::rows::{self, LIQUIBASE, sequence};
use super::settings::TABLE;
use crate::history::{At, Change, History, HistoryEntry, HistoryError};
use crate::rows::{require_columns, shape};
use crate::server_clock;
use shoring_core::{
    Applied, AppliedKind, Attributes, Checksum, MigrationSet, Product, Row, TableName, TableShape,
    Value,
};
use shoring_sql::writer::SqlWriter;
use std::sync::Arc;

/// The columns in their order, each with its type on PostgreSQL, MySQL and SQLite.
const COLUMNS: [(&str, [&str; 3]); 14] = [
    ("ID", [VARCHAR, VARCHAR, VARCHAR]),
    ("AUTHOR", [VARCHAR, VARCHAR, VARCHAR]),
    ("FILENAME", [VARCHAR, VARCHAR, VARCHAR]),
    (
        "DATEEXECUTED",
        [
            "TIMESTAMP WITHOUT TIME ZONE NOT NULL",
            "datetime NOT NULL",
            "TEXT NOT NULL",
        ],
    ),
    (
        "ORDEREXECUTED",
        ["INTEGER NOT NULL", "INT NOT NULL", "INTEGER NOT NULL"],
    ),
    ("EXECTYPE", ["VARCHAR(10) NOT NULL"; 3]),
    ("MD5SUM", ["VARCHAR(35)"; 3]),
    ("DESCRIPTION", ["VARCHAR(255)"; 3]),
    ("COMMENTS", ["VARCHAR(255)"; 3]),
    ("TAG", ["VARCHAR(255)"; 3]),
    ("LIQUIBASE", ["VARCHAR(20)"; 3]),
    ("CONTEXTS", ["VARCHAR(255)"; 3]),
    ("LABELS", ["VARCHAR(255)"; 3]),
    ("DEPLOYMENT_ID", ["VARCHAR(10)"; 3]),
];

const VARCHAR: &str = "VARCHAR(255) NOT NULL";

/// Those that every version made.
const NEEDED: [&str; 7] = [
    "ID",
    "AUTHOR",
    "FILENAME",
    "DATEEXECUTED",
    "ORDEREXECUTED",
    "EXECTYPE",
    "MD5SUM",
];

/// The version whose rows these are, where no row says another: they are its, byte for byte.
const VERSION: &str = "4.33.0";

/// The history of Liquibase.
#[derive(Debug, Clone, Copy)]
pub(super) struct LiquibaseHistory;

/// The name of a column as the table has it.
fn column(at: At<'_>, name: &str) -> String {
    match at.table.column(name) {
        Some(column) if !column.type_name.is_empty() => column.name.clone(),
        Some(_) | None if at.product == Product::Postgresql => name.to_lowercase(),
        Some(_) | None => name.to_owned(),
    }
}

fn has(at: At<'_>, name: &str) -> bool {
    at.table.column(name).is_some()
}

impl History for LiquibaseHistory {
    fn default_table(&self) -> &'static str {
        TABLE
    }

    /// It writes names without quotes: PostgreSQL folds them.
    fn table_names(&self, name: &str, product: Product) -> Vec<String> {
        let lower = name.to_lowercase();
        let mut names = match product {
            Product::Postgresql => vec![lower, name.to_owned()],
            Product::Mysql | Product::Mariadb | Product::Sqlite => vec![name.to_owned(), lower],
        };
        names.dedup();
        names
    }

    fn create(&self, product: Product, table: &TableName) -> Vec<String> {
        let index = match product {
            Product::Postgresql => 0,
            Product::Mysql | Product::Mariadb => 1,
            Product::Sqlite => 2,
        };
        let shape = self.shape(table);
        let at = At {
            product,
            table: &shape,
        };
        let mut writer = SqlWriter::new(product.dialect())
            .sql("CREATE TABLE ")
            .table(table)
            .sql(" (");
        for (number, (name, types)) in COLUMNS.iter().enumerate() {
            writer = writer
                .sql(if number == 0 { "" } else { ", " })
                .ident(&column(at, name))
                .sql(" ")
                .sql(types[index]);
        }
        vec![writer.sql(")").finish()]
    }

    fn recognise(&self, table: &TableShape) -> Result<(), HistoryError> {
        require_columns(table, &NEEDED, "DATABASECHANGELOG")
    }

    fn select(&self, at: At<'_>) -> String {
        let mut writer = SqlWriter::new(at.product.dialect()).sql("SELECT ");
        for name in [
            "ID",
            "AUTHOR",
            "FILENAME",
            "ORDEREXECUTED",
            "EXECTYPE",
            "MD5SUM",
        ] {
            writer = writer.ident(&column(at, name)).sql(", ");
        }
        writer = if has(at, "LIQUIBASE") {
            writer.ident(&column(at, "LIQUIBASE")).sql(", ")
        } else {
            writer.sql("NULL, ")
        };
        let (before, after) = server_clock::foreign_as_text(at.product);
        writer = writer
            .sql(before)
            .ident(&column(at, "DATEEXECUTED"))
            .sql(after)
            .sql(", ");
        writer = if has(at, "TAG") {
            writer.ident(&column(at, "TAG"))
        } else {
            writer.sql("NULL")
        };
        writer
            .sql(" FROM ")
            .table(&at.table.name)
            .sql(" ORDER BY ")
            .ident(&column(at, "DATEEXECUTED"))
            .sql(", ")
            .ident(&column(at, "ORDEREXECUTED"))
            .finish()
    }

    fn decode(
        &self,
        at: At<'_>,
        rows: &[Row],
        set: &MigrationSet,
    ) -> Result<Vec<Applied>, HistoryError> {
        rows::decode(at, rows, set)
    }

    fn write(
        &self,
        at: At<'_>,
        existing: &[Arc<Applied>],
        change: Change<'_>,
    ) -> Result<Vec<String>, HistoryError> {
        Ok(match change {
            Change::Begin(_)
            | Change::TakeBackBegin(_)
            | Change::Fail { .. }
            | Change::BeginRollBack(_)
            | Change::TakeBackBeginRollBack(_)
            | Change::Retire(_) => Vec::new(),
            Change::Apply { entry, .. } => {
                let kind = match entry.kind {
                    AppliedKind::Marked => "MARK_RAN",
                    _ => "EXECUTED",
                };
                match existing.iter().find(|row| row.order == entry.order) {
                    Some(row) if kind == "EXECUTED" => {
                        vec![rerun(at, row, entry, existing, "RERAN")]
                    }
                    Some(row) => vec![rerun(at, row, entry, existing, kind)],
                    None => vec![insert(at, entry, existing, kind)?],
                }
            }
            // As `mark-next-changeset-ran` and `changelog-sync` write it.
            Change::Mark(entry) => vec![insert(at, entry, existing, "EXECUTED")?],
            Change::Baseline(entries) => entries
                .iter()
                .map(|entry| insert(at, entry, existing, "EXECUTED"))
                .collect::<Result<_, _>>()?,
            Change::RollBack(applied) | Change::Forget(applied) => {
                let writer = SqlWriter::new(at.product.dialect())
                    .sql("DELETE FROM ")
                    .table(&at.table.name);
                vec![of_row(writer, at, applied).finish()]
            }
            Change::Realign { applied, entry } => {
                let writer = SqlWriter::new(at.product.dialect())
                    .sql("UPDATE ")
                    .table(&at.table.name)
                    .sql(" SET ")
                    .ident(&column(at, "MD5SUM"))
                    .sql(" = ")
                    .value(&checksum_of(entry));
                vec![of_row(writer, at, applied).finish()]
            }
        })
    }

    fn keeps_checksums(&self) -> bool {
        true
    }

    fn shape(&self, table: &TableName) -> TableShape {
        shape(table, &COLUMNS.map(|(name, _)| name))
    }
}

fn attribute(attributes: &Attributes, name: &str) -> Option<String> {
    attributes
        .get(name)
        .filter(|value| !value.is_empty())
        .cloned()
}

fn checksum_of(entry: &HistoryEntry) -> Value {
    Value::from(entry.checksums.first().map(Checksum::as_str))
}

/// What the row says beside its identity.
fn cells(
    at: At<'_>,
    entry: &HistoryEntry,
    existing: &[Arc<Applied>],
    kind: &str,
) -> Vec<(&'static str, Value)> {
    let of = |name| attribute(&entry.attributes, name);
    // A team that uses another version reads its own.
    let newest = existing
        .iter()
        .filter(|row| row.attributes.contains_key(LIQUIBASE))
        .max_by_key(|row| sequence(row));
    let version = newest.and_then(|row| attribute(&row.attributes, LIQUIBASE));
    let all = [
        ("MD5SUM", checksum_of(entry)),
        ("DESCRIPTION", Value::from("sql")),
        (
            "COMMENTS",
            Value::from(limited(&of(name::COMMENTS).unwrap_or_default(), 250)),
        ),
        ("EXECTYPE", Value::from(kind)),
        ("CONTEXTS", Value::from(of(name::CONTEXTS))),
        ("LABELS", Value::from(of(name::LABELS))),
        (
            "LIQUIBASE",
            Value::from(version.unwrap_or_else(|| VERSION.to_owned())),
        ),
        ("DEPLOYMENT_ID", Value::from(deployment(&entry.run))),
    ];
    all.into_iter().filter(|(name, _)| has(at, name)).collect()
}

/// As the tool cuts a text that is too long.
fn limited(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let head: String = text.chars().take(limit - 3).collect();
    format!("{head}...")
}

/// The last ten digits of the milliseconds at which the run began: its id begins with them.
fn deployment(run: &str) -> String {
    let hexadecimal: String = run.chars().filter(|c| *c != '-').take(12).collect();
    let milliseconds = u64::from_str_radix(&hexadecimal, 16).unwrap_or(0);
    format!("{:010}", milliseconds % 10_000_000_000)
}

const fn now(product: Product) -> &'static str {
    match product {
        Product::Postgresql | Product::Mysql | Product::Mariadb => "NOW()",
        Product::Sqlite => "CURRENT_TIMESTAMP",
    }
}

/// One more than the largest number there. MySQL takes no subquery on the table that it changes, but one in a subquery.
fn next_number(writer: SqlWriter, at: At<'_>) -> SqlWriter {
    writer
        .sql("(SELECT n FROM (SELECT coalesce(max(")
        .ident(&column(at, "ORDEREXECUTED"))
        .sql("), 0) + 1 AS n FROM ")
        .table(&at.table.name)
        .sql(") AS numbers)")
}

fn insert(
    at: At<'_>,
    entry: &HistoryEntry,
    existing: &[Arc<Applied>],
    kind: &str,
) -> Result<String, HistoryError> {
    const LONGEST: usize = 255;
    let of = |name| attribute(&entry.attributes, name).unwrap_or_default();
    let identity = [
        ("ID", of(name::ID)),
        ("AUTHOR", of(name::AUTHOR)),
        ("FILENAME", of(name::FILE)),
    ];
    for (column, value) in &identity {
        if value.chars().count() > LONGEST {
            return Err(HistoryError::DoesNotFit {
                version: entry.version.to_string(),
                table: at.table.name.to_string(),
                type_name: format!("{column} varchar(255)"),
                reason: "it has more than 255 characters",
            });
        }
    }
    if identity.iter().all(|(_, value)| value.is_empty()) {
        return Err(HistoryError::CannotSay {
            table: at.table.name.to_string(),
            reason: format!("`{}` is no changeset of this project", entry.version),
        });
    }
    let cells = cells(at, entry, existing, kind);
    let mut writer = SqlWriter::new(at.product.dialect())
        .sql("INSERT INTO ")
        .table(&at.table.name)
        .sql(" (")
        .ident(&column(at, "DATEEXECUTED"))
        .sql(", ")
        .ident(&column(at, "ORDEREXECUTED"));
    for name in identity
        .iter()
        .map(|(name, _)| *name)
        .chain(cells.iter().map(|(name, _)| *name))
    {
        writer = writer.sql(", ").ident(&column(at, name));
    }
    writer = writer.sql(") SELECT ");
    writer = match &entry.recorded {
        Some(recorded) => {
            let moment = server_clock::foreign_moment(at.product, recorded.at());
            writer.sql(&moment)
        }
        None => writer.sql(now(at.product)),
    };
    writer = next_number(writer.sql(", "), at);
    for (_, value) in identity {
        writer = writer.sql(", ").value(&Value::from(value));
    }
    for (_, value) in cells {
        writer = writer.sql(", ").value(&value);
    }
    Ok(writer.finish())
}

/// The row of a changeset that ran again.
fn rerun(
    at: At<'_>,
    row: &Applied,
    entry: &HistoryEntry,
    existing: &[Arc<Applied>],
    kind: &str,
) -> String {
    let mut writer = SqlWriter::new(at.product.dialect())
        .sql("UPDATE ")
        .table(&at.table.name)
        .sql(" SET ")
        .ident(&column(at, "DATEEXECUTED"))
        .sql(" = ")
        .sql(now(at.product))
        .sql(", ")
        .ident(&column(at, "ORDEREXECUTED"))
        .sql(" = ");
    writer = next_number(writer, at);
    for (name, value) in cells(at, entry, existing, kind) {
        writer = writer
            .sql(", ")
            .ident(&column(at, name))
            .sql(" = ")
            .value(&value);
    }
    of_row(writer, at, row).finish()
}

/// The condition that only the rows of a changeset fulfil.
fn of_row(writer: SqlWriter, at: At<'_>, row: &Applied) -> SqlWriter {
    let of = |name: &str| {
        Value::from(
            row.attributes
                .get(name)
                .map(String::as_str)
                .unwrap_or_default(),
        )
    };
    writer
        .sql(" WHERE ")
        .ident(&column(at, "ID"))
        .sql(" = ")
        .value(&of(name::ID))
        .sql(" AND ")
        .ident(&column(at, "AUTHOR"))
        .sql(" = ")
        .value(&of(name::AUTHOR))
        .sql(" AND ")
        .ident(&column(at, "FILENAME"))
        .sql(" = ")
        .value(&of(name::FILE))
}
