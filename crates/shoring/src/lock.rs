//! One runner at a time: takes and gives back the migration lock (research/reliability, section 2).
//!
//! The lock is tried, never waited for with an open snapshot, so that a `CREATE INDEX CONCURRENTLY` of the holder is not
//! stopped by those who wait. Where the server's session lock is sound it decides and dies with its session; the lease row
//! names the holder and carries the fencing number. Behind a transaction pooler and on Galera the lease row decides: see
//! [`crate::ledger::LeaseSql`].

use crate::context::{Access, Connector, Context};
use crate::database_error::query_error;
use crate::error::{Error, ErrorKind, Result};
use crate::ledger::{LeaseRow, LeaseSql, Ledger, find_history};
use shoring_core::{Event, TableName};
use shoring_db::{Batch, DbError, DbErrorKind, LockAttempt, Session, StatementError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// After how many silent seconds a lease that decides by itself has expired: four heartbeats are missing then. Less than the
/// default of `lock_wait`, so that the run after one that was killed gets the lock without being asked to wait longer.
pub(crate) const LEASE_SECONDS: i64 = 20;
const HEARTBEAT: Duration = Duration::from_secs(5);

/// The lock, held.
pub(crate) struct RunLock {
    /// Id of this run; owner of the lease.
    pub(crate) run: String,
    /// The fencing number; 0 without a lease.
    pub(crate) fence: i64,
    name: String,
    kind: LockKind,
    heartbeat: Option<Heartbeat>,
}

/// Whether a run that connected again has its lock back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moved {
    /// It has.
    Done,
    /// The server has not ended the old session yet.
    NotYet,
    /// Another run took over in between: nothing more may be written.
    TakenOver,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LockKind {
    Session,
    Lease,
}

impl LockKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Lease => "lease",
        }
    }
}

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
    let started = Instant::now();
    let kind = take_session_lock(session, ledger, context, &name, started).await?;
    let prepared = prepare(session, ledger, context, &run, kind, started).await;
    let fence = match prepared {
        Ok(fence) => fence,
        Err(error) => {
            if kind == LockKind::Session {
                // The first error is the one to report.
                drop(session.unlock(&name).await);
            }
            return Err(error);
        }
    };
    let heartbeat = match (kind, &context.connector) {
        (LockKind::Lease, Some(connector)) => Some(Heartbeat::start(
            connector.clone(),
            ledger.lease.heartbeat(&run, fence),
        )),
        (LockKind::Lease, None) | (LockKind::Session, _) => None,
    };
    context.emit(&Event::LockAcquired {
        waited_ms: started.elapsed().as_millis() as u64,
    });
    Ok(RunLock {
        run,
        fence,
        name,
        kind,
        heartbeat,
    })
}

async fn prepare(
    session: &mut dyn Session,
    ledger: &mut Ledger,
    context: &Context,
    run: &str,
    kind: LockKind,
    started: Instant,
) -> Result<i64> {
    let role = context.tuning.set_role(ledger.product);
    make_tables(session, ledger, role.as_deref()).await?;
    if ledger.keeps_journal {
        take_lease(session, ledger, context, run, kind, started).await
    } else {
        Ok(0)
    }
}

async fn take_session_lock(
    session: &mut dyn Session,
    ledger: &mut Ledger,
    context: &Context,
    name: &str,
    started: Instant,
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
                wait(context, &holder, started).await?;
            }
        }
    }
}

/// One pause between two tries, or the end of waiting.
async fn wait(context: &Context, holder: &str, started: Instant) -> Result<()> {
    let limit = context.tuning.lock_wait;
    let waited = started.elapsed();
    if waited >= limit {
        return Err(Error::new(
            ErrorKind::LockTimeout,
            "lock-held",
            "another run holds the migration lock",
        )
        .note(holder.to_owned())
        .state(format!(
            "Nothing was run: waited {} s for the lock.",
            limit.as_secs()
        ))
        .next("wait longer with  --lock-wait 5m , or look at it with  shoring status"));
    }
    context.emit(&Event::LockWaiting {
        holder: holder.to_owned(),
        waited_ms: waited.as_millis() as u64,
        limit_ms: limit.as_millis() as u64,
    });
    let pause =
        jitter(Duration::from_millis(250)).min(limit.checked_sub(waited).unwrap_or_default());
    tokio::select! {
        () = tokio::time::sleep(pause) => {}
        () = context.stop.changed() => {}
    }
    context.check_stop()
}

/// Between half and one and a half of `base`, so that those who wait do not all come back at once.
pub(crate) fn jitter(base: Duration) -> Duration {
    let thousandths = (uuid::Uuid::new_v4().as_u128() % 1000) as u32;
    base / 2 + base * thousandths / 1000
}

/// Another run may have made the tables since we looked.
async fn find_again(session: &mut dyn Session, ledger: &mut Ledger) -> Result<()> {
    let table = ledger.found.table.name.clone();
    let found = find_history(
        session,
        &[ledger.found.format],
        true,
        Some(&table.to_string()),
    )
    .await?;
    *ledger = Ledger::new(found, ledger.product, ledger.keeps_journal);
    Ok(())
}

