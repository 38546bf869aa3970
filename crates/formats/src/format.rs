//! What a format has to say about a folder of files.

use crate::history::History;
use shoring_core::{MigrationSet, OrderKey, Tree, TreeError};

/// A folder that looks like this format's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detection {
    /// The folder.
    pub folder: String,
    /// How sure: compared between formats; equal ones are settled by the history table in the database.
    pub confidence: u8,
    /// What was seen, for people.
    pub evidence: String,
}

/// How the next version is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbering {
    /// One more than the last, with as many digits.
    Sequential,
    /// The time of writing, `YYYYMMDDHHMMSS` in UTC.
    Timestamp,
}

/// A file that `new` writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// Path in the tree.
    pub path: String,
    /// What to put in.
    pub content: String,
}

/// One tool's way of keeping migrations.
pub trait Format: Sync {
    /// The name given to `--format` and shown in JSON.
    fn name(&self) -> &'static str;

    /// The name for people, as in "native format".
    fn title(&self) -> &'static str;

    /// Looks for this format's files. With `folder` only there, else in the folders people use.
    fn detect(&self, tree: &dyn Tree, folder: Option<&str>)
    -> Result<Option<Detection>, TreeError>;

    /// The folder of a new project.
    fn default_folder(&self) -> &'static str;

    /// Reads a folder. What is wrong in a file or a name is a diagnostic of the set; only an unreadable file is an error.
    fn read(&self, tree: &dyn Tree, folder: &str) -> Result<MigrationSet, TreeError>;

    /// Where a version stands that is known by its text alone, from the journal or a user; `None` when it is no version of
    /// this format.
    fn order_of(&self, version: &str) -> Option<OrderKey>;

    /// The history table of this format.
    fn history(&self) -> &'static dyn History;

    /// The files of the next migration. `timestamp` is the time now as `YYYYMMDDHHMMSS`; `name` is what the user typed.
    /// Gives the version and the files, the one that applies first.
    fn new_files(&self, set: &MigrationSet, name: &str, timestamp: &str) -> (String, Vec<NewFile>);
}
