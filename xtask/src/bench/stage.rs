//! What every scenario works with: servers, programs, projects, and databases that are already migrated.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::database::{Database, Product};
use super::measure::measure;
use super::peers::Programs;
use super::project::Project;
use super::report::Report;
use super::seed_file;
use super::series::{Sample, Series, Turn};
use super::tool::{Setting, TOOLS, Tool, Way, Work};
use super::tools;
use crate::servers::Fleet;

/// How large everything is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scale {
    pub(super) small: usize,
    pub(super) large: usize,
    /// Migrations that are taken back.
    pub(super) undone: usize,
    /// Megabytes that stand for one hundred.
    pub(super) bulk: u64,
}

impl Scale {
    pub(super) const FULL: Self = Self {
        small: 1_000,
        large: 10_000,
        undone: 100,
        bulk: 100,
    };

    /// For a look: the same scenarios, a tenth of the size.
    pub(super) const QUICK: Self = Self {
        small: 100,
        large: 1_000,
        undone: 20,
        bulk: 10,
    };
}

/// How often a scenario runs if nobody says otherwise.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rounds {
    pub(super) full: usize,
    pub(super) quick: usize,
}

/// The bench, set up.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) fleet: Fleet,
    pub(super) programs: Programs,
    pub(super) scratch: PathBuf,
    pub(super) scale: Scale,
    /// Asked for by the user.
    pub(super) runs: Option<usize>,
    pub(super) report: Report,
    projects: BTreeMap<String, Project>,
    applied: BTreeMap<(Product, usize, &'static str), Database>,
}

impl Stage {
    pub(super) fn new(
        fleet: Fleet,
        programs: Programs,
        scratch: PathBuf,
        scale: Scale,
        runs: Option<usize>,
    ) -> Self {
        Self {
            fleet,
            programs,
            scratch,
            scale,
            runs,
            report: Report::default(),
            projects: BTreeMap::new(),
            applied: BTreeMap::new(),
        }
    }

    pub(super) fn rounds(&self, rounds: Rounds) -> usize {
        self.runs.unwrap_or(if self.scale == Scale::FULL {
            rounds.full
        } else {
            rounds.quick
        })
    }

    /// A project of so many small migrations.
    pub(super) fn project(&mut self, product: Product, count: usize) -> Result<Project, String> {
        let undone = self.scale.undone;
        let name = format!("{}_{count}", product.title().to_lowercase());
        self.made_once(&name, |folder| {
            Project::create(folder, product, count, undone)
        })
    }

    /// A project of one large file, the same for every database.
    pub(super) fn seed(&mut self, megabytes: u64) -> Result<Project, String> {
        self.made_once(&format!("seed_{megabytes}"), |folder| {
            seed_file::create(folder, megabytes * 1_000_000)
        })
    }

    fn made_once(
        &mut self,
        name: &str,
        make: impl FnOnce(&Path) -> Result<Project, String>,
    ) -> Result<Project, String> {
        if let Some(project) = self.projects.get(name) {
            return Ok(project.clone());
        }
        let project = make(&self.scratch.join(name))?;
        self.projects.insert(name.to_owned(), project.clone());
        Ok(project)
    }

    /// An empty database for one tool.
    pub(super) fn empty_database(
        &self,
        product: Product,
        purpose: &str,
        tool: &Tool,
    ) -> Result<Database, String> {
        let tool = tool.name.replace(['-', ' '], "_");
        Database::create(
            product,
            &format!("{purpose}_{tool}"),
            &self.fleet,
            &self.scratch,
        )
    }

    /// A database in which the tool has applied the project of so many migrations, now or before; inside, why it cannot.
    pub(super) fn applied(
        &mut self,
        product: Product,
        count: usize,
        tool: &'static Tool,
    ) -> Result<Result<Database, String>, String> {
        if let Some(database) = self.applied.get(&(product, count, tool.name)) {
            return Ok(Ok(database.clone()));
        }
        let project = self.project(product, count)?;
        let database = self.empty_database(product, &format!("up_{count}"), tool)?;
        if let Turn::Cannot(reason) = self.work(tool, Work::Up, &database, &project)? {
            return Ok(Err(reason));
        }
        self.keep(product, count, tool, &database);
        Ok(Ok(database))
    }

    /// Remembers a database that was just migrated for the scenarios that come after.
    pub(super) fn keep(
        &mut self,
        product: Product,
        count: usize,
        tool: &'static Tool,
        database: &Database,
    ) {
        self.applied
            .insert((product, count, tool.name), database.clone());
    }

    /// Does a piece of work and measures it.
    pub(super) fn work(
        &self,
        tool: &Tool,
        work: Work,
        database: &Database,
        project: &Project,
    ) -> Result<Turn, String> {
        let setting = Setting {
            programs: &self.programs,
            database,
            project,
        };
        let (mut command, times) = match (tool.way)(work, &setting) {
            Way::Once(command) => (command, 1),
            Way::Repeated(command, times) => (command, times),
            Way::Cannot(reason) => return Ok(Turn::Cannot(reason)),
        };
        match measure(&mut command, times, &self.scratch) {
            Ok(measurement) => Ok(Turn::Done(Sample {
                measurement,
                count: None,
            })),
            // A peer that fails is a line of the table; if we fail there is nothing to compare.
            Err(error) if tool.name != tools::shoring::TOOL.name => Ok(Turn::Cannot(error)),
            Err(error) => Err(error),
        }
    }

    /// Runs all tools in turn, A B C A B C, so that a burst of load hits all of them.
    ///
    /// `turn` does the work of one tool in one round; a tool that cannot is not asked again.
    pub(super) fn interleave(
        &mut self,
        rounds: usize,
        mut turn: impl FnMut(&mut Self, &'static Tool, usize) -> Result<Turn, String>,
    ) -> Result<Vec<Series>, String> {
        let mut all: Vec<Series> = TOOLS.iter().map(|tool| Series::new(tool.name)).collect();
        for round in 0..rounds {
            for (tool, series) in TOOLS.iter().zip(&mut all) {
                if series.missing.is_some() {
                    continue;
                }
                match turn(self, tool, round)? {
                    Turn::Done(sample) => series.samples.push(sample),
                    Turn::Rests => {}
                    Turn::Cannot(reason) => series.missing = Some(reason),
                }
            }
        }
        Ok(all)
    }
}
