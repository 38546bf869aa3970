//! `shoring mark`.

use crate::args::RunArgs;
use crate::context::Context;
use crate::report::{Answer, records};
use clap::{Args, ValueEnum};
use shoring::{MarkAs, Result};

/// Last resort: write or remove a migration's record without running anything
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shoring mark 12 applied          it was run by hand
  shoring mark 12 pending          it was taken back by hand

`shoring doctor` mostly knows a better way. What you do here is kept in the journal.")]
pub(crate) struct MarkArgs {
    /// Which migration
    #[arg(value_name = "VERSION", allow_negative_numbers = true)]
    version: String,
    /// What the record shall say
    #[arg(value_name = "STATE")]
    state: Wanted,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Wanted {
    /// Applied, without running it
    Applied,
    /// Not applied
    Pending,
}

/// Runs the command.
pub(super) async fn run(arguments: &MarkArgs, context: &Context) -> Result<Answer> {
    let wanted = match arguments.state {
        Wanted::Applied => MarkAs::Applied,
        Wanted::Pending => MarkAs::Pending,
    };
    let migrator = context.migrator(&arguments.run)?;
    let report = migrator.mark(&arguments.version, wanted).await?;
    Ok(records::answer(
        &report,
        "Nothing to record, it says so already",
    ))
}
