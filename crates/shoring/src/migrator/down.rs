//! `down` and `redo`: rolls back, and applies again.

use super::begin::{Ready, Wanted};
use super::build::Migrator;
use super::open::{Opened, open};
use super::run::RunKind;
use crate::context::{Access, Context};
use crate::error::{Error, ErrorKind, Result};
use crate::report::RunReport;
use crate::request::{DownRequest, UpRequest};
use shoring_core::Direction;
use std::time::Instant;

impl Migrator {
    /// Rolls back. What has no way back is refused before anything runs.
    pub async fn down(&self, request: &DownRequest) -> Result<RunReport> {
        let started = Instant::now();
        let context = self.context()?;
        if context.connector()?.is_missing_file() {
            let opened = open(context, self.project()?, Access::Read).await?;
            return Ok(opened.report(Vec::new(), started));
        }
        let (mut opened, ready) = self.begin(Wanted::Down(request)).await?;
        let ran = opened.run_ready(ready).await;
        let report = ran.map(|ran| opened.report(ran, started));
        opened.close().await;
        report
    }

    /// Rolls back the last `steps` migrations and applies them again.
    pub async fn redo(&self, steps: usize) -> Result<RunReport> {
        let started = Instant::now();
        let (mut opened, ready) = self.begin(Wanted::Down(&DownRequest::Steps(steps))).await?;
        let Some(current) = opened.current() else {
            // Only the half of a first migration is there.
            if let Some(ready) = ready {
                opened.unlock(ready.lock).await;
            }
            opened.close().await;
            return Err(Error::new(
                ErrorKind::Usage,
                "nothing-to-redo",
                "nothing is applied, so there is nothing to redo",
            ));
        };
        let result = async {
            let mut ran = opened.run_ready(ready).await?;
            let up = UpRequest {
                target: Some(current),
                ..UpRequest::default()
            };
            ran.extend(opened.then_up(&up).await?);
            Ok(ran)
        }
        .await;
        let report = result.map(|ran| opened.report(ran, started));
        opened.close().await;
        report
    }

    /// Opens a database that must be there already.
    pub(super) async fn open_existing(&self) -> Result<Opened> {
        self.open_existing_in(self.context()?).await
    }

    pub(super) async fn open_existing_in(&self, context: Context) -> Result<Opened> {
        if context.connector()?.is_missing_file() {
            return Err(Error::new(
                ErrorKind::Unreachable,
                "no-such-database",
                format!(
                    "the database {} does not exist",
                    context.connector()?.shown()
                ),
            )
            .next("make it by applying the migrations:  shoring up"));
        }
        open(context, self.project()?, Access::Write).await
    }
}

impl Opened {
    pub(super) async fn ready_for_down(&mut self, request: &DownRequest) -> Result<Option<Ready>> {
        let kind = RunKind {
            command: "down",
            keeps_history: true,
        };
        self.ready_with(kind, |opened| {
            let entries = opened.select_down(request)?;
            opened.analyse_all(&entries, Direction::Down)
        })
        .await
    }
}
