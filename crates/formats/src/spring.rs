//! Spring Boot's properties, for the tools that it configures. Profiles are not guessed: what counts only in one of them is not
//! read.

use crate::conf_file::{self, Backslash};
use crate::mentions::lossy_text;
use crate::yaml;
use shoring_core::{Tree, TreeError};

/// Where they are, weakest first.
const FILES: &[&str] = &[
    "src/main/resources/application.yaml",
    "src/main/resources/application.yml",
    "src/main/resources/application.properties",
    "src/main/resources/config/application.yaml",
    "src/main/resources/config/application.yml",
    "src/main/resources/config/application.properties",
];

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
pub(crate) fn properties(tree: &dyn Tree) -> Result<Vec<Property>, TreeError> {
    let mut properties = Vec::new();
    for file in FILES {
        if tree.has_file(file) {
            properties.extend(properties_of(file, &lossy_text(tree, file)?));
        }
    }
    Ok(properties)
}

fn properties_of(file: &str, text: &str) -> Vec<Property> {
    let of = |line: usize| format!("{file}:{line}");
    if file.ends_with(".properties") {
        // Documents of one file are divided by `#---`.
        return documents(text, |line| matches!(line.trim_end(), "#---" | "!---"))
            .into_iter()
            .flat_map(|(before, document)| {
                let entries = conf_file::parse(&document, Backslash::Escape);
                let is_of_profile = entries
                    .iter()
                    .any(|entry| entry.key.starts_with("spring.config.activate."));
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
                entry.key.starts_with("spring.config.activate.") || entry.key == "spring.profiles"
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
        .collect()
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
