//! The lock of the tool whose project it is, held beside ours, so that a stray run of the tool waits for us, and we for it.
//!
//! A lock of the session is taken on the working session: it is gone with it, like ours, and holds no snapshot open, so
//! that `CREATE INDEX CONCURRENTLY` does not wait for it (flyway#1654).

use super::kind::LockKind;
use super::wait::Wait;
use crate::context::Context;
use crate::database_error::query_error;
use crate::error::Result;
use crate::execute::execute_one;
use crate::ledger::Ledger;
use shoring_core::Product;
use shoring_db::{DbError, Session};
use shoring_formats::{Taken, ToolLock};

/// Takes the locks of the tool, one after the other; what was taken is given back when one cannot be had.
pub(super) async fn take(
    session: &mut dyn Session,
    ledger: &Ledger,
    context: &Context,
    kind: LockKind,
    wait: Wait<'_>,
) -> Result<Vec<ToolLock>> {
    let mut taken = Vec::new();
    for lock in wanted(session, ledger)
        .await
        .map_err(|error| query_error(&error))?
    {
        if lock.is_of_session && kind == LockKind::Lease {
            context.warn(
                "tool-lock",
                format!(
                    "{} is not taken: behind a connection pooler and on a cluster it protects nothing",
                    lock.title
                ),
            );
            continue;
        }
        match wait_for(session, &lock, wait).await {
            Ok(()) => taken.push(lock),
            Err(error) => {
                release(session, &taken).await;
                return Err(error);
            }
        }
    }
    Ok(taken)
}

/// Waits until no run of the tool holds its lock. Writes nothing.
pub(crate) async fn wait_for_tool(
    session: &mut dyn Session,
    ledger: &Ledger,
    context: &Context,
) -> Result<()> {
    let topology = session
        .topology()
        .await
        .map_err(|error| query_error(&error))?;
    let kind = if topology.pooler.is_some() {
        LockKind::Lease
    } else {
        LockKind::Session
    };
    let taken = take(session, ledger, context, kind, Wait::start(context)).await?;
    release(session, &taken).await;
    Ok(())
}

async fn wait_for(session: &mut dyn Session, lock: &ToolLock, wait: Wait<'_>) -> Result<()> {
    loop {
        if try_take(session, lock)
            .await
            .map_err(|error| query_error(&error))?
        {
            return Ok(());
        }
        let holder = format!(
            "the tool itself, or another program that holds {}",
            lock.title
        );
        wait.once_more(&holder).await?;
    }
}

/// Takes locks again on a new session of the same run; false while the old session still has one.
pub(super) async fn take_again(
    session: &mut dyn Session,
    locks: &[ToolLock],
) -> std::result::Result<bool, DbError> {
    for (index, lock) in locks.iter().enumerate() {
        if lock.is_of_session && !try_take(session, lock).await? {
            release(session, &locks[..index]).await;
            return Ok(false);
        }
    }
    Ok(true)
}

/// Gives locks back, last first. Errors are of no interest: they die with the session.
pub(super) async fn release(session: &mut dyn Session, locks: &[ToolLock]) {
    for lock in locks.iter().rev() {
        match lock.taken {
            Taken::ByQuery => drop(session.query(&lock.release).await),
            Taken::ByUpdate => drop(execute_one(session, &lock.release).await),
        }
    }
}

async fn try_take(
    session: &mut dyn Session,
    lock: &ToolLock,
) -> std::result::Result<bool, DbError> {
    match lock.taken {
        Taken::ByQuery => {
            let rows = session.query(&lock.take).await?;
            Ok(rows.first().and_then(|row| row.bool(0)) == Some(true))
        }
        Taken::ByUpdate => Ok(execute_one(session, &lock.take).await? == 1),
    }
}

async fn wanted(
    session: &mut dyn Session,
    ledger: &Ledger,
) -> std::result::Result<Vec<ToolLock>, DbError> {
    let history = ledger.history();
    if history.locks(ledger.at(), "").is_empty() {
        return Ok(Vec::new());
    }
    let database = match ledger.product {
        Product::Postgresql => {
            let rows = session.query("SELECT current_database()").await?;
            rows.first().and_then(|row| row.text(0))
        }
        Product::Mysql | Product::Mariadb => ledger.found.table.name.schema.clone(),
        Product::Sqlite => None,
    };
    Ok(history.locks(ledger.at(), &database.unwrap_or_default()))
}
