//! Replaces placeholders in a stream and remembers where each one stood, so that whoever reads the outcome can still point
//! into the text as it is written.
//!
//! What counts as a placeholder is said by [`PlaceholderSyntax`](shoring_core::PlaceholderSyntax) alone, and each way to write
//! them is one file here; the rest is the same for all. Nothing is understood of the text: a placeholder in a comment or in a
//! string is one too, as the tools have it.

mod between;
mod error;
mod expander;
mod shell;
mod stretch;
#[cfg(test)]
mod tests;

pub use error::ExpandError;
pub use expander::Expander;
pub(crate) use expander::{Replaced, advanced};
