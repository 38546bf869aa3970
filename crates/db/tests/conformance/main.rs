//! What every driver has to do, on real servers: one module for each part of `shoring_db::session`.
//!
//! Run through `cargo xtask test`, which starts the servers. A test's path names its server: `statements::mariadb::…`.

#![expect(clippy::unwrap_used, reason = "the whole crate is tests")]

mod activity;
mod cancel;
mod catalog;
mod connect;
mod copy;
mod deadlock;
mod errors;
mod life;
mod locks;
mod mysql_specific;
mod notices;
mod pooler;
mod postgresql_only;
mod probe;
mod probe_postgresql;
mod reading;
mod reset;
mod rights;
mod spellings;
mod sqlite_specific;
mod statements;
mod support;
mod tls;
mod topology;
mod unreachable;
