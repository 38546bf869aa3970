//! Reads `shoring.toml` with the place of every key, so that a wrong one is shown with a caret.

use super::excerpt::{is_key_character, label};
use super::keys::{KEYS, Key, Shape};
use super::suggest::did_you_mean;
use crate::error::{Error, ErrorKind};
use shoring_core::{Diagnostic, Label};
use std::collections::BTreeMap;
use toml::de::{DeTable, DeValue};

/// The name of the configuration file, in the project root.
pub(super) const FILE: &str = "shoring.toml";

/// One value of the file, as text, and its place.
#[derive(Debug, Clone)]
pub(super) struct ConfigValue {
    /// The value.
    pub(super) text: String,
    /// Where it stands.
    pub(super) label: Label,
}

/// The sections of the file.
#[derive(Debug, Clone, Default)]
pub(super) struct ConfigFile {
    /// The top level.
    pub(super) top: BTreeMap<&'static str, ConfigValue>,
    /// The `[env.NAME]` sections.
    pub(super) environments: BTreeMap<String, BTreeMap<&'static str, ConfigValue>>,
}

impl ConfigFile {
    /// The value of a key: the section's, else the top level's.
    pub(super) fn get(&self, environment: Option<&str>, key: &Key) -> Option<&ConfigValue> {
        environment
            .and_then(|name| self.environments.get(name))
            .and_then(|section| section.get(key.name))
            .or_else(|| self.top.get(key.name))
    }
}

/// Reads the text of the file.
pub(super) fn parse(text: &str) -> Result<ConfigFile, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let root = DeTable::parse(text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        let diagnostic = Diagnostic::error(
            "config-syntax",
            format!("`{FILE}` is not valid TOML: {}", syntax_message(&error)),
        );
        fail(diagnostic.at(label(FILE, text, span.start, span.end, "")))
    })?;
    let mut config = ConfigFile::default();
    for (name, value) in root.get_ref() {
        let span = name.span();
        if name.get_ref() == "env" {
            let DeValue::Table(sections) = value.get_ref() else {
                return Err(wrong_section(text, span));
            };
            for (environment, section) in sections {
                let DeValue::Table(section) = section.get_ref() else {
                    return Err(wrong_section(text, environment.span()));
                };
                config
                    .environments
                    .insert(environment.get_ref().to_string(), values(text, section)?);
            }
        } else {
            let (key, found) = value_of(text, name.get_ref(), span, value, true)?;
            config.top.insert(key.name, found);
        }
    }
    Ok(config)
}

fn values(text: &str, table: &DeTable<'_>) -> Result<BTreeMap<&'static str, ConfigValue>, Error> {
    table
        .iter()
        .map(|(name, value)| {
            let (key, found) = value_of(text, name.get_ref(), name.span(), value, false)?;
            Ok((key.name, found))
        })
        .collect()
}

fn value_of(
    text: &str,
    name: &str,
    span: std::ops::Range<usize>,
    value: &toml::Spanned<DeValue<'_>>,
    is_top: bool,
) -> Result<(&'static Key, ConfigValue), Error> {
    let known = KEYS.iter().find(|key| key.in_config && key.name == name);
    let Some(key) = known else {
        return Err(unknown_key(text, name, span, is_top));
    };
    let place = value.span();
    let found = match (key.shape, value.get_ref()) {
        (Shape::Text | Shape::Secret | Shape::Duration, DeValue::String(text)) => text.to_string(),
        (Shape::Count, DeValue::Integer(number)) if number.radix() == 10 => {
            number.as_str().to_owned()
        }
        (Shape::Switch, DeValue::Boolean(value)) => value.to_string(),
        _ => {
            let diagnostic = Diagnostic::error(
                "config-value",
                format!("`{name}` must be {}", key.shape.expectation()),
            );
            return Err(fail(diagnostic.at(label(
                FILE,
                text,
                place.start,
                place.end,
                "",
            ))));
        }
    };
    let label = label(FILE, text, place.start, place.end, "");
    Ok((key, ConfigValue { text: found, label }))
}

fn unknown_key(text: &str, name: &str, span: std::ops::Range<usize>, is_top: bool) -> Error {
    let known = KEYS.iter().filter(|key| key.in_config);
    let mut names: Vec<&str> = known.map(|key| key.name).collect();
    if is_top {
        names.push("env");
    }
    let message = if name.chars().all(is_key_character) {
        format!("unknown key `{name}`")
    } else {
        "unknown key".to_owned()
    };
    let guess = match name {
        "password" | "pass" => Some("password_file"),
        "url" | "database_url" | "db" => Some("database"),
        "migrations" | "folder" | "path" => Some("dir"),
        _ => did_you_mean(name, names.iter().copied()),
    };
    let mut diagnostic = Diagnostic::error("config-unknown-key", message).at(label(
        FILE,
        text,
        span.start,
        span.end,
        "not a setting",
    ));
    if let Some(guess) = guess {
        diagnostic = diagnostic.note(format!("did you mean `{guess}`?"));
    }
    if name == "password" {
        diagnostic = diagnostic.note("a password does not belong into a file that is committed");
    }
    fail(diagnostic.note(format!("the keys are {}", names.join(", "))))
}

fn wrong_section(text: &str, span: std::ops::Range<usize>) -> Error {
    fail(
        Diagnostic::error(
            "config-section",
            "an environment is a section: `[env.NAME]`",
        )
        .at(label(FILE, text, span.start, span.end, "")),
    )
}

/// The parser's message, unless it repeats what stands in the file.
fn syntax_message(error: &toml::de::Error) -> String {
    error
        .message()
        .split('\n')
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn fail(diagnostic: Diagnostic) -> Error {
    Error::from_diagnostic(ErrorKind::Usage, diagnostic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_come_before_the_top_level() {
        let config = parse(
            "database = \"sqlite:a\"\nlock_attempts = 3\njournal = false\n[env.prod]\ndatabase = \"sqlite:b\"\n",
        )
        .unwrap();
        let key = super::super::keys::key("database");
        assert_eq!(config.get(None, key).unwrap().text, "sqlite:a");
        let found = config.get(Some("prod"), key).unwrap();
        assert_eq!(found.text, "sqlite:b");
        assert_eq!(found.label.position.line, 5);
    }

    #[test]
    fn mistakes_have_a_place_and_show_no_secret() {
        for (text, code, line, column) in [
            ("a = 1\n", "config-unknown-key", 1, 1),
            (
                "\n[env.x]\ndatabse = \"canary\"\n",
                "config-unknown-key",
                3,
                1,
            ),
            ("\"postgres://a:canary@h\" = 1", "config-unknown-key", 1, 1),
            ("database = \"canary\n", "config-syntax", 1, 19),
            ("database = canary\n", "config-syntax", 1, 12),
            ("canary\n", "config-syntax", 1, 7),
            ("database = 5\n", "config-value", 1, 12),
            ("journal = \"yes\"\n", "config-value", 1, 11),
            ("env = 5\n", "config-section", 1, 1),
            ("[env]\nx = 5\n", "config-section", 2, 1),
        ] {
            let Err(error) = parse(text) else {
                panic!("{text} was read");
            };
            assert_eq!(error.diagnostic.code, code, "{text}");
            let position = error.diagnostic.label.as_ref().unwrap().position;
            assert_eq!((position.line, position.column), (line, column), "{text}");
            assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        }
    }

    #[test]
    fn a_misspelt_key_is_recognised() {
        let Err(error) = parse("lock-wiat = \"3s\"\n") else {
            panic!("was read");
        };
        assert_eq!(error.diagnostic.notes[0], "did you mean `lock_wait`?");
    }
}
