//! `shoring convert`.

use crate::args::RunArgs;
use crate::context::Context;
use crate::report::{Answer, convert};
use clap::Args;
use shoring::{Confirmation, ConvertRequest, Result};

/// Tell the project and its history in the files and the table of another tool; the old ones stay
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shoring convert --to goose --dry-run     what would be written
  shoring convert --to goose               write it, and let shoring.toml say that it counts
  shoring --format flyway --dir db/migration convert --to goose --database URL
                                           tell the history in one more database")]
pub(crate) struct ConvertArgs {
    /// The format to have
    #[arg(long, value_name = "FORMAT")]
    to: String,
    /// The folder of the new files [default: where the tool looks]
    #[arg(long, value_name = "DIR")]
    into: Option<String>,
    /// The new history table [default: the tool's own]
    #[arg(long, value_name = "TABLE")]
    into_table: Option<String>,
    /// Write the values of placeholders into the new files
    #[arg(long)]
    expand_placeholders: bool,
    /// Show what would be written, and write nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    run: RunArgs,
}

/// Runs the command.
pub(super) async fn run(arguments: &ConvertArgs, context: &Context) -> Result<Answer> {
    let migrator = context.migrator(&arguments.run)?;
    let request = ConvertRequest {
        to: arguments.to.clone(),
        into: arguments.into.clone(),
        into_table: arguments.into_table.clone(),
        expands_placeholders: arguments.expand_placeholders,
        confirmation: if arguments.dry_run {
            Confirmation::ShowOnly
        } else {
            Confirmation::Confirmed
        },
    };
    let report = migrator.convert(&request).await?;
    Ok(convert::answer(&report))
}
