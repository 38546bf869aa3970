//! Takes the lease: at once if it is free, and otherwise only with proof that its holder is dead.

use super::kind::LockKind;
use crate::context::Context;
use crate::database_error::query_error;
use crate::error::{Error, ErrorKind, Result};
use crate::execute::execute_one;
use crate::ledger::{LeaseRow, Ledger};
use shoring_core::{Event, Product};
use shoring_db::{BackendId, DbErrorKind, Session};

/// After how many silent seconds a lease that decides by itself has expired: four heartbeats are missing then. Less than the
/// default of `lock_wait`, so that the run after one that was killed gets the lock without being asked to wait longer.
pub(crate) const LEASE_SECONDS: i64 = 20;

/// The holder of a lease for whoever waits: also when it will count as dead, where its sessions prove nothing.
fn in_the_way(row: &LeaseRow) -> String {
    let holder = row.describe();
    match row.silent_seconds {
        // One heartbeat is missing.
        Some(silent) if silent > 5 && row.kind.as_deref() == Some(LockKind::Lease.name()) => {
            format!(
                "{holder}; no sign of life for {silent} s, and after {LEASE_SECONDS} s it counts as dead"
            )
        }
        Some(_) | None => holder,
    }
}

/// What a try for the lease gave.
pub(super) enum LeaseAttempt {
    /// Ours, with this fencing number.
    Taken(i64),
    /// Somebody else's, named for whoever waits, and nothing proves that it is dead.
    Held(String),
}

/// Tries to take the lease, without waiting.
pub(super) async fn try_lease(
    session: &mut dyn Session,
    ledger: &Ledger,
    context: &Context,
    kind: LockKind,
) -> Result<LeaseAttempt> {
    let mut row = ledger.read_lease(session).await?;
    if row.is_none() {
        match execute_one(session, &ledger.lease.insert_row()).await {
            // Behind a pooler two runners may put it in at once; one row is all that is needed.
            Ok(_) => {}
            Err(error) if error.kind == DbErrorKind::Statement => {}
            // On Galera the one from another node may not be here yet.
            Err(error) if error.kind.is_worth_another_try() => {
                return Ok(LeaseAttempt::Held("another run makes the lease".to_owned()));
            }
            Err(error) => return Err(query_error(&error)),
        }
        row = ledger.read_lease(session).await?;
    }
    let Some(row) = row else {
        return Err(Error::new(
            ErrorKind::Internal,
            "no-lease-row",
            "the row of `shoring_lock` is not there",
        ));
    };
    let takeover = match &row.owner {
        None => None,
        Some(_) => match proof_of_death(session, &row, kind, context).await? {
            Some(evidence) => Some(evidence),
            None => return Ok(LeaseAttempt::Held(in_the_way(&row))),
        },
    };
    let backend = session.backend();
    let take = ledger.lease.take(
        &row,
        &context.run,
        kind.name(),
        &backend.0,
        &context.identity,
    );
    match execute_one(session, &take).await {
        Ok(1) => {
            if let Some(evidence) = takeover {
                context.emit(&Event::LockTakenOver {
                    previous: row.describe(),
                    evidence,
                });
            }
            Ok(LeaseAttempt::Taken(row.fence + 1))
        }
        // Somebody was faster, or its transaction still holds the row: alive either way.
        Ok(_) => Ok(LeaseAttempt::Held(in_the_way(&row))),
        // On Galera somebody on another node was faster: our write failed certification.
        Err(error) if error.kind.is_worth_another_try() => Ok(LeaseAttempt::Held(in_the_way(&row))),
        Err(error) => Err(query_error(&error)),
    }
}

/// Why the holder of a lease counts as dead; `None` when that is not proven.
async fn proof_of_death(
    session: &mut dyn Session,
    row: &LeaseRow,
    kind: LockKind,
    context: &Context,
) -> Result<Option<String>> {
    let expired = row
        .silent_seconds
        .is_some_and(|seconds| seconds > LEASE_SECONDS);
    if row.owner.as_deref() == Some(context.run.as_str()) {
        return Ok(Some(
            "it is this run, before it lost its connection".to_owned(),
        ));
    }
    let was_lease = row.kind.as_deref() == Some(LockKind::Lease.name());
    if was_lease {
        // Its session on the server is the pooler's and says nothing; its transactions hold the row while they run.
        return Ok(expired.then(|| {
            format!(
                "its lease expired: no sign of life for {} s",
                row.silent_seconds.unwrap_or_default()
            )
        }));
    }
    let is_file = session.server().product == Product::Sqlite;
    if kind == LockKind::Session && is_file {
        return Ok(Some("its file lock is gone".to_owned()));
    }
    let alive = match &row.backend {
        Some(backend) => session
            .is_alive(&BackendId(backend.clone()))
            .await
            .map_err(|error| query_error(&error))?,
        None => None,
    };
    if row.kind.as_deref() == Some(LockKind::Moving.name()) {
        // Its session lock is free because it gave it back for a moment, so that proves nothing.
        return Ok(match alive {
            Some(false) => Some("its session is gone from the server".to_owned()),
            Some(true) | None => expired.then(|| "its lease expired".to_owned()),
        });
    }
    Ok(match (alive, kind) {
        (Some(false), _) => Some("its session is gone from the server".to_owned()),
        // The session lock was its to hold for as long as it lived, and it is ours now.
        (None, LockKind::Session) => Some("its session lock is free".to_owned()),
        // Alive, but without the lock we hold: a session of this very program that ended its run badly.
        (Some(true), LockKind::Session)
            if row.host.as_deref() == Some(context.identity.host.as_str())
                && row.pid == Some(i64::from(context.identity.pid)) =>
        {
            Some("it was an earlier run of this process".to_owned())
        }
        (Some(true), LockKind::Session) if expired => {
            Some("its session lock is free and its lease expired".to_owned())
        }
        (Some(true) | None, _) => None,
    })
}
