//! `shoring seed`.

use crate::args::RunArgs;
use crate::context::Context;
use crate::report::Answer;
use crate::report::run::{Asked, answer};
use clap::Args;
use shoring::{Result, SeedRequest};

/// Load reference data, apart from migrations
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shoring seed                     every file of seeds/ that changed since it last ran
  shoring seed countries           only this one
  shoring seed --force             also those that did not change")]
pub(crate) struct SeedArgs {
    /// Only these files
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Also files that have not changed since they last ran
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    run: RunArgs,
}

/// Runs the command.
pub(super) async fn run(arguments: &SeedArgs, context: &Context) -> Result<Answer> {
    let request = SeedRequest {
        names: arguments.names.clone(),
        force: arguments.force,
    };
    let report = context.migrator(&arguments.run)?.seed(&request).await?;
    Ok(answer(&report, Asked::Seed).into_talk())
}
