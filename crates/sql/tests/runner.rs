//! The one test binary of this crate: case folders, properties, and comparisons with the real clients.

mod cases;
mod client;
mod mariadb;
mod postgresql;
mod property;
mod sqlite;
