//! Liquibase with changelogs in SQL: many changesets in a file, each with an identity of id, author and path, and the table
//! `DATABASECHANGELOG`. The facts are in `docs/formats/liquibase.md`.

mod batch;
mod build;
mod changelog;
mod checksum;
mod collect;
mod configure;
mod cutting;
mod detect;
mod expression;
mod format;
mod head;
mod history;
#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod include_all_tests;
mod inherited;
mod keys;
mod line;
mod lines;
mod lock;
#[cfg(test)]
mod logical_path_tests;
mod master;
mod name;
mod new_changeset;
mod parameters;
mod paths;
mod preconditions;
mod property;
mod read_files;
mod render;
mod rows;
mod search_path;
mod sending;
mod sent;
mod settings;
mod text;

pub use format::Liquibase;
