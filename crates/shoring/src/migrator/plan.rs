//! `plan`: what would run. Sends nothing but reads.

use super::build::Migrator;
use super::folder_of_others::refuse_folder_of_others;
use super::open::{Opened, open};
use crate::context::Access;
use crate::error::{Error, ErrorKind, Result};
use crate::ledger::Beginning;
use crate::project::CORRECT_IT;
use crate::report::PlanReport;
use crate::request::{DownRequest, PlanRequest, UpRequest};
use crate::saved_plan::SavedPlan;
use shoring_core::{
    Diagnostic, Direction, LineEnds, Migration, MigrationPlan, Position, Product, Script, Server,
    State,
};
use shoring_formats::DefaultTarget;
use shoring_formats::script::open_script;
use shoring_plan::select::DownTo;
use shoring_plan::{Entry, PlaceFinder, analyse, select_down, select_up};
use std::sync::Arc;

impl Migrator {
    /// Shows what `up` or `down` would run, in order, with its transactions.
    pub async fn plan(&self, request: &PlanRequest) -> Result<PlanReport> {
        let opened = open(self.context()?, self.project()?, Access::Read).await?;
        let report = match request {
            PlanRequest::Up(request) => opened.plan_report(Direction::Up, opened.plan_up(request)?),
            PlanRequest::Down(request) => {
                let entries = opened.select_down(request)?;
                let plans = opened.analyse_all(&entries, Direction::Down)?;
                PlanReport {
                    takes_all_back: opened.is_everything(&entries),
                    ..opened.plan_report(Direction::Down, plans)
                }
            }
        };
        opened.close().await;
        Ok(report)
    }

    /// As [`Migrator::plan`] for `up`, with the plan as a document that [`Migrator::up`] can run later.
    pub async fn save_plan(&self, request: &UpRequest) -> Result<(PlanReport, SavedPlan)> {
        let opened = open(self.context()?, self.project()?, Access::Read).await?;
        let migrations = opened.plan_up(request)?;
        let saved = SavedPlan::new(
            &opened.context.identity.tool,
            opened.set.format,
            &opened.server,
            &opened.reconciliation,
            request.allow_out_of_order,
            &migrations,
        );
        let report = opened.plan_report(Direction::Up, migrations);
        opened.close().await;
        Ok((report, saved))
    }
}

impl Opened {
    fn plan_report(&self, direction: Direction, migrations: Vec<MigrationPlan>) -> PlanReport {
        let mut notes: Vec<String> = self
            .set
            .diagnostics
            .iter()
            .map(ToString::to_string)
            .collect();
        if direction == Direction::Up {
            let found = self.history_warnings();
            notes.extend(found.iter().map(ToString::to_string));
        }
        for plan in &migrations {
            if let Some(conditions) = &plan.migration.terms.conditions
                && direction == Direction::Up
            {
                notes.extend(conditions.all.iter().map(|condition| {
                    let id = plan.migration.id();
                    format!("{id} asks before it runs: {}", condition.title)
                }));
            }
            if !plan.is_atomic() {
                notes.push(format!(
                    "{} is not one transaction: if it stops half-way, the next run goes on where it stopped",
                    plan.migration.id()
                ));
            }
            if let Some(open) = self.snapshot.open_attempt(&plan.migration.order, direction) {
                notes.push(format!(
                    "{} goes on: {}",
                    plan.migration.id(),
                    open.describe()
                ));
            }
        }
        if let Ok(around) = self.read_around() {
            notes.extend(
                around
                    .paths()
                    .map(|path| format!("`{path}` runs around them")),
            );
        }
        notes.extend(
            self.switch_back_warnings(&migrations)
                .iter()
                .map(ToString::to_string),
        );
        PlanReport {
            database: self.database(),
            migrations,
            takes_all_back: false,
            notes,
        }
    }

    /// Whether nothing is left when these are rolled back.
    fn is_everything(&self, entries: &[Entry]) -> bool {
        let all = self.select_down(&DownRequest::All);
        !entries.is_empty() && all.is_ok_and(|all| all.len() == entries.len())
    }

