//! `shoring plan`.

use crate::args::RunArgs;
use crate::context::Context;
use crate::plan_file;
use crate::report::{Answer, plan};
use clap::Args;
use shoring::{DownRequest, PlanRequest, Result, UpRequest};
use std::path::PathBuf;

/// Show the exact statements that would run, in order, with their transactions
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shoring plan                     what `shoring up` would run
  shoring plan 12                  up to 12
  shoring plan --down              what `shoring down` would run
  shoring plan --down --to base    what taking everything back would run
  shoring plan --save deploy.json  keep it, for `shoring up --plan deploy.json`

It only reads.")]
pub(crate) struct PlanArgs {
    /// Up to this version; everything when not given
    #[arg(value_name = "TARGET", allow_negative_numbers = true)]
    target: Option<String>,
    /// At most this many migrations
    #[arg(long, value_name = "N")]
    steps: Option<usize>,
    /// Also migrations that stand before an applied one
    #[arg(long)]
    allow_out_of_order: bool,
    /// The way back: the last N (default 1)
    #[arg(
        long,
        value_name = "N",
        num_args = 0..=1,
        default_missing_value = "1",
        conflicts_with_all = ["target", "steps", "allow_out_of_order"]
    )]
    down: Option<usize>,
    /// With --down: everything after this version, which stays
    #[arg(
        long,
        value_name = "VERSION",
        requires = "down",
        allow_negative_numbers = true
    )]
    to: Option<String>,
    /// With --down: everything
    #[arg(long, requires = "down", conflicts_with = "to")]
    all: bool,
    /// Also write the plan into this file, for `shoring up --plan FILE`
    #[arg(long, value_name = "FILE", conflicts_with = "down")]
    save: Option<PathBuf>,
}

impl PlanArgs {
    fn up_request(&self) -> UpRequest {
        UpRequest {
            target: self.target.clone(),
            steps: self.steps,
            allow_out_of_order: self.allow_out_of_order,
            plan: None,
        }
    }

    fn request(&self) -> PlanRequest {
        match (self.down, &self.to, self.all) {
            (None, _, _) => PlanRequest::Up(self.up_request()),
            (Some(_), Some(version), _) => PlanRequest::Down(DownRequest::To(version.clone())),
            (Some(_), None, true) => PlanRequest::Down(DownRequest::All),
            (Some(steps), None, false) => PlanRequest::Down(DownRequest::Steps(steps)),
        }
    }
}

/// Runs the command.
pub(super) async fn run(arguments: &PlanArgs, context: &Context) -> Result<Answer> {
    let Some(file) = &arguments.save else {
        return show(&arguments.request(), context).await;
    };
    let migrator = context.migrator(&RunArgs::default())?;
    let (report, saved) = migrator.save_plan(&arguments.up_request()).await?;
    plan_file::write(&context.surroundings.root.join(file), &saved)?;
    Ok(plan::answer(
        &report,
        Some(&file.display().to_string()),
        &command(&arguments.request()),
        context.terminal.width,
    ))
}

/// Shows a plan; also `up --dry-run`.
pub(super) async fn show(request: &PlanRequest, context: &Context) -> Result<Answer> {
    let report = context.migrator(&RunArgs::default())?.plan(request).await?;
    Ok(plan::answer(
        &report,
        None,
        &command(request),
        context.terminal.width,
    ))
}

/// The command that runs what is shown, as it is typed.
fn command(request: &PlanRequest) -> String {
    match request {
        PlanRequest::Up(up) => {
            let target = up.target.as_ref().map(|target| format!(" {target}"));
            let steps = up.steps.map(|steps| format!(" --steps {steps}"));
            let late = up
                .allow_out_of_order
                .then(|| " --allow-out-of-order".into());
            let flags: String = [target, steps, late].into_iter().flatten().collect();
            format!("shoring up{flags}")
        }
        PlanRequest::Down(DownRequest::Steps(1)) => "shoring down".to_owned(),
        PlanRequest::Down(DownRequest::Steps(steps)) => format!("shoring down {steps}"),
        PlanRequest::Down(DownRequest::To(version)) => format!("shoring down --to {version}"),
        PlanRequest::Down(DownRequest::All) => "shoring down --all".to_owned(),
    }
}
