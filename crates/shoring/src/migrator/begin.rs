//! What every run does up to its first statement: open, choose, refuse, take the lock, choose again. When the link is lost on
//! the way, it begins again: nothing was run yet, so that guesses nothing.

use super::build::Migrator;
use super::open::{Analysed, Opened, by_order, open, open_to_write};
use super::run::RunKind;
use crate::context::{Access, Context};
use crate::error::Result;
use crate::lock::{self, RunLock};
use crate::pause::jitter;
use crate::project::FolderTree;
use crate::report::Ran;
use crate::request::{DownRequest, SeedRequest, UpRequest};
use shoring_core::MigrationPlan;
use shoring_formats::script::Reads;
use std::sync::Arc;
use std::time::Duration;

/// How often a run begins again when the link is lost before its first statement.
const TRIES: u32 = 3;

/// What a run is to do first.
#[derive(Clone, Copy)]
pub(super) enum Wanted<'r> {
    Up(&'r UpRequest),
    Down(&'r DownRequest),
    Goto(&'r str),
    Seed(&'r SeedRequest),
}

/// The lock, and what runs under it.
pub(super) struct Ready {
    pub(super) lock: RunLock,
    pub(super) plans: Vec<MigrationPlan>,
    pub(super) kind: RunKind,
}

impl Migrator {
    /// Everything up to the first statement. `None` when there is nothing to do.
    pub(super) async fn begin(&self, wanted: Wanted<'_>) -> Result<(Opened, Option<Ready>)> {
        self.begin_knowing(wanted, &Analysed::new()).await
    }

    /// As [`Migrator::begin`]; what is `analysed` already is not read again.
    pub(super) async fn begin_knowing(
        &self,
        wanted: Wanted<'_>,
        analysed: &Analysed,
    ) -> Result<(Opened, Option<Ready>)> {
        // Each try is of the same run, so that it knows its own lease.
        let context = self.context()?;
        let mut tries = 0;
        loop {
            tries += 1;
            let error = match Box::pin(self.open_for(wanted, context.clone())).await {
                Ok(mut opened) => {
                    opened.analysed().clone_from(analysed);
                    match opened.ready(wanted).await {
                        Ok(ready) => return Ok((opened, ready)),
                        Err(error) => {
                            opened.close().await;
                            error
                        }
                    }
                }
                Err(error) => error,
            };
            if error.diagnostic.code != "connection-lost" || tries == TRIES {
                return Err(error);
            }
            tokio::time::sleep(jitter(Duration::from_millis(100))).await;
        }
    }

    async fn open_for(&self, wanted: Wanted<'_>, context: Context) -> Result<Opened> {
        match wanted {
            Wanted::Up(_) => {
                // Most runs find nothing to do, and so need not know how anything is taken back.
                let mut project = self.project()?;
                project.reads = Reads::WhatApplies;
                let mut opened = open(context, project, Access::Write).await?;
                if !opened.is_all_applied() {
                    opened.read_all_files()?;
                }
                Ok(opened)
            }
            Wanted::Down(_) | Wanted::Goto(_) => self.open_existing_in(context).await,
            Wanted::Seed(request) => {
                let mut opened = open_to_write(context, self.project()?, |opened| {
                    opened.seeds_that_may_run(request).map(drop)
                })
                .await?;
                if let Some(root) = &self.seed_root {
                    opened.project.tree = Arc::new(FolderTree::new(root));
                }
                Ok(opened)
            }
        }
    }
}

impl Opened {
    async fn ready(&mut self, wanted: Wanted<'_>) -> Result<Option<Ready>> {
        match wanted {
            Wanted::Up(request) => self.ready_for_up(request).await,
            Wanted::Down(request) => self.ready_for_down(request).await,
            Wanted::Goto(target) => self.ready_for_goto(target).await,
            Wanted::Seed(request) => self.ready_for_seed(request).await,
        }
    }

    /// Takes the lock for what `choose` gives. What cannot run is refused before anybody has to wait for the lock, and
    /// chosen again under it.
    pub(super) async fn ready_with(
        &mut self,
        kind: RunKind,
        choose: impl Fn(&Self) -> Result<Vec<MigrationPlan>>,
    ) -> Result<Option<Ready>> {
        if kind.keeps_history {
            self.around = self.read_around()?;
            self.refuse_around_without_journal(&self.around)?;
        }
        let plans = match choose(self) {
            Err(error) if error.diagnostic.code == "failed-row" => {
                self.wait_for_tool().await?;
                choose(self)?
            }
            chosen => chosen?,
        };
        let is_standing = kind.command == "up" && self.around.runs_without_migrations();
        if plans.is_empty() && !is_standing {
            self.give_back_row_of_dead().await;
            return Ok(None);
        }
        *self.analysed() = by_order(plans);
        let lock = self.lock().await?;
        match choose(self) {
            Ok(plans) => Ok(Some(Ready { lock, plans, kind })),
            Err(error) => {
                self.unlock(lock).await;
                Err(error)
            }
        }
    }

    /// The row of a tool that locks one outlives a run of ours that was killed, and the tool would wait for it. What cannot be
    /// given back now is so by the next run that has something to do.
    async fn give_back_row_of_dead(&mut self) {
        let Some(session) = &mut self.session else {
            return;
        };
        let holder = lock::row_holder(session.as_mut(), &self.ledger, &self.context).await;
        if !holder.is_ok_and(|holder| holder.is_some_and(|holder| holder.is_ours())) {
            return;
        }
        // A run that is alive has the lock, and gives the row back itself; the session of a dead one may take a moment to end.
        let mut context = self.context.clone();
        context.tuning.lock_wait = context.tuning.lock_wait.min(Duration::from_secs(1));
        if let Ok(lock) = lock::acquire(session.as_mut(), &mut self.ledger, &context).await {
            self.unlock(lock).await;
        }
    }

    /// A row that says failed is what the tool itself writes while it is at work: the last word is said once its lock is
    /// free.
    async fn wait_for_tool(&mut self) -> Result<()> {
        if let Some(session) = &mut self.session {
            lock::wait_for_tool(session.as_mut(), &self.ledger, &self.context).await?;
        }
        self.read_again().await
    }

    /// `up` as the second half of another command, which begins again as the first one does.
    pub(super) async fn then_up(&mut self, request: &UpRequest) -> Result<Vec<Ran>> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.ready_for_up(request).await {
                Ok(ready) => return self.run_ready(ready).await,
                Err(error) if error.diagnostic.code == "connection-lost" && tries < TRIES => {
                    self.reconnect().await?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Runs what is ready.
    pub(super) async fn run_ready(&mut self, ready: Option<Ready>) -> Result<Vec<Ran>> {
        match ready {
            Some(ready) => Box::pin(self.run(ready.lock, &ready.plans, ready.kind)).await,
            None => Ok(Vec::new()),
        }
    }
}
