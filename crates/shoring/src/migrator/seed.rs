//! `seed`: reference data, apart from migrations. Each file of the seeds folder runs in one transaction, and again when it
//! was changed; which ones ran is in the journal.

use super::begin::{Ready, Wanted};
use super::build::Migrator;
use super::open::Opened;
use super::run::RunKind;
use crate::error::{Error, ErrorKind, Result};
use crate::report::RunReport;
use crate::request::SeedRequest;
use shoring_core::{
    Attributes, Direction, Kind, LoneCommit, LoneStatement, Migration, MigrationPlan, OrderKey,
    Severity, Version,
};
use shoring_formats::directive::refuse_compatible_with;
use shoring_formats::script::read_script;
use shoring_plan::analyse;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

impl Migrator {
    /// Runs the seed files that never ran or were changed since.
    pub async fn seed(&self, request: &SeedRequest) -> Result<RunReport> {
        let started = Instant::now();
        let (mut opened, ready) = self.begin(Wanted::Seed(request)).await?;
        let ran = opened.run_ready(ready).await;
        let report = ran.map(|ran| opened.report(ran, started));
        opened.close().await;
        report
    }
}

impl Opened {
    pub(super) async fn ready_for_seed(&mut self, request: &SeedRequest) -> Result<Option<Ready>> {
        let seeds = self.seeds_that_may_run(request)?;
        if self.unseeded(&seeds, request.force).await?.is_empty() {
            return Ok(None);
        }
        let lock = self.lock().await?;
        let plans = self
            .unseeded(&seeds, request.force)
            .await
            .and_then(|seeds| self.analyse_seeds(&seeds));
        match plans {
            Ok(plans) => Ok(Some(Ready {
                lock,
                plans,
                kind: RunKind {
                    command: "seed",
                    keeps_history: false,
                },
            })),
            Err(error) => {
                self.unlock(lock).await;
                Err(error)
            }
        }
    }

    pub(super) fn seeds_that_may_run(&self, request: &SeedRequest) -> Result<Vec<Arc<Migration>>> {
        let seeds = self.read_seeds(request)?;
        match self.reconciliation.pending().count() {
            0 => Ok(seeds),
            pending => Err(Error::new(
                ErrorKind::Pending,
                "pending",
                format!(
                    "{} pending, and seeds need the current schema",
                    are(pending, "migration")
                ),
            )
            .state("Nothing was run and nothing was changed.")
            .next("apply them first:  shoring up")),
        }
    }

    fn read_seeds(&self, request: &SeedRequest) -> Result<Vec<Arc<Migration>>> {
        let folder = self.context.tuning.seeds.clone();
        let tree = self.project.tree.as_ref();
        let files = tree
            .files(&folder)
            .map_err(|error| crate::project::tree_error(&error))?;
        let mut seeds = Vec::new();
        for file in files.iter().filter(|file| file.ends_with(".sql")) {
            let stem = file.trim_end_matches(".sql");
            if !request.names.is_empty()
                && !request
                    .names
                    .iter()
                    .any(|name| name == file || name == stem)
            {
                continue;
            }
            let mut diagnostics = Vec::new();
            let path = shoring_formats::numbered::join(&folder, file);
            let up = read_script(tree, &path, &mut diagnostics)
                .map_err(|error| crate::project::tree_error(&error))?;
            diagnostics.extend(refuse_compatible_with(&up));
            if let Some(diagnostic) = diagnostics
                .into_iter()
                .find(|diagnostic| diagnostic.severity == Severity::Error)
            {
                return Err(Error::from_diagnostic(ErrorKind::Usage, diagnostic)
                    .state("Nothing was run and nothing was changed."));
            }
            seeds.push(Arc::new(Migration {
                version: Version::new(stem),
                name: String::new(),
                order: OrderKey::Text(stem.to_owned()),
                kind: Kind::Repeatable,
                up,
                down: None,
                checksums: Vec::new(),
                attributes: Attributes::new(),
                program: None,
                terms: shoring_core::Terms::default(),
            }));
        }
        for name in &request.names {
            if !files
                .iter()
                .any(|file| file == name || file.trim_end_matches(".sql") == name)
            {
                return Err(Error::new(
                    ErrorKind::Usage,
                    "no-such-seed",
                    format!("there is no seed file `{name}` in {folder}/"),
                ));
            }
        }
        if seeds.is_empty() {
            return Err(Error::new(ErrorKind::Usage, "no-seeds", format!("there are no .sql files in {folder}/"))
                .next(format!("put reference data into {folder}/NAME.sql, or name another folder in shoring.toml:  seeds = \"…\"")));
        }
        Ok(seeds)
    }

    /// The seeds that never ran with this text.
    async fn unseeded(
        &mut self,
        seeds: &[Arc<Migration>],
        force: bool,
    ) -> Result<Vec<Arc<Migration>>> {
        let mut known = BTreeMap::new();
        if self.ledger.found.has_journal
            && let Some(session) = &mut self.session
        {
            for row in crate::ledger::query_patiently(
                session.as_mut(),
                &self.ledger.journal.select_seeds(),
            )
            .await?
            {
                known.insert(
                    row.text(0).unwrap_or_default(),
                    row.text(1).unwrap_or_default(),
                );
            }
        }
        let is_known = |seed: &Migration| {
            known
                .get(seed.version.as_str())
                .is_some_and(|checksum| checksum == seed.up.checksum.as_str())
        };
        Ok(seeds
            .iter()
            .filter(|seed| force || !is_known(seed))
            .cloned()
            .collect())
    }

    fn analyse_seeds(&self, seeds: &[Arc<Migration>]) -> Result<Vec<MigrationPlan>> {
        let options = self.split_options();
        seeds
            .iter()
            .map(|seed| {
                let input = self
                    .project
                    .tree
                    .open(&seed.up.path)
                    .map_err(|error| crate::project::tree_error(&error))?;
                analyse(
                    input,
                    seed,
                    Direction::Up,
                    &self.server,
                    options,
                    LoneCommit::Refuse,
                    LoneStatement::InTransaction,
                )
                .map_err(|diagnostic| {
                    Error::from_diagnostic(ErrorKind::Usage, *diagnostic)
                        .state("Nothing was run and nothing was changed.")
                })
            })
            .collect()
    }
}

/// `1 migration is`, `3 migrations are`.
fn are(number: usize, what: &str) -> String {
    let verb = if number == 1 { "is" } else { "are" };
    format!("{} {verb}", super::select_error::count(number, what))
}
