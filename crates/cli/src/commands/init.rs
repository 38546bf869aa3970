//! `shoring init`.

use crate::args::RunArgs;
use crate::context::Context;
use crate::report::{Answer, start};
use clap::Args;
use shoring::Result;

/// Start a project, or say what was detected here and write nothing that is not needed
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shoring init                     look what is here; make migrations/ if there is nothing
  shoring init --format manual     say what it is when the files cannot tell")]
pub(crate) struct InitArgs {}

/// Runs the command.
pub(super) fn run(_arguments: &InitArgs, context: &Context) -> Result<Answer> {
    let report = context.migrator(&RunArgs::default())?.init()?;
    Ok(start::init(&report))
}
