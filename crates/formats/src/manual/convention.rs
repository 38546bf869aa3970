//! Recognises and reads the convention. The files look like the native format's; the table in the database decides.

use super::history::ManualHistory;
use crate::format::{Detection, Format, NewFile};
use crate::history::History;
use crate::numbered;
use shoring_core::{MigrationSet, OrderKey, Tree, TreeError};

/// The convention without a tool.
#[derive(Debug, Clone, Copy)]
pub struct Manual;

impl Format for Manual {
    fn name(&self) -> &'static str {
        "manual"
    }

    fn title(&self) -> &'static str {
        "numbered SQL files"
    }

    fn detect(
        &self,
        tree: &dyn Tree,
        folder: Option<&str>,
    ) -> Result<Option<Detection>, TreeError> {
        numbered::detect(tree, folder)
    }

    fn default_folder(&self) -> &'static str {
        "migrations"
    }

    fn read(&self, tree: &dyn Tree, folder: &str) -> Result<MigrationSet, TreeError> {
        numbered::read(self.name(), tree, folder)
    }

    fn order_of(&self, version: &str) -> Option<OrderKey> {
        numbered::order_of(version)
    }

    fn history(&self) -> &'static dyn History {
        &ManualHistory
    }

    fn new_files(&self, set: &MigrationSet, name: &str, timestamp: &str) -> (String, Vec<NewFile>) {
        numbered::new_files(set, name, timestamp)
    }
}
