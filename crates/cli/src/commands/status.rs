//! `shoring status`.

use super::status_watch;
use crate::args::RunArgs;
use crate::context::Context;
use crate::exit_code;
use crate::report::time::local_zone;
use crate::report::{Answer, status};
use clap::Args;
use shoring::Result;
use shoring::report::{State, Status};

/// Show where the database is: each migration's state, changed files, who ran what
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shoring status
  shoring status --exit-code       for scripts: 0 up to date, 3 pending, 4 changed or missing files
  shoring status --json | jq .pending
  shoring status --watch           while another run is at work; ends with Ctrl-C

It only reads: no table, no lock, no file is made.")]
pub(crate) struct StatusArgs {
    /// Exit with 3 when something is pending, with 4 when files and history disagree
    #[arg(long)]
    exit_code: bool,
    /// Show it again whenever it changes, until interrupted
    #[arg(long, conflicts_with = "exit_code")]
    watch: bool,
}

/// Runs the command.
pub(super) async fn run(arguments: &StatusArgs, context: &Context) -> Result<Answer> {
    if arguments.watch {
        return status_watch::run(context).await;
    }
    let found = context.migrator(&RunArgs::default())?.status().await?;
    let now = jiff::Timestamp::now();
    let answer = status::answer(&found, now, &local_zone());
    let exit = if arguments.exit_code {
        verdict(&found)
    } else {
        exit_code::DONE
    };
    Ok(answer.with_exit(exit))
}

fn verdict(status: &Status) -> u8 {
    let has = |wanted: &[State]| {
        status
            .migrations
            .iter()
            .any(|entry| wanted.contains(&entry.state))
    };
    let is_late = has(&[State::OutOfOrder]) && !status.accepts_late;
    if has(&[State::Changed, State::Missing]) || is_late {
        exit_code::MISMATCH
    } else if status.pending > 0 || has(&[State::Failed]) {
        exit_code::PENDING
    } else {
        exit_code::DONE
    }
}
