//! Wrong arguments: clap's message, or the same as JSON. URLs in it are cut, they may carry a password.

use crate::terminal::Terminal;
use crate::{exit_code, report};
use clap::error::{ContextKind, ErrorKind};
use shoring::Error;
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

/// The error for a database URL where none belongs: as a version, a folder, the value of a misspelt flag. It is not
/// repeated anywhere, because it may carry a password.
pub(crate) fn stray_url(arguments: &[OsString]) -> Option<Error> {
    let mut belongs = false;
    for argument in arguments.iter().skip(1) {
        let text = argument.to_string_lossy();
        let is_stray = !belongs && !text.starts_with("--database=") && may_be_url(&text);
        if is_stray {
            let error = Error::new(
                shoring::ErrorKind::Usage,
                "usage",
                "an argument looks like a database URL and is not the value of `--database`",
            );
            return Some(error.next("name the database with  --database URL , or in DATABASE_URL"));
        }
        belongs = text == "--database";
    }
    None
}

/// Whether a text may be a URL or a connection string. A path with a `:` before an `@` at its very beginning is taken for
/// one as well: better a refusal than a password on the screen.
fn may_be_url(text: &str) -> bool {
    let has_user = text.split_once('@').is_some_and(|(user, _)| {
        user.split_once(':')
            .is_some_and(|(name, _)| !name.contains(['/', ' ']))
    });
    has_user || MARKS.iter().any(|mark| text.contains(mark))
}

const MARKS: [&str; 8] = [
    "://",
    "password=",
    "pwd=",
    "host=",
    "user=",
    "dbname=",
    "jdbc:",
    "@tcp(",
];

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
    report::error::document(&hints.into_iter().fold(
        Error::new(shoring::ErrorKind::Usage, "usage", message),
        Error::next,
    ))
}

/// Cuts every line at something that may be a URL or a connection string.
fn without_urls(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let at = MARKS.iter().filter_map(|mark| line.find(mark)).min();
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
    fn a_url_belongs_to_its_flag_only() {
        for (line, is_stray) in [
            ("shoring --database postgres://a:b@h/d up", false),
            ("shoring up --database=postgres://a:b@h/d", false),
            ("shoring up --database host=h\u{a0}password=b", false),
            ("shoring up postgres://a:b@h/d", true),
            ("shoring up --dir postgres://a:b@h/d", true),
            ("shoring up --databse=a:b@h/d", true),
            ("shoring up a:b@h/d", true),
            ("shoring up --dir ../a@b:c", false),
            ("shoring new say_hello:world", false),
        ] {
            let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            assert_eq!(stray_url(&arguments).is_some(), is_stray, "{line}");
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
