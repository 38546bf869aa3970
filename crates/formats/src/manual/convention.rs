//! Recognises and reads the convention. The files look like the native format's; the table in the database decides.

use super::history::ManualHistory;
use crate::convert::{Portable, RenderInto, RenderedFile};
use crate::detection::Detection;
use crate::format::{Format, NewFile, Numbering, View};
use crate::history::History;
use crate::host_config::HostConfig;
use crate::numbered::{self, LoneDown, Reading};
use crate::script::Reads;
use shoring_core::{LoneCommit, MigrationSet, OrderKey, Policy, Tree, TreeError};

/// The convention without a tool.
#[derive(Debug, Clone, Copy)]
pub struct Manual;

const READING: Reading<'static> = Reading {
    format: "manual",
    policy: Policy {
        may_be_empty: true,
        lone_commit: LoneCommit::Refuse,
        ..Policy::STRICT
    },
    parse: numbered::parse_name,
    why_ignored: numbered::why_ignored,
    largest: numbered::LARGEST,
    lone_down: LoneDown::Refuse,
    read_text: &numbered::read_without_checksum,
};

impl Format for Manual {
    fn name(&self) -> &'static str {
        READING.format
    }

    fn title(&self) -> &'static str {
        "numbered SQL files"
    }

    fn detect(&self, view: View<'_>, _: &HostConfig) -> Result<Option<Detection>, TreeError> {
        numbered::detect(view)
    }

    fn default_folder(&self) -> &'static str {
        "migrations"
    }

    fn read_some(
        &self,
        tree: &dyn Tree,
        folder: &str,
        _: &HostConfig,
        reads: Reads,
    ) -> Result<MigrationSet, TreeError> {
        numbered::read(tree, folder, &READING, reads)
    }

    fn order_of(&self, version: &str) -> Option<OrderKey> {
        numbered::order_of(version)
    }

    fn history(&self) -> &'static dyn History {
        &ManualHistory
    }

    fn new_files(&self, set: &MigrationSet, name: &str, timestamp: &str) -> (String, Vec<NewFile>) {
        numbered::new_files(set, name, timestamp, Numbering::Sequential)
    }

    fn render(&self, into: RenderInto<'_>, migration: &Portable) -> Vec<RenderedFile> {
        numbered::render(into, migration, true, |script| script.with_mark(None))
    }
}