    /// What `up` runs, read and judged.
    pub(super) fn plan_up(&self, request: &UpRequest) -> Result<Vec<MigrationPlan>> {
        let entries = self.select_up(request)?;
        // Whether a version fits the history table is known now, not after the statements ran.
        self.refuse_misfits(&entries)?;
        let plans = self.analyse_all(&entries, Direction::Up)?;
        if let Some(saved) = &request.plan {
            saved.check(self.set.format, &self.server, &plans)?;
        }
        Ok(plans)
    }

    /// The entries `up` runs.
    pub(super) fn select_up(&self, request: &UpRequest) -> Result<Vec<Entry>> {
        let format = self.ledger.found.format;
        refuse_folder_of_others(self.project.tree.as_ref(), &self.set, format)?;
        self.refuse_unrecorded()?;
        let all = &self.reconciliation;
        let (target, steps) = self.target_of(request);
        let selected = match &request.plan {
            None => select_up(all, target.as_deref(), steps, request.allow_out_of_order),
            Some(saved) => select_up(all, None, None, saved.allow_out_of_order),
        };
        let mut entries = selected.map_err(|error| self.refusal(&error))?;
        if let Some(saved) = &request.plan {
            entries = saved.remaining(&entries, all)?;
        }
        self.refuse_half_taken_back(&entries)?;
        Ok(entries)
    }

    /// Up to where: as asked for, else as the tool of the project is configured.
    fn target_of(&self, request: &UpRequest) -> (Option<String>, Option<usize>) {
        if request.target.is_some() || request.steps.is_some() {
            return (request.target.clone(), request.steps);
        }
        let format = self.ledger.found.format;
        match format.default_target(&self.project.candidate(format).config) {
            DefaultTarget::All => (None, None),
            DefaultTarget::Version(version) => (Some(version), None),
            DefaultTarget::Steps(steps) => (None, Some(steps)),
        }
    }

    /// A database with things in it that nobody recorded: to run everything from the first migration on would be a guess.
    fn refuse_unrecorded(&self) -> Result<()> {
        if self.ledger.found.beginning != Beginning::Refused {
            return Ok(());
        }
        let table = &self.ledger.found.table.name;
        let place = table.schema.as_deref().map_or_else(
            || "the database".to_owned(),
            |schema| format!("the schema `{schema}`"),
        );
        Err(Error::new(
            ErrorKind::Refused,
            "not-empty",
            format!("{place} is not empty, and there is no table `{}` that tells which migrations made what is there", table.name),
        )
        .state("Nothing was run and nothing was changed.")
        .next("if the migrations up to a version made it:  shoring baseline VERSION")
        .next("to have that done by every first run, set baselineOnMigrate and baselineVersion for Flyway"))
    }

    /// A half that was itself taken back half-way can only be taken back to its end.
    fn refuse_half_taken_back(&self, entries: &[Entry]) -> Result<()> {
        let is_down = |entry: &&Entry| {
            self.snapshot
                .open
                .get(&entry.order)
                .is_some_and(|open| open.direction == Direction::Down)
        };
        match entries.iter().find(is_down) {
            None => Ok(()),
            Some(entry) => Err(Error::new(
                ErrorKind::Mismatch,
                "half-taken-back",
                format!("taking back {} stopped half-way", entry.id()),
            )
            .note(entry.detail.clone().unwrap_or_default())
            .state("Nothing was run and nothing was changed.")
            .next("finish taking it back:  shoring down")),
        }
    }

    /// The entries `down` rolls back, newest first. What is only half applied comes before what is applied.
    pub(super) fn select_down(&self, request: &DownRequest) -> Result<Vec<Entry>> {
        let halves: Vec<Entry> = self
            .reconciliation
            .entries
            .iter()
            .rev()
            .filter(|entry| entry.state == State::Failed && entry.applied.is_none())
            .cloned()
            .collect();
        for entry in &halves {
            let without_way = entry
                .migration
                .as_ref()
                .filter(|migration| migration.down.is_none());
            if let Some(migration) = without_way {
                return Err(Error::new(
                    ErrorKind::Refused,
                    "no-down",
                    format!(
                        "{} has no {}, so its half cannot be taken back",
                        entry.id(),
                        self.ledger.found.format.way_back_name()
                    ),
                )
                .state("Nothing was run and nothing was changed.")
                .next(format!(
                    "{}, or fix the file and go on:  shoring up",
                    self.ledger.found.format.way_back(migration)
                )));
            }
        }
        let to = match request {
            DownRequest::Steps(steps) => DownTo::Steps(steps.saturating_sub(halves.len())),
            DownRequest::To(target) => DownTo::Target(target),
            DownRequest::All => DownTo::Base,
        };
        let mut entries = halves;
        if let DownRequest::Steps(steps) = request {
            entries.truncate(*steps);
        }
        entries
            .extend(select_down(&self.reconciliation, to).map_err(|error| self.refusal(&error))?);
        Ok(entries)
    }

