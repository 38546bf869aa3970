//! Migrations on MySQL or MariaDB, where every change of a definition commits by itself: what the journal knows about
//! each attempt, a way to stop between two statements, and the way back.
//!
//!     cargo run -p shoring --example mysql -- mysql://root@localhost/app
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example talks to the terminal"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "a program of its own reads its arguments"
)]

use shoring::{DownRequest, Error, ErrorKind, Migrator, StopSignal, UpRequest};
use std::process::ExitCode;

const MIGRATIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/mysql/migrations");

#[tokio::main]
async fn main() -> ExitCode {
    let Some(url) = std::env::args().nth(1) else {
        eprintln!("usage: mysql URL");
        return ExitCode::from(2);
    };
    match migrate(&url).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            explain(&error);
            ExitCode::FAILURE
        }
    }
}

async fn migrate(url: &str) -> shoring::Result<()> {
    // The first Ctrl-C stops between two statements; a second one cancels the statement on the server.
    let stop = StopSignal::default();
    let handle = stop.clone();
    drop(tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            handle.request(2);
        }
    }));

    let migrator = Migrator::from_dir(MIGRATIONS)
        .database(url)
        .stop_signal(stop);
    let report = migrator.up(&UpRequest::default()).await?;
    println!(
        "{} {}: {} applied",
        report.database.title,
        report.database.version,
        report.ran.len()
    );

    for attempt in migrator.history().await?.entries {
        println!(
            "{} {} {} {}: {}, {} statements",
            attempt.command,
            attempt.direction,
            attempt.version,
            attempt.name,
            attempt.outcome,
            attempt.statements.unwrap_or_default()
        );
    }

    let report = migrator.down(&DownRequest::All).await?;
    println!("{} rolled back", report.ran.len());
    Ok(())
}

/// Every error says what state the database is in now and what to do next.
fn explain(error: &Error) {
    eprintln!("error: {error}");
    for line in &error.state {
        eprintln!("  state: {line}");
    }
    for line in &error.next {
        eprintln!("  next:  {line}");
    }
    if error.kind == ErrorKind::FailedPartly {
        eprintln!("  a part of it is in the database; the next run goes on where this one stopped");
    }
}
