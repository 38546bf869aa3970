//! `shoring down`.

use super::all_back::confirm_all_back;
use crate::args::RunArgs;
use crate::context::Context;
use crate::report::Answer;
use crate::report::run::{Asked, answer};
use clap::Args;
use shoring::{DownRequest, PlanRequest, Result};

/// Roll back the last migration, or the last N
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shoring down                     the last one
  shoring down 3                   the last three
  shoring down --to 12             everything after 12, which stays
  shoring down --all --yes         everything

What has no way back is refused by name before anything runs.")]
pub(crate) struct DownArgs {
    /// How many [default: 1]
    #[arg(value_name = "N", conflicts_with_all = ["to", "all"])]
    steps: Option<usize>,
    /// Everything after this version, which stays; `base` for everything
    #[arg(
        long,
        value_name = "VERSION",
        conflicts_with = "all",
        allow_negative_numbers = true
    )]
    to: Option<String>,
    /// Everything
    #[arg(long)]
    all: bool,
    /// Only show what would run, as `shoring plan --down`
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    run: RunArgs,
}

impl DownArgs {
    fn request(&self) -> DownRequest {
        match (&self.to, self.all) {
            (Some(version), _) => DownRequest::To(version.clone()),
            (None, true) => DownRequest::All,
            (None, false) => DownRequest::Steps(self.steps.unwrap_or(1)),
        }
    }
}

/// Runs the command.
pub(super) async fn run(arguments: &DownArgs, context: &Context) -> Result<Answer> {
    let request = arguments.request();
    if arguments.dry_run {
        return super::plan::show(&PlanRequest::Down(request), context).await;
    }
    let migrator = context.migrator(&arguments.run)?;
    let again = match &arguments.to {
        Some(version) => format!("down --to {version}"),
        None => "down --all".to_owned(),
    };
    confirm_all_back(&migrator, &request, &again, context).await?;
    let report = migrator.down(&request).await?;
    Ok(answer(&report, Asked::Down).into_talk())
}
