//! What the database says about the past: history and journal, read together.

use super::find::FoundHistory;
use super::journal::{JournalSql, OpenAttempt};
use super::lease::{LeaseRow, LeaseSql};
use super::tables;
use super::version_key::{orders_by_key, version_key};
use crate::database_error::query_error;
use crate::error::{Error, ErrorKind, Result};
use shoring_core::{
    Applied, AppliedKind, Checksum, CompatibleWith, Direction, MigrationSet, OrderKey, Product,
    TableName, Version, shared,
};
use shoring_db::Session;
use shoring_formats::{At, History};
use shoring_plan::{HalfDone, JournalView};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The tables of one project in one database.
#[derive(Clone)]
pub(crate) struct Ledger {
    /// Where the history is.
    pub(crate) found: FoundHistory,
    /// The product.
    pub(crate) product: Product,
    /// The journal's SQL.
    pub(crate) journal: JournalSql,
    /// The lease's SQL.
    pub(crate) lease: LeaseSql,
    /// Whether we keep a journal and a lease at all (`--no-journal`).
    pub(crate) keeps_journal: bool,
}

/// What was read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Snapshot {
    /// The rows of the history table, in order.
    pub(crate) applied: Vec<Arc<Applied>>,
    /// The last open attempt of each version.
    pub(crate) open: BTreeMap<OrderKey, OpenAttempt>,
    /// Every open attempt, with its version and id; those too that left nothing behind.
    pub(crate) open_ids: Vec<(String, String)>,
    /// What the journal adds to the verdict on each migration.
    pub(crate) view: JournalView,
    /// Who applied each version and how long it took, where the history table does not keep it.
    pub(crate) appliers: BTreeMap<OrderKey, (Option<String>, Option<u64>)>,
}

impl Ledger {
    /// The ledger around a history table.
    pub(crate) fn new(found: FoundHistory, product: Product, keeps_journal: bool) -> Self {
        let history = found.table.name.clone();
        Self {
            journal: JournalSql {
                product,
                history: history.clone(),
            },
            lease: LeaseSql {
                product,
                table: history.sibling(tables::LOCK),
            },
            found,
            product,
            keeps_journal,
        }
    }

