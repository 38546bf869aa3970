//! `shoring doctor`.

use crate::args::RunArgs;
use crate::context::Context;
use crate::report::Answer;
use crate::report::doctor::{answer, settlements};
use clap::Args;
use shoring::{Confirmation, Error, ErrorKind, Result};

/// After a failure: what is in the database, statement by statement, and the one right next command
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shoring doctor                   looks, changes nothing
  shoring doctor --apply           settles what the evidence settles

It exits with 0 when nothing is left open, 4 when files and history disagree or an index is invalid,
7 when a migration is partly applied, 12 when something cannot be told; of several the gravest.")]
pub(crate) struct DoctorArgs {
    /// Settle what the evidence settles
    #[arg(long)]
    pub(super) apply: bool,
    #[command(flatten)]
    run: RunArgs,
}

/// Runs the command.
pub(super) async fn run(arguments: &DoctorArgs, context: &Context) -> Result<Answer> {
    let migrator = context.migrator(&arguments.run)?;
    let shown = migrator.doctor(Confirmation::ShowOnly).await?;
    let possible = settlements(&shown);
    if !arguments.apply || possible.is_empty() {
        return Ok(answer(&shown));
    }
    if context.is_for_people() && context.terminal.can_ask && !context.global.yes {
        let list: String = possible.iter().map(|line| format!("  {line}\n")).collect();
        context.terminal.complain(&format!("{list}\n"));
    }
    // Without a terminal the flag itself is the yes.
    if context.ask("Settle it like this?").await? == Some(false) {
        return Err(Error::new(
            ErrorKind::Refused,
            "not-confirmed",
            "nothing was settled",
        ));
    }
    let report = migrator.doctor(Confirmation::Confirmed).await?;
    Ok(answer(&report))
}
