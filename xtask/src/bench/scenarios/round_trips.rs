//! How often a tool waits for the server: what a distant database makes of it is this times the distance.

use crate::bench::counters::proxy::Proxy;
use crate::bench::database::Product;
use crate::bench::report::markdown;
use crate::bench::series::Turn;
use crate::bench::stage::Stage;
use crate::bench::tool::{TOOLS, Tool, Work};

const PRODUCTS: [Product; 2] = [Product::Postgresql, Product::Mariadb];

pub(super) fn run(stage: &mut Stage) -> Result<(), String> {
    let count = stage.scale.small;
    let mut rows = vec![vec!["tool".to_owned()]];
    for product in PRODUCTS {
        let title = product.title();
        rows[0].push(format!("{title}, each migration"));
        rows[0].push(format!("{title}, nothing to do"));
    }
    for tool in TOOLS {
        let mut row = vec![tool.name.to_owned()];
        for product in PRODUCTS {
            row.extend(count_one(stage, product, count, tool)?);
        }
        rows.push(row);
    }
    stage.report.add_text(format!(
        "### Round trips of `up` with {count} migrations, start included\n\n{}",
        markdown(&rows)
    ));
    Ok(())
}

/// Round trips for each migration, and of a run with nothing to do.
fn count_one(
    stage: &mut Stage,
    product: Product,
    count: usize,
    tool: &'static Tool,
) -> Result<[String; 2], String> {
    let project = stage.project(product, count)?;
    let database = stage.empty_database(product, "trips", tool)?;
    let port = database.port().ok_or("a file has no round trips")?;
    let proxy = Proxy::before(port)?;
    let distant = database.through(proxy.port());
    let mut cells = [String::new(), String::new()];
    if let Turn::Done(_) = stage.work(tool, Work::Up, &distant, &project)? {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        let each = proxy.take() as f64 / count as f64;
        cells[0] = format!("{each:.2}");
        let is_floor = tool.name == crate::bench::tools::client::TOOL.name;
        if !is_floor
            && matches!(
                stage.work(tool, Work::Up, &distant, &project)?,
                Turn::Done(_)
            )
        {
            cells[1] = proxy.take().to_string();
        }
    }
    Ok(cells)
}