    /// The history table on this product, for the format's SQL.
    pub(crate) fn at(&self) -> At<'_> {
        At {
            product: self.product,
            table: &self.found.table,
        }
    }

    /// The format's description of the history table.
    pub(crate) fn history(&self) -> &'static dyn History {
        self.found.format.history()
    }

    /// The tables that are missing, each with its `CREATE TABLE`.
    pub(crate) fn missing_tables(&self) -> Vec<(TableName, String)> {
        let mut missing = Vec::new();
        let history = &self.found.table.name;
        if !self.found.exists {
            let beginning = &self.found.beginning;
            let mut create = beginning.before(self.product);
            create.extend(self.history().create(self.product, history));
            create.extend(beginning.after(self));
            missing.extend(create.into_iter().map(|sql| (history.clone(), sql)));
        }
        if self.keeps_journal {
            let mut add = |name: &str| {
                let table = history.sibling(name);
                missing.push((table.clone(), tables::create(self.product, &table)));
                let index = tables::create_index(self.product, &table);
                missing.extend(index.map(|sql| (table, sql)));
            };
            if !self.found.has_runs {
                add(tables::RUNS);
            }
            if !self.found.has_steps {
                add(tables::STEPS);
            }
            if !self.found.has_lock {
                add(tables::LOCK);
            }
        }
        missing
    }

    /// Reads history and journal. Creates nothing. `set` are the project's files.
    pub(crate) async fn read(
        &self,
        session: &mut dyn Session,
        set: &MigrationSet,
    ) -> Result<Snapshot> {
        let mut snapshot = Snapshot::default();
        let history = self.history();
        if self.found.exists {
            let rows = query_patiently(session, &history.select(self.at())).await?;
            let applied = history.decode(self.at(), &rows, set).map_err(|error| {
                Error::new(ErrorKind::Mismatch, "damaged-history", error.to_string())
                    .state("Nothing was run and nothing was changed.")
                    .next("correct or delete that row with SQL; then look again:  shoring status")
            })?;
            snapshot.applied = shared(applied);
        } else {
            snapshot.applied = shared(self.found.beginning.rows(set));
        }
        if !self.found.has_journal {
            return Ok(snapshot);
        }
        let orders = orders_by_key(set, &snapshot.applied);
        let order_of = |version: &str| match orders.get(version) {
            Some(order) => Some((*order).clone()),
            None => self.found.format.order_of(version),
        };
        for row in query_patiently(session, &self.journal.select_open()).await? {
            let mut open = JournalSql::decode_open(&row);
            let steps = query_patiently(session, &self.journal.select_steps(&open.id)).await?;
            open.steps = steps.iter().map(JournalSql::decode_step).collect();
            snapshot
                .open_ids
                .push((open.version.clone(), open.id.clone()));
            let Some(order) = order_of(&open.version) else {
                continue;
            };
            // A failed first statement leaves nothing behind. Where the history is told of the beginning, a run that was killed before it
            // leaves that word: then the journal knows what it is worth.
            let is_half = open.done_through() > 0
                || open.unresolved().is_some()
                || snapshot.has_failed_row(&order);
            if is_half {
                snapshot.open.insert(order, open);
            }
        }
        snapshot.view.half_done = snapshot
            .open
            .iter()
            .map(|(order, open)| {
                let half = HalfDone {
                    direction: open.direction,
                    progress: open.describe(),
                };
                (order.clone(), half)
            })
            .collect();
        if !history.keeps_checksums() {
            for row in query_patiently(session, &self.journal.select_checksums()).await? {
                if let (Some(order), Some(checksum)) = (
                    row.text(0).and_then(|version| order_of(&version)),
                    row.text(1),
                ) {
                    let known = snapshot.view.checksums.entry(order).or_default();
                    if row.bool(2) != Some(true) {
                        known.clear();
                    }
                    known.push(Checksum::from_text(checksum));
                }
            }
        }
        if snapshot.applied.iter().any(|row| row.applied_by.is_none()) {
            for row in query_patiently(session, &self.journal.select_appliers()).await? {
                let Some(order) = row.text(0).and_then(|version| order_of(&version)) else {
                    continue;
                };
                let milliseconds = row.int(2).and_then(|ms| u64::try_from(ms).ok());
                let applier = (row.text(1), milliseconds);
                if row.bool(3) == Some(true) {
                    snapshot.appliers.entry(order).or_insert(applier);
                } else {
                    snapshot.appliers.insert(order, applier);
                }
            }
        }
        Ok(snapshot)
    }

    /// Reads what was recorded about older programs. What was applied again without a word takes the word away.
    pub(crate) async fn read_compatible(
        &self,
        session: &mut dyn Session,
    ) -> Result<BTreeMap<OrderKey, CompatibleWith>> {
        let mut compatible = BTreeMap::new();
        if !self.found.has_journal || self.found.lacks_compatible_with {
            return Ok(compatible);
        }
        for row in query_patiently(session, &self.journal.select_compatible()).await? {
            let Some(order) = row
                .text(0)
                .and_then(|version| self.found.format.order_of(&version))
            else {
                continue;
            };
            let with = row.text(1).and_then(|version| {
                let order = self.found.format.order_of(&version)?;
                let version = Version::new(version);
                Some(CompatibleWith { version, order })
            });
            match with {
                Some(with) => compatible.insert(order, with),
                None => compatible.remove(&order),
            };
        }
        Ok(compatible)
    }

    /// Reads the lease row, if there is one.
    pub(crate) async fn read_lease(&self, session: &mut dyn Session) -> Result<Option<LeaseRow>> {
        if !self.found.has_lock {
            return Ok(None);
        }
        let rows = query_patiently(session, &self.lease.select()).await?;
        Ok(rows.first().map(LeaseSql::decode))
    }
}

impl Snapshot {
    /// Whether the history says of this migration that it began and did not end well.
    fn has_failed_row(&self, order: &OrderKey) -> bool {
        self.applied
            .iter()
            .any(|row| row.kind == AppliedKind::Failed && row.order == *order)
    }

    /// The ids of a version's open attempts.
    pub(crate) fn open_ids_of(&self, version: &str) -> Vec<String> {
        let version = version_key(version);
        let is_its = |(of, _): &&(String, String)| *of == version;
        let of_version = self.open_ids.iter().filter(is_its);
        of_version.map(|(_, id)| id.clone()).collect()
    }

    /// The open attempt of a migration in one direction.
    pub(crate) fn open_attempt(
        &self,
        order: &OrderKey,
        direction: Direction,
    ) -> Option<&OpenAttempt> {
        self.open
            .get(order)
            .filter(|open| open.direction == direction)
    }
}

/// Runs a query of ours. On SQLite a reader can meet a writer's commit; that is waited for, not reported.
pub(crate) async fn query_patiently(
    session: &mut dyn Session,
    sql: &str,
) -> Result<Vec<shoring_core::Row>> {
    let mut tries = 0;
    loop {
        match session.query(sql).await {
            Ok(rows) => return Ok(rows),
            Err(error) if error.kind == shoring_db::DbErrorKind::LockTimeout && tries < 20 => {
                tries += 1;
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
            Err(error) => return Err(query_error(&error)),
        }
    }
}
