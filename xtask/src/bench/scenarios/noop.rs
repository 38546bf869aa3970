//! `up` when everything is applied: what every deployment does that brings no migration.

use crate::bench::database::Product;
use crate::bench::report::Table;
use crate::bench::series::Turn;
use crate::bench::stage::{Rounds, Stage};
use crate::bench::tool::Work;
use crate::bench::tools;

const SMALL: Rounds = Rounds { full: 15, quick: 5 };

const LARGE: Rounds = Rounds { full: 9, quick: 5 };

pub(super) fn run_small(stage: &mut Stage) -> Result<(), String> {
    run(stage, stage.scale.small, SMALL)
}

pub(super) fn run_large(stage: &mut Stage) -> Result<(), String> {
    run(stage, stage.scale.large, LARGE)
}

fn run(stage: &mut Stage, count: usize, rounds: Rounds) -> Result<(), String> {
    for product in Product::ALL {
        let project = stage.project(product, count)?;
        let rounds = stage.rounds(rounds);
        let series = stage.interleave(rounds, |stage, tool, _| {
            if tool.name == tools::client::TOOL.name {
                let reason = "does not know what is applied".to_owned();
                return Ok(Turn::Cannot(reason));
            }
            match stage.applied(product, count, tool)? {
                Ok(database) => stage.work(tool, Work::Up, &database, &project),
                Err(reason) => Ok(Turn::Cannot(reason)),
            }
        })?;
        stage.report.add(Table {
            key: format!("noop {count} {}", product.title()),
            title: format!("{}: `up` with all {count} applied", product.title()),
            counted: None,
            series,
        });
    }
    Ok(())
}
