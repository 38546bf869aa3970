//! A project on disk (or embedded in a program): its files, its format, its migrations.

mod embedded;
mod folder_tree;
mod load;
mod write;

pub use embedded::{EmbeddedFile, EmbeddedTree};
pub(crate) use folder_tree::FolderTree;
pub(crate) use load::{CORRECT_IT, Candidate, Project, detect, tree_error};
pub(crate) use write::write_new_file;
