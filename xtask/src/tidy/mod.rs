//! `cargo xtask tidy`: the rules of the house as checks with a place and a reason.
//!
//! `command.rs` runs them all; every other file is one group of rules, pure over
//! file names and texts or over `cargo metadata`, with its tests.

mod architecture;
mod command;
mod files;
mod finding;
mod house;
mod layout;
mod licences;
mod links;
mod registries;
mod secrets;
mod source;
mod spdx;

pub(crate) use command::run;
