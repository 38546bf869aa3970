//! The table `flyway_schema_history`: a row for each run, in the order of `installed_rank`.
//!
//! Shoring writes only rows that the free edition reads: a roll-back is a row of type `DELETE`, as its own `repair` writes,
//! after which the version is pending again. `UNDO_SQL` stops the free edition with an unknown type.

use super::lock;
use super::rows::{self, attribute};
use crate::history::{At, Change, FirstRow, History, HistoryEntry, HistoryError};
use crate::rows::{require_columns, shape};
use crate::server_clock;
use crate::table_sql::{self, Cell};
use crate::tool_lock::ToolLock;
use shoring_core::{
    Applied, AppliedKind, Attributes, MigrationSet, Product, Row, TableName, TableShape, Value,
    Version,
};
use shoring_sql::writer::SqlWriter;
use std::sync::Arc;

const COLUMNS: &[&str] = &rows::SELECTED;

/// What a baseline is called where nothing else is configured.
pub(super) const BASELINE: &str = "<< Flyway Baseline >>";

/// The history of Flyway.
#[derive(Debug, Clone, Copy)]
pub(super) struct FlywayHistory;

impl History for FlywayHistory {
    fn default_table(&self) -> &'static str {
        "flyway_schema_history"
    }

    fn create(&self, product: Product, table: &TableName) -> Vec<String> {
        let primary_key = format!("{}_pk", table.name);
        let index = format!("{}_s_idx", table.name);
        let writer = || SqlWriter::new(product.dialect());
        let columns = |rank: &str, installed_on: &str, success: &str| {
            writer()
                .sql("CREATE TABLE ")
                .table(table)
                .sql(" (")
                .ident("installed_rank")
                .sql(rank)
                .ident("version")
                .sql(" VARCHAR(50), ")
                .ident("description")
                .sql(" VARCHAR(200) NOT NULL, ")
                .ident("type")
                .sql(" VARCHAR(20) NOT NULL, ")
                .ident("script")
                .sql(" VARCHAR(1000) NOT NULL, ")
                .ident("checksum")
                .sql(" INT, ")
                .ident("installed_by")
                .sql(" VARCHAR(100) NOT NULL, ")
                .ident("installed_on")
                .sql(installed_on)
                .ident("execution_time")
                .sql(" INT NOT NULL, ")
                .ident("success")
                .sql(success)
        };
        let success_index = |on: &TableName| {
            let name = match product {
                // There the index has the schema, and the table has none.
                Product::Sqlite => writer().sql("CREATE INDEX ").table(&table.sibling(&index)),
                Product::Postgresql | Product::Mysql | Product::Mariadb => {
                    writer().sql("CREATE INDEX ").ident(&index)
                }
            };
            name.sql(" ON ")
                .table(on)
                .sql(" (")
                .ident("success")
                .sql(")")
                .finish()
        };
        match product {
            Product::Postgresql => vec![
                columns(
                    " INT NOT NULL, ",
                    " TIMESTAMP NOT NULL DEFAULT now(), ",
                    " BOOLEAN NOT NULL)",
                )
                .finish(),
                writer()
                    .sql("ALTER TABLE ")
                    .table(table)
                    .sql(" ADD CONSTRAINT ")
                    .ident(&primary_key)
                    .sql(" PRIMARY KEY (")
                    .ident("installed_rank")
                    .sql(")")
                    .finish(),
                success_index(table),
            ],
            Product::Mysql | Product::Mariadb => vec![
                columns(
                    " INT NOT NULL, ",
                    " TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, ",
                    " BOOL NOT NULL, CONSTRAINT ",
                )
                .ident(&primary_key)
                .sql(" PRIMARY KEY (")
                .ident("installed_rank")
                // Each definition commits there: in one, the index is never missing. The table is the tool's all the same.
                .sql("), INDEX ")
                .ident(&index)
                .sql(" (")
                .ident("success")
                .sql("))")
                .finish(),
            ],
            Product::Sqlite => vec![
                columns(
                    " INT NOT NULL PRIMARY KEY, ",
                    " TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now')), ",
                    " BOOLEAN NOT NULL)",
                )
                .finish(),
                success_index(&TableName::new(None, table.name.clone())),
            ],
        }
    }

    fn write_first(&self, at: At<'_>, first: FirstRow<'_>) -> Vec<String> {
        vec![match first {
            FirstRow::Baseline(row) => insert_baseline(at, row),
            FirstRow::Schemas(schemas) => insert_schema_marker(at, schemas),
        }]
    }

    fn recognise(&self, table: &TableShape) -> Result<(), HistoryError> {
        require_columns(table, COLUMNS, "flyway_schema_history")
    }

    fn select(&self, at: At<'_>) -> String {
        let mut writer = SqlWriter::new(at.product.dialect()).sql("SELECT ");
        for column in &COLUMNS[..9] {
            writer = writer.ident(column).sql(", ");
        }
        let (before, after) = server_clock::foreign_as_text(at.product);
        writer
            .sql(before)
            .ident("installed_on")
            .sql(after)
            .sql(" FROM ")
            .table(&at.table.name)
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
        _existing: &[Arc<Applied>],
        change: Change<'_>,
    ) -> Result<Vec<String>, HistoryError> {
        Ok(match change {
            Change::Begin(entry) => vec![insert(at, &New::of(at, entry)?, false)],
            Change::Apply {
                entry,
                has_begun: true,
            } => vec![finish(at, entry)?],
            Change::Apply {
                entry,
                has_begun: false,
            }
            | Change::Mark(entry) => vec![insert(at, &New::of(at, entry)?, true)],
            // The row of `Begin` says so already; it learns how long it took.
            Change::Fail { entry, .. } => vec![table_sql::update(
                at,
                &[("execution_time", Cell::from(milliseconds(entry)))],
                &of_unfinished(&New::of(at, entry)?),
            )],
            Change::TakeBackBegin(entry) => {
                vec![table_sql::delete(at, &of_unfinished(&New::of(at, entry)?))]
            }
            Change::BeginRollBack(applied) => vec![set_success(at, applied, false)],
            Change::TakeBackBeginRollBack(applied) => vec![set_success(at, applied, true)],
            Change::RollBack(applied) => vec![
                set_success(at, applied, true),
                insert(at, &New::deletion_of(applied), true),
            ],
            Change::Retire(applied) => vec![insert(at, &New::deletion_of(applied), true)],
            Change::Baseline(entries) => match entries.last() {
                Some(last) => vec![insert(at, &New::baseline(at, last), true)],
                None => Vec::new(),
            },
            Change::Forget(applied) => vec![table_sql::delete(at, &row_of(applied))],
            Change::Realign { applied, entry } => {
                let new = New::of(at, entry)?;
                vec![table_sql::update(
                    at,
                    &[
                        ("description", Cell::from(new.description)),
                        ("type", Cell::from(new.type_name)),
                        ("checksum", Cell::from(new.checksum)),
                    ],
                    &row_of(applied),
                )]
            }
        })
    }

    fn keeps_checksums(&self) -> bool {
        true
    }

    fn locks(&self, at: At<'_>, _database: &str) -> Vec<ToolLock> {
        lock::locks(at)
    }

    fn shape(&self, table: &TableName) -> TableShape {
        shape(table, COLUMNS)
    }
}

