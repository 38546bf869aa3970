//! From arguments to an exit code.

use crate::args::{Cli, ColorWhen, GlobalArgs, JsonMode};
use crate::context::{Context, stopped};
use crate::progress::Observed;
use crate::report::{self, Answer};
use crate::signals;
use crate::terminal::Terminal;
use crate::{exit_code, surroundings, usage};
use clap::Parser;
use shoring::{Error, ErrorKind, Result, StopSignal};
use std::ffi::OsString;
use std::sync::Arc;

/// Runs the command that the arguments name.
pub(crate) fn run(arguments: &[OsString]) -> u8 {
    if let Some(error) = usage::stray_url(arguments) {
        let terminal = Terminal::new(ColorWhen::Auto);
        let global = GlobalArgs {
            json: usage::asks_for_json(arguments).then_some(JsonMode::Document),
            ..GlobalArgs::default()
        };
        let code = print_error(&error, &global, &Observed::default(), &terminal);
        return terminal.exit(code);
    }
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return usage::report(&error, arguments, &Terminal::new(ColorWhen::Auto)),
    };
    let terminal = Arc::new(Terminal::from(&cli.global));
    start_log(&cli.global);
    let observed = Arc::new(Observed::default());
    let global = cli.global.clone();
    let code = match execute(cli, &terminal, &observed) {
        Ok(answer) => print(&answer, &global, &terminal),
        Err(error) => print_error(&error, &global, &observed, &terminal),
    };
    terminal.exit(code)
}

fn execute(cli: Cli, terminal: &Arc<Terminal>, observed: &Arc<Observed>) -> Result<Answer> {
    let caution = cli.command.caution();
    let context = Context {
        surroundings: surroundings::collect(&cli.global)?,
        global: cli.global,
        terminal: Arc::clone(terminal),
        stop: StopSignal::default(),
        observed: Arc::clone(observed),
    };
    // One thread: an answer of the server is read where it is waited for, without waking another thread for it.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            Error::new(
                ErrorKind::Internal,
                "no-runtime",
                format!("threads cannot be started: {error}"),
            )
        })?;
    let outcome = runtime.block_on(async {
        let abandoned = signals::abandoned(context.stop.clone(), caution, Arc::clone(terminal));
        tokio::select! {
            biased;
            outcome = cli.command.run(&context) => outcome,
            signal = abandoned => Err(stopped(signal)),
        }
    });
    // A question that nobody answered keeps a thread busy: do not wait for it.
    runtime.shutdown_background();
    outcome
}

fn print(answer: &Answer, global: &GlobalArgs, terminal: &Terminal) -> u8 {
    match global.json {
        None if global.quiet && answer.is_talk => {}
        None => terminal.print(&answer.text),
        Some(JsonMode::Document) => terminal.print(&format!("{:#}\n", answer.json)),
        Some(JsonMode::Stream) => terminal.print(&format!("{}\n", answer.json)),
    }
    answer.exit
}

fn print_error(error: &Error, global: &GlobalArgs, observed: &Observed, terminal: &Terminal) -> u8 {
    let code = exit_code::of(error.kind);
    match global.json {
        None => terminal.complain(&report::error::for_people(error, terminal.width)),
        Some(mode) => {
            let mut document = report::error::document(error);
            let applied = observed.applied();
            if let (Some(document), false) = (document.as_object_mut(), applied.is_empty()) {
                document.insert("applied".to_owned(), applied.into());
            }
            terminal.print(&match mode {
                JsonMode::Document => format!("{document:#}\n"),
                JsonMode::Stream => format!("{document}\n"),
            });
        }
    }
    code
}

/// The log of our own crates only: drivers put queries and options into theirs.
fn start_log(global: &GlobalArgs) {
    use tracing_subscriber::filter::{LevelFilter, Targets};
    use tracing_subscriber::prelude::*;
    let level = match global.verbose {
        0 | 1 => return,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let ours = Targets::new()
        .with_target("shoring", level)
        .with_target("shoring_db", level);
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_filter(ours);
    tracing_subscriber::registry().with(layer).init();
}
