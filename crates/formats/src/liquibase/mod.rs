//! Liquibase with changelogs in SQL: many changesets in a file, each with an identity of id, author and path, and the table
//! `DATABASECHANGELOG`. The facts are in `docs/formats/liquibase.md`.

mod build;
mod changelog;
mod checksum;
mod configure;
mod cutting;
mod detect;
mod expression;
mod format;
mod history;
mod keys;
mod line;
mod lock;
mod master;
mod new_changeset;
mod parameters;
mod paths;
mod preconditions;
mod read_files;
mod sending;
mod sent;
mod settings;

pub use format::Liquibase;
