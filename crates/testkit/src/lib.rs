//! Servers and databases for tests.
//!
//! Nothing is started here: `cargo xtask test` starts the servers and names them in environment variables, see
//! [`variable`]. Each test gets a database of its own, dropped afterwards, so tests run in parallel. A missing variable
//! fails the test: a suite that skips what it cannot reach proves nothing.
//!
//! Start with [`server_tests!`] and [`TestDatabase`].

pub mod database;
pub mod engine;
pub mod run;
pub mod server;
mod server_tests;
pub mod tool_facts;
pub mod variable;

pub use database::TestDatabase;
pub use engine::Engine;
pub use run::run;
pub use server::TestServer;
