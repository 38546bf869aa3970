//! Spring Boot's properties, for the tools that it configures. Profiles are not guessed: what counts only in one of them is
//! read where `SPRING_PROFILES_ACTIVE` names it.

use crate::conf_file::{self, Backslash};
use crate::format::View;
use crate::mentions::lossy_text;
use crate::yaml;
use shoring_core::TreeError;
use std::collections::BTreeMap;

/// Where they are, weakest first.
const FOLDERS: [&str; 2] = ["src/main/resources", "src/main/resources/config"];

/// How the files end, weakest first.
const ENDINGS: [&str; 3] = ["yaml", "yml", "properties"];

/// The variable that names the profiles, and what says so in an error.
pub(crate) const PROFILES: &str = "SPRING_PROFILES_ACTIVE";

/// How deep one property may refer to another.
const DEEPEST: usize = 8;

/// The database, by property and by what it is.
pub(crate) const DATASOURCE: [(&str, Login); 3] = [
    ("spring.datasource.url", Login::Url),
    ("spring.datasource.username", Login::User),
    ("spring.datasource.password", Login::Password),
];

/// A part of what it takes to connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Login {
    Url,
    User,
    Password,
}

/// One property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Property {
    pub(crate) key: String,
    pub(crate) value: String,
    /// `file:line`.
    pub(crate) origin: String,
}

/// All of them, the later ones count.
pub(crate) fn properties(view: View<'_>) -> Result<Vec<Property>, TreeError> {
    let active = (view.variables)(PROFILES).map_or_else(Vec::new, |setting| {
        let names = setting.value.split(',').map(|name| name.trim().to_owned());
        names.filter(|name| !name.is_empty()).collect()
    });
    let mut properties = Vec::new();
    let names = [String::new()]
        .into_iter()
        .chain(active.iter().map(|profile| format!("-{profile}")));
    for name in names {
        for folder in FOLDERS {
            for ending in ENDINGS {
                let file = format!("{folder}/application{name}.{ending}");
                if view.tree.has_file(&file) {
                    let text = lossy_text(view.tree, &file)?;
                    properties.extend(properties_of(&file, &text, &active));
                }
            }
        }
    }
    Ok(referred(properties))
}

/// The files of profiles that nobody named in which a line begins with this key, as `flyway:` or `spring.flyway.`.
pub(crate) fn in_profiles(view: View<'_>, tool: &str) -> Result<Vec<String>, TreeError> {
    let (nested, flat) = (format!("{tool}:"), format!("spring.{tool}."));
    let mut found = Vec::new();
    for folder in FOLDERS {
        for file in view.tree.files(folder)?.iter() {
            let is_of_profile = file
                .strip_prefix("application-")
                .and_then(|rest| rest.rsplit_once('.'))
                .is_some_and(|(_, ending)| ENDINGS.contains(&ending));
            let path = format!("{folder}/{file}");
            if is_of_profile
                && lossy_text(view.tree, &path)?
                    .lines()
                    .map(str::trim)
                    .any(|line| line == nested || line.starts_with(&flat))
            {
                found.push(path);
            }
        }
    }
    Ok(found)
}

/// Values with those of other properties in them. What none of them is may be a variable.
fn referred(properties: Vec<Property>) -> Vec<Property> {
    let values: BTreeMap<String, String> = properties
        .iter()
        .map(|property| (property.key.clone(), property.value.clone()))
        .collect();
    let with_values = |text: &str| {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            filled.push_str(before);
            let name = after.split([':', '}']).next().unwrap_or_default();
            match (values.get(name), after.split_once('}')) {
                (Some(value), Some((_, after))) => {
                    filled.push_str(value);
                    rest = after;
                }
                _ => {
                    filled.push_str("${");
                    rest = after;
                }
            }
        }
        filled.push_str(rest);
        filled
    };
    let mut properties = properties;
    for property in &mut properties {
        for _ in 0..DEEPEST {
            let filled = with_values(&property.value);
            if filled == property.value {
                break;
            }
            property.value = filled;
        }
    }
    properties
}

fn properties_of(file: &str, text: &str, active: &[String]) -> Vec<Property> {
    let of = |line: usize| format!("{file}:{line}");
    if file.ends_with(".properties") {
        // Documents of one file are divided by `#---`.
        return documents(text, |line| matches!(line.trim_end(), "#---" | "!---"))
            .into_iter()
            .flat_map(|(before, document)| {
                let entries = conf_file::parse(&document, Backslash::Escape);
                let is_of_profile = entries.iter().any(|entry| {
                    entry.key.starts_with("spring.config.activate.")
                        && !is_active(&entry.key, &entry.value, active)
                });
                entries
                    .into_iter()
                    .filter(move |_| !is_of_profile)
                    .map(move |entry| Property {
                        key: entry.key,
                        value: entry.value,
                        origin: of(before + entry.line),
                    })
            })
            .collect();
    }
    documents(text, |line| line.trim_end() == "---")
        .into_iter()
        .flat_map(|(before, document)| {
            let entries = yaml::flat(&document);
            let is_of_profile = entries.iter().any(|entry| {
                (entry.key.starts_with("spring.config.activate.") || entry.key == "spring.profiles")
                    && !is_active(&entry.key, &entry.value, active)
            });
            entries
                .into_iter()
                .filter(move |_| !is_of_profile)
                .map(move |entry| Property {
                    key: entry.key,
                    // As Gradle's `expand` wants it, which takes the backslash away.
                    value: entry.value.replace("\\${", "${"),
                    origin: of(before + entry.line),
                })
        })
        .collect()
}

/// Whether a document that is only for some profiles is for one of these. Expressions are not worked out.
fn is_active(key: &str, value: &str, active: &[String]) -> bool {
    key != "spring.config.activate.on-cloud-platform"
        && value
            .split(',')
            .any(|name| active.iter().any(|profile| profile == name.trim()))
}

/// The documents of a file, each with the number of lines before it.
fn documents(text: &str, is_border: impl Fn(&str) -> bool) -> Vec<(usize, String)> {
    let mut documents = vec![(0, String::new())];
    for (index, line) in text.lines().enumerate() {
        if is_border(line) {
            documents.push((index + 1, String::new()));
        } else if let Some((_, document)) = documents.last_mut() {
            document.push_str(line);
            document.push('\n');
        }
    }
    documents
}

/// `baselineOnMigrate` of `baseline-on-migrate`.
pub(crate) fn camel(name: &str) -> String {
    let mut camel = String::new();
    let mut is_start = false;
    for character in name.chars() {
        match character {
            '-' | '_' => is_start = true,
            character if is_start => {
                camel.extend(character.to_uppercase());
                is_start = false;
            }
            character => camel.push(character),
        }
    }
    camel
}
