//! Spring Boot's properties: `spring.flyway.*`, and `spring.datasource.*` for the database. Profiles are not guessed: what
//! counts only in one of them is not read.

use super::conf_file::{self, Backslash};
use super::configure::Collector;
use crate::mentions::lossy_text;
use crate::yaml;
use shoring_core::TreeError;
use std::collections::BTreeMap;

/// Where they are, weakest first.
const FILES: &[&str] = &[
    "src/main/resources/application.yaml",
    "src/main/resources/application.yml",
    "src/main/resources/application.properties",
    "src/main/resources/config/application.yaml",
    "src/main/resources/config/application.yml",
    "src/main/resources/config/application.properties",
];

/// One property.
struct Property {
    key: String,
    value: String,
    origin: String,
}

pub(super) fn read(found: &mut Collector<'_>) -> Result<(), TreeError> {
    let mut properties = Vec::new();
    for file in FILES {
        if found.view.tree.has_file(file) {
            let text = lossy_text(found.view.tree, file)?;
            properties.extend(properties_of(file, &text));
        }
    }
    let of_flyway = |property: &Property| property.key.starts_with("spring.flyway.");
    // Spring Boot needs no word about it: that the build has it is enough.
    let first = properties.iter().find(|property| of_flyway(property));
    if first.is_none() && super::detect::mention(found.view.tree)?.is_none() {
        return Ok(());
    }
    let is_off = properties
        .iter()
        .rfind(|property| property.key == "spring.flyway.enabled")
        .is_some_and(|property| property.value == "false");
    if is_off {
        return Ok(());
    }
    if let Some(first) = first {
        let file = first.origin.rsplit_once(':').map_or("", |(file, _)| file);
        found.note_source(file);
    }
    for (of, name) in [
        ("spring.datasource.url", "url"),
        ("spring.datasource.username", "user"),
        ("spring.datasource.password", "password"),
    ] {
        if let Some(property) = properties.iter().rfind(|property| property.key == of) {
            found.take(name, &property.value, &property.origin);
        }
    }
    let mut lists: BTreeMap<String, (Vec<String>, String)> = BTreeMap::new();
    for property in properties.iter().filter(|property| of_flyway(property)) {
        let name = property.key["spring.flyway.".len()..].to_owned();
        // `locations[0]` belongs to a list.
        match name.split_once('[') {
            Some((list, _)) => {
                let (values, _) = lists
                    .entry(camel(list))
                    .or_insert_with(|| (Vec::new(), property.origin.clone()));
                values.push(property.value.clone());
            }
            None => match name.strip_prefix("placeholders.") {
                Some(placeholder) => found.take(
                    &format!("placeholders.{placeholder}"),
                    &property.value,
                    &property.origin,
                ),
                None => found.take(&camel(&name), &property.value, &property.origin),
            },
        }
    }
    for (name, (values, origin)) in lists {
        // The only list that is not one of names.
        let separator = if name == "initSqls" { ";\n" } else { "," };
        found.take(&name, &values.join(separator), &origin);
    }
    Ok(())
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
fn camel(name: &str) -> String {
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
