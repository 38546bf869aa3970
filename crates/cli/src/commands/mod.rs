//! The commands, one file each. To add one: a file with `Args` and `run`, one variant here, one arm in [`Command::run`].

mod all_back;
mod baseline;
mod command;
mod completions;
mod config;
mod convert;
mod doctor;
mod down;
mod expect;
mod goto;
mod help;
mod history;
mod init;
mod man;
mod mark;
mod new;
mod plan;
mod redo;
mod repair;
mod seed;
mod status;
mod status_watch;
mod up;
mod wait;

pub(crate) use command::Command;
