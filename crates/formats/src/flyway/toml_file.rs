//! `flyway.toml`: settings under `[flyway]`, databases under `[environments.NAME]`.

use super::configure::Collector;
use super::keys;
use std::collections::BTreeMap;
use toml::de::{DeTable, DeValue};

/// What an environment may have beside the settings under its own `flyway`.
const OF_ENVIRONMENT: &[&str] = &[
    "url",
    "user",
    "password",
    "schemas",
    "driver",
    "displayName",
    "connectRetries",
    "connectRetriesInterval",
    "initSql",
    "jdbcProperties",
    "resolvers",
    "provisioner",
];

/// Settings of an environment that the tool's other products read.
const NOT_OURS: &[&str] = &[
    "driver",
    "displayName",
    "jdbcProperties",
    "resolvers",
    "provisioner",
];

/// Reads all files; a later one counts before an earlier one.
pub(super) fn read(files: &[(&'static str, String)], found: &mut Collector<'_>) {
    let mut environments: BTreeMap<String, Vec<(String, String, String)>> = BTreeMap::new();
    let mut has_environments = false;
    for (file, text) in files {
        found.note_source(file);
        let table = match DeTable::parse(text) {
            Ok(table) => table,
            Err(error) => {
                let line = line_of(text, error.span().map_or(0, |span| span.start));
                found.wrong(&format!("{file}:{line}"), error.message().to_owned(), None);
                continue;
            }
        };
        for (name, value) in table.get_ref() {
            match (name.get_ref().as_ref(), value.get_ref()) {
                ("flyway", DeValue::Table(table)) => {
                    let mut settings = Vec::new();
                    flatten(file, text, "", table, &mut settings);
                    for (name, value, origin) in settings {
                        found.take(&name, &value, &origin);
                    }
                }
                ("environments", DeValue::Table(table)) => {
                    has_environments = true;
                    for (name, value) in table {
                        if let DeValue::Table(table) = value.get_ref() {
                            let settings =
                                environments.entry(name.get_ref().to_string()).or_default();
                            flatten(file, text, "", table, settings);
                        }
                    }
                }
                // Of the tool's other products.
                _ => {}
            }
        }
    }
    let wanted = match (found.view.variables)("FLYWAY_ENVIRONMENT") {
        Some(setting) => setting.value,
        None => found
            .config
            .option("environment")
            .unwrap_or("default")
            .to_owned(),
    };
    for (name, settings) in &environments {
        for (key, value, origin) in settings {
            take_of_environment(found, key, value, origin, *name == wanted);
        }
    }
    let is_there = environments.contains_key(&wanted) || (wanted == "default" && !has_environments);
    if !is_there && let Some(setting) = found.config.options.get("environment").cloned() {
        let names: Vec<&str> = environments.keys().map(String::as_str).collect();
        found.wrong(
            &setting.origin,
            format!("there is no environment `{wanted}`"),
            (!names.is_empty()).then(|| format!("there are: {}", names.join(", "))),
        );
    }
}

/// A setting of an environment; those of others are only checked for their names.
fn take_of_environment(
    found: &mut Collector<'_>,
    key: &str,
    value: &str,
    origin: &str,
    is_wanted: bool,
) {
    if let Some(name) = key.strip_prefix("flyway.") {
        if is_wanted {
            found.take(name, value, origin);
        }
        return;
    }
    let head = key.split('.').next().unwrap_or(key);
    if !OF_ENVIRONMENT.contains(&head) {
        let near = OF_ENVIRONMENT
            .iter()
            .find(|known| strsim::jaro_winkler(known, head) > 0.85)
            .copied()
            .or_else(|| keys::near(head));
        found.wrong(
            origin,
            format!("unknown key `{head}`"),
            near.map(|near| format!("did you mean `{near}`?")),
        );
    } else if is_wanted && !NOT_OURS.contains(&head) {
        found.take(key, value, origin);
    }
}

/// All settings of a table with dotted names; lists as texts with commas.
fn flatten(
    file: &str,
    text: &str,
    prefix: &str,
    table: &DeTable<'_>,
    settings: &mut Vec<(String, String, String)>,
) {
    for (name, value) in table {
        let key = format!("{prefix}{}", name.get_ref());
        match value.get_ref() {
            DeValue::Table(table) => flatten(file, text, &format!("{key}."), table, settings),
            value => {
                let origin = format!("{file}:{}", line_of(text, name.span().start));
                settings.push((key, plain(value), origin));
            }
        }
    }
}

fn plain(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Integer(number) => number.as_str().to_owned(),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(values) => {
            let values: Vec<String> = values.iter().map(|value| plain(value.get_ref())).collect();
            values.join(",")
        }
        DeValue::Table(_) => String::new(),
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + memchr::memchr_iter(b'\n', &text.as_bytes()[..offset.min(text.len())]).count()
}
