//! A project on disk (or embedded in a program): its files, its format, its migrations.

mod being_read;
mod below;
mod database_folder;
mod embedded;
mod folder_tree;
mod listed_tree;
mod load;
mod write;

pub(crate) use being_read::FilesBeingRead;
pub use embedded::{EmbeddedFile, EmbeddedTree};
pub(crate) use folder_tree::FolderTree;
pub(crate) use listed_tree::ListedTree;
pub(crate) use load::{CORRECT_IT, Candidate, Project, configurations, detect, tree_error};
pub(crate) use write::{add_to_file, replace_file, write_new_file, write_new_file_from};
