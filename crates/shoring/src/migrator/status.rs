//! `status`: how each migration stands. Reads only.

use super::build::Migrator;
use super::open::open;
use super::select_error::checksum_of;
use crate::context::Access;
use crate::error::Result;
use crate::report::{Status, StatusEntry};
use shoring_core::{Event, Kind, Late, OrderKey, State};
use shoring_plan::Entry;
use std::collections::BTreeSet;

impl Migrator {
    /// Tells how each migration stands. Creates nothing.
    pub async fn status(&self) -> Result<Status> {
        let mut opened = open(self.context()?, self.project()?, Access::Read).await?;
        // Its tool would tell the same; everything else that is wrong is in the states.
        for diagnostic in &opened.set.diagnostics {
            if diagnostic.code == "tool-config" {
                opened.context.emit(&Event::Warned {
                    diagnostic: diagnostic.clone(),
                });
            }
        }
        let running = match &mut opened.session {
            Some(session) => opened
                .ledger
                .read_lease(session.as_mut())
                .await?
                .filter(|lease| lease.owner.is_some())
                .map(|lease| lease.describe()),
            None => None,
        };
        let unproven: BTreeSet<OrderKey> =
            opened.unproven().map(|entry| entry.order.clone()).collect();
        let mut migrations: Vec<StatusEntry> = opened
            .reconciliation
            .entries
            .iter()
            .map(|entry| {
                let applied = entry.applied.as_ref();
                let applier = opened.snapshot.appliers.get(&entry.order);
                StatusEntry {
                    version: entry.version().to_owned(),
                    name: entry.name().to_owned(),
                    kind: entry
                        .migration
                        .as_ref()
                        .map_or(Kind::Versioned, |migration| migration.kind),
                    state: entry.state,
                    file: entry
                        .migration
                        .as_ref()
                        .map(|migration| migration.up.path.clone()),
                    checksum: entry
                        .migration
                        .as_ref()
                        .map(|migration| checksum_of(migration).to_string()),
                    applied_checksum: entry.applied_checksum.as_ref().map(ToString::to_string),
                    applied_at: applied.and_then(|row| row.applied_at.clone()),
                    applied_by: applied
                        .and_then(|row| row.applied_by.clone())
                        .or_else(|| applied.and(applier).and_then(|(who, _)| who.clone())),
                    milliseconds: applied.and_then(|row| row.milliseconds).or_else(|| {
                        applied
                            .and(applier)
                            .and_then(|(_, milliseconds)| *milliseconds)
                    }),
                    is_reversible: entry
                        .migration
                        .as_ref()
                        .is_some_and(|migration| migration.down.is_some()),
                    tag: entry.tag().map(str::to_owned),
                    detail: entry
                        .detail
                        .clone()
                        .or_else(|| why_ignored(entry))
                        .or_else(|| {
                            let old = opened.reconciliation.renamed_from(entry)?;
                            Some(format!("has the text of {}, which was applied", old.id()))
                        })
                        .or_else(|| {
                            unproven
                                .contains(&entry.order)
                                .then(|| "nothing records that it ran".to_owned())
                        }),
                }
            })
            .collect();
        migrations.extend(opened.set.ignored.iter().map(|(path, reason)| StatusEntry {
            version: String::new(),
            name: path.rsplit('/').next().unwrap_or(path).to_owned(),
            kind: Kind::Versioned,
            state: State::Ignored,
            file: Some(path.clone()),
            checksum: None,
            applied_checksum: None,
            applied_at: None,
            applied_by: None,
            milliseconds: None,
            is_reversible: false,
            tag: None,
            detail: Some((*reason).to_owned()),
        }));
        let status = Status {
            format: opened.set.format,
            dir: opened.set.folder.clone(),
            database: opened.database(),
            history_table: opened.ledger.found.table.name.to_string(),
            history_exists: opened.ledger.found.exists,
            current: opened.current(),
            pending: opened.reconciliation.pending().count(),
            migrations,
            running,
            accepts_missing: opened
                .reconciliation
                .in_state(State::Missing)
                .all(|entry| opened.reconciliation.is_let_be(entry)),
            accepts_late: opened.reconciliation.policy.late == Late::Run,
            is_ahead: opened.reconciliation.is_ahead_of_files(),
        };
        opened.close().await;
        Ok(status)
    }
}

fn why_ignored(entry: &Entry) -> Option<String> {
    let migration = entry.migration.as_ref()?;
    let reason = migration.terms.passed_over.clone();
    reason.filter(|_| entry.state == State::Ignored)
}
