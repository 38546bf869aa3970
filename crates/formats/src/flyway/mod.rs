//! Flyway: `V1.2__name.sql`, `R__name.sql`, `B…`, `U…`, placeholders, and a table with a row for each run. The facts are in
//! `docs/formats/flyway.md`.

mod callbacks;
mod checksum;
mod configure;
mod detect;
mod format;
mod history;
mod keys;
mod locations;
mod lock;
mod names;
mod patterns;
mod read_files;
mod rows;
mod script_config;
mod sending;
mod settings;
mod sort_files;
mod spring;
mod toml_file;
mod version;

pub use format::Flyway;
