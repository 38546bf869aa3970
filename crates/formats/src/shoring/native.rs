//! Recognises and reads the native format.

use super::history::NativeHistory;
use crate::convert::{Portable, RenderInto, RenderedFile, TextPiece, has_statement};
use crate::detection::Detection;
use crate::directive;
use crate::format::{Format, NewFile, Numbering, View};
use crate::history::History;
use crate::host_config::HostConfig;
use crate::numbered::{self, LoneDown, Reading};
use crate::script::Reads;
use shoring_core::{Directives, LoneCommit, MigrationSet, OrderKey, Policy, Tree, TreeError};

/// The native format.
#[derive(Debug, Clone, Copy)]
pub struct Native;

const READING: Reading<'static> = Reading {
    format: "shoring",
    policy: Policy {
        // A file without a statement is one that nobody has written yet.
        may_be_empty: false,
        lone_commit: LoneCommit::Refuse,
        ..Policy::STRICT
    },
    parse: numbered::parse_name,
    why_ignored: numbered::why_ignored,
    largest: numbered::LARGEST,
    lone_down: LoneDown::Refuse,
    read_text: &numbered::read_with_own_checksum,
};

impl Format for Native {
    fn name(&self) -> &'static str {
        READING.format
    }

    fn title(&self) -> &'static str {
        "native format"
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
        &NativeHistory
    }

    fn new_files(&self, set: &MigrationSet, name: &str, timestamp: &str) -> (String, Vec<NewFile>) {
        numbered::new_files(set, name, timestamp, Numbering::Sequential)
    }

    fn render(&self, into: RenderInto<'_>, migration: &Portable) -> Vec<RenderedFile> {
        numbered::render(into, migration, true, |script| {
            let mut pieces = script.with_mark(None);
            // Without a word it would be taken for one that nobody has written yet.
            if !script.says_empty && !has_statement(into, script) {
                let words = format!("-- {} {}\n", Directives::PREFIX, directive::EMPTY);
                pieces.insert(0, TextPiece::Words(words));
            }
            pieces
        })
    }
}
