//! `wait` and `expect`: gates for start-up and init containers. They only read.

use super::build::Migrator;
use super::open::{Opened, open};
use super::select_error::{compatibility, count, target_error};
use crate::context::Access;
use crate::error::{Error, ErrorKind, Result};
use crate::report::GateReport;
use crate::request::GateRequest;
use shoring_core::State;
use shoring_plan::{Ahead, Entry, resolve};
use std::time::{Duration, Instant};

impl Migrator {
    /// Waits until everything up to a version is applied. A database that cannot be reached yet is waited for as well; one
    /// that refuses us is not.
    pub async fn wait(&self, request: &GateRequest) -> Result<GateReport> {
        let started = Instant::now();
        loop {
            let error = match self.look(&request.version, started, true).await {
                Ok(report) => return Ok(report),
                Err(error) => error,
            };
            let is_worth_waiting =
                matches!(error.kind, ErrorKind::Pending | ErrorKind::Unreachable);
            let left = request.timeout.saturating_sub(started.elapsed());
            if !is_worth_waiting || left.is_zero() {
                return Err(error);
            }
            self.pause(left).await?;
        }
    }

    /// Asks once whether everything up to a version is applied and nothing is that this checkout does not know.
    pub async fn expect(&self, version: &str) -> Result<GateReport> {
        self.look(version, Instant::now(), false).await
    }

    /// As [`Migrator::expect`], for a program's start: fails unless the database is at `version` (or later, as far as this
    /// program knows).
    pub async fn expect_version(&self, version: &str) -> Result<()> {
        self.expect(version).await.map(drop)
    }

    async fn pause(&self, left: Duration) -> Result<()> {
        let context = self.context()?;
        tokio::select! {
            () = tokio::time::sleep(left.min(Duration::from_millis(500))) => {}
            () = context.stop.changed() => {}
        }
        match context.stop.requested() {
            None => Ok(()),
            Some(signal) => Err(Error::new(
                ErrorKind::Stopped(signal),
                "stopped",
                "stopped as asked, while waiting",
            )
            .state("Nothing was changed.")),
        }
    }

    async fn look(
        &self,
        version: &str,
        started: Instant,
        may_be_ahead: bool,
    ) -> Result<GateReport> {
        let opened = open(self.context()?, self.project()?, Access::Read).await?;
        let report = opened.gate(version, started, may_be_ahead);
        opened.close().await;
        report
    }
}

impl Opened {
    fn gate(&self, version: &str, started: Instant, may_be_ahead: bool) -> Result<GateReport> {
        let limit = match resolve(version, &self.reconciliation) {
            Ok(index) => index.map_or(0, |index| index + 1),
            Err(error) => return Err(target_error(&error)),
        };
        let pending: Vec<String> = self.reconciliation.entries[..limit]
            .iter()
            .filter(|entry| entry.applied.is_none() || entry.state == State::Failed)
            .map(shoring_plan::Entry::id)
            .collect();
        if !pending.is_empty() {
            let mut error = Error::new(
                ErrorKind::Pending,
                "pending",
                format!(
                    "{} up to {version} not applied yet",
                    count(pending.len(), "migration")
                ),
            );
            for id in pending.iter().take(5) {
                error = error.note(id.clone());
            }
            return Err(error
                .state("Nothing was changed.")
                .next("apply them:  shoring up"));
        }
        let unknown = self.reconciliation.in_state(State::Missing).count();
        let notice = match self.reconciliation.ahead_of(limit) {
            Ahead::No => None,
            Ahead::Compatible(_) => Some(self.compatible_notice(unknown)),
            // `wait` asks for at least a version. Only what is recorded against the program stops it.
            Ahead::Unproven(entries)
                if may_be_ahead && entries.iter().all(|entry| entry.compatible_with.is_none()) =>
            {
                Some(format!(
                    "the database knows {} more than this checkout",
                    count(unknown, "migration")
                ))
            }
            Ahead::Unproven(entries) => return Err(ahead(unknown, &entries, may_be_ahead)),
        };
        Ok(GateReport {
            wanted: version.to_owned(),
            current: self.current(),
            milliseconds: started.elapsed().as_millis() as u64,
            notice,
        })
    }

    /// What is said when a newer database was made with this program in mind.
    pub(super) fn compatible_notice(&self, unknown: usize) -> String {
        format!(
            "the database knows {} more than this checkout, recorded as working with it",
            count(unknown, "migration")
        )
    }
}

fn ahead(unknown: usize, unproven: &[&Entry], may_be_ahead: bool) -> Error {
    let mut error = Error::new(
        ErrorKind::Ahead,
        "database-ahead",
        format!(
            "the database is ahead of this checkout by {}",
            count(unknown, "migration")
        ),
    )
    .state("Nothing was changed.");
    for entry in unproven.iter().take(5) {
        error = error.note(format!("{}: {}", entry.id(), compatibility(entry)));
    }
    error = error.next("deploy the version that has them");
    if may_be_ahead {
        error
    } else {
        error.next("or ask only for what this one needs:  shoring wait --at-least VERSION")
    }
}
