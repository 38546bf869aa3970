//! One file with a table and very many rows.
//!
//! Where a tool's time grows with the square of the file, or the server refuses a file in one packet, smaller sizes stand
//! beside the large one, and the large one says why the tool is missing.

use crate::bench::counters::backend_memory::BackendMemory;
use crate::bench::database::Product;
use crate::bench::report::Table;
use crate::bench::series::Turn;
use crate::bench::stage::{Rounds, Stage};
use crate::bench::tool::{Tool, Work};
use crate::bench::tools;

const ONCE: Rounds = Rounds { full: 1, quick: 1 };
const TWICE: Rounds = Rounds { full: 2, quick: 1 };
const THRICE: Rounds = Rounds { full: 3, quick: 1 };
const FIVE: Rounds = Rounds { full: 5, quick: 2 };

/// One table: which database, how large a file, how often, and who is left out for which reason.
struct Bulk {
    product: Product,
    megabytes: u64,
    rounds: Rounds,
    left_out: fn(&Tool) -> Option<&'static str>,
}

pub(super) fn run(stage: &mut Stage) -> Result<(), String> {
    let bulk = stage.scale.bulk;
    for (product, megabytes, rounds, left_out) in [
        (Product::Postgresql, bulk, THRICE, nobody as _),
        (Product::Mariadb, bulk / 10, TWICE, nobody as _),
        (Product::Mariadb, bulk, ONCE, who_sends_one_packet as _),
        (Product::Sqlite, bulk / 50, ONCE, nobody as _),
        (Product::Sqlite, bulk / 25, ONCE, nobody as _),
        (Product::Sqlite, bulk, FIVE, who_is_quadratic as _),
    ] {
        let megabytes = megabytes.max(1);
        if stage.report.table(&key(product, megabytes)).is_some() {
            // With the small scale two sizes may be one.
            continue;
        }
        run_one(
            stage,
            &Bulk {
                product,
                megabytes,
                rounds,
                left_out,
            },
        )?;
    }
    Ok(())
}

fn nobody(_: &Tool) -> Option<&'static str> {
    None
}

fn who_sends_one_packet(tool: &Tool) -> Option<&'static str> {
    (!is_ours_or_the_clients(tool))
        .then_some("sends the file as one packet, and the server takes 64 MiB (max_allowed_packet)")
}

fn who_is_quadratic(tool: &Tool) -> Option<&'static str> {
    [tools::sqlx::TOOL.name, tools::dbmate::TOOL.name]
        .contains(&tool.name)
        .then_some("its time grows with the square of the file: compare the two tables before")
}

fn key(product: Product, megabytes: u64) -> String {
    format!("bulk {megabytes} {}", product.title())
}

fn run_one(stage: &mut Stage, bulk: &Bulk) -> Result<(), String> {
    let Bulk {
        product,
        megabytes,
        rounds,
        left_out,
    } = *bulk;
    let project = stage.seed(megabytes)?;
    let rounds = stage.rounds(rounds);
    let series = stage.interleave(rounds, |stage, tool, round| {
        if let Some(reason) = left_out(tool) {
            return Ok(Turn::Cannot(reason.to_owned()));
        }
        if round > 0 && is_the_clients(tool) && product != Product::Sqlite {
            // A round trip for each of many rows: one run of a minute says it.
            return Ok(Turn::Rests);
        }
        let database = stage.empty_database(product, &format!("seed_{megabytes}"), tool)?;
        database.settle()?;
        if product != Product::Postgresql {
            return stage.work(tool, Work::Up, &database, &project);
        }
        let memory = BackendMemory::watch(&database.name);
        let turn = stage.work(tool, Work::Up, &database, &project)?;
        turn.with_count(|| memory.finish())
    })?;
    stage.report.add(Table {
        key: key(product, megabytes),
        title: format!(
            "{}: one file of {megabytes} MB, single-row INSERTs",
            product.title()
        ),
        counted: (product == Product::Postgresql).then_some("backend memory, MB"),
        series,
    });
    Ok(())
}

fn is_the_clients(tool: &Tool) -> bool {
    tool.name == tools::client::TOOL.name
}

fn is_ours_or_the_clients(tool: &Tool) -> bool {
    is_the_clients(tool) || tool.name == tools::shoring::TOOL.name
}
