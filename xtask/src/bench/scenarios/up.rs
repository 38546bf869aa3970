//! Many small migrations, each a transaction of its own where the database has that.

use crate::bench::counters::wal_syncs;
use crate::bench::database::Product;
use crate::bench::report::Table;
use crate::bench::scenarios::growth;
use crate::bench::series::Turn;
use crate::bench::stage::{Rounds, Stage};
use crate::bench::tool::Work;

const SMALL: Rounds = Rounds { full: 5, quick: 3 };

/// The large ones run once: half a minute each for every tool on SQLite.
const LARGE: Rounds = Rounds { full: 1, quick: 1 };

pub(super) fn run_small(stage: &mut Stage) -> Result<(), String> {
    run(stage, stage.scale.small, SMALL)
}

pub(super) fn run_large(stage: &mut Stage) -> Result<(), String> {
    run(stage, stage.scale.large, LARGE)?;
    growth::add(stage);
    Ok(())
}

/// The table of `up` for so many migrations.
pub(super) fn key(product: Product, count: usize) -> String {
    format!("up {count} {}", product.title())
}

fn run(stage: &mut Stage, count: usize, rounds: Rounds) -> Result<(), String> {
    for product in Product::ALL {
        let project = stage.project(product, count)?;
        let rounds = stage.rounds(rounds);
        let series = stage.interleave(rounds, |stage, tool, _| {
            let database = stage.empty_database(product, &format!("up_{count}"), tool)?;
            database.settle()?;
            let before = wal_syncs::so_far(&database)?;
            let turn = stage.work(tool, Work::Up, &database, &project)?;
            if matches!(turn, Turn::Done(_)) {
                stage.keep(product, count, tool, &database);
            }
            match before {
                Some(before) => turn.with_count(|| wal_syncs::each(&database, before, count)),
                None => Ok(turn),
            }
        })?;
        stage.report.add(Table {
            key: key(product, count),
            title: format!("{}: `up` of {count} small migrations", product.title()),
            counted: (product == Product::Postgresql).then_some(wal_syncs::TITLE),
            series,
        });
    }
    Ok(())
}
