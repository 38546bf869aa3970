//! SQL as each database reads it: cutting files into statements, telling what a statement is, and writing SQL that is
//! quoted rightly. No file, no socket, no clock.
//!
//! This crate deliberately has no parser: [`split`] knows where a statement ends, [`mod@classify`] what kind it is, from its
//! tokens alone. Start reading at [`split`], then [`tokens`] and [`mod@classify`]; [`writer`] goes the other way.
#![warn(missing_docs)]

pub mod classify;
pub mod directive;
mod down_marker;
mod edit;
pub mod expand;
pub mod split;
pub mod tokens;
pub mod writer;

pub use classify::classify;
pub use directive::{Comment, header_comments};
pub use down_marker::tool_of_down_marker;
pub use expand::{ExpandError, Expander};
pub use split::{Piece, PieceKind, SplitError, SplitOptions, Splitter, split_str};
pub use writer::{SqlWriter, WriteError};
