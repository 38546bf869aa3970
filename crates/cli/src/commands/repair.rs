//! `shoring repair`.

use crate::args::RunArgs;
use crate::context::Context;
use crate::report::Answer;
use crate::report::records::{answer, change_line};
use clap::Args;
use shoring::report::RecordReport;
use shoring::{Confirmation, Error, ErrorKind, Result};

/// Bring the history in line with the files after you have judged them: it runs no migration
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shoring repair                   shows what it would change, then asks
  shoring repair --yes             for scripts

It forgets failed rows, takes changed files as they are now, and forgets migrations without a file.")]
pub(crate) struct RepairArgs {
    #[command(flatten)]
    run: RunArgs,
}

/// Runs the command.
pub(super) async fn run(arguments: &RepairArgs, context: &Context) -> Result<Answer> {
    let migrator = context.migrator(&arguments.run)?;
    if !context.global.yes {
        let shown = migrator.repair(Confirmation::ShowOnly).await?;
        if shown.changes.is_empty() {
            return Ok(answer(&shown, "Nothing to repair"));
        }
        confirm(&shown, context).await?;
    }
    let report = migrator.repair(Confirmation::Confirmed).await?;
    Ok(answer(&report, "Nothing to repair"))
}

async fn confirm(shown: &RecordReport, context: &Context) -> Result<()> {
    let lines: Vec<String> = shown.changes.iter().map(change_line).collect();
    if context.is_for_people() && context.terminal.can_ask {
        let list: String = lines.iter().map(|line| format!("  {line}\n")).collect();
        context.terminal.complain(&format!("{list}\n"));
    }
    if context.ask("Change the history like this?").await? == Some(true) {
        return Ok(());
    }
    let error = Error::new(
        ErrorKind::Refused,
        "not-confirmed",
        "repair changes the history, which needs a yes",
    );
    let error = lines.into_iter().fold(error, |error, line| {
        error.note(format!("would change {line}"))
    });
    Err(error
        .state("nothing was changed")
        .next("if that is right, say `shoring repair --yes`"))
}