    /// Reads the files and decides how each will run. Everything that cannot run is refused here, before anything does.
    pub(super) fn analyse_all(
        &self,
        entries: &[Entry],
        direction: Direction,
    ) -> Result<Vec<MigrationPlan>> {
        let mut plans = Vec::with_capacity(entries.len());
        for entry in entries {
            let Some(migration) = &entry.migration else {
                continue;
            };
            let Some(script) = migration.script(direction) else {
                continue;
            };
            if let Some(language) = migration.program {
                return Err(self.refuse_program(migration, language, direction));
            }
            if let Some(diagnostic) = &migration.terms.refused {
                return Err(self.refuse_file(diagnostic.as_ref().clone()));
            }
            let known = self.analysed().remove(&migration.order);
            let plan = match known
                .filter(|plan| plan.direction == direction && plan.migration == *migration)
            {
                Some(plan) => plan,
                None => self.analyse(migration, script, direction)?,
            };
            refuse_impossible(&self.server, script)?;
            if direction == Direction::Up {
                self.refuse_old_journal(migration.compatible_with())?;
            }
            plans.push(plan);
        }
        self.refuse_empty(&plans)?;
        refuse_not_empty(&plans)?;
        Ok(plans)
    }

    /// A migration that is a program runs in its own tool only.
    fn refuse_program(
        &self,
        migration: &Migration,
        language: &'static str,
        direction: Direction,
    ) -> Error {
        let tool = self.ledger.found.format.name();
        let path = &migration.up.path;
        let (what, next) = match direction {
            Direction::Up => (
                "only its own program can run it",
                format!(
                    "run it with the program that contains it, then go on:  shoring up;  if what it does is in the database already:  shoring mark {} applied",
                    migration.version
                ),
            ),
            Direction::Down => (
                "only its own program can take it back",
                "roll it back with the program that contains it".to_owned(),
            ),
        };
        Error::new(
            ErrorKind::Refused,
            "not-sql",
            format!("`{path}` is a {tool} migration written in {language}: {what}"),
        )
        .state("Nothing was run and nothing was changed.")
        .next(next)
    }

    /// What the tool whose project it is could not run itself, or would stop at.
    pub(super) fn switch_back_warnings(&self, plans: &[MigrationPlan]) -> Vec<Diagnostic> {
        let format = self.ledger.found.format;
        let mut warnings: Vec<Diagnostic> = plans
            .iter()
            .flat_map(|plan| format.switch_back_warnings(plan, self.server.product))
            .collect();
        warnings.extend(self.other_line_ends());
        warnings
    }

    /// Applied files of which only the line ends changed: one warning for all, because a checkout changes all at once.
    fn other_line_ends(&self) -> Option<Diagnostic> {
        if self.set.policy.line_ends == LineEnds::DoNotCount {
            return None;
        }
        let mut respelled = self
            .reconciliation
            .entries
            .iter()
            .filter(|entry| entry.is_respelled())
            .filter_map(|entry| Some(&entry.migration.as_ref()?.up.path));
        let first = respelled.next()?;
        let others = match respelled.count() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let tool = self.ledger.found.format.name();
        Some(
            Diagnostic::warning(
                "line-ends",
                format!("`{first}`{others}: the line ends are not those of the applied file, and {tool} itself would stop there"),
            )
            .hint("check the files out with their line ends (.gitattributes);  or take them as they are now:  shoring repair"),
        )
    }

