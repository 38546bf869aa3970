//! `shoring redo`.

use crate::args::RunArgs;
use crate::context::Context;
use crate::report::Answer;
use crate::report::run::{Asked, answer};
use clap::Args;
use shoring::Result;

/// Roll back the last migration and apply it again
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shoring redo                     while working on the last migration
  shoring redo 2                   the last two")]
pub(crate) struct RedoArgs {
    /// How many
    #[arg(value_name = "N", default_value_t = 1)]
    steps: usize,
    #[command(flatten)]
    run: RunArgs,
}

/// Runs the command.
pub(super) async fn run(arguments: &RedoArgs, context: &Context) -> Result<Answer> {
    let report = context
        .migrator(&arguments.run)?
        .redo(arguments.steps)
        .await?;
    Ok(answer(&report, Asked::Move).into_talk())
}
