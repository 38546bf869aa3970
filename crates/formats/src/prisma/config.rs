//! Where Prisma's schema and migrations are, and which database they are for: `prisma.config.ts`, `package.json`, the datasource
//! of the schema (one file or a folder of them), `migration_lock.toml`.

use super::schema::{self, Datasource, Setting};
use crate::format::View;
use crate::host_config::{HostConfig, HostSetting};
use crate::mentions::small_text;
use crate::numbered::{join, plain_folder};
use crate::toml_file::TomlFile;
use shoring_core::{Diagnostic, Tree, TreeError};

/// The option with the provider, from the lock file or else from the schema.
pub(super) const PROVIDER: &str = "provider";

/// The option with the path of the schema.
pub(super) const SCHEMA: &str = "schema";

const CONFIG_FILES: &[&str] = &[
    "prisma.config.ts",
    "prisma.config.mts",
    "prisma.config.cts",
    "prisma.config.js",
    "prisma.config.mjs",
    "prisma.config.cjs",
    ".config/prisma.ts",
    ".config/prisma.js",
];

const SCHEMAS: &[&str] = &["prisma/schema.prisma", "schema.prisma", "prisma"];

/// Always this one, wherever the schema is.
const DOTENV: &str = "prisma/.env";

/// The file that says which kind of database the migrations were written for.
pub(super) const LOCK_FILE: &str = "migration_lock.toml";

/// Where variables stand beside those of the root. Prisma reads none where there is a configuration of its own (6.19.3).
pub(super) fn dotenv_files(tree: &dyn Tree) -> Vec<&'static str> {
    let is_configured = CONFIG_FILES.iter().any(|path| tree.has_file(path));
    let is_there = !is_configured && tree.has_file(DOTENV);
    is_there.then_some(DOTENV).into_iter().collect()
}

pub(super) fn configure(view: View<'_>) -> Result<HostConfig, TreeError> {
    let mut config = HostConfig::default();
    let mut program = schema::ConfigFile::default();
    let mut program_path = "";
    for path in CONFIG_FILES.iter().filter(|path| view.tree.has_file(path)) {
        if let Some(text) = small_text(view.tree, path)? {
            program = schema::config_file(&text);
            program_path = path;
            break;
        }
    }
    let found = match program.schema.clone().or(schema_of_package(view.tree)?) {
        Some(path) => find_datasource(view.tree, plain_folder(&path))?,
        None => {
            let mut found = None;
            for path in SCHEMAS {
                found = match found {
                    None => find_datasource(view.tree, path)?,
                    found => found,
                };
            }
            found
        }
    };
    if let Some((path, datasource)) = &found {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        config.options.insert(SCHEMA, setting(path, path.clone()));
        let by_program = program
            .url
            .as_ref()
            .and_then(|url| resolve(url, view, program_path, &mut config));
        let by_schema = || {
            let direct = datasource.direct_url.as_ref();
            [direct, datasource.url.as_ref()]
                .into_iter()
                .flatten()
                .find_map(|url| resolve_in_schema(url, view, path))
        };
        match by_program {
            Some(url) => config.database = Some(url),
            None => {
                if let Some((url, variable)) = by_schema() {
                    let rebased = rebased(&url, folder);
                    if variable.is_some_and(|name| name != "DATABASE_URL" || rebased != url) {
                        config.database_variable = variable_of(datasource);
                    }
                    config.database = Some(rebased);
                }
            }
        }
        if program.migrations.is_none() {
            config
                .folders
                .push(setting(&join(folder, "migrations"), path.clone()));
        }
    }
    if let Some(folder) = &program.migrations {
        config
            .folders
            .push(setting(plain_folder(folder), program_path.to_owned()));
    }
    let in_schema = found.and_then(|(path, datasource)| Some((path, datasource.provider?)));
    add_provider(view, &mut config, in_schema)?;
    Ok(config)
}

