//! `shoring expect`.

use crate::args::RunArgs;
use crate::context::Context;
use crate::report::{Answer, records};
use clap::Args;
use shoring::Result;

/// Check once that the database has a version: 0 yes, 3 pending, 10 it is ahead of this checkout
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shoring expect 12
  shoring expect head              everything this checkout has

It only reads.")]
pub(crate) struct ExpectArgs {
    /// The version that must be applied; head: everything this checkout has
    #[arg(value_name = "VERSION", allow_negative_numbers = true)]
    version: String,
}

/// Runs the command.
pub(super) async fn run(arguments: &ExpectArgs, context: &Context) -> Result<Answer> {
    let migrator = context.migrator(&RunArgs::default())?;
    let report = migrator.expect(&arguments.version).await?;
    Ok(records::gate(&report))
}
