//! Wrong arguments: clap's message, or the same as JSON. URLs in it are cut, they may carry a password.

use crate::exit_code;
use crate::terminal::Terminal;
use clap::error::{ContextKind, ErrorKind};
use std::ffi::OsString;

/// Whether `--json` is among the arguments, as far as can be told when they do not parse.
pub(crate) fn asks_for_json(arguments: &[OsString]) -> bool {
    arguments
        .iter()
        .skip(1)
        .filter_map(|argument| argument.to_str())
        .take_while(|argument| *argument != "--")
        .any(|argument| argument == "--json" || argument.starts_with("--json="))
}

/// Prints what clap has to say: help and version on stdout, mistakes on stderr or as JSON.
pub(crate) fn report(error: &clap::Error, arguments: &[OsString], terminal: &Terminal) -> u8 {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            terminal.print(&error.render().ansi().to_string());
            return terminal.exit(exit_code::DONE);
        }
        _ if asks_for_json(arguments) => {
            terminal.print(&format!("{:#}\n", document(error)));
        }
        _ => terminal.complain(&without_urls(&error.render().ansi().to_string())),
    }
    terminal.exit(exit_code::USAGE)
}

fn document(error: &clap::Error) -> serde_json::Value {
    let text = error.render().to_string();
    let message = if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        "a command is missing".to_owned()
    } else {
        let head = text.split("\n\n").next().unwrap_or_default();
        let words: Vec<&str> = head.split_whitespace().collect();
        let joined = words.join(" ");
        without_urls(joined.strip_prefix("error: ").unwrap_or(&joined))
    };
    let mut hints: Vec<String> = Vec::new();
    for kind in [
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedArg,
        ContextKind::SuggestedValue,
    ] {
        if let Some(value) = error.get(kind) {
            hints.push(format!("did you mean `{value}`?"));
        }
    }
    hints.push("see `shoring --help`".to_owned());
    serde_json::json!({"v": 1, "error": {"code": "usage", "message": message, "hints": hints, "exit": exit_code::USAGE}})
}

/// Cuts every line at something that may be a URL or a connection string.
fn without_urls(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let at = ["://", "password=", "pwd=", "jdbc:", "@tcp("]
            .iter()
            .filter_map(|mark| line.find(mark))
            .min();
        match at {
            None => out.push_str(line),
            Some(at) => {
                let start = line
                    .get(..at)
                    .and_then(|head| head.rfind(['\'', ' ', '"', '=']))
                    .map_or(0, |quote| quote + 1);
                out.push_str(line.get(..start).unwrap_or_default());
                out.push_str("***'\u{1b}[0m");
                if line.ends_with('\n') {
                    out.push('\n');
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Cli;
    use clap::Parser;

    #[test]
    fn a_url_in_the_wrong_place_is_not_repeated() {
        for line in [
            "shoring postgres://a:canary@h/d status",
            "shoring status postgres://a:canary@h/d",
            "shoring status --databse=postgres://a:canary@h/d",
            "shoring status --color=postgres://a:can'canary@h/d",
            "shoring status --password=canary",
            "shoring down password=canary",
        ] {
            let error = Cli::try_parse_from(line.split(' ')).unwrap_err();
            let shown = format!(
                "{} {}",
                without_urls(&error.render().ansi().to_string()),
                document(&error)
            );
            assert!(!shown.contains("canary"), "{line}: {shown}");
        }
    }

    #[test]
    fn json_is_recognised_before_the_arguments_are() {
        let arguments = |line: &str| line.split(' ').map(OsString::from).collect::<Vec<_>>();
        assert!(asks_for_json(&arguments("shoring sttus --json")));
        assert!(asks_for_json(&arguments("shoring --json=stream up")));
        assert!(!asks_for_json(&arguments("shoring new -- --json")));
    }
}
