//! `cargo xtask test`: builds all tests, runs every binary among the servers, and
//! prints one table of what ran where.
//!
//! `soak.rs` is the same for the fault tests alone, for as long as asked.
//!
//! `command.rs` is the way through; `libtest.rs` reads what test binaries print,
//! `tally.rs` counts it, `table.rs` and `failures.rs` print it; `figures.rs` adds up
//! what the fault tests tried.

mod binary;
mod build;
mod command;
mod failures;
mod figures;
mod libtest;
mod soak;
mod sqlite;
mod stream;
mod table;
mod tally;
mod tool_runs;

pub(crate) use command::run;
pub(crate) use soak::soak;
