//! Faults from outside: runners killed, paused, cut off and started all at once, on real servers. What is right is judged by
//! reading the databases (witness rows, schema, history), never by what the runners say.
//!
//! `SHORING_SOAK=n` runs n times as many kill points and rounds.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot prepare its project has failed, and one that passes prints its figures"
)]

#[path = "faults/changelog.rs"]
mod changelog;
#[path = "faults/failover.rs"]
mod failover;
#[path = "faults/figures.rs"]
mod figures;
#[path = "faults/oracle.rs"]
mod oracle;
#[path = "faults/own_mariadb.rs"]
mod own_mariadb;
#[path = "faults/own_postgresql.rs"]
mod own_postgresql;
#[path = "faults/own_server.rs"]
mod own_server;
#[path = "faults/project.rs"]
mod project;
#[path = "faults/proxy.rs"]
mod proxy;
#[path = "faults/runner.rs"]
mod runner;
#[path = "faults/scripts.rs"]
mod scripts;
#[path = "faults/small_disk.rs"]
mod small_disk;
#[path = "faults/soak.rs"]
mod soak;
#[path = "faults/tool_projects.rs"]
mod tool_projects;
#[path = "faults/way.rs"]
mod way;

#[path = "faults/contention.rs"]
mod contention;
#[path = "faults/convert_kills.rs"]
mod convert_kills;
#[path = "faults/crashes.rs"]
mod crashes;
#[path = "faults/cuts.rs"]
mod cuts;
#[path = "faults/full_disk.rs"]
mod full_disk;
#[path = "faults/galera.rs"]
mod galera;
#[path = "faults/half_statement.rs"]
mod half_statement;
#[path = "faults/kills.rs"]
mod kills;
#[path = "faults/lock_held.rs"]
mod lock_held;
#[path = "faults/many.rs"]
mod many;
#[path = "faults/pause.rs"]
mod pause;
#[path = "faults/read_only.rs"]
mod read_only;
#[path = "faults/restarts.rs"]
mod restarts;
#[path = "faults/signals.rs"]
mod signals;
#[path = "faults/system_calls.rs"]
mod system_calls;
#[path = "faults/tools.rs"]
mod tools;
