//! What people call most: nothing to do, and nothing warm.

use crate::bench::database::Product;
use crate::bench::report::Table;
use crate::bench::series::Turn;
use crate::bench::stage::{Rounds, Stage};
use crate::bench::tool::Work;

const APPLIED: usize = 10;

const ROUNDS: Rounds = Rounds { full: 21, quick: 5 };

pub(super) fn run(stage: &mut Stage) -> Result<(), String> {
    for product in Product::ALL {
        let project = stage.project(product, APPLIED)?;
        let rounds = stage.rounds(ROUNDS);
        let series = stage.interleave(rounds, |stage, tool, _| {
            match stage.applied(product, APPLIED, tool)? {
                Ok(database) => stage.work(tool, Work::Status, &database, &project),
                Err(reason) => Ok(Turn::Cannot(reason)),
            }
        })?;
        stage.report.add(Table {
            key: format!("status {}", product.title()),
            title: format!("{}: `status`, {APPLIED} applied", product.title()),
            counted: None,
            series,
        });
    }
    Ok(())
}
