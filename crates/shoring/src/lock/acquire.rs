//! Takes the lock: the session lock where there is a sound one, the tables that are missing, the lease.

use super::heartbeat::Heartbeat;
use super::held::RunLock;
use super::kind::LockKind;
use super::lease::{LeaseAttempt, try_lease};
use super::row::{self, RowAttempt};
use super::tables::{find_again, make_tables};
use super::tool;
use super::wait::Wait;
use crate::context::Context;
use crate::database_error::query_error;
use crate::error::{Error, ErrorKind, Result};
use crate::execute::execute_briefly;
use crate::ledger::Ledger;
use shoring_core::{Event, TableName};
use shoring_db::{LockAttempt, Session};
use shoring_formats::{RowLock, ToolLock};

/// The name of the session lock: one per history table.
fn lock_name(history: &TableName) -> String {
    format!("shoring:{history}")
}

/// Takes the lock and makes the tables that are missing. Afterwards history and journal must be read again.
pub(crate) async fn acquire(
    session: &mut dyn Session,
    ledger: &mut Ledger,
    context: &Context,
) -> Result<RunLock> {
    let topology = session
        .topology()
        .await
        .map_err(|error| query_error(&error))?;
    if let Some(evidence) = &topology.read_only {
        return Err(Error::new(
            ErrorKind::Usage,
            "read-only",
            format!("this database takes no writes: {evidence}"),
        )
        .state("Nothing was run and nothing was changed.")
        .next("connect to the primary server, or make it writable"));
    }
    let run = context.run.clone();
    let name = lock_name(&ledger.found.table.name);
    let wait = Wait::start(context);
    let (kind, fence, tool, row) = loop {
        let kind = take_session_lock(session, ledger, &name, wait)
            .await
            .map_err(before_any_migration)?;
        let holder = match take_the_rest(session, ledger, context, kind, wait).await {
            Ok(Rest::Taken { fence, tool, row }) => break (kind, fence, tool, row),
            Ok(Rest::Held { holder, next }) => Ok((holder, next)),
            Err(error) => Err(error),
        };
        if kind == LockKind::Session {
            // Whoever has the lease may be without its session lock for a moment, and must be able to take it again
            // while we wait. On an error the first one is the one to report.
            drop(session.unlock(&name).await);
        }
        let (holder, next) = holder.map_err(before_any_migration)?;
        wait.once_more_or(&holder, next.as_deref()).await?;
    };
    let heartbeat = match (kind, &context.connector) {
        (LockKind::Lease, Some(connector)) => {
            let renew = ledger.lease.heartbeat(&run);
            let started = Heartbeat::start(connector.clone(), renew);
            Some(started.map_err(|error| {
                Error::new(
                    ErrorKind::Internal,
                    "no-heartbeat",
                    format!("the thread that renews the migration lock cannot be started: {error}"),
                )
                .state("No migration was run.")
            })?)
        }
        (LockKind::Lease, None) | (LockKind::Session | LockKind::Moving, _) => None,
    };
    context.emit(&Event::LockAcquired {
        waited_ms: wait.milliseconds(),
    });
    Ok(RunLock {
        run,
        fence,
        name,
        kind,
        tool,
        row,
        heartbeat,
    })
}

/// What is still true when the lock could not be had, whatever the reason.
fn before_any_migration(error: Error) -> Error {
    if error.state.is_empty() {
        error.state("No migration was run.")
    } else {
        error
    }
}

/// What comes after the session lock.
enum Rest {
    /// Everything is ours.
    Taken {
        fence: i64,
        tool: Vec<ToolLock>,
        row: Option<Box<RowLock>>,
    },
    /// Something is somebody else's, and nothing is ours.
    Held {
        holder: String,
        next: Option<String>,
    },
}

