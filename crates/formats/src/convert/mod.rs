//! A project of one tool as a project of another: what stays the same of a migration, and how it is told in other files.
//!
//! A format says which stretches of a script are the user's own SQL ([`Format::own_text`](crate::Format::own_text)) and how
//! files are made of such stretches ([`Format::render`](crate::Format::render)). Between the two is a [`Portable`]. Texts are
//! not held: a [`RenderedFile`] is a list of stretches of other files, and a [`RenderedTree`] reads them when asked, so that
//! what was made can be read as any project is, before a byte is written.
//!
//! The same text in another file keeps its bytes, with three exceptions: a byte order mark is left out, lines
//! `-- shoring: no-transaction` and `-- shoring: empty` at the very top become the target's own way to say so, and before a mark that ends a section
//! stands a line end that belongs to the mark.

mod marks;
mod portable;
mod rendered_tree;
mod same_text;
#[cfg(test)]
mod tests;
mod text;
mod versions;

pub(crate) use marks::{first_line, without_marks};
pub(crate) use portable::whole;
pub use portable::{Portable, PortableScript, portable};
pub use rendered_tree::{RenderedFile, RenderedTree};
pub use same_text::{NoticedPlaceholder, first_placeholder, is_same_script};
pub(crate) use same_text::{has_statement, text_of};
pub(crate) use text::slice;
pub use text::{TextPiece, TextReader};
pub(crate) use versions::is_number_up_to;
pub use versions::{Spelling, spell, words_of};

use crate::host_config::HostConfig;
use shoring_core::{Product, Tree};

/// Where rendered files go, and what is known about all of them.
#[derive(Clone, Copy)]
pub struct RenderInto<'a> {
    /// The files that the pieces are of.
    pub tree: &'a dyn Tree,
    /// The folder.
    pub folder: &'a str,
    /// What the target's own configuration says.
    pub config: &'a HostConfig,
    /// The database they are for.
    pub product: Product,
    /// Whether any migration of the project has a way back.
    pub has_ways_back: bool,
}
