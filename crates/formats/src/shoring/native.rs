//! Recognises and reads the native format.

use super::history::NativeHistory;
use crate::format::{Detection, Format, NewFile};
use crate::history::History;
use crate::numbered;
use shoring_core::{MigrationSet, OrderKey, Tree, TreeError};

/// The native format.
#[derive(Debug, Clone, Copy)]
pub struct Native;

impl Format for Native {
    fn name(&self) -> &'static str {
        "shoring"
    }

    fn title(&self) -> &'static str {
        "native format"
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
        &NativeHistory
    }

    fn new_files(&self, set: &MigrationSet, name: &str, timestamp: &str) -> (String, Vec<NewFile>) {
        numbered::new_files(set, name, timestamp)
    }
}
