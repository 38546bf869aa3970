//! Migrations on PostgreSQL from an async program: with an observer, on a connection of the program's own, and the gate
//! that a service asks before it starts.
//!
//!     cargo run -p shoring --example postgresql -- postgres://app@localhost/app
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example talks to the terminal"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "a program of its own reads its arguments"
)]

use shoring::db::{ConnectOptions, DatabaseUrl};
use shoring::{ErrorKind, Event, Migrator, Observer, UpRequest};
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

const MIGRATIONS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/examples/postgresql/migrations"
);

/// Prints what happens while it happens.
struct Lines;

impl Observer for Lines {
    fn observe(&self, event: &Event) {
        match event {
            Event::MigrationStarted {
                version,
                name,
                statements,
                ..
            } => {
                println!("{version} {name}: {statements} statements");
            }
            Event::Notice {
                severity, message, ..
            } => println!("  {severity}: {message}"),
            Event::StatementWaiting { blockers, .. } => println!("  waits for {blockers:?}"),
            Event::MigrationFinished { rows, .. } => println!("  done, {rows} rows"),
            // New kinds of events may come with a new version.
            _ => {}
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let Some(url) = std::env::args().nth(1) else {
        eprintln!("usage: postgresql URL");
        return ExitCode::from(2);
    };
    match migrate(&url).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn migrate(url: &str) -> Result<(), Box<dyn Error>> {
    let migrator = Migrator::from_dir(MIGRATIONS)
        .database(url)
        .lock_wait(Duration::from_mins(1))
        .lock_timeout(Duration::from_secs(2), 10)
        .observer(Arc::new(Lines));

    // What a service asks before it starts. It only reads, so it may run with fewer rights.
    match migrator.expect_version("head").await {
        Ok(()) => println!("nothing to migrate"),
        Err(error) if error.kind == ErrorKind::Pending => println!("not ready: {error}"),
        Err(error) => return Err(error.into()),
    }

    let first = UpRequest {
        target: Some("1".to_owned()),
        ..UpRequest::default()
    };
    migrator.up(&first).await?;

    // The rest on a connection of our own, which is given back.
    let options = ConnectOptions {
        timeout: Duration::from_secs(10),
        application: "example".to_owned(),
        create: false,
        read_only: false,
    };
    let session = shoring::db::connect(&DatabaseUrl::parse(url, Path::new("."))?, &options).await?;
    let (session, report) = migrator.up_on(session, &UpRequest::default()).await;
    println!("now at {}", report?.current.as_deref().unwrap_or("nothing"));
    if let Some(mut session) = session {
        let rows = session.query("SELECT count(*) FROM shop.countries").await?;
        println!("{} countries", rows[0].text(0).unwrap_or_default());
        session.close().await?;
    }

    migrator.expect_version("head").await?;
    Ok(())
}
