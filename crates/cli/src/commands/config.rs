//! `shoring config`.

use crate::context::Context;
use crate::report::{Answer, settings};
use clap::Args;
use shoring::Result;

/// Show every setting, its value and where it came from; secrets are masked
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shoring config
  shoring --env production config

Settings come from flags, the environment, .env, shoring.toml, in this order. See: shoring help config")]
pub(crate) struct ConfigArgs {}

/// Runs the command.
pub(super) fn run(_arguments: &ConfigArgs, context: &Context) -> Result<Answer> {
    Ok(settings::answer(&context.settings()?))
}
