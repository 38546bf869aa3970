//! `shoring goto`.

use super::all_back::confirm_all_back;
use crate::args::RunArgs;
use crate::context::Context;
use crate::report::Answer;
use crate::report::run::{Asked, answer};
use clap::Args;
use shoring::{DownRequest, Result};

/// Move to a version, up or down
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shoring goto 12                  apply or roll back until 12 is the last applied one
  shoring goto -1                  one back
  shoring goto base --yes          before the first
  shoring goto head                everything")]
pub(crate) struct GotoArgs {
    /// A version, its beginning, +N, -N, head or base
    #[arg(value_name = "VERSION", allow_negative_numbers = true)]
    version: String,
    #[command(flatten)]
    run: RunArgs,
}

/// Runs the command.
pub(super) async fn run(arguments: &GotoArgs, context: &Context) -> Result<Answer> {
    let migrator = context.migrator(&arguments.run)?;
    let back = DownRequest::To(arguments.version.clone());
    let again = format!("goto {}", arguments.version);
    confirm_all_back(&migrator, &back, &again, context).await?;
    let report = migrator.goto(&arguments.version).await?;
    Ok(answer(&report, Asked::Move).into_talk())
}
