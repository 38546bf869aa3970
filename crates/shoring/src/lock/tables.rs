//! Makes the tables of ours that are missing, while the lock is held or is about to be.

use crate::database_error::query_error;
use crate::error::{Error, ErrorKind, Result};
use crate::execute::execute_one;
use crate::ledger::{Ledger, WantedHistory, find_history};
use crate::pause::jitter;
use shoring_db::{DbErrorKind, Session};
use std::time::Duration;

/// Another run may have made the tables since we looked.
pub(super) async fn find_again(session: &mut dyn Session, ledger: &mut Ledger) -> Result<()> {
    let wanted = WantedHistory::exactly(ledger.found.format, &ledger.found.table.name);
    let mut found = find_history(session, &[wanted], false).await?;
    if !found.exists {
        found.beginning.clone_from(&ledger.found.beginning);
    }
    *ledger = Ledger::new(found, ledger.product, ledger.keeps_journal);
    Ok(())
}

pub(super) async fn make_tables(
    session: &mut dyn Session,
    ledger: &mut Ledger,
    role: Option<&str>,
) -> Result<()> {
    if ledger.missing_tables().is_empty() {
        return Ok(());
    }
    let role = role.map(|sql| sql.replacen("SET ", "SET LOCAL ", 1));
    let mut last = None;
    for _ in 0..5 {
        find_again(session, ledger).await?;
        let missing = ledger.missing_tables();
        let mut statements: Vec<&str> = missing.iter().map(|(_, sql)| sql.as_str()).collect();
        if ledger.product.dialect().has_transactional_ddl() {
            // All or none, and one sync of the disk. On MySQL each commits; the next run completes a half-made set.
            statements.insert(0, "BEGIN");
            if let Some(role) = &role {
                statements.insert(1, role);
            }
            statements.push("COMMIT");
        }
        let mut failed = None;
        for sql in statements {
            if let Err(error) = execute_one(session, sql).await {
                // Outside a transaction this says so and does nothing.
                drop(execute_one(session, "ROLLBACK").await);
                failed = Some(error);
                break;
            }
        }
        match failed {
            None => {
                ledger.found.exists = true;
                ledger.found.has_runs |= ledger.keeps_journal;
                ledger.found.has_steps |= ledger.keeps_journal;
                ledger.found.has_journal |= ledger.keeps_journal;
                ledger.found.has_lock = ledger.keeps_journal || ledger.found.has_lock;
                return Ok(());
            }
            // Behind a pooler several runners may make them at once: the loser looks again.
            Some(error)
                if error.kind == DbErrorKind::Statement || error.kind.is_worth_another_try() =>
            {
                last = Some(error);
                tokio::time::sleep(jitter(Duration::from_millis(100))).await;
            }
            Some(error) => return Err(query_error(&error)),
        }
    }
    Err(last.as_ref().map_or_else(
        || {
            Error::new(
                ErrorKind::Internal,
                "cannot-create",
                "cannot create the history table",
            )
        },
        |error| query_error(error).note("while creating the history and journal tables"),
    ))
}
