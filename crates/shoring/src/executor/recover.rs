//! After a lost connection: connects again, waits until the old session is gone from the server, takes the lock again, and
//! looks up by the attempt's id what became of it. Nothing is sent twice on a guess.

use super::progress::Run;
use super::session::Executor;
use super::trouble::lease_lost;
use crate::context::{Access, stopped_inside};
use crate::database_error::query_error;
use crate::error::{Error, ErrorKind, Result};
use crate::ledger::{JournalSql, OpenAttempt, StepState};
use crate::lock::Moved;
use shoring_core::{AppliedKind, Direction};
use shoring_db::{BackendId, DbError, DbErrorKind, Session};
use std::time::{Duration, Instant};

/// How long the server may take to come back, and the old session to go.
const PATIENCE: Duration = Duration::from_secs(60);

impl Executor<'_> {
    /// Brings the run back to a known state: afterwards `run` says what is in the database.
    pub(super) async fn recover(
        &mut self,
        run: &mut Run<'_>,
        error: &DbError,
        gives_up: bool,
    ) -> Result<()> {
        let again = if self.context.connector.is_some() && !gives_up {
            format!("; connecting again for up to {} s", PATIENCE.as_secs())
        } else {
            String::new()
        };
        self.context.warn(
            "connection-lost",
            format!("the connection was lost: {}{again}", error.message),
        );
        if self.context.connector.is_none() {
            let why = "it is the caller's: no other can be opened";
            return Err(self.unknown(run, error, why));
        }
        if gives_up {
            return Err(self.unknown(run, error, "it was lost again and again"));
        }
        let old = self.session.backend();
        self.watcher = None;
        let Some(session) = self.reconnect().await? else {
            return Err(self.unknown(run, error, "the server could not be reached again"));
        };
        let broken = std::mem::replace(&mut self.session, session);
        drop(broken);
        self.has_a_new_session();
        // Behind a pooler the old backend may live on for others; there the old transaction holds the lease's row.
        if !self.lock.is_lease() {
            self.wait_until_gone(&old).await;
        }
        match self.take_lock_again().await? {
            Moved::Done => run.attempt.fence = self.lock.fence,
            Moved::TakenOver => return Err(lease_lost()),
            Moved::NotYet => {
                return Err(self.unknown(run, error, "its lock could not be had again"));
            }
        }
        self.prepare_session()
            .await
            .map_err(|error| self.unknown(run, &error, "it was lost again"))?;
        self.watch();
        match self.look_up(run).await {
            Ok(()) => Ok(()),
            // It was found out that nobody can know: that has its own words.
            Err(error) if error.kind == ErrorKind::OutcomeUnknown => Err(error),
            Err(error) => {
                let error = DbError::new(DbErrorKind::Internal, error.to_string());
                Err(self.unknown(run, &error, "the journal could not be read"))
            }
        }
    }

    async fn reconnect(&mut self) -> Result<Option<Box<dyn Session>>> {
        let Some(connector) = self.context.connector.clone() else {
            return Ok(None);
        };
        let began = Instant::now();
        let mut pause = Duration::from_millis(100);
        loop {
            match connector.connect(Access::Write, "shoring").await {
                Ok(session) => return Ok(Some(session)),
                Err(_) if began.elapsed() < PATIENCE => {}
                Err(_) => return Ok(None),
            }
            if let Some(signal) = self.context.stop.requested()
                && self.context.stop.is_urgent()
            {
                return Err(stopped_inside(signal));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }

    /// The server may still be working on what was sent last; until its session is gone, the journal is not the last word.
    async fn wait_until_gone(&mut self, old: &BackendId) {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            match self.session.is_alive(old).await {
                Ok(Some(true)) => tokio::time::sleep(Duration::from_millis(200)).await,
                Ok(Some(false) | None) | Err(_) => return,
            }
        }
    }

    /// Takes the session lock again, on a new session or on one that gave it back.
    pub(super) async fn take_lock_again(&mut self) -> Result<Moved> {
        let began = Instant::now();
        loop {
            let moved = self.lock.move_to(self.session.as_mut(), &self.ledger).await;
            match moved {
                Ok(moved @ (Moved::Done | Moved::TakenOver)) => return Ok(moved),
                Ok(Moved::NotYet) | Err(_) if began.elapsed() >= PATIENCE => {
                    return Ok(Moved::NotYet);
                }
                // A pooler hands out connections whose server side died with the old session: the new one may be broken too.
                Err(error) if error.kind == DbErrorKind::ConnectionLost => {
                    if let Some(session) = self.reconnect().await? {
                        self.session = session;
                    }
                }
                Ok(Moved::NotYet) | Err(_) => {}
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// What the database says about this attempt.
    async fn look_up(&mut self, run: &mut Run<'_>) -> Result<()> {
        run.unreported = None;
        run.is_commit_sent = false;
        if !self.ledger.keeps_journal {
            run.is_recorded = self
                .is_in_history(run)
                .await
                .map_err(|error| query_error(&error))?;
            return Ok(());
        }
        let rows = self
            .session
            .query(&self.ledger.journal.select_attempt(&run.attempt.id))
            .await
            .map_err(|error| query_error(&error))?;
        let state = rows.first().and_then(|row| row.text(0));
        run.is_recorded = state.as_deref() == Some("applied");
        if run.is_recorded || run.job.is_atomic() {
            return Ok(());
        }
        if state.is_none() {
            run.has_row = false;
            run.has_begun = false;
            return Ok(());
        }
        run.is_begun();
        let rows = self
            .session
            .query(&self.ledger.journal.select_steps(&run.attempt.id))
            .await
            .map_err(|error| query_error(&error))?;
        let open = OpenAttempt {
            id: run.attempt.id.clone(),
            version: run.attempt.version.clone(),
            direction: run.attempt.direction,
            state: "started".to_owned(),
            statements: run.attempt.statements,
            fence: run.attempt.fence,
            error: None,
            steps: rows.iter().map(JournalSql::decode_step).collect(),
        };
        run.done = open
            .steps
            .iter()
            .take_while(|step| step.state == StepState::Done)
            .cloned()
            .collect();
        if let Some(step) = open.unresolved() {
            run.begun = Some(step.first);
            run.done = self.settle(&open, run.job).await?;
        }
        Ok(())
    }

    /// Without a journal: we hold the lock, so a row that is there now is ours.
    async fn is_in_history(&mut self, run: &Run<'_>) -> std::result::Result<bool, DbError> {
        let history = self.ledger.history();
        let at = self.ledger.at();
        if run.job.plan.direction == Direction::Up
            && let Some(query) = history.select_attempt(at, &run.attempt.id)
        {
            return Ok(!self.session.query(&query).await?.is_empty());
        }
        let rows = self.session.query(&history.select(at)).await?;
        let applied = history
            .decode(at, &rows, &self.set)
            .map_err(|error| DbError::new(DbErrorKind::Internal, error.to_string()))?;
        let migration = &run.job.plan.migration;
        let is_there = applied.iter().any(|row| {
            // One that runs again was there before: only its new checksum is a proof.
            let is_new =
                row.order.is_step() || row.checksum.as_ref() == migration.checksums.first();
            row.kind != AppliedKind::Failed && row.order == migration.order && is_new
        });
        Ok(match run.job.plan.direction {
            Direction::Up => is_there,
            Direction::Down => !is_there,
        })
    }

    fn unknown(&self, run: &Run<'_>, error: &DbError, why: &str) -> Error {
        let id = run.job.id();
        let base = |kind, code| {
            Error::new(
                kind,
                code,
                format!("the connection was lost while `{id}` was running, and {why}"),
            )
            .note(error.message.clone())
        };
        if run.job.is_atomic() && !run.is_commit_sent {
            return base(ErrorKind::Unreachable, "connection-lost")
                .state(format!(
                    "The commit of {id} was never sent: the server rolls it back."
                ))
                .next("when the server is back:  shoring up");
        }
        base(ErrorKind::OutcomeUnknown, "outcome-unknown")
            .state(format!("Whether {id} was committed is not known. Its attempt is recorded under its id, so the next run will know."))
            .next("when the server is back:  shoring doctor")
    }
}
