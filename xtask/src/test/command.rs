//! The way of `cargo xtask test`: install, build, start, run, stop, tell.

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use super::binary::{Binary, Kind};
use super::build::{self, Built};
use super::figures::Figures;
use super::stream::{self, End};
use super::tally::{Run, Tally};
use super::tool_runs::ToolRuns;
use super::{failures, sqlite, table};
use crate::arguments::TestOptions;
use crate::metadata::Metadata;
use crate::servers::{Durability, Fleet, Outcome, Server};
use crate::{machine, workspace};

/// A test binary that prints nothing for so long hangs.
const PATIENCE: Duration = Duration::from_mins(15);

/// Runs everything; success means that every test of every server passed.
pub(crate) fn run(options: &TestOptions) -> Result<ExitCode, String> {
    // What cannot be installed shows again as a server that could not be had.
    let missing = Fleet::install(options.servers).err();
    if let Some(error) = &missing {
        println!("{error}");
    }
    let metadata = Metadata::load()?;
    let start = Instant::now();
    let built = build::build(&metadata, &["--workspace"])?;
    let build_seconds = start.elapsed().as_secs_f64();

    let mut fleet = Fleet::start(options.servers, Durability::None)?;
    fleet
        .outcomes
        .push((Server::Sqlite, sqlite::outcome(&metadata)));
    let tools = ToolRuns::provide(options, &built)?;
    let start = Instant::now();
    let tally = run_all(options, &built, &fleet, &tools)?;
    let test_seconds = start.elapsed().as_secs_f64();
    let outcomes = fleet.outcomes.clone();
    let figures = Figures::read(&fleet.figures()?)?;
    // Stopped before the table, so that its last line is the last line.
    drop(fleet);

    println!("\n{}", failures::render(&tally.failures));
    let faults = figures.render();
    if !faults.is_empty() {
        println!("{faults}");
    }
    print!("{}", table::render(&outcomes, &tally));
    print!("{}", tools.render(&tally.with_tools));
    println!("\nbuilt in {build_seconds:.0} s, tested in {test_seconds:.0} s");
    let mut complaints = complaints(options, &outcomes, &tally, missing);
    if options.only.is_none() && options.arguments.is_empty() {
        complaints.extend(figures.complaints(|server| has_run(&outcomes, server)));
    }
    for complaint in &complaints {
        println!("FAILED {complaint}");
    }
    let total = tally.total();
    println!("{} passed, {} failed", total.passed, total.failed);
    let is_good = total.failed == 0 && complaints.is_empty();
    Ok(if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn has_run(outcomes: &[(Server, Outcome)], server: Server) -> bool {
    outcomes
        .iter()
        .any(|(name, outcome)| *name == server && matches!(outcome, Outcome::Running { .. }))
}

/// Reasons to fail that are no failed test.
fn complaints(
    options: &TestOptions,
    outcomes: &[(Server, Outcome)],
    tally: &Tally,
    missing: Option<String>,
) -> Vec<String> {
    let mut complaints: Vec<String> = missing.into_iter().collect();
    for (server, outcome) in outcomes {
        if let Outcome::Failed(error) = outcome {
            complaints.push(format!("{} could not be had: {error}", server.segment()));
        }
    }
    let total = tally.total();
    if total.ignored > 0 {
        complaints.push(format!(
            "ignored (the house has no such tests): {}",
            tally.ignored.join(", ")
        ));
    }
    if total.passed + total.failed == 0 {
        let filter = options.only.as_deref().unwrap_or("all tests");
        complaints.push(format!("no test ran (filter: {filter})"));
    }
    complaints
}

fn run_all(
    options: &TestOptions,
    built: &Built,
    fleet: &Fleet,
    tools: &ToolRuns,
) -> Result<Tally, String> {
    let mut tally = Tally::default();
    for binary in &built.tests {
        let mut command = Command::new(&binary.executable);
        describe_package(&mut command, binary, built);
        command.args(skips(binary, fleet, |test| {
            tools.is_out(&binary.target, test)
        })?);
        command.envs(tools.variables());
        run_one(options, binary, command, fleet, PATIENCE, &mut tally)?;
    }
    let documentation = Binary {
        package: String::new(),
        version: String::new(),
        folder: workspace::root(),
        target: String::new(),
        kind: Kind::Documentation,
        executable: "cargo".into(),
    };
    let mut cargo = workspace::cargo();
    cargo.args([
        "test",
        "--quiet",
        "--workspace",
        "--no-fail-fast",
        "--doc",
        "--",
        "--format=pretty",
    ]);
    run_one(options, &documentation, cargo, fleet, PATIENCE, &mut tally)?;
    Ok(tally)
}

/// Runs one binary and adds its results to the tally.
pub(super) fn run_one(
    options: &TestOptions,
    binary: &Binary,
    mut command: Command,
    fleet: &Fleet,
    patience: Duration,
    tally: &mut Tally,
) -> Result<(), String> {
    command
        .args(&options.only)
        .args(&options.arguments)
        .envs(fleet.variables().iter().cloned());
    println!("\n== {}", binary.title());
    let mut run = Run::new(binary);
    let mut before = Instant::now();
    let end = stream::run(fleet, command, patience, |line| {
        if !is_noise(line) {
            println!("{line}");
        }
        run.read(line, before.elapsed());
        before = Instant::now();
    })?;
    let end = match end {
        End::Exited(status) if status.success() => None,
        End::Exited(status) => Some(status.to_string()),
        End::Hung => Some(format!(
            "hung: killed after {} minutes without a line",
            patience.as_secs() / 60
        )),
    };
    run.finish(tally, end.as_deref());
    Ok(())
}

/// The variables that `cargo test` sets for a test binary.
pub(super) fn describe_package(command: &mut Command, binary: &Binary, built: &Built) {
    command
        .current_dir(&binary.folder)
        .env("CARGO_MANIFEST_DIR", &binary.folder)
        .env("CARGO_MANIFEST_PATH", binary.folder.join("Cargo.toml"))
        .env("CARGO_PKG_NAME", &binary.package)
        .env("CARGO_PKG_VERSION", &binary.version);
    for (name, path) in &built.programs {
        command.env(format!("CARGO_BIN_EXE_{name}"), path);
    }
}

/// `--skip` for every test whose server does not run, or that cannot run for another reason.
pub(super) fn skips(
    binary: &Binary,
    fleet: &Fleet,
    is_out: impl Fn(&str) -> bool,
) -> Result<Vec<String>, String> {
    if !binary.uses_servers() {
        return Ok(Vec::new());
    }
    let names = names_of(binary)?;
    let skipped = binary.skipped(&names, |server| fleet.is_running(server));
    let others = names.iter().map(String::as_str).filter(|name| is_out(name));
    Ok(skipped
        .into_iter()
        .chain(others)
        .flat_map(|name| ["--skip".to_owned(), name.to_owned()])
        .collect())
}

/// The names of the tests of a binary.
pub(super) fn names_of(binary: &Binary) -> Result<Vec<String>, String> {
    let mut list = Command::new(&binary.executable);
    list.current_dir(&binary.folder)
        .args(["--list", "--format=terse"]);
    let listed = machine::output_of(&mut list)?;
    Ok(listed
        .split('\n')
        .filter_map(|line| line.strip_suffix(": test"))
        .map(String::from)
        .collect())
}

/// Lines that a run of many small binaries repeats without saying anything.
fn is_noise(line: &str) -> bool {
    line.is_empty()
        || line == "running 0 tests"
        || line.starts_with("test result: ok. 0 passed; 0 failed; 0 ignored")
}
