//! `shoring wait`.

use crate::args::{RunArgs, duration};
use crate::context::Context;
use crate::report::{Answer, records};
use clap::Args;
use shoring::{GateRequest, Result};
use std::time::Duration;

/// Wait until the database has a version: for start-up scripts and init containers
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shoring wait                             until everything of this checkout is applied
  shoring wait --at-least 12 --timeout 5m  exit 3 when it did not come

It only reads; any number may wait at the same time.")]
pub(crate) struct WaitArgs {
    /// The version that must be applied; head: everything this checkout has
    #[arg(
        long,
        value_name = "VERSION",
        default_value = "head",
        allow_negative_numbers = true
    )]
    at_least: String,
    /// How long to wait; 0 asks once
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "60s")]
    timeout: Duration,
}

/// Runs the command.
pub(super) async fn run(arguments: &WaitArgs, context: &Context) -> Result<Answer> {
    let request = GateRequest {
        version: arguments.at_least.clone(),
        timeout: arguments.timeout,
    };
    let report = context
        .migrator(&RunArgs::default())?
        .wait(&request)
        .await?;
    Ok(records::gate(&report))
}
