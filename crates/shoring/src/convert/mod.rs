//! A project in the files of another tool: what is to be written, read again before anything is. No database here; see
//! [`crate::migrator`] for the command.

mod align;
mod refuse;
mod rendered;

pub(crate) use refuse::{already, not_a_prefix, not_said_so, same_table};
pub(crate) use rendered::{Choices, Converted, convert};
