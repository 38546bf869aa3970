//! `cargo xtask test`: builds all tests, runs every binary among the servers, and
//! prints one table of what ran where.
//!
//! `command.rs` is the way through; `libtest.rs` reads what test binaries print,
//! `tally.rs` counts it, `table.rs` and `failures.rs` print it.

mod binary;
mod build;
mod command;
mod failures;
mod libtest;
mod sqlite;
mod stream;
mod table;
mod tally;

pub(crate) use command::run;
