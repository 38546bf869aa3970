//! `goto`: moves to a version, whichever way it lies.

use super::build::Migrator;
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
        let mut opened = self.open_existing().await?;
        let result = async {
            let index =
                resolve(target, &opened.reconciliation).map_err(|error| target_error(&error))?;
            let floor = match index {
                Some(index) => opened.reconciliation.entries[index].version().to_owned(),
                None => "base".to_owned(),
            };
            let mut ran = opened.down(&DownRequest::To(floor.clone())).await?;
            if index.is_some() {
                let up = UpRequest {
                    target: Some(floor),
                    ..UpRequest::default()
                };
                ran.extend(opened.up(&up).await?);
            }
            Ok(ran)
        }
        .await;
        let report = result.map(|ran| opened.report(ran, started));
        opened.close().await;
        report
    }
}
