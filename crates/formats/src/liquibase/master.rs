//! Reads a master changelog in YAML, JSON or XML as far as it includes SQL: `include`, `includeAll` and `property`. What else
//! it may hold changes the database in words of the tool's own, and is named, so that nothing is passed over.

use crate::yaml;
use std::collections::BTreeMap;

/// One element of a master, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) line: u64,
    pub(super) attributes: BTreeMap<String, String>,
}

/// The element that gives everything in a changelog another path.
pub(super) const LOGICAL_PATH: &str = "logicalFilePath";

/// Why a master cannot be read: the line, if known, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unreadable {
    pub(super) line: u64,
    pub(super) reason: String,
}

impl Element {
    /// An attribute, under the first of its names that is there.
    pub(super) fn get(&self, names: &[&str]) -> Option<&str> {
        names
            .iter()
            .find_map(|name| self.attributes.get(*name))
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Whether an attribute says true; without it, `default`.
    pub(super) fn is(&self, name: &str, default: bool) -> bool {
        self.get(&[name])
            .map_or(default, |value| value.eq_ignore_ascii_case("true"))
    }
}

/// Whether a file of this name may be one.
pub(super) fn has_extension(name: &str) -> bool {
    extension(name).is_some()
}

#[derive(Clone, Copy)]
enum Kind {
    Yaml,
    Json,
    Xml,
}

fn extension(name: &str) -> Option<Kind> {
    let (_, extension) = name.rsplit_once('.')?;
    match extension.to_ascii_lowercase().as_str() {
        "yaml" | "yml" => Some(Kind::Yaml),
        "json" => Some(Kind::Json),
        "xml" => Some(Kind::Xml),
        _ => None,
    }
}

/// Whether a text with such a name is a changelog at all: other files may lie beside them.
pub(super) fn is_changelog(text: &str) -> bool {
    text.contains("databaseChangeLog")
}

/// The elements of a master.
pub(super) fn read(name: &str, text: &str) -> Result<Vec<Element>, Unreadable> {
    let text = text.trim_start_matches('\u{feff}');
    match extension(name) {
        Some(Kind::Json) => of_json(text),
        Some(Kind::Xml) => of_xml(text),
        Some(Kind::Yaml) | None => of_yaml(text),
    }
}

fn of_yaml(text: &str) -> Result<Vec<Element>, Unreadable> {
    let (entries, passed_over) = yaml::read(text);
    let mut elements: Vec<(usize, Element)> = Vec::new();
    for entry in entries {
        let line = entry.line as u64;
        let strange = || Unreadable {
            line,
            reason: format!("`{}` is no part of a list databaseChangeLog", entry.key),
        };
        let rest = entry
            .key
            .strip_prefix("databaseChangeLog")
            .ok_or_else(strange)?;
        let Some((number, rest)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'))
        else {
            // An attribute of the whole, in the map form.
            let name = rest.trim_start_matches('.').to_owned();
            elements.push((usize::MAX, element(name, line, &entry.value)));
            continue;
        };
        let number = number.parse().map_err(|_| strange())?;
        let rest = rest.trim_start_matches('.');
        let (name, attribute) = rest.split_once(['.', '[']).unwrap_or((rest, ""));
        match elements
            .last_mut()
            .filter(|(last, element)| *last == number && element.name == name)
        {
            Some((_, last)) => drop(last.attributes.insert(attribute.to_owned(), entry.value)),
            None => {
                let mut new = element(name.to_owned(), line, "");
                new.attributes = BTreeMap::from([(attribute.to_owned(), entry.value)]);
                elements.push((number, new));
            }
        }
    }
    let elements: Vec<Element> = elements.into_iter().map(|(_, element)| element).collect();
    // What belongs to an element that is refused by its name need not be understood.
    let is_known = |line: u64| {
        elements
            .iter()
            .rfind(|element| element.line <= line)
            .is_none_or(|element| {
                matches!(element.name.as_str(), "include" | "includeAll" | "property")
            })
    };
    if let Some(line) = passed_over
        .into_iter()
        .map(|line| line as u64)
        .find(|line| is_known(*line))
    {
        return Err(Unreadable {
            line,
            reason: "this part of YAML is not read".to_owned(),
        });
    }
    Ok(elements)
}

fn element(name: String, line: u64, value: &str) -> Element {
    Element {
        name,
        line,
        attributes: BTreeMap::from([(String::new(), value.to_owned())]),
    }
}

fn of_json(text: &str) -> Result<Vec<Element>, Unreadable> {
    let whole: serde_json::Value = serde_json::from_str(text).map_err(|error| Unreadable {
        line: error.line() as u64,
        reason: "this is no JSON".to_owned(),
    })?;
    let Some(list) = whole
        .get("databaseChangeLog")
        .and_then(|list| list.as_array())
    else {
        return Err(Unreadable {
            line: 1,
            reason: "there is no list databaseChangeLog".to_owned(),
        });
    };
    // Names of elements come in the order of the text.
    let mut from = 0;
    let mut elements = Vec::new();
    for item in list {
        let Some(item) = item.as_object() else {
            continue;
        };
        for (name, value) in item {
            let quoted = format!("\"{name}\"");
            from += text[from..].find(&quoted).map_or(0, |at| at + quoted.len());
            let own = value.as_str().unwrap_or_default();
            let mut new = element(name.clone(), line_at(text, from), own);
            for (name, value) in value.as_object().into_iter().flatten() {
                let value = match value {
                    serde_json::Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                new.attributes.insert(name.clone(), value);
            }
            elements.push(new);
        }
    }
    Ok(elements)
}

fn line_at(text: &str, at: usize) -> u64 {
    1 + text[..at].matches('\n').count() as u64
}

fn of_xml(text: &str) -> Result<Vec<Element>, Unreadable> {
    let document = roxmltree::Document::parse(text).map_err(|error| Unreadable {
        line: u64::from(error.pos().row),
        reason: format!("this is no XML that is read: {error}"),
    })?;
    let root = document.root_element();
    if root.tag_name().name() != "databaseChangeLog" {
        return Err(Unreadable {
            line: 1,
            reason: "its root is no databaseChangeLog".to_owned(),
        });
    }
    let of_all = root
        .attributes()
        .filter(|attribute| attribute.name() == LOGICAL_PATH)
        .map(|attribute| element(LOGICAL_PATH.to_owned(), 1, attribute.value()));
    let elements = root
        .children()
        .filter(roxmltree::Node::is_element)
        .map(|node| {
            let line = document.text_pos_at(node.range().start).row;
            let mut new = element(node.tag_name().name().to_owned(), u64::from(line), "");
            for attribute in node.attributes() {
                let value = attribute.value().to_owned();
                new.attributes.insert(attribute.name().to_owned(), value);
            }
            new
        });
    Ok(of_all.chain(elements).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str, text: &str) -> Result<Vec<String>, (u64, String)> {
        let elements = read(name, text).map_err(|error| (error.line, error.reason))?;
        Ok(elements
            .iter()
            .map(|element| {
                let file = element.get(&["file", "path", "name"]).unwrap_or("-");
                let relative = element.is("relativeToChangelogFile", false);
                format!("{} {} {file} {relative}", element.line, element.name)
            })
            .collect())
    }

    #[test]
    fn masters_say_the_same_in_three_languages() {
        let yaml = "databaseChangeLog:\n  - property: {name: a, value: b}\n  - include:\n      file: one.sql\n      relativeToChangelogFile: true\n  - includeAll:\n      path: all/\n  - changeSet:\n      id: 1\n      changes:\n        - sql: |\n            select 1\n";
        assert_eq!(
            told("m.yaml", yaml).unwrap(),
            [
                "2 property a false",
                "4 include one.sql true",
                "7 includeAll all/ false",
                "9 changeSet - false"
            ]
        );
        let json = "{\"databaseChangeLog\": [\n{\"property\": {\"name\": \"a\", \"value\": \"b\"}},\n{\"include\": {\"file\": \"one.sql\", \"relativeToChangelogFile\": true}},\n{\"includeAll\": {\"path\": \"all/\"}},\n{\"changeSet\": {\"id\": 1}}]}";
        assert_eq!(
            told("m.json", json).unwrap(),
            [
                "2 property a false",
                "3 include one.sql true",
                "4 includeAll all/ false",
                "5 changeSet - false"
            ]
        );
        let xml = "<?xml version=\"1.0\"?>\n<databaseChangeLog xmlns=\"http://www.liquibase.org/xml/ns/dbchangelog\"\n  xmlns:xsi=\"x\" xsi:schemaLocation=\"y\">\n<property name=\"a\" value=\"b\"/>\n<include file=\"one.sql\" relativeToChangelogFile=\"true\"/>\n<includeAll path=\"all/\"/><changeSet id=\"1\"/></databaseChangeLog>";
        assert_eq!(
            told("m.xml", xml).unwrap(),
            [
                "4 property a false",
                "5 include one.sql true",
                "6 includeAll all/ false",
                "6 changeSet - false"
            ]
        );
    }

    #[test]
    fn what_is_not_understood_is_never_passed_over() {
        for (name, text, line) in [
            ("m.yaml", "databaseChangeLog:\n- include: *other\n", 2),
            ("m.yaml", "other:\n  a: b\n", 2),
            ("m.json", "{\n[", 2),
            ("m.xml", "<databaseChangeLog>\n<include", 1),
            (
                "m.xml",
                "<!DOCTYPE a [<!ENTITY b \"c\">]><databaseChangeLog/>",
                1,
            ),
            ("m.xml", "<other/>", 1),
        ] {
            assert_eq!(told(name, text).unwrap_err().0, line, "{text}");
        }
    }
}
