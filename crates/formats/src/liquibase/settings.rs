//! What is configured, with the tool's defaults.

use super::expression;
use crate::host_config::HostConfig;
use shoring_core::Product;

/// The usual names of the tables.
pub(super) const TABLE: &str = "DATABASECHANGELOG";
pub(super) const LOCK_TABLE: &str = "DATABASECHANGELOGLOCK";

/// The settings that are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) changelog: Option<String>,
    /// The folders that names of changelogs count from.
    pub(super) roots: Vec<String>,
    /// Whether somebody said where they count from.
    pub(super) has_search_path: bool,
    pub(super) contexts: Vec<String>,
    pub(super) label_filter: String,
    pub(super) default_schema: Option<String>,
    pub(super) table_schema: Option<String>,
    pub(super) table: String,
    pub(super) lock_table: String,
    pub(super) strips_comments: Option<bool>,
    /// The product of the database, as far as the URL tells.
    pub(super) product: Product,
}

/// Where builds put what is on the class path.
pub(super) const RESOURCES: &str = "src/main/resources";

impl Settings {
    /// Reads them. What is wrong in them was said when the configuration was read.
    pub(super) fn of(config: &HostConfig) -> Self {
        let optional = |name: &str| {
            config
                .option(name)
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let mut roots: Vec<String> = optional("searchPath")
            .iter()
            .flat_map(|list| list.split(','))
            .map(|root| root.trim().trim_start_matches("./").trim_end_matches('/'))
            .filter(|root| !root.starts_with(['/', '.']) && !root.is_empty())
            .map(str::to_owned)
            .collect();
        // Its own folder and the class path come after what is asked for.
        for root in [".", RESOURCES] {
            if !roots.iter().any(|known| known == root) {
                roots.push(root.to_owned());
            }
        }
        Self {
            changelog: optional("changelogFile"),
            roots,
            has_search_path: optional("searchPath").is_some(),
            contexts: expression::names(&optional("contexts").unwrap_or_default()),
            label_filter: optional("labelFilter").unwrap_or_default(),
            default_schema: optional("defaultSchemaName"),
            table_schema: optional("liquibaseSchemaName").or_else(|| optional("defaultSchemaName")),
            table: optional("databaseChangelogTableName").unwrap_or_else(|| TABLE.to_owned()),
            lock_table: optional("databaseChangelogLockTableName")
                .unwrap_or_else(|| LOCK_TABLE.to_owned()),
            strips_comments: optional("stripComments")
                .map(|text| text.eq_ignore_ascii_case("true")),
            product: product_of(config),
        }
    }
}

fn product_of(config: &HostConfig) -> Product {
    let url = config
        .database
        .as_ref()
        .map(|setting| setting.value.to_ascii_lowercase());
    let url = url
        .as_deref()
        .unwrap_or_default()
        .trim_start_matches("jdbc:");
    [
        ("postgres", Product::Postgresql),
        ("mysql", Product::Mysql),
        ("mariadb", Product::Mariadb),
    ]
    .into_iter()
    .find(|(scheme, _)| url.starts_with(scheme))
    .map_or(Product::Sqlite, |(_, product)| product)
}
