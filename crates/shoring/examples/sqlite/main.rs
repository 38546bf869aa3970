//! The smallest program: applies the migrations of a folder to an SQLite file, without an async runtime of its own.
//!
//!     cargo run -p shoring --example sqlite -- sqlite:/tmp/notes.db
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example talks to the terminal"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "a program of its own reads its arguments"
)]

use shoring::{DownRequest, Migrator, UpRequest};
use std::process::ExitCode;

const MIGRATIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/sqlite/migrations");

fn main() -> ExitCode {
    let url = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "sqlite:notes.db".to_owned());
    match migrate(&url) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            for line in error.state.iter().chain(&error.next) {
                eprintln!("  {line}");
            }
            ExitCode::FAILURE
        }
    }
}

fn migrate(url: &str) -> shoring::Result<()> {
    let migrator = Migrator::from_dir(MIGRATIONS).database(url).blocking();

    let report = migrator.up(&UpRequest::default())?;
    for ran in &report.ran {
        println!(
            "applied {} {}: {} statements, {} rows",
            ran.version, ran.name, ran.statements, ran.rows
        );
    }

    for entry in migrator.status()?.migrations {
        println!("{:<8} {} {}", entry.state.name(), entry.version, entry.name);
    }

    let report = migrator.down(&DownRequest::Steps(1))?;
    println!(
        "took back {}, now at {}",
        report.ran.len(),
        report.current.as_deref().unwrap_or("nothing")
    );

    // Applies it again; a second `up` finds nothing to do.
    println!(
        "applied {} again",
        migrator.up(&UpRequest::default())?.ran.len()
    );
    println!(
        "applied {} more",
        migrator.up(&UpRequest::default())?.ran.len()
    );
    migrator.expect_version("head")
}
