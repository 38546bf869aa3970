//! `history`: every attempt, from the journal; without one, the rows of the history table.

use super::build::Migrator;
use super::open::open;
use crate::context::Access;
use crate::error::Result;
use crate::ledger::JournalSql;
use crate::report::{HistoryEntry, HistoryReport};
use shoring_core::AppliedKind;

impl Migrator {
    /// Reads the journal. Creates nothing.
    pub async fn history(&self) -> Result<HistoryReport> {
        let mut opened = open(self.context()?, self.project()?, Access::Read).await?;
        let has_journal = opened.ledger.found.has_journal;
        let mut entries: Vec<HistoryEntry> = match &mut opened.session {
            Some(session) if has_journal => {
                let rows = crate::ledger::query_patiently(
                    session.as_mut(),
                    &opened.ledger.journal.select_history(),
                )
                .await?;
                rows.iter().map(JournalSql::decode_history).collect()
            }
            Some(_) | None => Vec::new(),
        };
        // What was applied before the journal began, or by another program.
        let unknown: Vec<HistoryEntry> = opened
            .snapshot
            .applied
            .iter()
            .filter(|row| row.kind != AppliedKind::Failed)
            .filter(|row| {
                !entries
                    .iter()
                    .any(|entry| entry.command != "seed" && entry.version == row.version.as_str())
            })
            .map(|row| HistoryEntry {
                attempt: String::new(),
                command: match row.kind {
                    AppliedKind::Applied | AppliedKind::ByProgram | AppliedKind::Failed => "up",
                    AppliedKind::Baseline => "baseline",
                    AppliedKind::Marked => "mark",
                }
                .to_owned(),
                version: row.version.to_string(),
                name: row.name.clone().unwrap_or_default(),
                direction: "up".to_owned(),
                outcome: "applied".to_owned(),
                started_at: None,
                finished_at: row.applied_at.clone(),
                milliseconds: row.milliseconds,
                statements: None,
                os_user: None,
                db_user: row.applied_by.clone(),
                host: None,
                pid: None,
                tool: None,
                git: None,
                error: None,
            })
            .collect();
        entries.splice(0..0, unknown);
        let report = HistoryReport {
            database: opened.database(),
            entries,
            has_journal,
        };
        opened.close().await;
        Ok(report)
    }
}
