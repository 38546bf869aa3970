//! golang-migrate (v4): numbered pairs of files, and a table `schema_migrations(version, dirty)` that knows only the newest
//! version. The facts are in `docs/formats/golang-migrate.md`.

mod files;
mod history;
mod lock;
mod sending;

pub use files::GolangMigrate;
