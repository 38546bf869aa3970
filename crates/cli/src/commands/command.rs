//! The registry of commands: every one with its aliases, how it runs, and what a signal may do to it.

use super::{
    baseline, completions, config, convert, doctor, down, expect, goto, help, history, init, man,
    mark, new, plan, redo, repair, seed, status, up, wait,
};
use crate::context::Context;
use crate::report::Answer;
use crate::signals::Caution;
use clap::Subcommand;
use shoring::Result;

/// Every command, in the order of the help.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(init::InitArgs),
    New(new::NewArgs),
    #[command(visible_alias = "info")]
    Status(status::StatusArgs),
    Plan(plan::PlanArgs),
    #[command(visible_aliases = ["migrate", "apply"])]
    Up(up::UpArgs),
    #[command(visible_alias = "rollback")]
    Down(down::DownArgs),
    Redo(redo::RedoArgs),
    Goto(goto::GotoArgs),
    Seed(seed::SeedArgs),
    History(history::HistoryArgs),
    Doctor(doctor::DoctorArgs),
    Baseline(baseline::BaselineArgs),
    Repair(repair::RepairArgs),
    Mark(mark::MarkArgs),
    Convert(convert::ConvertArgs),
    Wait(wait::WaitArgs),
    Expect(expect::ExpectArgs),
    Config(config::ConfigArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
    Help(help::HelpArgs),
}

impl Command {
    /// Runs the command.
    pub(crate) async fn run(&self, context: &Context) -> Result<Answer> {
        match self {
            Self::Init(arguments) => init::run(arguments, context),
            Self::New(arguments) => new::run(arguments, context),
            Self::Status(arguments) => status::run(arguments, context).await,
            Self::Plan(arguments) => plan::run(arguments, context).await,
            Self::Up(arguments) => up::run(arguments, context).await,
            Self::Down(arguments) => down::run(arguments, context).await,
            Self::Redo(arguments) => redo::run(arguments, context).await,
            Self::Goto(arguments) => goto::run(arguments, context).await,
            Self::Seed(arguments) => seed::run(arguments, context).await,
            Self::History(arguments) => history::run(arguments, context).await,
            Self::Doctor(arguments) => doctor::run(arguments, context).await,
            Self::Baseline(arguments) => baseline::run(arguments, context).await,
            Self::Repair(arguments) => repair::run(arguments, context).await,
            Self::Mark(arguments) => mark::run(arguments, context).await,
            Self::Convert(arguments) => convert::run(arguments, context).await,
            Self::Wait(arguments) => wait::run(arguments, context).await,
            Self::Expect(arguments) => expect::run(arguments, context).await,
            Self::Config(arguments) => config::run(arguments, context),
            Self::Completions(arguments) => Ok(completions::run(arguments)),
            Self::Man(arguments) => man::run(arguments, context),
            Self::Help(arguments) => help::run(arguments),
        }
    }

    /// What a signal may do to it.
    pub(crate) fn caution(&self) -> Caution {
        match self {
            Self::Up(arguments) if arguments.dry_run => Caution::Reads,
            Self::Down(arguments) if arguments.dry_run => Caution::Reads,
            Self::Doctor(arguments) if !arguments.apply => Caution::Reads,
            Self::Convert(arguments) if arguments.dry_run => Caution::Reads,
            Self::Up(_)
            | Self::Down(_)
            | Self::Redo(_)
            | Self::Goto(_)
            | Self::Seed(_)
            | Self::Doctor(_)
            | Self::Baseline(_)
            | Self::Repair(_)
            | Self::Mark(_)
            | Self::Convert(_) => Caution::Writes,
            Self::Init(_)
            | Self::New(_)
            | Self::Status(_)
            | Self::Plan(_)
            | Self::History(_)
            | Self::Wait(_)
            | Self::Expect(_)
            | Self::Config(_)
            | Self::Completions(_)
            | Self::Man(_)
            | Self::Help(_) => Caution::Reads,
        }
    }
}
