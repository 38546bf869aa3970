//! The lock while it is held: moved to a new session of the same run, proven, given back.

use super::heartbeat::Heartbeat;
use super::kind::LockKind;
use super::row;
use super::tool;
use crate::execute::{execute_briefly, execute_one};
use crate::ledger::{LeaseSql, Ledger};
use shoring_db::{DbError, LockAttempt, Session};
use shoring_formats::{RowLock, ToolLock};

/// The lock, held.
pub(crate) struct RunLock {
    /// Id of this run; owner of the lease.
    pub(crate) run: String,
    /// The fencing number; 0 without a lease.
    pub(crate) fence: i64,
    pub(super) name: String,
    pub(super) kind: LockKind,
    /// The locks of the tool whose project it is.
    pub(super) tool: Vec<ToolLock>,
    /// The row of its that is locked. It does not die with the session.
    pub(super) row: Option<Box<RowLock>>,
    pub(super) heartbeat: Option<Heartbeat>,
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

impl RunLock {
    /// Whether the heartbeat found the lease in other hands.
    pub(crate) fn is_lost(&self) -> bool {
        self.heartbeat.as_ref().is_some_and(Heartbeat::is_lost)
    }

    /// Takes the session lock again on a new session of the same run and points the lease at it.
    ///
    /// Where only the lease keeps others out, it gets a new fencing number: what the old session was sent may arrive late (a
    /// pooler hands it on when the link is long lost), and then has to fail. What arrived before holds the lease's row, and is
    /// waited for.
    pub(crate) async fn move_to(
        &mut self,
        session: &mut dyn Session,
        ledger: &Ledger,
    ) -> Result<Moved, DbError> {
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
        if !tool::take_again(session, &self.tool).await? {
            if self.kind == LockKind::Session {
                session.unlock(&self.name).await?;
            }
            return Ok(Moved::NotYet);
        }
        if !ledger.keeps_journal {
            return Ok(Moved::Done);
        }
        self.point_lease(session, ledger, self.kind).await
    }

    /// Makes the lease decide for the moment in which the session gives its locks back: whoever then gets the session lock
    /// finds a lease that is alive, and waits. A run that is killed in that moment is followed once its session is gone.
    pub(crate) async fn rest_on_lease(
        &mut self,
        session: &mut dyn Session,
        ledger: &Ledger,
    ) -> Result<Moved, DbError> {
        self.point_lease(session, ledger, LockKind::Moving).await
    }

    async fn point_lease(
        &mut self,
        session: &mut dyn Session,
        ledger: &Ledger,
        kind: LockKind,
    ) -> Result<Moved, DbError> {
        let backend = session.backend();
        let lease = &ledger.lease;
        let fence = match self.kind {
            LockKind::Lease => self.fence + 1,
            LockKind::Session | LockKind::Moving => self.fence,
        };
        let sql = lease.move_to(&self.run, (self.fence, fence), &backend.0, kind.name());
        if execute_one(session, &sql).await? != 1 {
            return Ok(Moved::TakenOver);
        }
        self.fence = fence;
        Ok(Moved::Done)
    }

    /// Whether only the lease keeps others out: then every write has to prove that it still is ours.
    pub(crate) fn is_lease(&self) -> bool {
        self.kind == LockKind::Lease
    }

    /// Gives the lock back. Errors are of no interest, as it dies with its session: all but the row of a tool, which is the result
    /// when it is left.
    pub(crate) async fn release(
        mut self,
        session: &mut dyn Session,
        ledger: &Ledger,
    ) -> Option<Box<RowLock>> {
        if let Some(heartbeat) = self.heartbeat.take() {
            heartbeat.stop().await;
        }
        // First, so that a lease without an owner leaves no row of ours behind.
        let mut left = self.row.take();
        if let Some(row) = &left
            && row::release(session, row).await
        {
            left = None;
        }
        if ledger.keeps_journal {
            let release = ledger.lease.release(&self.run, self.fence);
            drop(execute_briefly(session, &release).await);
        }
        tool::release(session, &self.tool).await;
        if self.kind == LockKind::Session {
            drop(session.unlock(&self.name).await);
        }
        left
    }
}
