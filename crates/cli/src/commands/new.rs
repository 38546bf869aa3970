//! `shoring new`.

use crate::args::RunArgs;
use crate::context::Context;
use crate::report::{Answer, start};
use clap::Args;
use shoring::Result;

/// Make the next migration's files, named and numbered as the project does it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shoring new create_users         prints the paths of the new files
  $EDITOR $(shoring new add_user_status)")]
pub(crate) struct NewArgs {
    /// What the migration does, in a few words
    #[arg(value_name = "NAME")]
    name: String,
}

/// Runs the command.
pub(super) fn run(arguments: &NewArgs, context: &Context) -> Result<Answer> {
    let report = context
        .migrator(&RunArgs::default())?
        .new_migration(&arguments.name)?;
    Ok(start::new(&report))
}
