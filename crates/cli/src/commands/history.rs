//! `shoring history`.

use crate::args::RunArgs;
use crate::context::Context;
use crate::report::time::local_zone;
use crate::report::{Answer, history};
use clap::Args;
use shoring::Result;

/// Show every attempt: who, when, from where, how long, how it ended
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shoring history
  shoring history --json | jq '.history[] | select(.outcome == \"failed\")'")]
pub(crate) struct HistoryArgs {}

/// Runs the command.
pub(super) async fn run(_arguments: &HistoryArgs, context: &Context) -> Result<Answer> {
    let report = context.migrator(&RunArgs::default())?.history().await?;
    Ok(history::answer(&report, &local_zone()))
}
