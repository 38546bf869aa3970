//! `shoring man`.

use crate::args::Cli;
use crate::context::Context;
use crate::report::Answer;
use crate::report::text::clean;
use clap::{Args, CommandFactory};
use serde_json::json;
use shoring::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

/// Print a manual page, or write all of them
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shoring man up | man -l -        read one
  shoring man --out share/man/man1 write all")]
pub(crate) struct ManArgs {
    /// Of which command; the overview when not given
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
    /// Write the pages of all commands into this folder
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    out: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(arguments: &ManArgs, context: &Context) -> Result<Answer> {
    let mut root = Cli::command();
    root.build();
    if let Some(folder) = &arguments.out {
        return write_all(&root, &context.surroundings.root.join(folder));
    }
    let command = match &arguments.command {
        None => &root,
        Some(name) => root
            .find_subcommand(name)
            .ok_or_else(|| super::help::unknown(name))?,
    };
    let text = page(command)?;
    let document = json!({"v": 1, "page": title(command), "text": text});
    Ok(Answer::new(text, document))
}

fn write_all(root: &clap::Command, folder: &Path) -> Result<Answer> {
    std::fs::create_dir_all(folder).map_err(|error| not_written(folder, &error))?;
    let mut paths = Vec::new();
    for command in std::iter::once(root).chain(root.get_subcommands()) {
        let path = folder.join(format!("{}.1", title(command)));
        std::fs::write(&path, page(command)?).map_err(|error| not_written(&path, &error))?;
        paths.push(path.to_string_lossy().into_owned());
    }
    let text: String = paths
        .iter()
        .map(|path| format!("{}\n", clean(path)))
        .collect();
    Ok(Answer::new(text, json!({"v": 1, "files": paths})))
}

fn title(command: &clap::Command) -> String {
    match command.get_name() {
        "shoring" => "shoring".to_owned(),
        name => format!("shoring-{name}"),
    }
}

fn page(command: &clap::Command) -> Result<String> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command.clone())
        .title(title(command))
        .render(&mut text)
        .map_err(|error| Error::new(ErrorKind::Internal, "man-page", error.to_string()))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn not_written(path: &Path, error: &std::io::Error) -> Error {
    Error::new(
        ErrorKind::Usage,
        "cannot-write",
        format!("cannot write `{}`: {error}", path.display()),
    )
}
