//! The one test binary of this crate: case folders, properties, and comparisons with the real clients.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod cases;
mod client;
mod mariadb;
mod placement;
mod postgresql;
mod property;
mod sqlite;
