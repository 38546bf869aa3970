//! sqlx: numbered files, alone or in pairs, and a table with the SHA-384 of each. The facts are in `docs/formats/sqlx.md`.

mod checksum;
mod config;
mod files;
mod history;
mod lock;
mod sending;

pub use files::Sqlx;
