//! What a statement is, from its tokens alone: its name for people, how it behaves in transactions, what it touches.
//!
//! This is no parser. Unknown statements are [`TransactionRule::Allowed`](shoring_core::TransactionRule) without targets: the server has the last word, and
//! nothing is concluded from what is not understood. One file per dialect; the lists in them were checked on real servers
//! (the modules named after them under `tests/`).

mod definition;
mod facts;
mod index_definition;
mod mysql;
mod mysql_targets;
mod phrase;
mod postgresql;
mod postgresql_transaction;
mod sqlite;
#[cfg(test)]
mod tests;

pub use facts::classify;
use facts::{control, needs_savepoint, plain, savepoint};
pub use index_definition::{IndexColumn, IndexDefinition};
