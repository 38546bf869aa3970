//! `doctor` on PostgreSQL: indexes that a concurrent build left behind, invalid. They are only told, never dropped here: `up`
//! drops and builds again what an attempt of ours began, and anything else is somebody's own.

use super::open::Opened;
use crate::database_error::query_error;
use crate::error::Result;
use crate::report::{Case, CaseKind};
use shoring_core::{Dialect, Direction, Product, Row, State};
use shoring_plan::Entry;
use shoring_sql::SqlWriter;

/// Indexes of partitioned tables are invalid until every partition has its part: that is no failure. A build holds
/// SHARE UPDATE EXCLUSIVE on its table until it ends.
const INVALID: &str = "SELECT n.nspname, c.relname, t.relname, pg_catalog.pg_table_is_visible(t.oid), \
    (SELECT min(l.pid) FROM pg_catalog.pg_locks l WHERE l.locktype = 'relation' AND l.relation = t.oid AND l.granted \
      AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) \
      AND l.mode IN ('ShareLock', 'ShareUpdateExclusiveLock')) \
    FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid \
    JOIN pg_catalog.pg_class t ON t.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    WHERE NOT i.indisvalid AND c.relkind = 'i' AND c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'pg_toast') \
    ORDER BY 1, 2";

/// What was found.
#[derive(Default)]
pub(super) struct InvalidIndexes {
    pub(super) cases: Vec<Case>,
    pub(super) notes: Vec<String>,
}

struct Index {
    schema: String,
    name: String,
    table: String,
    is_table_visible: bool,
    /// The session that may be building it.
    builder: Option<String>,
}

impl Index {
    fn read(row: &Row) -> Self {
        let text = |at: usize| row.text(at).unwrap_or_default();
        Self {
            schema: text(0),
            name: text(1),
            table: text(2),
            is_table_visible: row.bool(3) == Some(true),
            builder: row.text(4),
        }
    }
}

impl Opened {
    pub(super) async fn invalid_indexes(&mut self) -> Result<InvalidIndexes> {
        let mut found = InvalidIndexes::default();
        let rows = match &mut self.session {
            Some(session) if session.server().product == Product::Postgresql => session
                .query(INVALID)
                .await
                .map_err(|error| query_error(&error))?,
            Some(_) | None => return Ok(found),
        };
        for index in rows.iter().map(Index::read) {
            let Index {
                schema,
                name,
                table,
                ..
            } = &index;
            if let Some(builder) = &index.builder {
                found.notes.push(format!(
                    "index {schema}.{name} on {table} is invalid; session {builder} holds a lock on the table and may be building it"
                ));
                continue;
            }
            let ours = self.who_began(&index).await?;
            let drop_index = SqlWriter::new(Dialect::Postgresql)
                .sql("DROP INDEX CONCURRENTLY ")
                .ident(schema)
                .sql(".")
                .ident(name)
                .finish();
            let what = format!("index {schema}.{name} on {table} is invalid: no query uses it");
            found.cases.push(match ours {
                Some((entry, number)) => Case {
                    kind: CaseKind::PartlyApplied,
                    version: entry.version().to_owned(),
                    name: entry.name().to_owned(),
                    summary: format!("{what}; statement {number} of this migration began it"),
                    statements: Vec::new(),
                    next: "shoring up  drops it and builds it again".to_owned(),
                    settlement: None,
                    is_settled: false,
                },
                None => Case {
                    kind: CaseKind::Mismatch,
                    version: String::new(),
                    name: name.clone(),
                    summary: format!("{what}; no attempt of shoring began it"),
                    statements: Vec::new(),
                    next: format!("drop it, then build it again if it is needed:  {drop_index}"),
                    settlement: None,
                    is_settled: false,
                },
            });
        }
        Ok(found)
    }

    /// The migration, and the number of its statement, that `up` would build this index again for.
    async fn who_began(&mut self, index: &Index) -> Result<Option<(Entry, u64)>> {
        if !self.ledger.found.has_journal {
            return Ok(None);
        }
        let is_unfinished = |entry: &&Entry| match entry.state {
            State::Pending | State::Failed | State::OutOfOrder => true,
            State::Applied | State::Changed | State::Missing | State::Baseline | State::Ignored => {
                false
            }
        };
        let entries: Vec<Entry> = self
            .reconciliation
            .entries
            .iter()
            .filter(is_unfinished)
            .cloned()
            .collect();
        for entry in entries {
            let Some(plan) = self.plan_of(&entry, Direction::Up) else {
                continue;
            };
            let makes_it = plan.statements.iter().find(|statement| {
                statement.facts.verb == "CREATE INDEX CONCURRENTLY"
                    && statement.facts.targets.first().is_some_and(|target| {
                        let schema = target.schema.as_deref();
                        target.name == index.name
                            && target.table.as_deref() == Some(index.table.as_str())
                            && schema
                                .map_or(index.is_table_visible, |schema| schema == index.schema)
                    })
            });
            let (Some(statement), Some(session)) = (makes_it, &mut self.session) else {
                continue;
            };
            let version = entry.version().to_owned();
            let sql = self.ledger.journal.select_begun(&version, statement.number);
            let begun = session.query(&sql).await;
            if !begun.map_err(|error| query_error(&error))?.is_empty() {
                return Ok(Some((entry, statement.number)));
            }
        }
        Ok(None)
    }
}
