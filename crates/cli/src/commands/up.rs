//! `shoring up`.

use super::plan;
use crate::args::RunArgs;
use crate::context::Context;
use crate::plan_file;
use crate::report::Answer;
use crate::report::run::{Asked, answer};
use clap::Args;
use shoring::{PlanRequest, Result, UpRequest};
use std::path::PathBuf;

/// Apply pending migrations
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shoring up                       everything that is pending
  shoring up 12                    up to 12
  shoring up +1                    the next one
  shoring up --dry-run             only show what would run
  shoring up --plan deploy.json    what `shoring plan --save deploy.json` showed, and nothing else
  shoring up --lock-wait 5m        when another run may take long

A TARGET is a version (12, 012, 012_orders), an unambiguous beginning of one, +N, or head.")]
pub(crate) struct UpArgs {
    /// Up to this version; everything when not given
    #[arg(value_name = "TARGET", allow_negative_numbers = true)]
    target: Option<String>,
    /// At most this many migrations
    #[arg(long, value_name = "N")]
    steps: Option<usize>,
    /// Only show what would run, as `shoring plan`
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Also run migrations that stand before an applied one
    #[arg(long)]
    allow_out_of_order: bool,
    /// Run this saved plan, or nothing if what it was made from has moved
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["target", "steps", "allow_out_of_order", "dry_run"]
    )]
    plan: Option<PathBuf>,
    #[command(flatten)]
    run: RunArgs,
}

/// Runs the command.
pub(super) async fn run(arguments: &UpArgs, context: &Context) -> Result<Answer> {
    let request = UpRequest {
        target: arguments.target.clone(),
        steps: arguments.steps,
        allow_out_of_order: arguments.allow_out_of_order,
        plan: arguments
            .plan
            .as_ref()
            .map(|path| plan_file::read(&context.surroundings.root.join(path)).map(Box::new))
            .transpose()?,
    };
    if arguments.dry_run {
        return plan::show(&PlanRequest::Up(request), context).await;
    }
    let report = context.migrator(&arguments.run)?.up(&request).await?;
    Ok(answer(&report, Asked::Up).into_talk())
}
