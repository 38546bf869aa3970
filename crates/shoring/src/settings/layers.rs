//! The sources below the flags, asked in the order of precedence.

use super::config_file::{self, ConfigFile};
use super::dotenv::{self, Variable};
use super::keys::{KEYS, Key, Shape};
use super::origin::{Origin, Sourced};
use super::{duration::parse_duration, host_tool::HostVariables, suggest::did_you_mean};
use crate::error::{Error, ErrorKind, Result};
use crate::request::Surroundings;
use shoring_core::Label;
use shoring_formats::HostSetting;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::time::Duration;

const DOTENV: &str = ".env";
const ENVIRONMENT_NAME: &str = "SHORING_ENV";

/// Environment, `.env` and `shoring.toml`.
pub(super) struct Layers<'a> {
    variables: &'a BTreeMap<String, String>,
    dotenv: BTreeMap<String, Variable>,
    config: ConfigFile,
    environment: Option<String>,
}

/// A text that was found, with its place if it has one.
pub(super) struct Found {
    pub(super) text: String,
    pub(super) origin: Origin,
    label: Option<Label>,
}

impl<'a> Layers<'a> {
    /// Reads the files of the project root. `wanted` is the environment's name from the flag.
    pub(super) fn read(wanted: Option<&str>, surroundings: &'a Surroundings) -> Result<Self> {
        let variables = &surroundings.environment;
        let dotenv = match read_text(&surroundings.root, DOTENV)? {
            Some(text) => dotenv::parse(DOTENV, &text, variables, is_known_variable)?,
            None => BTreeMap::new(),
        };
        let config = match read_text(&surroundings.root, config_file::FILE)? {
            Some(text) => config_file::parse(&text)?,
            None => ConfigFile::default(),
        };
        let mut layers = Self {
            variables,
            dotenv,
            config,
            environment: None,
        };
        layers.environment = match wanted {
            Some(name) => Some(name.to_owned()),
            None => layers.variable(ENVIRONMENT_NAME).map(|found| found.text),
        };
        layers.check_environment()?;
        Ok(layers)
    }

    /// The name of the environment in use.
    pub(super) fn environment(&self) -> Option<&str> {
        self.environment.as_deref()
    }

    /// The text of a setting from the strongest source that has it.
    pub(super) fn find(&self, key: &Key) -> Option<Found> {
        let in_environment = key.variables.iter().find_map(|name| self.outer(name));
        let in_dotenv = || key.variables.iter().find_map(|name| self.inner(name));
        let in_config = || {
            let found = self.config.get(self.environment(), key)?;
            Some(Found {
                text: found.text.clone(),
                origin: Origin::Config {
                    path: config_file::FILE.to_owned(),
                    line: found.label.position.line,
                },
                label: Some(found.label.clone()),
            })
        };
        in_environment.or_else(in_dotenv).or_else(in_config)
    }

    /// Whether a setting comes from the last of its variables, the one that it shares with other programs, and neither its
    /// own variable nor `shoring.toml` says anything.
    pub(super) fn is_by_common_variable(&self, key: &Key, found: &Sourced<String>) -> bool {
        let Some((common, own)) = key.variables.split_last() else {
            return false;
        };
        let by_common = self
            .variable(common)
            .is_some_and(|variable| variable.origin == found.origin);
        by_common
            && own.iter().all(|name| self.variable(name).is_none())
            && self.config.get(self.environment(), key).is_none()
    }

    /// A text setting.
    pub(super) fn text(&self, key: &Key) -> Option<Sourced<String>> {
        self.find(key)
            .map(|found| Sourced::new(found.text, found.origin))
    }

    /// A duration.
    pub(super) fn duration(&self, key: &Key) -> Result<Option<Sourced<Duration>>> {
        self.parsed(key, parse_duration)
    }

    /// A number from 1.
    pub(super) fn count(&self, key: &Key) -> Result<Option<Sourced<u32>>> {
        self.parsed(key, |text| {
            text.replace('_', "")
                .parse()
                .ok()
                .filter(|number| *number > 0)
        })
    }

