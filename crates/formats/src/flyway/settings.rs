//! What is configured, with the tool's defaults.

use super::history::BASELINE;
use super::patterns::{self, Pattern};
use crate::host_config::HostConfig;

/// The settings that are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) locations: Vec<String>,
    pub(super) callback_locations: Vec<String>,
    pub(super) schemas: Vec<String>,
    pub(super) makes_schemas: bool,
    pub(super) table: String,
    pub(super) environment: String,
    pub(super) replaces_placeholders: bool,
    pub(super) placeholder_prefix: String,
    pub(super) placeholder_suffix: String,
    pub(super) placeholder_separator: String,
    pub(super) versioned_prefix: String,
    pub(super) undo_prefix: String,
    pub(super) baseline_prefix: String,
    pub(super) repeatable_prefix: String,
    pub(super) separator: String,
    pub(super) suffixes: Vec<String>,
    pub(super) refuses_bad_names: bool,
    pub(super) validates: bool,
    pub(super) ignored: Vec<Pattern>,
    pub(super) runs_out_of_order: bool,
    pub(super) target: Option<String>,
    pub(super) baselines_on_migrate: bool,
    pub(super) baseline_version: String,
    pub(super) baseline_description: String,
    pub(super) installed_by: Option<String>,
    pub(super) init_sql: Option<String>,
    pub(super) executes_in_transaction: bool,
    pub(super) is_mixed: bool,
    /// Whether the tool holds its lock in a transaction, on PostgreSQL.
    pub(super) locks_in_transaction: bool,
    pub(super) skips_callbacks: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self::of(&HostConfig::default())
    }
}

impl Settings {
    /// Reads them. What is wrong in them was said when the configuration was read.
    pub(super) fn of(config: &HostConfig) -> Self {
        let text = |name: &str, default: &str| config.option(name).unwrap_or(default).to_owned();
        let optional = |name: &str| {
            config
                .option(name)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let truth = |name: &str, default: bool| {
            config
                .option(name)
                .map_or(default, |text| text.trim().eq_ignore_ascii_case("true"))
        };
        let list = |name: &str| config.option(name).map_or_else(Vec::new, split_list);
        let mut schemas = list("schemas");
        if let Some(default) = optional("defaultSchema") {
            schemas.retain(|schema| *schema != default);
            schemas.insert(0, default);
        }
        let suffixes = list("sqlMigrationSuffixes");
        Self {
            locations: list("locations"),
            callback_locations: list("callbackLocations"),
            schemas,
            makes_schemas: truth("createSchemas", true),
            table: text("table", "flyway_schema_history"),
            environment: text("environment", "default"),
            replaces_placeholders: truth("placeholderReplacement", true),
            placeholder_prefix: text("placeholderPrefix", "${"),
            placeholder_suffix: text("placeholderSuffix", "}"),
            placeholder_separator: text("placeholderSeparator", ":"),
            versioned_prefix: text("sqlMigrationPrefix", "V"),
            undo_prefix: text("undoSqlMigrationPrefix", "U"),
            baseline_prefix: text("baselineMigrationPrefix", "B"),
            repeatable_prefix: text("repeatableSqlMigrationPrefix", "R"),
            separator: text("sqlMigrationSeparator", "__"),
            suffixes: if suffixes.is_empty() {
                vec![".sql".to_owned()]
            } else {
                suffixes
            },
            refuses_bad_names: truth("validateMigrationNaming", false),
            validates: truth("validateOnMigrate", true),
            ignored: list("ignoreMigrationPatterns")
                .iter()
                .filter_map(|text| patterns::parse(text).ok())
                .collect(),
            runs_out_of_order: truth("outOfOrder", false),
            target: optional("target"),
            baselines_on_migrate: truth("baselineOnMigrate", false),
            baseline_version: text("baselineVersion", "1"),
            baseline_description: text("baselineDescription", BASELINE),
            installed_by: optional("installedBy"),
            init_sql: optional("initSql"),
            executes_in_transaction: truth("executeInTransaction", true),
            is_mixed: truth("mixed", false),
            locks_in_transaction: truth("postgresql.transactional.lock", true),
            skips_callbacks: truth("skipDefaultCallbacks", false),
        }
    }
}

/// A list as the tool has it: with commas.
pub(super) fn split_list(text: &str) -> Vec<String> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}
