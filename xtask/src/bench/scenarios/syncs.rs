//! How often a tool makes SQLite wait for the disk; on a disk slower than this one that is the time.

use crate::bench::counters::fsyncs;
use crate::bench::database::Product;
use crate::bench::report::markdown;
use crate::bench::stage::Stage;
use crate::bench::tool::{Setting, TOOLS, Way, Work};

pub(super) fn run(stage: &mut Stage) -> Result<(), String> {
    let count = stage.scale.small;
    let project = stage.project(Product::Sqlite, count)?;
    let mut rows = vec![["tool", "fsyncs each"].map(String::from).to_vec()];
    for tool in TOOLS {
        let database = stage.empty_database(Product::Sqlite, "syncs", tool)?;
        let setting = Setting {
            programs: &stage.programs,
            database: &database,
            project: &project,
        };
        let cell = match (tool.way)(Work::Up, &setting) {
            Way::Once(command) => match fsyncs::count(&command, &stage.scratch) {
                #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
                Ok(total) => format!("{:.2}", total as f64 / count as f64),
                Err(error) => error,
            },
            Way::Repeated(..) => "more than one process".into(),
            Way::Cannot(reason) => reason,
        };
        rows.push(vec![tool.name.to_owned(), cell]);
    }
    stage.report.add_text(format!(
        "### SQLite: fsync and fdatasync calls of `up` with {count} migrations, start included\n\n{}",
        markdown(&rows)
    ));
    Ok(())
}