/// What a new row says.
struct New {
    version: Option<String>,
    description: String,
    type_name: String,
    script: String,
    checksum: Option<i64>,
    installed_by: Option<String>,
    /// When, where it was not now.
    installed_on: Option<Cell>,
    milliseconds: Cell,
}

impl New {
    fn of(at: At<'_>, entry: &HistoryEntry) -> Result<Self, HistoryError> {
        const LONGEST: usize = 50;
        let version = entry.order.is_step().then(|| entry.version.to_string());
        if version.as_ref().is_some_and(|text| text.len() > LONGEST) {
            return Err(HistoryError::DoesNotFit {
                version: entry.version.to_string(),
                table: at.table.name.to_string(),
                type_name: "varchar(50)".to_owned(),
                reason: "it has more than 50 characters",
            });
        }
        let attribute = |name: &str| entry.attributes.get(name).cloned();
        let milliseconds = match (
            entry.milliseconds,
            server_clock::milliseconds_in_transaction(at.product),
        ) {
            (None, Some(expression)) => Cell::Expression(expression),
            (Some(_), _) | (None, None) => Cell::from(milliseconds(entry)),
        };
        Ok(Self {
            version,
            description: attribute(attribute::DESCRIPTION)
                .unwrap_or_else(|| rows::fitting_description(&entry.name)),
            type_name: attribute(attribute::TYPE).unwrap_or_else(|| "SQL".to_owned()),
            script: attribute(attribute::SCRIPT).unwrap_or_else(|| entry.name.clone()),
            checksum: entry
                .checksums
                .first()
                .and_then(|checksum| checksum.as_str().parse().ok()),
            installed_by: attribute(attribute::INSTALLED_BY)
                .or_else(|| entry.recorded.as_ref()?.by.clone()),
            installed_on: recorded(at, entry),
            milliseconds,
        })
    }

