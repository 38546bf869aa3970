//! A lexer for one statement in memory: words, names, strings, numbers, punctuation, comments, with byte offsets.
//!
//! It follows the same rules as [`split`](crate::split) but never fails: something that is not terminated goes to the end of
//! the text. MySQL's executable comments (`/*! … */`, on MariaDB `/*M! … */`) are seen through as code.

mod at;
mod lexer;
mod quoted;

pub use at::token_at;
pub use lexer::{Token, TokenKind, Tokens};
