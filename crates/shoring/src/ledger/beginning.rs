//! What a first run finds where the history table would be: nothing, a schema that has to be made, or things that nobody has
//! recorded.

use super::find::FoundHistory;
use super::snapshot::Ledger;
use crate::database_error::query_error;
use crate::error::{Error, ErrorKind, Result};
use shoring_core::{Applied, Dialect, Kind, MigrationSet, Product, Value};
use shoring_db::Session;
use shoring_formats::{FirstRow, FirstRun, HostConfig};
use shoring_sql::writer::SqlWriter;

/// What a first run finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Beginning {
    /// Nothing in its way, or a tool that does not look.
    Anywhere,
    /// These schemas are not there, and are made.
    MakesSchemas(Vec<String>),
    /// There are things, and nothing tells which migrations made them.
    Refused,
    /// The same, and everything up to this one is taken as applied.
    Baseline(Box<Applied>),
}

impl Beginning {
    /// Whether it says what a first run makes of things that nobody has recorded.
    pub(crate) fn is_of_a_first_run(&self) -> bool {
        match self {
            Self::Refused | Self::Baseline(_) => true,
            Self::Anywhere | Self::MakesSchemas(_) => false,
        }
    }

    /// What is sent before the history table is made.
    pub(super) fn before(&self, product: Product) -> Vec<String> {
        match self {
            Self::MakesSchemas(schemas) => schemas
                .iter()
                .map(|schema| {
                    SqlWriter::new(product.dialect())
                        .sql("CREATE SCHEMA ")
                        .ident(schema)
                        .finish()
                })
                .collect(),
            Self::Anywhere | Self::Refused | Self::Baseline(_) => Vec::new(),
        }
    }

    /// The rows that come with the history table.
    pub(super) fn after(&self, ledger: &Ledger) -> Vec<String> {
        let write = |first| ledger.history().write_first(ledger.at(), first);
        match self {
            Self::MakesSchemas(schemas) => write(FirstRow::Schemas(schemas)),
            Self::Baseline(row) => write(FirstRow::Baseline(row)),
            Self::Anywhere | Self::Refused => Vec::new(),
        }
    }

    /// What will count as applied from the first row on.
    pub(super) fn rows(&self, set: &MigrationSet) -> Vec<Applied> {
        let Self::Baseline(baseline) = self else {
            return Vec::new();
        };
        let mut rows: Vec<Applied> = set
            .migrations
            .iter()
            .filter(|migration| {
                migration.kind == Kind::Versioned && migration.order <= baseline.order
            })
            .map(|migration| Applied {
                version: migration.version.clone(),
                order: migration.order.clone(),
                name: Some(migration.name.clone()),
                ..(**baseline).clone()
            })
            .collect();
        if rows.iter().all(|row| row.order != baseline.order) {
            rows.push((**baseline).clone());
        }
        rows
    }
}

/// Looks where the history table would be, as the tool of the project does before its first run.
pub(crate) async fn look_at_ground(
    session: &mut dyn Session,
    found: &FoundHistory,
    config: &HostConfig,
) -> Result<Beginning> {
    let first_run = found.format.first_run(config);
    if found.exists || first_run == FirstRun::Anywhere {
        return Ok(Beginning::Anywhere);
    }
    let dialect = session.server().dialect();
    let own = found.table.name.schema.clone();
    let mut schemas = found.format.schemas(config);
    if let Some(own) = own.clone().filter(|own| !schemas.contains(own)) {
        schemas.insert(0, own);
    }
    let mut missing = Vec::new();
    let mut is_empty_everywhere = true;
    for schema in &schemas {
        if is_missing(session, dialect, schema).await? {
            missing.push(schema.clone());
        } else {
            is_empty_everywhere &= is_empty(session, dialect, Some(schema)).await?;
        }
    }
    if schemas.is_empty() {
        is_empty_everywhere = is_empty(session, dialect, None).await?;
    }
    if !is_empty_everywhere {
        return Ok(match first_run {
            FirstRun::Baseline(row) => Beginning::Baseline(row),
            FirstRun::EmptyOnly | FirstRun::Anywhere => Beginning::Refused,
        });
    }
    if missing.is_empty() {
        return Ok(Beginning::Anywhere);
    }
    if found.format.makes_schemas(config) {
        return Ok(Beginning::MakesSchemas(missing));
    }
    match own.filter(|own| missing.contains(own)) {
        None => Ok(Beginning::Anywhere),
        Some(own) => Err(Error::new(
            ErrorKind::Usage,
            "no-schema",
            format!("there is no schema `{own}` to keep the history table in"),
        )
        .state("Nothing was run and nothing was changed.")
        .next("make it, or correct its name in the configuration")),
    }
}

pub(super) async fn is_missing(
    session: &mut dyn Session,
    dialect: Dialect,
    schema: &str,
) -> Result<bool> {
    if dialect == Dialect::Sqlite {
        return Ok(false);
    }
    let sql = SqlWriter::new(dialect)
        .sql("SELECT 1 FROM information_schema.schemata WHERE schema_name = ")
        .value(&Value::from(schema))
        .finish();
    let rows = session
        .query(&sql)
        .await
        .map_err(|error| query_error(&error))?;
    Ok(rows.is_empty())
}

/// Whether nothing is there but what is ours.
pub(super) async fn is_empty(
    session: &mut dyn Session,
    dialect: Dialect,
    schema: Option<&str>,
) -> Result<bool> {
    let writer = |sql: &str| SqlWriter::new(dialect).sql(sql);
    let schema = Value::from(schema);
    // Functions and types of extensions are nobody's migration.
    let sql = match dialect {
        Dialect::Postgresql => writer("SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ")
            .value(&schema)
            .sql(" AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c') AND c.relname NOT LIKE 'shoring\\_%' AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') UNION ALL SELECT 1 FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = ")
            .value(&schema)
            .sql(" AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') LIMIT 1")
            .finish(),
        Dialect::Mysql => writer("SELECT 1 FROM information_schema.tables WHERE table_schema = ")
            .value(&schema)
            .sql(" AND LEFT(table_name, 8) <> 'shoring_' UNION ALL SELECT 1 FROM information_schema.routines WHERE routine_schema = ")
            .value(&schema)
            .sql(" LIMIT 1")
            .finish(),
        Dialect::Sqlite => writer("SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name NOT LIKE 'shoring!_%' ESCAPE '!' LIMIT 1").finish(),
    };
    let rows = session
        .query(&sql)
        .await
        .map_err(|error| query_error(&error))?;
    Ok(rows.is_empty())
}
