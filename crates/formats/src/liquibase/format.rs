//! What Liquibase has to say about files.

use super::history::LiquibaseHistory;
use super::settings::Settings;
use super::{
    configure, detect, lock, name, new_changeset, read_files, render, search_path, sending,
};
use crate::convert::{self, Portable, RenderInto, RenderedFile};
use crate::detection::Detection;
use crate::format::{Format, HistoryPlace, NewFile, View};
use crate::history::{At, History};
use crate::host_config::HostConfig;
use crate::jdbc_driver::driver_setup;
use crate::script::Reads;
use crate::session_schema::enter_schema;
use crate::tool_lock::RowLock;
use shoring_core::{
    Applied, Diagnostic, Direction, Migration, MigrationPlan, MigrationSet, OrderKey, Product,
    Script, Span, TableName, Tree, TreeError,
};
use std::sync::Arc;

/// Liquibase with changelogs in SQL.
#[derive(Debug, Clone, Copy)]
pub struct Liquibase;

impl Format for Liquibase {
    fn name(&self) -> &'static str {
        "liquibase"
    }

    fn title(&self) -> &'static str {
        "Liquibase project"
    }

    fn configure(&self, view: View<'_>) -> Result<HostConfig, TreeError> {
        configure::configure(view)
    }

    fn detect(&self, view: View<'_>, config: &HostConfig) -> Result<Option<Detection>, TreeError> {
        detect::detect(view, config)
    }

    fn default_folder(&self) -> &'static str {
        "db/changelog"
    }

    fn read_some(
        &self,
        tree: &dyn Tree,
        folder: &str,
        config: &HostConfig,
        _: Reads,
    ) -> Result<MigrationSet, TreeError> {
        read_files::read(tree, folder, config)
    }

    /// It tells changesets apart by the path of their file, too, and runs a moved one again.
    fn name_back(&self, row: &Applied) -> String {
        let path = row
            .attributes
            .get(name::FILE)
            .map_or("OLD/PATH.sql", String::as_str);
        format!(
            "move it back, or write where it was:  --changeset AUTHOR:ID logicalFilePath:{path}   (for a whole file, in its first line)"
        )
    }

    fn is_another(&self) -> Option<&'static str> {
        Some("if it is another one, of a project that shares the table, give it another id")
    }

    /// A changeset without a file stands after all that have one.
    fn order_of(&self, version: &str) -> Option<OrderKey> {
        (version.matches("::").count() >= 2).then(|| OrderKey::Text(version.to_owned()))
    }

    fn history(&self) -> &'static dyn History {
        &LiquibaseHistory
    }

    fn history_table(
        &self,
        config: &HostConfig,
        _: &dyn Fn(&str) -> Option<String>,
    ) -> Option<HistoryPlace> {
        let settings = Settings::of(config);
        Some(HistoryPlace::new(settings.table_schema, settings.table))
    }

    fn schema_setting(&self, table: &TableName) -> String {
        format!(
            "set it for Liquibase:  liquibaseSchemaName={}",
            table.schema.as_deref().unwrap_or_default()
        )
    }

    fn new_files(&self, set: &MigrationSet, name: &str, timestamp: &str) -> (String, Vec<NewFile>) {
        new_changeset::new_files(set, name, timestamp)
    }

    /// Products and schemas decide which changesets are for this database.
    fn wants_facts(&self, _: &HostConfig) -> bool {
        true
    }

    fn session_setup(
        &self,
        config: &HostConfig,
        product: Product,
        scheme: Option<&str>,
    ) -> Vec<String> {
        let schema = Settings::of(config).default_schema;
        let schema = schema.and_then(|schema| enter_schema(&schema, product));
        let driver = driver_setup(config, product, scheme);
        driver.into_iter().chain(schema).collect()
    }

    fn reads_folders_below(&self) -> bool {
        true
    }

    fn may_begin_with(&self, file: &str) -> bool {
        file.ends_with(".sql") || detect::is_first_name(file)
    }

    fn way_back_name(&self) -> &'static str {
        "`--rollback`"
    }

    fn way_back(&self, migration: &Migration) -> String {
        format!(
            "write what takes it back into lines  --rollback SQL  of the changeset, in {}",
            migration.up.path
        )
    }

    fn config_by_history(
        &self,
        config: &HostConfig,
        set: &MigrationSet,
        applied: &[Arc<Applied>],
    ) -> Option<HostConfig> {
        search_path::by_history(config, set, applied)
    }

    fn row_lock(&self, config: &HostConfig, at: At<'_>, holder: &str) -> Option<RowLock> {
        let table = config.option("databaseChangelogLockTableName");
        Some(lock::row_lock(at, holder, table))
    }

    fn switch_back_warnings(&self, plan: &MigrationPlan, product: Product) -> Vec<Diagnostic> {
        sending::warnings(plan, product)
    }

    /// As it is sent. The line end before the lines that roll back belongs to them.
    fn own_text(
        &self,
        tree: &dyn Tree,
        script: &Script,
        direction: Direction,
    ) -> Result<Vec<Span>, TreeError> {
        let mut span = convert::whole(script);
        let edits = script.edits.as_ref().map(|edits| &edits.list);
        let last = edits.and_then(|list| list.last()).filter(|last| {
            last.text.is_empty() && last.span.end == span.end && last.span.start > span.start
        });
        if direction == Direction::Up
            && let Some(last) = last
        {
            let before = Span::new(last.span.start - 1, last.span.start);
            let is_line_end = convert::first_line(tree, &script.path, before)? == "\n";
            span.end = last.span.start - u64::from(is_line_end);
        }
        Ok(vec![span])
    }

    fn render(&self, into: RenderInto<'_>, migration: &Portable) -> Vec<RenderedFile> {
        render::render(into, migration)
    }

    fn render_beside(&self, folder: &str, _: Product) -> Vec<NewFile> {
        vec![render::master(folder)]
    }

    /// By the names of their files: the folder is included in their order.
    fn order_in_files(&self, version: &str) -> Option<OrderKey> {
        Some(OrderKey::Text(version.to_owned()))
    }
}
