//! `shoring help`: commands and topics, offline.

use crate::args::Cli;
use crate::report::Answer;
use clap::{Args, CommandFactory};
use serde_json::json;
use shoring::settings::{KEYS, did_you_mean};
use shoring::{Error, ErrorKind, Result};

/// Explain a command or a topic
#[derive(Debug, Args)]
#[command(after_help = "\
Topics: config, urls, directives, targets, locks, transactions, json, exit-codes

Examples:
  shoring help up
  shoring help exit-codes")]
pub(crate) struct HelpArgs {
    /// A command or a topic
    #[arg(value_name = "TOPIC")]
    topic: Option<String>,
}

/// Name and text of every topic.
const TOPICS: &[(&str, &str)] = &[
    ("config", include_str!("../topics/config.txt")),
    ("urls", include_str!("../topics/urls.txt")),
    ("directives", include_str!("../topics/directives.txt")),
    ("targets", include_str!("../topics/targets.txt")),
    ("locks", include_str!("../topics/locks.txt")),
    ("transactions", include_str!("../topics/transactions.txt")),
    ("json", include_str!("../topics/json.txt")),
    ("exit-codes", include_str!("../topics/exit-codes.txt")),
];

/// Runs the command.
pub(super) fn run(arguments: &HelpArgs) -> Result<Answer> {
    let mut root = Cli::command();
    let Some(name) = &arguments.topic else {
        let text = root.render_long_help().ansi().to_string();
        return Ok(Answer::new(text.clone(), document("shoring", &text)));
    };
    if let Some((name, text)) = TOPICS.iter().find(|(topic, _)| topic == name) {
        let text = if *name == "config" {
            format!("{text}\n{}", keys())
        } else {
            (*text).to_owned()
        };
        return Ok(Answer::new(text.clone(), document(name, &text)));
    }
    root.build();
    let command = root
        .find_subcommand_mut(name)
        .ok_or_else(|| unknown(name))?;
    let text = command.render_long_help().ansi().to_string();
    Ok(Answer::new(text.clone(), document(name, &text)))
}

fn document(topic: &str, text: &str) -> serde_json::Value {
    let plain = anstream::adapter::strip_str(text).to_string();
    json!({"v": 1, "topic": topic, "text": plain})
}

/// The error of a command or topic that does not exist.
pub(super) fn unknown(name: &str) -> Error {
    let root = Cli::command();
    let commands = root.get_subcommands().map(clap::Command::get_name);
    let topics = TOPICS.iter().map(|(topic, _)| *topic);
    let known: Vec<&str> = commands.chain(topics).collect();
    let error = Error::new(
        ErrorKind::Usage,
        "unknown-topic",
        format!("there is no command or topic `{name}`"),
    );
    match did_you_mean(name, known.iter().copied()) {
        Some(guess) => error.next(format!("did you mean `shoring help {guess}`?")),
        None => error.note(format!("there are {}", known.join(", "))),
    }
}

/// The settings, from their table.
fn keys() -> String {
    let mut out = String::from("Settings\n\n");
    for key in KEYS {
        let place = if key.in_config {
            ""
        } else {
            "   (not in shoring.toml)"
        };
        out.push_str(&format!(
            "  {}{place}\n      {}\n      {}; default: {}\n",
            key.name,
            key.about,
            key.variables.join(", "),
            key.default
        ));
    }
    out
}