/// The provider of the lock file counts; that of the schema has to be the same.
fn add_provider(
    view: View<'_>,
    config: &mut HostConfig,
    in_schema: Option<(String, String)>,
) -> Result<(), TreeError> {
    let folder = view
        .folder
        .map(str::to_owned)
        .or_else(|| config.folders.first().map(|found| found.value.clone()));
    let lock = match folder {
        Some(folder) => {
            let path = join(&folder, LOCK_FILE);
            TomlFile::read(view.tree, &path, &mut config.diagnostics)?
        }
        None => None,
    };
    let locked = lock.and_then(|file| file.get("provider"));
    let normal = |provider: &str| match provider {
        "postgres" => "postgresql".to_owned(),
        other => other.to_owned(),
    };
    if let (Some(locked), Some((path, provider))) = (&locked, &in_schema)
        && normal(&locked.value) != normal(provider)
    {
        config.diagnostics.push(
            Diagnostic::error(
                "provider-switched",
                format!(
                    "the migrations are for `{}` ({}), and the schema says `{provider}` ({path})",
                    locked.value, locked.origin
                ),
            )
            .note("Prisma Migrate stops here too (P3019)")
            .hint("start a new history for the other database, or put the old provider back"),
        );
    }
    let provider =
        locked.or_else(|| in_schema.map(|(path, provider)| setting(&normal(&provider), path)));
    if let Some(provider) = provider {
        config.options.insert(PROVIDER, provider);
    }
    Ok(())
}

/// The datasource in a schema: a file, or a folder of them.
fn find_datasource(tree: &dyn Tree, path: &str) -> Result<Option<(String, Datasource)>, TreeError> {
    if path.ends_with(".prisma") {
        if !tree.has_file(path) {
            return Ok(None);
        }
        let text = small_text(tree, path)?;
        let datasource = text.as_deref().and_then(schema::datasource);
        return Ok(datasource.map(|datasource| (path.to_owned(), datasource)));
    }
    let mut found = Vec::new();
    find_datasources(tree, path, &mut found)?;
    // Two of them are schemas of their own, one for each database. Which is meant, the folder of migrations will tell.
    Ok(match found.len() {
        1 => found.pop(),
        _ => None,
    })
}

/// Those of all files below a folder.
fn find_datasources(
    tree: &dyn Tree,
    path: &str,
    found: &mut Vec<(String, Datasource)>,
) -> Result<(), TreeError> {
    for file in tree.files(path)?.iter() {
        if file.ends_with(".prisma") {
            found.extend(find_datasource(tree, &join(path, file))?);
        }
    }
    for folder in tree.folders(path)?.iter() {
        let is_other =
            folder.starts_with('.') || folder == "migrations" || folder == "node_modules";
        if !is_other {
            find_datasources(tree, &join(path, folder), found)?;
        }
    }
    Ok(())
}

/// `prisma.schema` of `package.json`.
fn schema_of_package(tree: &dyn Tree) -> Result<Option<String>, TreeError> {
    if !tree.has_file("package.json") {
        return Ok(None);
    }
    let Some(text) = small_text(tree, "package.json")? else {
        return Ok(None);
    };
    let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    Ok(json["prisma"]["schema"].as_str().map(str::to_owned))
}

/// A URL of the configuration program, whose paths start at the project's root.
fn resolve(
    url: &Setting,
    view: View<'_>,
    origin: &str,
    config: &mut HostConfig,
) -> Option<HostSetting> {
    match url {
        Setting::Text(text, line) => Some(setting(text, format!("{origin}:{line}"))),
        Setting::Variable(name) => {
            if name != "DATABASE_URL" {
                config.database_variable = Some(name.clone());
            }
            (view.variables)(name)
        }
    }
}

/// A URL of the schema, and the variable it comes from.
fn resolve_in_schema<'a>(
    url: &'a Setting,
    view: View<'_>,
    path: &str,
) -> Option<(HostSetting, Option<&'a str>)> {
    match url {
        Setting::Text(text, line) => Some((setting(text, format!("{path}:{line}")), None)),
        Setting::Variable(name) => Some(((view.variables)(name)?, Some(name))),
    }
}

/// The variable that is read first.
fn variable_of(datasource: &Datasource) -> Option<String> {
    [&datasource.direct_url, &datasource.url]
        .into_iter()
        .flatten()
        .find_map(|url| match url {
            Setting::Variable(name) => Some(name.clone()),
            Setting::Text(..) => None,
        })
}

/// Relative paths of SQLite files start at the folder of the schema.
fn rebased(url: &HostSetting, folder: &str) -> HostSetting {
    let value = match url.value.strip_prefix("file:") {
        Some(path) if !path.starts_with('/') && !folder.is_empty() => {
            format!("file:{}", join(folder, path.trim_start_matches("./")))
        }
        Some(_) | None => url.value.clone(),
    };
    setting(&value, url.origin.clone())
}

fn setting(value: &str, origin: String) -> HostSetting {
    HostSetting {
        value: value.to_owned(),
        origin,
    }
}
