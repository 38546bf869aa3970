//! Taking the last migrations back.

use crate::bench::database::Product;
use crate::bench::report::Table;
use crate::bench::series::Turn;
use crate::bench::stage::{Rounds, Stage};
use crate::bench::tool::Work;
use crate::bench::tools;

const ROUNDS: Rounds = Rounds { full: 5, quick: 3 };

pub(super) fn run(stage: &mut Stage) -> Result<(), String> {
    let count = stage.scale.small;
    let undone = stage.scale.undone;
    for product in Product::ALL {
        let project = stage.project(product, count)?;
        let rounds = stage.rounds(ROUNDS);
        let series = stage.interleave(rounds, |stage, tool, round| {
            if tool.name == tools::client::TOOL.name && round > 0 {
                // Its script cannot apply the rest again.
                return Ok(Turn::Rests);
            }
            let database = match stage.applied(product, count, tool)? {
                Ok(database) => database,
                Err(reason) => return Ok(Turn::Cannot(reason)),
            };
            database.settle()?;
            let turn = stage.work(tool, Work::Down(undone), &database, &project)?;
            if tool.name != tools::client::TOOL.name && matches!(turn, Turn::Done(_)) {
                // Back to where the next round begins.
                stage.work(tool, Work::Up, &database, &project)?;
            }
            Ok(turn)
        })?;
        stage.report.add(Table {
            key: format!("down {}", product.title()),
            title: format!(
                "{}: taking back {undone} of {count} (dbmate: {undone} processes)",
                product.title()
            ),
            counted: None,
            series,
        });
    }
    Ok(())
}
