//! `up`: applies what is pending.

use super::begin::{Ready, Wanted};
use super::build::Migrator;
use super::open::{Analysed, Opened, by_order, open, open_on};
use super::own_settings::OwnSettings;
use super::run::RunKind;
use crate::context::Access;
use crate::error::Result;
use crate::report::{Ran, RunReport};
use crate::request::UpRequest;
use shoring_core::Event;
use shoring_db::Session;
use shoring_plan::select::DownTo;
use shoring_plan::{Ahead, select_down};
use std::time::Instant;

impl Migrator {
    /// Applies pending migrations, in order. Takes no lock when there is nothing to do.
    pub async fn up(&self, request: &UpRequest) -> Result<RunReport> {
        let context = self.context()?;
        let started = Instant::now();
        let mut analysed = Analysed::default();
        // A new SQLite file is made only when everything that would run into it can be read.
        if context.connector()?.is_missing_file() {
            let opened = open(context.clone(), self.project()?, Access::Read).await?;
            let plans = opened.plan_up(request)?;
            if plans.is_empty() {
                opened.warn();
                return Ok(opened.report(Vec::new(), started));
            }
            analysed = by_order(plans);
        }
        let (mut opened, ready) = self.begin_knowing(Wanted::Up(request), &analysed).await?;
        opened.warn();
        let ran = opened.run_ready(ready).await;
        let report = ran.map(|ran| opened.report(ran, started));
        opened.close().await;
        report
    }

    /// As [`Migrator::up`], on a session of the caller's, which is given back with the settings it came with.
    pub async fn up_on(
        &self,
        mut session: Box<dyn Session>,
        request: &UpRequest,
    ) -> (Option<Box<dyn Session>>, Result<RunReport>) {
        let started = Instant::now();
        let project = match self.project() {
            Ok(project) => project,
            Err(error) => return (Some(session), Err(error)),
        };
        let own = match OwnSettings::read(session.as_mut()).await {
            Ok(own) => own,
            Err(error) => return (Some(session), Err(error)),
        };
        let (session, report) = match open_on(self.context_with(None), project, session).await {
            Ok(mut opened) => {
                let ran = opened.up(request).await;
                let report = ran.map(|ran| opened.report(ran, started));
                (opened.session.take(), report)
            }
            Err((session, error)) => (Some(session), Err(error)),
        };
        match session {
            Some(mut session) => {
                own.put_back(session.as_mut()).await;
                (Some(session), report)
            }
            None => (None, report),
        }
    }
}

impl Opened {
    pub(super) async fn up(&mut self, request: &UpRequest) -> Result<Vec<Ran>> {
        let ready = self.ready_for_up(request).await?;
        self.warn();
        self.run_ready(ready).await
    }

    /// Tells of files that look like migrations and are none, and of what does not match and stops nothing: nobody would
    /// miss them until it is too late.
    fn warn(&self) {
        let of_files = self.set.diagnostics.iter().cloned();
        for diagnostic in of_files.chain(self.history_warnings()) {
            self.context.emit(&Event::Warned { diagnostic });
        }
    }

    pub(super) async fn ready_for_up(&mut self, request: &UpRequest) -> Result<Option<Ready>> {
        let kind = RunKind {
            command: "up",
            keeps_history: true,
        };
        self.ready_with(kind, |opened| opened.plan_up(request))
            .await
    }

    pub(super) fn report(&self, ran: Vec<Ran>, started: Instant) -> RunReport {
        // After a late file `down` takes another one back.
        let can_go_back =
            select_down(&self.reconciliation, DownTo::Steps(1)).is_ok_and(|selected| {
                selected.iter().any(|entry| {
                    let version = entry.version();
                    ran.iter().any(|one| one.version == version)
                })
            });
        RunReport {
            database: self.database(),
            ran,
            current: self.current(),
            pending: self.reconciliation.pending().count(),
            milliseconds: started.elapsed().as_millis() as u64,
            notice: match self
                .reconciliation
                .ahead_of(self.reconciliation.entries.len())
            {
                Ahead::Compatible(unknown) => Some(self.compatible_notice(unknown.len())),
                Ahead::No | Ahead::Unproven(_) => None,
            },
            can_go_back,
        }
    }
}
