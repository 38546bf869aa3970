//! SQL text that is quoted rightly: the only way this project puts a name or a value into a statement.

mod literal;
mod sql_writer;

pub use sql_writer::{SqlWriter, WriteError};
