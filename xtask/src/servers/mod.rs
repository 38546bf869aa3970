//! Private servers for one run: found or installed, started on free ports in a
//! temporary directory, stopped and deleted however the run ends.
//!
//! `fleet.rs` is the whole; one file per server; `supervisor.sh` is what
//! survives xtask and cleans up. Nothing here knows about tests.

mod account;
mod certificates;
mod command;
mod directory;
mod fleet;
mod galera;
mod launch;
mod mariadb;
mod mysql;
mod pgbouncer;
mod postgresql;
mod release;
mod software;
mod supervisor;

pub(crate) use command::run_command;
pub(crate) use fleet::{Durability, Fleet, OnRequest, Outcome, Server};
pub(crate) use mariadb::client as mariadb_client;
pub(crate) use postgresql::psql;
pub(crate) use release::Release;
pub(crate) use software::{install_packages, install_programs};
