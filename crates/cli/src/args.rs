//! The command line: global flags, accepted before and after the command, and the flags that several commands share.

use crate::commands::Command;
use clap::{Args, Parser, ValueEnum};
use shoring::settings::parse_duration;
use std::path::PathBuf;
use std::time::Duration;

/// Database migrations that are safe to run: PostgreSQL, MySQL, MariaDB and SQLite.
#[derive(Debug, Parser)]
#[command(
    name = "shoring",
    bin_name = "shoring",
    version,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "\
First minute:
  shoring new create_users     write the first migration
  shoring up                   apply it
  shoring status               see where the database is
  shoring down                 take the last one back

More: shoring help COMMAND, and the topics config, urls, directives, locks, json, exit-codes"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const DATABASE: &str = "Database";
const PROJECT: &str = "Project";
const OUTPUT: &str = "Output";

/// Flags of every command.
#[derive(Clone, Default, Args)]
pub(crate) struct GlobalArgs {
    /// Work as if started in this folder
    #[arg(short = 'C', value_name = "DIR", global = true, help_heading = PROJECT)]
    pub(crate) root: Option<PathBuf>,
    /// Migrations folder
    #[arg(long, value_name = "DIR", global = true, help_heading = PROJECT)]
    pub(crate) dir: Option<String>,
    /// How the migrations are written; detected when not given
    #[arg(long, value_name = "NAME", global = true, help_heading = PROJECT)]
    pub(crate) format: Option<String>,
    /// Section [env.NAME] of shoring.toml
    #[arg(long = "env", value_name = "NAME", global = true, help_heading = PROJECT)]
    pub(crate) environment: Option<String>,
    /// Database URL, or the path of an SQLite file
    #[arg(long, value_name = "URL", global = true, help_heading = DATABASE)]
    pub(crate) database: Option<String>,
    /// History table: TABLE or SCHEMA.TABLE
    #[arg(long, value_name = "TABLE", global = true, help_heading = DATABASE)]
    pub(crate) history_table: Option<String>,
    /// Print one JSON document, or (stream) also every event as a JSON line
    #[arg(
        long,
        value_name = "HOW",
        global = true,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "document",
        help_heading = OUTPUT
    )]
    pub(crate) json: Option<JsonMode>,
    /// Say more, also what the server says; -vv for the log
    #[arg(short, long, action = clap::ArgAction::Count, global = true, help_heading = OUTPUT)]
    pub(crate) verbose: u8,
    /// Say only what went wrong
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = OUTPUT)]
    pub(crate) quiet: bool,
    /// When to use colour
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto", help_heading = OUTPUT)]
    pub(crate) color: ColorWhen,
    /// Answer yes to every question
    #[arg(short = 'y', long, global = true, help_heading = OUTPUT)]
    pub(crate) yes: bool,
}

/// The URL may contain a password, so it is left out.
impl std::fmt::Debug for GlobalArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GlobalArgs").finish_non_exhaustive()
    }
}

/// What `--json` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum JsonMode {
    /// One document at the end
    Document,
    /// Events as JSON lines while working, then the document as the last line
    Stream,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Also into files and pipes
    Always,
    /// Not at all
    Never,
}

/// Flags of the commands that change the database.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RunArgs {
    /// How long to wait for another run [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = duration, help_heading = "Running")]
    pub(crate) lock_wait: Option<Duration>,
    /// How long one try of a statement waits for a table lock [default: 3s]
    #[arg(long, value_name = "TIME", value_parser = duration, help_heading = "Running")]
    pub(crate) lock_timeout: Option<Duration>,
    /// How many tries a statement gets [default: 30]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = "Running")]
    pub(crate) lock_attempts: Option<u32>,
    /// Keep no journal of attempts: a half-done file cannot go on where it stopped
    #[arg(long, help_heading = "Running")]
    pub(crate) no_journal: bool,
}

/// Reads a duration for clap.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).ok_or_else(|| "write it as 500ms, 30s, 5m or 1h".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn global_flags_stand_before_and_after_the_command() {
        for line in [
            "shoring --json --dir x -C /tmp status",
            "shoring status --json --dir x -C /tmp",
            "shoring --json status --dir=x -C /tmp",
        ] {
            let cli = Cli::try_parse_from(line.split(' ')).unwrap();
            assert_eq!(cli.global.json, Some(JsonMode::Document), "{line}");
            assert_eq!(cli.global.dir.as_deref(), Some("x"), "{line}");
            assert_eq!(cli.global.root, Some(PathBuf::from("/tmp")), "{line}");
        }
    }

    #[test]
    fn relative_targets_are_no_flags() {
        for line in [
            "shoring up +2",
            "shoring goto -1",
            "shoring plan -1",
            "shoring down 3",
            "shoring down --to -1",
            "shoring up --json=stream head",
            "shoring migrate",
            "shoring apply",
            "shoring rollback",
            "shoring info",
        ] {
            assert!(Cli::try_parse_from(line.split(' ')).is_ok(), "{line}");
        }
    }
}
