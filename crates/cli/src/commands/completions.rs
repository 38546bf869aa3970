//! `shoring completions`.

use crate::args::Cli;
use crate::report::Answer;
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use serde_json::json;

/// Print the completion script of a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shoring completions bash > /etc/bash_completion.d/shoring
  shoring completions zsh > ~/.zfunc/_shoring
  shoring completions fish > ~/.config/fish/completions/shoring.fish
  shoring completions powershell >> $PROFILE")]
pub(crate) struct CompletionsArgs {
    /// Which shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Runs the command.
pub(super) fn run(arguments: &CompletionsArgs) -> Answer {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "shoring", &mut script);
    let text = String::from_utf8_lossy(&script).into_owned();
    let document = json!({"v": 1, "shell": arguments.shell.to_string(), "script": text});
    Answer::new(text, document)
}
