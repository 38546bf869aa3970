//! `goto`: moves to a version, whichever way it lies.

use super::begin::{Ready, Wanted};
use super::build::Migrator;
use super::open::Opened;
use super::select_error::target_error;
use crate::error::Result;
use crate::report::RunReport;
use crate::request::{DownRequest, UpRequest};
use shoring_plan::resolve;
use std::time::Instant;

impl Migrator {
    /// Rolls back everything after `target` and applies everything up to it.
    pub async fn goto(&self, target: &str) -> Result<RunReport> {
        let started = Instant::now();
        let context = self.context()?;
        if context.connector()?.is_missing_file() {
            return self
                .up(&UpRequest {
                    target: Some(target.to_owned()),
                    ..UpRequest::default()
                })
                .await;
        }
        let (mut opened, ready) = self.begin(Wanted::Goto(target)).await?;
        let result = async {
            let floor = opened.floor_of(target)?;
            let mut ran = opened.run_ready(ready).await?;
            if let Some(up) = floor.up() {
                ran.extend(opened.then_up(&up).await?);
            }
            Ok(ran)
        }
        .await;
        let report = result.map(|ran| opened.report(ran, started));
        opened.close().await;
        report
    }
}

/// The version to end at; `None` before the first one.
struct Floor(Option<String>);

impl Floor {
    fn down(&self) -> DownRequest {
        DownRequest::To(self.0.clone().unwrap_or_else(|| "base".to_owned()))
    }

    fn up(&self) -> Option<UpRequest> {
        self.0.as_ref().map(|version| UpRequest {
            target: Some(version.clone()),
            ..UpRequest::default()
        })
    }
}

impl Opened {
    fn floor_of(&self, target: &str) -> Result<Floor> {
        let index = resolve(target, &self.reconciliation).map_err(|error| target_error(&error))?;
        Ok(Floor(index.map(|index| {
            self.reconciliation.entries[index].version().to_owned()
        })))
    }

    /// What comes first on the way there: down if anything stands after it, else up.
    pub(super) async fn ready_for_goto(&mut self, target: &str) -> Result<Option<Ready>> {
        let floor = self.floor_of(target)?;
        let ready = self.ready_for_down(&floor.down()).await?;
        match (ready, floor.up()) {
            (None, Some(up)) => self.ready_for_up(&up).await,
            (ready, _) => Ok(ready),
        }
    }
}
