//! Cutting a file into statements exactly where `psql`, the `mysql`/`mariadb` client and the `sqlite3` shell would.
//!
//! [`Splitter`] pulls from any `Read` and holds one statement in memory; a 5 GB file of `INSERT`s and `COPY` blocks takes
//! no more than its longest statement. The texts of all pieces, joined, are the input byte for byte. Nothing is parsed:
//! the files named after a dialect know its quotes, comments and the few constructs in which `;` does not end a statement.
//!
//! Start at [`splitter`](Splitter), then `postgresql`, `mysql`, `sqlite`.

mod cut;
mod error;
mod input;
mod mysql;
mod mysql_client;
mod mysql_compound;
mod mysql_mode;
mod options;
mod piece;
mod postgresql;
mod postgresql_copy;
mod postgresql_shape;
mod postgresql_strings;
mod reader;
mod splitter;
mod sqlite;
#[cfg(test)]
mod tests;

pub use error::SplitError;
pub use options::SplitOptions;
pub use piece::{FilePlace, Piece, PieceKind};
pub use splitter::{Splitter, split_str};
