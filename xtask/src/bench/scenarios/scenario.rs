//! The list of scenarios.

use super::{bulk, down, noop, round_trips, status, syncs, up};
use crate::bench::stage::Stage;

/// One of them.
#[derive(Debug)]
pub(in crate::bench) struct Scenario {
    /// For `--only`.
    pub(in crate::bench) name: &'static str,
    /// Adds its tables to the report.
    pub(in crate::bench) run: fn(&mut Stage) -> Result<(), String>,
}

/// In this order: each may use the databases that those before it left.
pub(in crate::bench) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "status",
        run: status::run,
    },
    Scenario {
        name: "up-small",
        run: up::run_small,
    },
    Scenario {
        name: "noop-small",
        run: noop::run_small,
    },
    Scenario {
        name: "down",
        run: down::run,
    },
    Scenario {
        name: "up-large",
        run: up::run_large,
    },
    Scenario {
        name: "noop-large",
        run: noop::run_large,
    },
    Scenario {
        name: "bulk",
        run: bulk::run,
    },
    Scenario {
        name: "round-trips",
        run: round_trips::run,
    },
    Scenario {
        name: "syncs",
        run: syncs::run,
    },
];
