//! `shoring baseline`.

use crate::args::RunArgs;
use crate::context::Context;
use crate::report::{Answer, records};
use clap::Args;
use shoring::{Confirmation, Result};

/// Adopt an existing database: record everything up to VERSION as applied without running it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shoring baseline 12              the database already has what 1 to 12 make")]
pub(crate) struct BaselineArgs {
    /// The last version the database already has
    #[arg(value_name = "VERSION", allow_negative_numbers = true)]
    version: String,
    #[command(flatten)]
    run: RunArgs,
}

/// Runs the command.
pub(super) async fn run(arguments: &BaselineArgs, context: &Context) -> Result<Answer> {
    let migrator = context.migrator(&arguments.run)?;
    let report = migrator
        .baseline(&arguments.version, Confirmation::Confirmed)
        .await?;
    Ok(records::answer(&report, "Nothing to record"))
}
