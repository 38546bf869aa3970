//! What a tool's own configuration says: its files, its variables. The weakest source of settings, and never written.

use crate::format::Variables;
use shoring_core::{Diagnostic, Product};
use std::collections::BTreeMap;
use std::fmt;

/// A value with the place it was found at, for people: `flyway.toml:3`, `environment GOOSE_TABLE`, `.env:2`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostSetting {
    /// The value.
    pub value: String,
    /// Where it was found.
    pub origin: String,
}

/// Everything that was found.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct HostConfig {
    /// The database, as the tool spells it. It may contain a password.
    pub database: Option<HostSetting>,
    /// The variable that the tool's configuration names, where it is not `DATABASE_URL` as it stands: another one, or a path
    /// that starts elsewhere.
    pub database_variable: Option<String>,
    /// The user, where it is not part of the URL.
    pub user: Option<HostSetting>,
    /// The password, where it is not part of the URL.
    pub password: Option<HostSetting>,
    /// The history table, `table` or `schema.table`.
    pub table: Option<HostSetting>,
    /// The folders of the migrations; new files go into the first.
    pub folders: Vec<HostSetting>,
    /// What only the format itself understands; each format documents its keys.
    pub options: BTreeMap<&'static str, HostSetting>,
    /// Values that the project names itself: placeholders.
    pub values: BTreeMap<String, HostSetting>,
    /// What is only known with a connection. The engine fills it in before the files are read, for formats that ask for it.
    pub facts: DatabaseFacts,
    /// What is wrong in a configuration file.
    pub diagnostics: Vec<Diagnostic>,
}

/// What scripts may ask about the database they run on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatabaseFacts {
    /// The product.
    pub product: Option<Product>,
    /// The name of the database.
    pub database: Option<String>,
    /// The schema that unqualified names are in.
    pub schema: Option<String>,
    /// The user.
    pub user: Option<String>,
    /// The time now, local, `2026-11-21 10:00:00`.
    pub now: Option<String>,
    /// The folder that the project is in.
    pub root: Option<String>,
}

impl HostConfig {
    /// Whether the tool is configured here at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The value of an option.
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(|setting| setting.value.as_str())
    }
}

impl fmt::Debug for HostConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostConfig")
            .field(
                "database",
                &self.database.as_ref().map(|found| &found.origin),
            )
            .field("user", &self.user)
            .field(
                "password",
                &self.password.as_ref().map(|found| &found.origin),
            )
            .field("table", &self.table)
            .field("folders", &self.folders)
            .field("options", &self.options)
            .field("values", &self.values.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// A setting with the values of variables in it: `${VARIABLE}`, `${env.VARIABLE}` and, as Spring has it, `${VARIABLE:default}`.
/// What has no value stays as it is written.
pub(crate) fn expanded(text: &str, variables: Variables<'_>) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        expanded.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            expanded.push_str("${");
            rest = after;
            break;
        };
        let (name, default) = match name.split_once(':') {
            Some((name, default)) => (name, Some(default)),
            None => (name, None),
        };
        // `app.file-name` is APP_FILENAME in the environment.
        let relaxed = || {
            let is_property = name.contains(['.', '-']);
            let name = name.replace('.', "_").replace('-', "").to_uppercase();
            is_property.then(|| variables(&name)).flatten()
        };
        let found = variables(name.strip_prefix("env.").unwrap_or(name)).or_else(relaxed);
        match (found, default) {
            (Some(found), _) => expanded.push_str(&found.value),
            (None, Some(default)) => expanded.push_str(default),
            (None, None) => expanded.push_str(&format!("${{{name}}}")),
        }
        rest = after;
    }
    expanded.push_str(rest);
    expanded
}
