//! diesel: a folder with `up.sql` and `down.sql` for each migration, and a table of version strings. The facts are in
//! `docs/formats/diesel.md`.

mod files;
mod history;
mod sending;

pub use files::Diesel;