/// Takes what comes after the session lock: the locks of the tool whose project it is, then the tables and the lease.
///
/// A row of the tool is ours to take from a run of ours that died once nobody else of ours can be alive. Our session lock
/// proves that; where it decides nothing, the lease does, and is given back when the row cannot be had.
async fn take_the_rest(
    session: &mut dyn Session,
    ledger: &mut Ledger,
    context: &Context,
    kind: LockKind,
    wait: Wait<'_>,
) -> Result<Rest> {
    let wanted = row::wanted(ledger, context);
    let tool = tool::take(session, ledger, context, kind, wait).await?;
    let mut row = None;
    let mut held = None;
    if kind == LockKind::Session {
        match row::take(session, wanted.as_ref(), context).await {
            Ok(RowAttempt::Taken(taken)) => row = taken,
            Ok(RowAttempt::Held { holder, next }) => held = Some(Ok((holder, next))),
            Err(error) => held = Some(Err(error)),
        }
    }
    if held.is_none() {
        match prepare(session, ledger, context, kind).await {
            Ok(LeaseAttempt::Taken(fence)) if kind == LockKind::Session => {
                return Ok(Rest::Taken { fence, tool, row });
            }
            Ok(LeaseAttempt::Taken(fence)) => {
                match row::take(session, wanted.as_ref(), context).await {
                    Ok(RowAttempt::Taken(row)) => return Ok(Rest::Taken { fence, tool, row }),
                    Ok(RowAttempt::Held { holder, next }) => held = Some(Ok((holder, next))),
                    Err(error) => held = Some(Err(error)),
                }
                if ledger.keeps_journal {
                    let release = ledger.lease.release(&context.run, fence);
                    drop(execute_briefly(session, &release).await);
                }
            }
            Ok(LeaseAttempt::Held(holder)) => held = Some(Ok((holder, None))),
            Err(error) => held = Some(Err(error)),
        }
    }
    if let Some(row) = &row {
        row::release(session, row).await;
    }
    tool::release(session, &tool).await;
    match held {
        Some(Ok((holder, next))) => Ok(Rest::Held { holder, next }),
        Some(Err(error)) => Err(error),
        None => Err(Error::new(
            ErrorKind::Internal,
            "no-lock",
            "the lock was neither taken nor refused",
        )),
    }
}

/// Makes the tables that are missing and tries for the lease.
async fn prepare(
    session: &mut dyn Session,
    ledger: &mut Ledger,
    context: &Context,
    kind: LockKind,
) -> Result<LeaseAttempt> {
    let role = context.tuning.set_role(ledger.product);
    make_tables(session, ledger, role.as_deref()).await?;
    if ledger.keeps_journal {
        try_lease(session, ledger, context, kind).await
    } else {
        Ok(LeaseAttempt::Taken(0))
    }
}

async fn take_session_lock(
    session: &mut dyn Session,
    ledger: &mut Ledger,
    name: &str,
    wait: Wait<'_>,
) -> Result<LockKind> {
    loop {
        match session
            .try_lock(name)
            .await
            .map_err(|error| query_error(&error))?
        {
            LockAttempt::Acquired => return Ok(LockKind::Session),
            LockAttempt::Unsupported if ledger.keeps_journal => return Ok(LockKind::Lease),
            LockAttempt::Unsupported => {
                return Err(Error::new(
                    ErrorKind::Usage,
                    "no-sound-lock",
                    "behind a connection pooler or on a cluster only the lease in `shoring_lock` is a sound lock, and --no-journal forbids it",
                )
                .state("Nothing was run and nothing was changed.")
                .next("leave --no-journal out, or connect to the server directly"));
            }
            LockAttempt::Held(blocker) => {
                let row = match find_again(session, ledger).await {
                    Ok(()) => ledger.read_lease(session).await.ok().flatten(),
                    Err(_) => None,
                };
                let holder = match (row.filter(|row| row.owner.is_some()), blocker) {
                    (Some(row), blocker) => row
                        .running(blocker.and_then(|blocker| blocker.statement).as_deref())
                        .describe(),
                    (None, Some(blocker)) => format!(
                        "session {}{}",
                        blocker.session,
                        blocker
                            .application
                            .map(|name| format!(" of {name}"))
                            .unwrap_or_default()
                    ),
                    (None, None) => "not known to this server".to_owned(),
                };
                wait.once_more(&holder).await?;
            }
        }
    }
}
