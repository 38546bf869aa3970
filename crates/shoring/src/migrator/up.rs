//! `up`: applies what is pending.

use super::build::Migrator;
use super::open::{Opened, open, open_on};
use super::own_settings::OwnSettings;
use super::run::RunKind;
use crate::context::Access;
use crate::error::Result;
use crate::lock::RunLock;
use crate::pause::jitter;
use crate::report::{Ran, RunReport};
use crate::request::UpRequest;
use shoring_core::{Direction, Event, MigrationPlan};
use shoring_db::Session;
use std::time::{Duration, Instant};

/// How often a run begins again when the link is lost before its first statement.
const TRIES: u32 = 3;

impl Migrator {
    /// Applies pending migrations, in order. Takes no lock when there is nothing to do.
    pub async fn up(&self, request: &UpRequest) -> Result<RunReport> {
        let context = self.context()?;
        let started = Instant::now();
        // A new SQLite file is made only when everything that would run into it can be read.
        if context.connector()?.is_missing_file() {
            let opened = open(context.clone(), self.project()?, Access::Read).await?;
            let entries = opened.select_up(request)?;
            opened.refuse_misfits(&entries)?;
            opened.analyse_all(&entries, Direction::Up)?;
            if entries.is_empty() {
                opened.warn_of_files();
                return Ok(opened.report(Vec::new(), started));
            }
        }
        let mut tries = 0;
        let (mut opened, ready) = loop {
            tries += 1;
            let error = match open(context.clone(), self.project()?, Access::Write).await {
                Ok(mut opened) => match opened.ready_for_up(request).await {
                    Ok(ready) => {
                        opened.warn_of_files();
                        break (opened, ready);
                    }
                    Err(error) => {
                        opened.close().await;
                        error
                    }
                },
                Err(error) => error,
            };
            // Nothing was run yet, so beginning again guesses nothing.
            if error.diagnostic.code != "connection-lost" || tries == TRIES {
                return Err(error);
            }
            tokio::time::sleep(jitter(Duration::from_millis(100))).await;
        };
        let ran = opened.run_up(ready).await;
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
        self.warn_of_files();
        self.run_up(ready).await
    }

    /// Tells of files that look like migrations and are none: nobody would miss them until it is too late.
    fn warn_of_files(&self) {
        for diagnostic in &self.set.diagnostics {
            self.context.emit(&Event::Warned {
                diagnostic: diagnostic.clone(),
            });
        }
    }

    /// Everything up to the first statement: the lock, and what will run under it. `None` when there is nothing to do.
    async fn ready_for_up(
        &mut self,
        request: &UpRequest,
    ) -> Result<Option<(RunLock, Vec<MigrationPlan>)>> {
        let entries = self.select_up(request)?;
        if entries.is_empty() {
            return Ok(None);
        }
        // Refuse what cannot run before anybody has to wait for the lock.
        self.refuse_misfits(&entries)?;
        self.analyse_all(&entries, Direction::Up)?;
        let lock = self.lock().await?;
        let plans = match self
            .select_up(request)
            .and_then(|entries| self.analyse_all(&entries, Direction::Up))
        {
            Ok(plans) => plans,
            Err(error) => {
                self.unlock(lock).await;
                return Err(error);
            }
        };
        Ok(Some((lock, plans)))
    }

    async fn run_up(&mut self, ready: Option<(RunLock, Vec<MigrationPlan>)>) -> Result<Vec<Ran>> {
        let Some((lock, plans)) = ready else {
            return Ok(Vec::new());
        };
        self.run(
            lock,
            &plans,
            RunKind {
                command: "up",
                keeps_history: true,
            },
        )
        .await
    }

    pub(super) fn report(&self, ran: Vec<Ran>, started: Instant) -> RunReport {
        RunReport {
            database: self.database(),
            ran,
            current: self.current(),
            pending: self.reconciliation.pending().count(),
            milliseconds: started.elapsed().as_millis() as u64,
        }
    }
}
