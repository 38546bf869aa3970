//! What tells goose what to do: `GOOSE_…` variables, and the `-dir` of a call.

use crate::format::View;
use crate::host_config::{HostConfig, HostSetting};
use crate::mentions;
use shoring_core::{Product, TreeError};

/// The option with the driver.
pub(super) const DRIVER: &str = "driver";

pub(super) fn configure(view: View<'_>) -> Result<HostConfig, TreeError> {
    let variable = |name: &str| (view.variables)(name);
    let mut config = HostConfig {
        table: variable("GOOSE_TABLE"),
        ..HostConfig::default()
    };
    // What files may ask for behind `ENVSUB ON`. One that is set to nothing is set.
    config.values = view
        .variable_names
        .iter()
        .map(|name| {
            let nothing = || HostSetting {
                value: String::new(),
                origin: (*name).to_owned(),
            };
            ((*name).to_owned(), variable(name).unwrap_or_else(nothing))
        })
        .collect();
    config.folders.extend(variable("GOOSE_MIGRATION_DIR"));
    let driver = variable("GOOSE_DRIVER");
    if let (Some(driver), Some(text)) = (&driver, variable("GOOSE_DBSTRING")) {
        config.database = Some(HostSetting {
            value: url_of(&driver.value, &text.value),
            origin: text.origin,
        });
        config.database_variable = Some("GOOSE_DBSTRING".to_owned());
    }
    config.options.extend(driver.map(|driver| (DRIVER, driver)));
    if config.folders.is_empty() {
        let called = mentions::first_line(view.tree, mentions::CALLERS, |line| {
            let (_, rest) = line.split_once("goose")?;
            let mut words = rest.split([' ', '\t', '=', '"', '\'']);
            words.find(|word| matches!(*word, "-dir" | "--dir"))?;
            let folder = words.find(|word| !word.is_empty())?;
            let folder = folder.trim_start_matches("./").trim_end_matches('/');
            let is_plain = !folder.is_empty()
                && !folder.starts_with(['/', '.'])
                && !folder.contains(['$', '{', '(', '*', ':']);
            is_plain.then(|| folder.to_owned())
        })?;
        config
            .folders
            .extend(called.map(|(folder, mention)| HostSetting {
                value: folder,
                origin: mention.to_string(),
            }));
    }
    Ok(config)
}

/// A file of SQLite has no scheme here; the strings of the other drivers are known as they are.
fn url_of(driver: &str, text: &str) -> String {
    match driver {
        "sqlite" | "sqlite3" if !text.starts_with("file:") => format!("sqlite:{text}"),
        _ => text.to_owned(),
    }
}

/// Whether the driver is for this product.
pub(super) fn is_for(driver: &str, product: Product) -> bool {
    match driver {
        "postgres" | "pgx" => product == Product::Postgresql,
        "mysql" | "tidb" => matches!(product, Product::Mysql | Product::Mariadb),
        "sqlite" | "sqlite3" => product == Product::Sqlite,
        _ => false,
    }
}