async fn make_tables(
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
                if error.kind == DbErrorKind::Statement
                    || error.kind == DbErrorKind::LockTimeout =>
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

async fn take_lease(
    session: &mut dyn Session,
    ledger: &Ledger,
    context: &Context,
    run: &str,
    kind: LockKind,
    started: Instant,
) -> Result<i64> {
    match execute_one(session, &ledger.lease.insert_row()).await {
        // Behind a pooler two runners may put it in at once; one row is all that is needed.
        Ok(_) => {}
        Err(error) if error.kind == DbErrorKind::Statement => {}
        Err(error) => return Err(query_error(&error)),
    }
    let backend = session.backend();
    loop {
        let Some(row) = ledger.read_lease(session).await? else {
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
                None => {
                    wait(context, &row.describe(), started).await?;
                    continue;
                }
            },
        };
        let take = ledger
            .lease
            .take(&row, run, kind.name(), &backend.0, &context.identity);
        match execute_one(session, &take).await {
            Ok(1) => {
                if let Some(evidence) = takeover {
                    context.emit(&Event::LockTakenOver {
                        previous: row.describe(),
                        evidence,
                    });
                }
                return Ok(row.fence + 1);
            }
            // Somebody was faster, or its transaction still holds the row: alive either way.
            Ok(_) => wait(context, &row.describe(), started).await?,
            Err(error) if error.kind == DbErrorKind::LockTimeout => {
                wait(context, &row.describe(), started).await?;
            }
            Err(error) => return Err(query_error(&error)),
        }
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
    let is_file = session.server().product == shoring_core::Product::Sqlite;
    if kind == LockKind::Session && is_file {
        return Ok(Some("its file lock is gone".to_owned()));
    }
    let alive = match &row.backend {
        Some(backend) => session
            .is_alive(&shoring_db::BackendId(backend.clone()))
            .await
            .map_err(|error| query_error(&error))?,
        None => None,
    };
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

/// Runs one statement of ours; gives the rows it changed.
pub(crate) async fn execute_one(
    session: &mut dyn Session,
    sql: &str,
) -> std::result::Result<u64, DbError> {
    let mut rows = 0;
    session
        .execute(Batch { statements: &[sql] }, &mut |completion| {
            rows = completion.rows;
        })
        .await
        .map_err(|StatementError { error, .. }| error)?;
    // What the server says about statements of ours is nothing a user asked for.
    session.take_notices();
    Ok(rows)
}

impl RunLock {
    /// Whether the heartbeat found the lease in other hands.
    pub(crate) fn is_lost(&self) -> bool {
        self.heartbeat
            .as_ref()
            .is_some_and(|heartbeat| heartbeat.lost.load(Ordering::SeqCst))
    }

    /// Takes the session lock again on a new session of the same run and points the lease at it.
    pub(crate) async fn move_to(
        &self,
        session: &mut dyn Session,
        ledger: &Ledger,
    ) -> std::result::Result<Moved, DbError> {
        if self.kind == LockKind::Session {
            match session.try_lock(&self.name).await? {
                LockAttempt::Acquired => {}
                LockAttempt::Held(_) | LockAttempt::Unsupported if ledger.keeps_journal => {
                    let rows = session.query(&ledger.lease.select()).await?;
                    let is_ours = rows.first().map(LeaseSql::decode).is_some_and(|row| {
                        row.fence == self.fence && row.owner.as_deref() == Some(self.run.as_str())
                    });
                    return Ok(if is_ours {
                        Moved::NotYet
                    } else {
                        Moved::TakenOver
                    });
                }
                LockAttempt::Held(_) | LockAttempt::Unsupported => return Ok(Moved::NotYet),
            }
        }
        if !ledger.keeps_journal {
            return Ok(Moved::Done);
        }
        let backend = session.backend();
        let moved = execute_one(
            session,
            &ledger.lease.move_to(&self.run, self.fence, &backend.0),
        )
        .await?;
        Ok(if moved == 1 {
            Moved::Done
        } else {
            Moved::TakenOver
        })
    }

    /// Whether only the lease keeps others out: then every write has to prove that it still is ours.
    pub(crate) fn is_lease(&self) -> bool {
        self.kind == LockKind::Lease
    }

    /// Gives the lock back. Errors are of no interest: a lock that cannot be given back dies with its session.
    pub(crate) async fn release(mut self, session: &mut dyn Session, ledger: &Ledger) {
        if let Some(heartbeat) = self.heartbeat.take() {
            heartbeat.stop().await;
        }
        if ledger.keeps_journal {
            drop(execute_one(session, &ledger.lease.release(&self.run, self.fence)).await);
        }
        if self.kind == LockKind::Session {
            drop(session.unlock(&self.name).await);
        }
    }
}

/// Renews a lease from a session of its own while the working session is busy.
struct Heartbeat {
    lost: Arc<AtomicBool>,
    stop: oneshot::Sender<()>,
    task: tokio::task::JoinHandle<()>,
}

impl Heartbeat {
    fn start(connector: Connector, renew: String) -> Self {
        let lost = Arc::new(AtomicBool::new(false));
        let (stop, mut stopped) = oneshot::channel();
        let flag = Arc::clone(&lost);
        let task = tokio::spawn(async move {
            let mut session: Option<Box<dyn Session>> = None;
            loop {
                tokio::select! {
                    () = tokio::time::sleep(HEARTBEAT) => {}
                    _ = &mut stopped => break,
                }
                if session.is_none() {
                    session = connector
                        .connect(Access::Write, "shoring heartbeat")
                        .await
                        .ok();
                }
                if let Some(open) = session.as_mut() {
                    match execute_one(open.as_mut(), &renew).await {
                        Ok(0) => {
                            flag.store(true, Ordering::SeqCst);
                            break;
                        }
                        // A transaction of ours holds the row: that is a sign of life as well.
                        Ok(_) => {}
                        Err(error) if error.kind == DbErrorKind::LockTimeout => {}
                        Err(_) => session = None,
                    }
                }
            }
            if let Some(open) = session {
                drop(open.close().await);
            }
        });
        Self { lost, stop, task }
    }

    async fn stop(self) {
        // The task may have ended by itself.
        let _ended = self.stop.send(());
        drop(self.task.await);
    }
}
