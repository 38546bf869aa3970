//! The command line from outside: stdout, stderr and exit code of the real binary, on SQLite files in temporary folders,
//! and in `servers` and `large_files` on PostgreSQL and MariaDB.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot prepare its project has failed"
)]

#[path = "cli/project.rs"]
mod project;

#[path = "cli/bad_input.rs"]
mod bad_input;
#[path = "cli/configuration.rs"]
mod configuration;
#[path = "cli/contract.rs"]
mod contract;
#[path = "cli/convert.rs"]
mod convert;
#[path = "cli/failures.rs"]
mod failures;
#[path = "cli/first_file.rs"]
mod first_file;
#[path = "cli/first_minute.rs"]
mod first_minute;
#[path = "cli/flyway.rs"]
mod flyway;
#[path = "cli/goose.rs"]
mod goose;
#[path = "cli/help.rs"]
mod help;
#[path = "cli/large_files.rs"]
mod large_files;
#[path = "cli/liquibase.rs"]
mod liquibase;
#[path = "cli/manners.rs"]
mod manners;
#[path = "cli/other_tools.rs"]
mod other_tools;
#[path = "cli/records.rs"]
mod records;
#[path = "cli/secrets.rs"]
mod secrets;
#[path = "cli/servers.rs"]
mod servers;
#[path = "cli/terminal.rs"]
mod terminal;
#[path = "cli/tools.rs"]
mod tools;
#[path = "cli/unreadable.rs"]
mod unreadable;
#[path = "cli/watch.rs"]
mod watch;
