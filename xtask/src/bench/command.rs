//! The way of `cargo xtask bench`: install, build, start, run the scenarios, write the page.

use std::path::PathBuf;
use std::process::{ExitCode, Stdio};
use std::time::Instant;

use serde_json::Value;

use super::peers::Programs;
use super::scenarios::{SCENARIOS, Scenario};
use super::stage::{Scale, Stage};
use super::{facts, page};
use crate::arguments::BenchOptions;
use crate::servers::{Durability, Fleet, OnRequest, Outcome, install_programs};
use crate::workspace;

/// Measures everything that was asked for. Only what cannot be measured at all is an error, never a figure.
pub(crate) fn run(options: &BenchOptions) -> Result<ExitCode, String> {
    let scenarios = chosen(options.only.as_deref())?;
    Fleet::install(OnRequest::default())?;
    if let Err(error) = install_programs(&["strace"]) {
        println!("{error}");
    }
    let shoring = build()?;
    let fleet = Fleet::start(OnRequest::default(), Durability::Default)?;
    for (server, outcome) in &fleet.outcomes {
        if let Outcome::Failed(error) = outcome {
            return Err(format!("{}: {error}", server.segment()));
        }
    }
    let scratch = fleet.scratch();
    let programs = Programs::provide(shoring, scratch.clone());
    let scale = if options.quick {
        Scale::QUICK
    } else {
        Scale::FULL
    };
    let facts = facts::lines(&fleet, &programs, &scratch).join("\n");
    println!("\n{facts}");
    let start = Instant::now();
    let mut stage = Stage::new(fleet, programs, scratch, scale, options.runs);
    for scenario in scenarios {
        (scenario.run)(&mut stage)?;
    }
    let minutes = start.elapsed().as_secs_f64() / 60.0;
    println!("\nmeasured in {minutes:.1} minutes");
    if options.quick || options.only.is_some() {
        println!("{} is written by a complete run only", page::PATH);
    } else {
        page::write(&format!("{facts}\n\n{}", stage.report.render()))?;
        println!("wrote {}", page::PATH);
    }
    Ok(ExitCode::SUCCESS)
}

fn chosen(only: Option<&str>) -> Result<Vec<&'static Scenario>, String> {
    let is_chosen = |scenario: &&Scenario| only.is_none_or(|only| scenario.name.contains(only));
    let chosen: Vec<_> = SCENARIOS.iter().filter(is_chosen).collect();
    if chosen.is_empty() {
        let names: Vec<&str> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
        return Err(format!("no such scenario; there are: {}", names.join(", ")));
    }
    Ok(chosen)
}

/// Builds what is shipped and returns its path.
fn build() -> Result<PathBuf, String> {
    let mut cargo = workspace::cargo();
    cargo
        .args(["build", "--release", "--locked", "--package", "shoring-cli"])
        .arg("--message-format=json-render-diagnostics")
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    let output = cargo
        .output()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if !output.status.success() {
        return Err("the program does not build".into());
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let mut programs = messages.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let is_ours = message["target"]["name"] == "shoring";
        let path = message["executable"].as_str()?;
        is_ours.then(|| PathBuf::from(path))
    });
    programs
        .next_back()
        .ok_or_else(|| "cargo names no program".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenarios_are_chosen_by_a_part_of_their_name() {
        let names = |only| -> Vec<&str> {
            let chosen = chosen(only).unwrap();
            chosen.iter().map(|scenario| scenario.name).collect()
        };
        assert_eq!(names(Some("noop")), ["noop-small", "noop-large"]);
        assert_eq!(names(None).len(), SCENARIOS.len());
        assert!(chosen(Some("tea")).is_err_and(|error| error.contains("bulk")));
    }
}
