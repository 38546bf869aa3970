//! A service that carries its migrations with it: nothing but this one file has to be deployed.
//!
//!     cargo run -p shoring-example-embedded -- migrate sqlite:/tmp/app.db     once per deployment
//!     cargo run -p shoring-example-embedded -- serve sqlite:/tmp/app.db       refuses to start on an older schema
//!
//! `serve` does not migrate: a fleet of servers that all migrate when they start would wait for one another, and an old
//! version must not start on a schema it does not know.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example talks to the terminal"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "a program of its own reads its arguments"
)]

use shoring::blocking::BlockingMigrator;
use shoring::{ErrorKind, Event, Migrator, Observer, UpRequest};
use std::process::ExitCode;
use std::sync::Arc;

/// Prints one line for each migration.
struct Lines;

impl Observer for Lines {
    fn observe(&self, event: &Event) {
        match event {
            Event::LockWaiting { holder, .. } => println!("waiting for {holder}"),
            Event::MigrationFinished {
                version, name, ms, ..
            } => println!("{version} {name}: {ms} ms"),
            // New kinds of events may come with a new version.
            _ => {}
        }
    }
}

fn migrator(url: &str) -> BlockingMigrator {
    Migrator::from_embedded(shoring::embed_migrations!())
        .database(url)
        .observer(Arc::new(Lines))
        .blocking()
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["migrate", url] => migrate(url),
        ["serve", url] => serve(url),
        _ => {
            eprintln!("usage: embedded migrate|serve URL");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            for line in error.state.iter().chain(&error.next) {
                eprintln!("  {line}");
            }
            // The same number as the command line uses for this ending.
            ExitCode::from(if error.kind == ErrorKind::Pending {
                3
            } else {
                1
            })
        }
    }
}

fn migrate(url: &str) -> shoring::Result<()> {
    let report = migrator(url).up(&UpRequest::default())?;
    println!(
        "{} applied, now at {}",
        report.ran.len(),
        report.current.as_deref().unwrap_or("nothing")
    );
    Ok(())
}

fn serve(url: &str) -> shoring::Result<()> {
    migrator(url).expect_version("head")?;
    println!("serving");
    Ok(())
}
