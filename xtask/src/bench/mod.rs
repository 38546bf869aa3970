//! `cargo xtask bench`: Shoring beside other tools and the plain clients, in one go, on private servers with their
//! default durability.
//!
//! It measures and tells; it never fails because something was slow, and it is no part of the tests. `command.rs` is
//! the way, `scenarios` says what is done, `tools` how each tool does it, `counters` what is counted instead of timed,
//! because it does not depend on the machine's mood.

mod command;
mod counters;
mod database;
mod facts;
mod measure;
mod page;
mod peers;
mod project;
mod report;
mod scenarios;
mod seed_file;
mod series;
mod stage;
mod statistics;
mod tool;
mod tools;

pub(crate) use command::run;
