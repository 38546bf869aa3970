//! The `shoring` command: reads the arguments, calls the engine, prints, exits.
//!
//! This is the only crate that prints, exits, and reads argv, the environment and the clock. Start reading at
//! [`commands`] (one file per command), then [`report`] (what is printed) and [`exit_code`].
#![allow(
    clippy::disallowed_methods,
    reason = "this is the crate that reads argv, the environment, the working directory and the clock"
)]
#![allow(
    clippy::collapsible_match,
    reason = "an arm for each event, conditions inside: a guard would let the event fall through"
)]
#![allow(
    clippy::format_collect,
    reason = "screens are short, and a line for each item reads best like this"
)]

mod args;
mod commands;
mod context;
mod exit_code;
mod panic;
mod plan_file;
mod progress;
mod report;
mod run;
mod signals;
mod surroundings;
mod terminal;
mod usage;

use std::process::ExitCode;

fn main() -> ExitCode {
    panic::install_hook();
    let arguments: Vec<std::ffi::OsString> = std::env::args_os().collect();
    ExitCode::from(panic::guard(&arguments, || run::run(&arguments)))
}
