//! How the time grows with the number of migrations, computed from what `up` took.

use crate::bench::database::Product;
use crate::bench::report::{Table, markdown};
use crate::bench::scenarios::up;
use crate::bench::stage::Stage;
use crate::bench::tool::TOOLS;

/// Adds the table, if both sizes were measured.
pub(super) fn add(stage: &mut Stage) {
    let (small, large) = (stage.scale.small, stage.scale.large);
    let mut rows = vec![
        ["tool", "PostgreSQL", "MariaDB", "SQLite"]
            .map(String::from)
            .to_vec(),
    ];
    for tool in TOOLS {
        let mut row = vec![tool.name.to_owned()];
        for product in Product::ALL {
            let median = |count| {
                let table: &Table = stage.report.table(&up::key(product, count))?;
                table.series(tool.name)?.wall().map(|wall| wall.median)
            };
            let growth = median(small).zip(median(large));
            row.push(growth.map_or_else(String::new, |(small, large)| {
                format!("{:.1}", large / small)
            }));
        }
        rows.push(row);
    }
    if rows
        .iter()
        .skip(1)
        .all(|row| row.iter().skip(1).all(String::is_empty))
    {
        return;
    }
    stage.report.add_text(format!(
        "### Growth of `up` from {small} to {large} migrations (10 is linear)\n\n{}",
        markdown(&rows)
    ));
}
