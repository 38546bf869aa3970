//! `shoring down`.

use crate::args::RunArgs;
use crate::context::Context;
use crate::report::Answer;
use crate::report::run::{Asked, answer};
use clap::Args;
use shoring::report::PlanReport;
use shoring::{DownRequest, Error, ErrorKind, PlanRequest, Result};

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
    if request == DownRequest::All && !context.global.yes {
        let plan = migrator.plan(&PlanRequest::Down(DownRequest::All)).await?;
        confirm(&plan, context).await?;
    }
    let report = migrator.down(&request).await?;
    Ok(answer(&report, Asked::Down).into_talk())
}

/// Taking everything back loses the data of every table: somebody has to say yes.
async fn confirm(plan: &PlanReport, context: &Context) -> Result<()> {
    let number = plan.migrations.len();
    if number == 0 {
        return Ok(());
    }
    let url = crate::report::text::clean(&plan.database.url);
    let question =
        format!("Roll back all {number} migrations of {url}, with the data in their tables?");
    if context.ask(&question).await? == Some(true) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Refused,
        "not-confirmed",
        format!("rolling back all {number} migrations of `{url}` needs a yes"),
    )
    .note("nothing was run")
    .next("if that is meant, say `shoring down --all --yes`"))
}
