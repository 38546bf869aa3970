//! Finds the history table, once, and pins its schema: a migration or a role setting that changes `search_path` cannot make
//! the next run start from zero (golang-migrate#95, dbmate#184).

use super::beginning::Beginning;
use super::elsewhere::look_elsewhere;
use super::tables::{COMPATIBLE_WITH, LOCK, RUNS, STEPS};
use crate::database_error::query_error;
use crate::error::{Error, ErrorKind, Result};
use crate::project::Candidate;
use shoring_core::{Product, TableName, TableShape};
use shoring_db::Session;
use shoring_formats::{Format, HistoryError, HistoryPlace, foreign};

/// The history table of a project in a database, and which of our tables stand beside it.
#[derive(Clone)]
pub(crate) struct FoundHistory {
    /// The format it decided for.
    pub(crate) format: &'static dyn Format,
    /// The table, or the shape it will have.
    pub(crate) table: TableShape,
    /// Whether it is there.
    pub(crate) exists: bool,
    /// Whether `shoring_runs` is there. A run that died while it made the tables leaves only some of them.
    pub(crate) has_runs: bool,
    /// Whether `shoring_run_steps` is there.
    pub(crate) has_steps: bool,
    /// Whether both are there.
    pub(crate) has_journal: bool,
    /// Whether `shoring_lock` is there.
    pub(crate) has_lock: bool,
    /// What a first run finds.
    pub(crate) beginning: Beginning,
    /// Tables of the same tool in other schemas, where this one is not there.
    pub(crate) elsewhere: Vec<TableName>,
    /// Whether `shoring_runs` is there and lacks the column `compatible_with`.
    pub(crate) lacks_compatible_with: bool,
}

/// Looks for the history tables that are wanted. With `refuses_foreign` a database that another tool migrates is not taken
/// for a new one.
pub(crate) async fn find_history(
    session: &mut dyn Session,
    wanted: &[WantedHistory],
    refuses_foreign: bool,
) -> Result<FoundHistory> {
    // One question for all: a status over a slow line is a matter of round trips.
    let product = session.server().product;
    let names: Vec<String> = wanted
        .iter()
        .flat_map(|wanted| wanted.names(product))
        .collect();
    let mut asked: Vec<&str> = names.iter().map(String::as_str).collect();
    asked.extend([RUNS, STEPS, LOCK]);
    let all = session
        .tables_named_any(&asked)
        .await
        .map_err(|error| query_error(&error))?;
    let mut refusal = None;
    let mut found: Vec<(&'static dyn Format, TableShape)> = Vec::new();
    for wanted in wanted {
        let mut ours = Vec::new();
        for table in all.iter().filter(|table| wanted.is(table)).cloned() {
            match wanted.format.history().recognise(&table) {
                Ok(()) => ours.push(table),
                Err(error) => refusal = Some((error, table)),
            }
        }
        if let Some(table) = choose(session, ours).await? {
            // One table may fit two formats: the more likely one comes first.
            if found.iter().all(|(_, other)| other.name != table.name) {
                found.push((wanted.format, table));
            }
        }
    }
    match found.as_slice() {
        [(format, table)] => return Ok(beside(&all, *format, table.clone(), true)),
        [(one, first), (other, second), ..] => {
            return Err(two_histories((*one, first), (*other, second)));
        }
        [] => {}
    }
    if let Some((error, table)) = refusal {
        return Err(other_tool(&error, &table));
    }
    if refuses_foreign {
        refuse_foreign(session).await?;
    }
    let elsewhere = match wanted.first() {
        Some(wanted) => look_elsewhere(session, wanted, &all).await?,
        None => Vec::new(),
    };
    let Some(wanted) = wanted.first() else {
        return Err(Error::new(
            ErrorKind::Internal,
            "no-format",
            "no format to choose from",
        ));
    };
    let schema = match &wanted.schema {
        Some(schema) => Some(schema.clone()),
        None => current_schema(session).await?,
    };
    let schema = match schema {
        Some(schema) => Some(schema),
        None if session.server().dialect() == shoring_core::Dialect::Sqlite => None,
        None => {
            return Err(Error::new(
                ErrorKind::Usage,
                "no-schema",
                "there is no schema to keep the history table in: `search_path` names none that exists",
            )
            .next("name one in shoring.toml:  history_table = \"app.shoring_history\""));
        }
    };
    let table = wanted
        .format
        .history()
        .shape(&TableName::new(schema, wanted.name_on(product)));
    Ok(FoundHistory {
        elsewhere,
        ..beside(&all, wanted.format, table, false)
    })
}

/// The table that a format's history would be in.
#[derive(Clone)]
pub(crate) struct WantedHistory {
    pub(super) format: &'static dyn Format,
    pub(super) schema: Option<String>,
    /// The table's name.
    pub(crate) name: String,
    /// Who says which schema.
    pub(super) named_by: NamedBy,
}

/// Who says in which schema a history table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NamedBy {
    /// Nobody: its tool has a usual one.
    Nobody,
    /// The configuration of the tool.
    Tool,
    /// Our own setting, which answers every question.
    Us,
}