    /// A switch.
    pub(super) fn switch(&self, key: &Key) -> Result<Option<Sourced<bool>>> {
        self.parsed(key, |text| match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Some(true),
            "false" | "0" | "no" | "off" => Some(false),
            _ => None,
        })
    }

    fn parsed<T>(
        &self,
        key: &Key,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<Sourced<T>>> {
        let Some(found) = self.find(key) else {
            return Ok(None);
        };
        match parse(found.text.trim()) {
            Some(value) => Ok(Some(Sourced::new(value, found.origin))),
            None => Err(wrong_value(key, found)),
        }
    }

    pub(super) fn variable(&self, name: &str) -> Option<Found> {
        self.outer(name).or_else(|| self.inner(name))
    }

    /// All variables, for the tool whose project this is. Those that are set to nothing have an empty value.
    pub(super) fn host_variables(&self) -> HostVariables {
        let names = self.dotenv.keys().chain(self.variables.keys());
        names
            .map(|name| {
                let found = self.variable(name);
                let setting = HostSetting {
                    origin: found
                        .as_ref()
                        .map(|found| found.origin.to_string())
                        .unwrap_or_default(),
                    value: found.map(|found| found.text).unwrap_or_default(),
                };
                (name.clone(), setting)
            })
            .collect()
    }

    /// An environment variable. An empty one counts as not set.
    fn outer(&self, name: &str) -> Option<Found> {
        let text = self.variables.get(name).filter(|text| !text.is_empty())?;
        Some(Found {
            text: text.clone(),
            origin: Origin::Environment(name.to_owned()),
            label: None,
        })
    }

    fn inner(&self, name: &str) -> Option<Found> {
        let variable = self.dotenv.get(name)?;
        if variable.value.is_empty() {
            return None;
        }
        Some(Found {
            text: variable.value.clone(),
            origin: Origin::DotEnv {
                path: DOTENV.to_owned(),
                line: variable.line,
            },
            label: None,
        })
    }

    fn check_environment(&self) -> Result<()> {
        let Some(name) = self.environment() else {
            return Ok(());
        };
        if self.config.environments.contains_key(name) {
            return Ok(());
        }
        let error = Error::new(
            ErrorKind::Usage,
            "unknown-environment",
            format!("there is no `[env.{name}]` in `{}`", config_file::FILE),
        );
        let known: Vec<&str> = self
            .config
            .environments
            .keys()
            .map(String::as_str)
            .collect();
        let error = match did_you_mean(name, known.iter().copied()) {
            Some(guess) => error.note(format!("did you mean `{guess}`?")),
            None if known.is_empty() => error.note("no environment is defined"),
            None => error.note(format!("defined are {}", known.join(", "))),
        };
        Err(error.next(format!(
            "add the section to `{}`, or leave out the name",
            config_file::FILE
        )))
    }
}

fn is_known_variable(name: &str) -> bool {
    name == ENVIRONMENT_NAME || KEYS.iter().any(|key| key.variables.contains(&name))
}

fn wrong_value(key: &Key, found: Found) -> Error {
    let Found { origin, label, .. } = found;
    let expectation = match key.shape {
        Shape::Text | Shape::Secret => "a text",
        Shape::Duration | Shape::Count | Shape::Switch => key.shape.expectation(),
    };
    let message = match &origin {
        Origin::Environment(name) => format!("`{name}` must be {expectation}"),
        Origin::Flag
        | Origin::DotEnv { .. }
        | Origin::Config { .. }
        | Origin::HostTool(_)
        | Origin::Default => format!("`{}` ({origin}) must be {expectation}", key.name),
    };
    let mut error = Error::new(ErrorKind::Usage, "wrong-setting", message);
    error.diagnostic.label = label;
    error
}

/// The text of a file of the root; `None` when there is none.
fn read_text(root: &Path, name: &str) -> Result<Option<String>> {
    let failure = |reason: String| {
        Error::new(
            ErrorKind::Usage,
            "unreadable-config",
            format!("cannot read `{name}`: {reason}"),
        )
    };
    let path = root.join(name);
    match std::fs::metadata(&path) {
        // Python calls the folder of its packages so.
        Ok(found) if found.is_dir() && name == DOTENV => return Ok(None),
        // A pipe or a device may never end.
        Ok(found) if !found.is_file() => return Err(failure("it is not a plain file".to_owned())),
        Ok(_) => {}
        Err(error) if is_absent(&error) => return Ok(None),
        Err(error) => return Err(failure(error.to_string())),
    }
    match std::fs::read(path) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(error) => Err(failure(format!(
                "it is not UTF-8 at byte {}",
                error.utf8_error().valid_up_to() + 1
            ))),
        },
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(failure(error.to_string())),
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}