    /// The row that says that another one no longer counts.
    fn deletion_of(applied: &Applied) -> Self {
        let attribute = |name: &str| applied.attributes.get(name).cloned();
        Self {
            version: applied.order.is_step().then(|| applied.version.to_string()),
            description: attribute(attribute::DESCRIPTION).unwrap_or_default(),
            type_name: "DELETE".to_owned(),
            script: attribute(attribute::SCRIPT).unwrap_or_default(),
            checksum: applied
                .checksum
                .as_ref()
                .and_then(|checksum| checksum.as_str().parse().ok()),
            installed_by: None,
            installed_on: None,
            milliseconds: Cell::from(0_i64),
        }
    }

    /// One row stands for everything up to its version.
    fn baseline(at: At<'_>, entry: &HistoryEntry) -> Self {
        Self {
            version: Some(entry.version.to_string()),
            description: BASELINE.to_owned(),
            type_name: "BASELINE".to_owned(),
            script: BASELINE.to_owned(),
            checksum: None,
            installed_by: entry.attributes.get(attribute::INSTALLED_BY).cloned(),
            installed_on: recorded(at, entry),
            milliseconds: Cell::from(0_i64),
        }
    }
}

/// A baseline at a version of which there may be no file, in the words of the project's configuration.
pub(super) fn baseline_entry(version: &str, description: &str) -> Option<Applied> {
    let (version, order) = super::version::parse(version)?;
    let mut row = rows::below_baseline(&Version::new(version), &order, description);
    row.attributes = Attributes::from([(attribute::DESCRIPTION, description.to_owned())]);
    Some(row)
}

/// The row of a baseline that is written with the table.
pub(super) fn insert_baseline(at: At<'_>, row: &Applied) -> String {
    let description = row
        .attributes
        .get(attribute::DESCRIPTION)
        .map_or(BASELINE, String::as_str);
    let new = New {
        version: Some(row.version.to_string()),
        description: description.to_owned(),
        type_name: "BASELINE".to_owned(),
        script: description.to_owned(),
        checksum: None,
        installed_by: None,
        installed_on: None,
        milliseconds: Cell::from(0_i64),
    };
    insert(at, &new, true)
}

/// The row that tells which schemas were made: it stands before all others.
fn insert_schema_marker(at: At<'_>, schemas: &[String]) -> String {
    let quoted: Vec<String> = schemas
        .iter()
        .map(|schema| SqlWriter::new(at.product.dialect()).ident(schema).finish())
        .collect();
    let mut cells = cells(
        at,
        &New {
            version: None,
            description: "<< Flyway Schema Creation >>".to_owned(),
            type_name: "SCHEMA".to_owned(),
            script: rows::fitting_script(&quoted.join(",")),
            checksum: None,
            installed_by: None,
            installed_on: None,
            milliseconds: Cell::from(0_i64),
        },
        true,
    );
    cells.insert(0, ("installed_rank", Cell::from(0_i64)));
    table_sql::insert(at, &cells)
}

