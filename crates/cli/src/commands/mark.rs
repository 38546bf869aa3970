//! `shoring mark`.

use crate::args::RunArgs;
use crate::context::Context;
use crate::report::text::clean_message;
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
        Wanted::Applied if context.global.yes => MarkAs::AppliedWithAllBefore,
        Wanted::Applied => MarkAs::Applied,
        Wanted::Pending => MarkAs::Pending,
    };
    let migrator = context.migrator(&arguments.run)?;
    let report = match migrator.mark(&arguments.version, wanted).await {
        Err(error) if error.diagnostic.code == "not-confirmed" => {
            let question = format!("{}. Is that meant?", clean_message(&error.to_string()));
            if context.ask(&question).await? != Some(true) {
                return Err(error);
            }
            let all = MarkAs::AppliedWithAllBefore;
            migrator.mark(&arguments.version, all).await?
        }
        report => report?,
    };
    Ok(records::answer(
        &report,
        "Nothing to record, it says so already",
    ))
}