    pub(super) fn analyse(
        &self,
        migration: &Arc<Migration>,
        script: &Script,
        direction: Direction,
    ) -> Result<MigrationPlan> {
        let input = open_script(self.project.tree.as_ref(), script)
            .map_err(|error| crate::project::tree_error(&error))?;
        let options = self.split_options();
        let policy = &self.set.policy;
        analyse(
            input,
            migration,
            direction,
            &self.server,
            options,
            policy.lone_commit,
            policy.lone_statement,
        )
        .map_err(|diagnostic| self.refuse_file(*diagnostic))
    }

    /// What is wrong in a file, at its place.
    fn refuse_file(&self, mut diagnostic: Diagnostic) -> Error {
        if let Some(label) = &mut diagnostic.label {
            self.project.fill_excerpt(label);
        }
        Error::from_diagnostic(ErrorKind::Usage, diagnostic)
            .state("Nothing was run and nothing was changed.")
            .next(CORRECT_IT)
    }

    /// Files without a statement are files that nobody has written yet: applied, their first edit would be a changed file;
    /// rolled back, they would take the row and leave the table. Projects of other making may have their reasons.
    fn refuse_empty(&self, plans: &[MigrationPlan]) -> Result<()> {
        const NAMED: usize = 20;
        if self.set.policy.may_be_empty {
            return Ok(());
        }
        let empty: Vec<(&str, Direction, Position)> = plans
            .iter()
            .filter(|plan| plan.statement_count == 0)
            .filter_map(|plan| {
                let script = plan.migration.script(plan.direction)?;
                let is_meant = script.directives.is_empty
                    || plan.direction == Direction::Down && script.is_nothing();
                let (_, position) = script.beginning();
                (!is_meant).then_some((script.path.as_str(), plan.direction, position))
            })
            .collect();
        let Some((path, direction, position)) = empty.first() else {
            return Ok(());
        };
        let (message, next) = match direction {
            Direction::Up => (
                format!("`{path}` has no statement yet"),
                "write it;  if it shall do nothing, say so in it:  -- shoring: empty",
            ),
            Direction::Down => (
                format!(
                    "`{path}` has no statement, so rolling back would forget the migration and undo nothing"
                ),
                "write what takes it back;  if nothing has to be, say so in it:  -- shoring: empty",
            ),
        };
        let place = PlaceFinder::bare(path, *position);
        let mut error = Error::from_diagnostic(
            ErrorKind::Usage,
            Diagnostic::error("empty-migration", message).at(place),
        );
        for (path, _, _) in empty.iter().skip(1).take(NAMED) {
            error = error.note(format!("neither has `{path}`"));
        }
        if empty.len() > NAMED + 1 {
            error = error.note(format!("and {} more", empty.len() - NAMED - 1));
        }
        Err(error
            .state("Nothing was run and nothing was changed.")
            .next(next))
    }
}

/// A file that says it does nothing and has a statement: one of the two is a mistake.
fn refuse_not_empty(plans: &[MigrationPlan]) -> Result<()> {
    for plan in plans {
        let says_empty = |script: &&Script| script.directives.is_empty;
        let script = plan.migration.script(plan.direction).filter(says_empty);
        if let (Some(script), Some(statement)) = (script, plan.statements.first()) {
            let message = format!(
                "`{}` says `-- shoring: empty`, and has a statement",
                script.path
            );
            let place = PlaceFinder::bare(&script.path, statement.position);
            let diagnostic = Diagnostic::error("bad-directive", message).at(place);
            return Err(Error::from_diagnostic(ErrorKind::Usage, diagnostic)
                .state("Nothing was run and nothing was changed.")
                .next("take the one or the other out, then run the same command again"));
        }
    }
    Ok(())
}

/// What a directive asks for and this server cannot do is refused by name.
fn refuse_impossible(server: &Server, script: &Script) -> Result<()> {
    let can_limit = match server.product {
        Product::Postgresql | Product::Mariadb => true,
        Product::Mysql | Product::Sqlite => false,
    };
    if script.directives.statement_timeout.is_none() || can_limit {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Usage,
        "impossible-directive",
        format!(
            "{} cannot limit how long a statement runs: `{}` asks for `statement-timeout`",
            server.product.title(),
            script.path
        ),
    )
    .state("Nothing was run and nothing was changed.")
    .next("take the directive out of the file"))
}