/// The time of a migration, where that is kept from elsewhere.
fn recorded(at: At<'_>, entry: &HistoryEntry) -> Option<Cell> {
    table_sql::recorded(at, "installed_on", entry).map(|(_, time)| time)
}

fn milliseconds(entry: &HistoryEntry) -> i64 {
    entry
        .milliseconds
        .and_then(|milliseconds| i64::try_from(milliseconds).ok())
        .unwrap_or(0)
        .min(i64::from(i32::MAX))
}

fn user(at: At<'_>, installed_by: Option<&String>) -> Cell {
    match (installed_by, at.product) {
        (Some(name), _) => Cell::from(name.as_str()),
        (None, Product::Postgresql) => Cell::Expression("current_user"),
        (None, Product::Mysql | Product::Mariadb) => {
            Cell::Expression("SUBSTRING_INDEX(USER(), '@', 1)")
        }
        (None, Product::Sqlite) => Cell::from(""),
    }
}

const fn now(product: Product) -> &'static str {
    match product {
        Product::Postgresql => "now()",
        Product::Mysql | Product::Mariadb => "CURRENT_TIMESTAMP",
        Product::Sqlite => "strftime('%Y-%m-%d %H:%M:%f','now')",
    }
}

fn cells(at: At<'_>, new: &New, is_success: bool) -> Vec<(&'static str, Cell)> {
    let mut cells = vec![
        ("version", Cell::from(new.version.as_deref())),
        ("description", Cell::from(new.description.as_str())),
        ("type", Cell::from(new.type_name.as_str())),
        ("script", Cell::from(new.script.as_str())),
        ("checksum", Cell::from(new.checksum)),
        ("installed_by", user(at, new.installed_by.as_ref())),
        ("execution_time", new.milliseconds.clone()),
        ("success", Cell::from(is_success)),
    ];
    let time = new.installed_on.clone();
    cells.extend(time.map(|time| ("installed_on", time)));
    cells
}

/// A row with the next rank.
fn insert(at: At<'_>, new: &New, is_success: bool) -> String {
    table_sql::insert_next(at, "installed_rank", &cells(at, new, is_success))
}

/// The row that `Begin` wrote, now that the migration is there.
fn finish(at: At<'_>, entry: &HistoryEntry) -> Result<String, HistoryError> {
    let new = New::of(at, entry)?;
    Ok(table_sql::update(
        at,
        &[
            // The file may have been mended since it began.
            ("description", Cell::from(new.description.as_str())),
            ("type", Cell::from(new.type_name.as_str())),
            ("script", Cell::from(new.script.as_str())),
            ("checksum", Cell::from(new.checksum)),
            ("installed_by", user(at, new.installed_by.as_ref())),
            ("installed_on", Cell::Expression(now(at.product))),
            ("execution_time", new.milliseconds.clone()),
            ("success", Cell::from(true)),
        ],
        &of_unfinished(&new),
    ))
}

/// The row of a migration that began and did not end.
fn of_unfinished(new: &New) -> Vec<(&'static str, Value)> {
    let mut of = vec![("version", Value::from(new.version.as_deref()))];
    if new.version.is_none() {
        of.push(("description", Value::from(new.description.as_str())));
    }
    of.push(("success", Value::from(false)));
    of
}

fn row_of(applied: &Applied) -> Vec<(&'static str, Value)> {
    match applied.attributes.get(attribute::RANK) {
        Some(rank) => vec![(
            "installed_rank",
            rank.parse().map_or(Value::Null, Value::Int),
        )],
        // A row that was written in this very run.
        None if applied.order.is_step() => vec![
            ("version", Value::from(applied.version.as_str())),
            ("success", Value::from(applied.kind != AppliedKind::Failed)),
        ],
        None => vec![(
            "description",
            Value::from(
                applied
                    .attributes
                    .get(attribute::DESCRIPTION)
                    .map(String::as_str),
            ),
        )],
    }
}

fn set_success(at: At<'_>, applied: &Applied, is_success: bool) -> String {
    table_sql::update(at, &[("success", Cell::from(is_success))], &row_of(applied))
}
