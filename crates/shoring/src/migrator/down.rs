//! `down` and `redo`: rolls back, and applies again.

use super::build::Migrator;
use super::open::{Opened, open};
use super::run::RunKind;
use crate::context::Access;
use crate::error::{Error, ErrorKind, Result};
use crate::report::{Ran, RunReport};
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
        let mut opened = self.open_existing().await?;
        let ran = opened.down(request).await;
        let report = ran.map(|ran| opened.report(ran, started));
        opened.close().await;
        report
    }

    /// Rolls back the last `steps` migrations and applies them again.
    pub async fn redo(&self, steps: usize) -> Result<RunReport> {
        let started = Instant::now();
        let mut opened = self.open_existing().await?;
        let Some(current) = opened.current() else {
            opened.close().await;
            return Err(Error::new(
                ErrorKind::Usage,
                "nothing-to-redo",
                "nothing is applied, so there is nothing to redo",
            ));
        };
        let result = async {
            let mut ran = opened.down(&DownRequest::Steps(steps)).await?;
            let up = UpRequest {
                target: Some(current),
                steps: None,
                allow_out_of_order: false,
            };
            ran.extend(opened.up(&up).await?);
            Ok(ran)
        }
        .await;
        let report = result.map(|ran| opened.report(ran, started));
        opened.close().await;
        report
    }

    /// Opens a database that must be there already.
    pub(super) async fn open_existing(&self) -> Result<Opened> {
        let context = self.context()?;
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
    pub(super) async fn down(&mut self, request: &DownRequest) -> Result<Vec<Ran>> {
        let entries = self.select_down(request)?;
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        self.analyse_all(&entries, Direction::Down)?;
        let lock = self.lock().await?;
        let plans = match self
            .select_down(request)
            .and_then(|entries| self.analyse_all(&entries, Direction::Down))
        {
            Ok(plans) => plans,
            Err(error) => {
                self.unlock(lock).await;
                return Err(error);
            }
        };
        self.run(
            lock,
            &plans,
            RunKind {
                command: "down",
                keeps_history: true,
            },
        )
        .await
    }
}
