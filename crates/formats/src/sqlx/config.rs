//! `sqlx.toml` (sqlx 0.9), and what else of a Rust project speaks of sqlx.

use crate::format::View;
use crate::host_config::{HostConfig, HostSetting};
use crate::mentions::{self, Mention};
use crate::toml_file::{TomlFile, UnknownKeys};
use shoring_core::{Tree, TreeError};

const FILE: &str = "sqlx.toml";

/// The option with the characters that do not count in checksums.
pub(super) const IGNORED: &str = "ignored-chars";

/// The option that is there when `sqlx.toml` is.
pub(super) const HAS_FILE: &str = "sqlx.toml";

/// The sections.
const SECTIONS: &[&str] = &["common", "drivers", "macros", "migrate"];

/// The keys of `[common]`.
const COMMON_KEYS: &[&str] = &["database-url-var"];

/// The keys of `[migrate]`.
const KEYS: &[&str] = &[
    "table-name",
    "migrations-dir",
    "create-schemas",
    "ignored-chars",
    "defaults",
];

pub(super) fn configure(view: View<'_>) -> Result<HostConfig, TreeError> {
    let mut config = HostConfig::default();
    if let Some(file) = TomlFile::read(view.tree, FILE, &mut config.diagnostics)? {
        // A name written wrong would begin a new history beside the real one.
        for (section, keys) in [("", SECTIONS), ("common.", COMMON_KEYS), ("migrate.", KEYS)] {
            let unknown = file.unknown(FILE, section, keys, UnknownKeys::Refused("sqlx"));
            config.diagnostics.extend(unknown);
        }
        config.options.insert(
            HAS_FILE,
            HostSetting {
                value: String::new(),
                origin: FILE.to_owned(),
            },
        );
        config.table = file.get("migrate.table-name");
        config.folders.extend(file.get("migrate.migrations-dir"));
        let ignored = file.list("migrate.ignored-chars");
        if let Some(first) = ignored.first() {
            let setting = HostSetting {
                value: ignored.iter().map(|item| item.value.as_str()).collect(),
                origin: first.origin.clone(),
            };
            config.options.insert(IGNORED, setting);
        }
        if let Some(variable) = file.get("common.database-url-var") {
            config.database = (view.variables)(&variable.value);
            config.database_variable = Some(variable.value);
        }
    }
    if config.folders.is_empty()
        && let Some((folder, mention)) = called_folder(view.tree)?
    {
        config.folders.push(HostSetting {
            value: folder,
            origin: mention.to_string(),
        });
    }
    Ok(config)
}

/// The line that shows that the project uses sqlx.
pub(super) fn requirement(tree: &dyn Tree) -> Result<Option<String>, TreeError> {
    if let Some(mention) = mentions::required_crate(tree, &["sqlx"])? {
        return Ok(Some(format!("{mention} requires sqlx")));
    }
    let called = mentions::find(tree, mentions::CALLERS, "sqlx migrate")?;
    Ok(called.map(|mention| format!("{mention} calls `sqlx migrate`")))
}

/// The folder in `sqlx::migrate!("folder")` of the crate's root, or in `sqlx migrate … --source folder` of a script.
fn called_folder(tree: &dyn Tree) -> Result<Option<(String, Mention)>, TreeError> {
    let in_code = mentions::first_line(tree, &["src/main.rs", "src/lib.rs"], |line| {
        let (_, rest) = line.split_once("migrate!(\"")?;
        plain_folder(rest.split('"').next()?)
    })?;
    if in_code.is_some() {
        return Ok(in_code);
    }
    mentions::first_line(tree, mentions::CALLERS, |line| {
        let (_, rest) = line.split_once("sqlx migrate")?;
        let mut words = rest.split([' ', '\t', '=', '"', '\'']);
        words.find(|word| *word == "--source")?;
        plain_folder(words.find(|word| !word.is_empty())?)
    })
}

fn plain_folder(text: &str) -> Option<String> {
    let folder = text.trim_start_matches("./").trim_end_matches('/');
    let is_plain = !folder.is_empty()
        && !folder.starts_with(['/', '.'])
        && !folder.contains(['$', '{', '(', '*', ':']);
    is_plain.then(|| folder.to_owned())
}
