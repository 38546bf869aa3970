//! Prisma Migrate: a folder with `migration.sql` for each migration, and a table with a row for each try. The facts are in
//! `docs/formats/prisma.md`.

mod config;
mod files;
mod history;
mod lock;
mod schema;
mod sending;

pub use files::Prisma;