impl WantedHistory {
    /// By the settings (`table` or `schema.table`), else as the tool is told, else under its usual name. `parameter` looks
    /// into the database URL, where some tools name their table.
    pub(crate) fn of(
        candidate: &Candidate,
        configured: Option<&str>,
        parameter: &dyn Fn(&str) -> Option<String>,
    ) -> Self {
        let format = candidate.format;
        let told = configured
            .map(HistoryPlace::parse)
            .or_else(|| format.history_table(&candidate.config, parameter))
            .unwrap_or_else(|| HistoryPlace::new(None, format.history().default_table()));
        Self {
            format,
            schema: told.schema,
            name: told.name,
            named_by: match configured {
                Some(_) => NamedBy::Us,
                None if told.is_usual_schema => NamedBy::Nobody,
                None => NamedBy::Tool,
            },
        }
    }

    /// This table and no other.
    pub(crate) fn exactly(format: &'static dyn Format, table: &TableName) -> Self {
        Self {
            format,
            schema: table.schema.clone(),
            name: table.name.clone(),
            named_by: NamedBy::Us,
        }
    }

    /// The names that it may have on a product.
    fn names(&self, product: Product) -> Vec<String> {
        self.format.history().table_names(&self.name, product)
    }

    /// The name that it gets there.
    pub(crate) fn name_on(&self, product: Product) -> String {
        let mut names = self.names(product).into_iter();
        names.next().unwrap_or_else(|| self.name.clone())
    }

    fn is(&self, table: &TableShape) -> bool {
        table.name.name.eq_ignore_ascii_case(&self.name)
            && (self.schema.is_none() || table.name.schema == self.schema)
    }
}

/// Two tools have been at work here, and the files do not say whose they are.
fn two_histories(
    (one, first): (&'static dyn Format, &TableShape),
    (other, second): (&'static dyn Format, &TableShape),
) -> Error {
    Error::new(
        ErrorKind::Usage,
        "several-histories",
        format!(
            "two history tables fit these files: `{}` ({}) and `{}` ({})",
            first.name,
            one.name(),
            second.name,
            other.name()
        ),
    )
    .state("Nothing was run and nothing was changed.")
    .next(format!(
        "say which is in use:  --format {}   or   --format {}",
        one.name(),
        other.name()
    ))
    .next(format!(
        "or for good in shoring.toml:  format = \"{}\"",
        one.name()
    ))
}

async fn current_schema(session: &mut dyn Session) -> Result<Option<String>> {
    let current = session.current_schema().await;
    current.map_err(|error| query_error(&error))
}

/// One table is taken wherever it stands; of several, the one in the current schema only if it is the only choice there is
/// to make by configuration.
async fn choose(
    session: &mut dyn Session,
    mut tables: Vec<TableShape>,
) -> Result<Option<TableShape>> {
    if tables.len() <= 1 {
        return Ok(tables.pop());
    }
    let current = current_schema(session).await?;
    if let Some(index) = tables.iter().position(|table| table.name.schema == current) {
        // Schema-per-tenant databases have one in each schema; the connection says which is meant.
        return Ok(Some(tables.swap_remove(index)));
    }
    let names: Vec<String> = tables.iter().map(|table| table.name.to_string()).collect();
    Err(Error::new(
        ErrorKind::Usage,
        "several-histories",
        format!(
            "{} history tables could be meant: {}",
            names.len(),
            names.join(", ")
        ),
    )
    .state("Nothing was run and nothing was changed.")
    .next(format!(
        "name the right one in shoring.toml:  history_table = \"{}\"",
        names[0]
    )))
}

fn beside(
    all: &[TableShape],
    format: &'static dyn Format,
    table: TableShape,
    exists: bool,
) -> FoundHistory {
    let has = |name: &str| {
        all.iter()
            .any(|found| found.name.name == name && found.name.schema == table.name.schema)
    };
    let runs = all
        .iter()
        .find(|found| found.name == table.name.sibling(RUNS));
    FoundHistory {
        beginning: Beginning::Anywhere,
        elsewhere: Vec::new(),
        lacks_compatible_with: runs.is_some_and(|runs| runs.column(COMPATIBLE_WITH).is_none()),
        has_runs: has(RUNS),
        has_steps: has(STEPS),
        has_journal: has(RUNS) && has(STEPS),
        has_lock: has(LOCK),
        format,
        exists,
        table,
    }
}

/// A database that another tool migrates is not taken for a new one.
async fn refuse_foreign(session: &mut dyn Session) -> Result<()> {
    let names = foreign::table_names(session.server().product);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let tables = session
        .tables_named_any(&names)
        .await
        .map_err(|error| query_error(&error))?;
    for table in tables {
        if let Some(tool) = foreign::owner_of(&table) {
            return Err(Error::new(
                ErrorKind::Usage,
                "other-tool",
                format!("this database has a history table of {tool} (`{}`) and none of ours", table.name),
            )
            .state("Nothing was run and nothing was changed.")
            .next("if these files are applied already:  shoring baseline VERSION --format shoring")
            .next("if they are not, and both histories shall live side by side:  shoring up --format shoring"));
        }
    }
    Ok(())
}

fn other_tool(error: &HistoryError, table: &TableShape) -> Error {
    let mut refused = Error::new(ErrorKind::Usage, "other-tool", error.to_string())
        .state("Nothing was run and nothing was changed.");
    if let Some(tool) = foreign::owner_of(table) {
        refused = refused.note(format!("it looks like the table of {tool}"));
    }
    let other = match table.name.name.as_str() {
        "shoring_history" => "shoring_migrations",
        _ => "shoring_history",
    };
    refused.next(format!(
        "name another table for this project in shoring.toml:  history_table = \"{other}\""
    ))
}
