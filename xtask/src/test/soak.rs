//! `cargo xtask soak`: the fault tests again and again, each round with another seed, or once and much longer.

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use super::build::{self, Built};
use super::command::{describe_package, run_one, skips};
use super::figures::Figures;
use super::tally::Tally;
use super::{failures, sqlite};
use crate::arguments::{SoakLength, SoakOptions, TestOptions};
use crate::machine;
use crate::metadata::Metadata;
use crate::servers::{Durability, Fleet, Outcome, Server};

/// Runs the fault tests for as long as asked; success means that nothing was lost, doubled or wedged.
pub(crate) fn soak(options: &SoakOptions) -> Result<ExitCode, String> {
    Fleet::install(options.servers)?;
    let metadata = Metadata::load()?;
    let built = build::build(&metadata, &["--package=shoring-cli", "--test=faults"])?;
    let mut fleet = Fleet::start(options.servers, Durability::None)?;
    fleet
        .outcomes
        .push((Server::Sqlite, sqlite::outcome(&metadata)));
    for (server, outcome) in &fleet.outcomes {
        if let Outcome::Failed(error) = outcome {
            return Err(format!("{}: {error}", server.segment()));
        }
    }
    let first = match options.seed {
        Some(seed) => seed,
        None => u64::from_str_radix(&machine::random_hex(4)?, 16).expect("hexadecimal digits"),
    };
    let start = Instant::now();
    let mut tally = Tally::default();
    let mut rounds = 0;
    loop {
        round(options, first + rounds, &built, &fleet, &mut tally)?;
        rounds += 1;
        let goes_on = match options.length {
            SoakLength::Minutes(minutes) => start.elapsed() < Duration::from_secs(minutes * 60),
            SoakLength::Scale(_) => false,
        };
        if !goes_on || !tally.failures.is_empty() {
            break;
        }
    }
    let figures = Figures::read(&fleet.figures()?)?;
    drop(fleet);
    println!("\n{}", failures::render(&tally.failures));
    print!("{}", figures.render());
    let total = tally.total();
    println!(
        "\n{} passed, {} failed, in {:.0} s: {rounds} rounds, seeds {first} to {}",
        total.passed,
        total.failed,
        start.elapsed().as_secs_f64(),
        first + rounds - 1
    );
    let is_good = total.failed == 0 && total.passed > 0;
    Ok(if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn round(
    options: &SoakOptions,
    seed: u64,
    built: &Built,
    fleet: &Fleet,
    tally: &mut Tally,
) -> Result<(), String> {
    let scale = match options.length {
        SoakLength::Minutes(_) => 1,
        SoakLength::Scale(scale) => scale,
    };
    println!("\nseed {seed}; again with  cargo xtask soak --scale {scale} --seed {seed}");
    for binary in &built.tests {
        let mut command = Command::new(&binary.executable);
        describe_package(&mut command, binary, built);
        command
            .args(skips(binary, fleet, |_| false)?)
            .env("SHORING_SOAK", scale.to_string())
            .env("SHORING_SOAK_SEED", seed.to_string());
        let patience = Duration::from_mins(15 * scale);
        run_one(
            &TestOptions::default(),
            binary,
            command,
            fleet,
            patience,
            tally,
        )?;
    }
    Ok(())
}
