//! A small TOML file of a tool: its values as text, by dotted name, each with its line.

use crate::host_config::HostSetting;
use shoring_core::{Diagnostic, Label, Position, Tree, TreeError};
use std::collections::BTreeMap;
use std::io::Read;
use toml::de::{DeTable, DeValue};

/// No more of a file is read.
const LIMIT: u64 = 256 * 1024;

/// The values of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TomlFile {
    values: BTreeMap<String, HostSetting>,
}

/// What a tool makes of a key that it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnknownKeys {
    /// It passes over it.
    PassedOver,
    /// It stops, the tool of this name.
    Refused(&'static str),
}

impl TomlFile {
    /// Reads a file; `None` when it is not there. What is wrong in it is added to `diagnostics`, and then nothing of it counts.
    pub(crate) fn read(
        tree: &dyn Tree,
        path: &str,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<Option<Self>, TreeError> {
        if !tree.has_file(path) {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        tree.open(path)?
            .take(LIMIT)
            .read_to_end(&mut bytes)
            .map_err(|source| TreeError::Io {
                path: path.to_owned(),
                source,
            })?;
        let text = String::from_utf8_lossy(&bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let mut file = Self::default();
        match DeTable::parse(text) {
            Ok(root) => file.flatten("", root.get_ref(), path, text),
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                let reason = error.message().split('\n').next().unwrap_or_default();
                diagnostics.push(
                    Diagnostic::error(
                        "tool-config",
                        format!("`{path}` is not valid TOML: {reason}"),
                    )
                    .at(label(path, text, at)),
                );
            }
        }
        Ok(Some(file))
    }

    /// The value of a dotted name, `migrate.table-name`.
    pub(crate) fn get(&self, name: &str) -> Option<HostSetting> {
        self.values.get(name).cloned()
    }

    /// The values of an array, in order.
    pub(crate) fn list(&self, name: &str) -> Vec<HostSetting> {
        (0..)
            .map_while(|index| self.get(&format!("{name}.{index}")))
            .collect()
    }

    /// What is to be said of each name that begins with `section` and is not among `known`.
    pub(crate) fn unknown(
        &self,
        path: &str,
        section: &str,
        known: &[&str],
        tool: UnknownKeys,
    ) -> Vec<Diagnostic> {
        self.values
            .iter()
            .filter_map(|(name, setting)| Some((name.strip_prefix(section)?, setting)))
            .filter(|(name, _)| {
                !known.iter().any(|known| {
                    let rest = name.strip_prefix(known);
                    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                })
            })
            .map(|(name, setting)| {
                let message = format!("{}: unknown key `{section}{name}`", setting.origin);
                match tool {
                    UnknownKeys::PassedOver => Diagnostic::warning("tool-config", message)
                        .hint(format!("correct it in `{path}`, or take it out")),
                    UnknownKeys::Refused(tool) => Diagnostic::error("tool-config", message).hint(
                        format!("correct it in `{path}`, or take it out; {tool} refuses it too"),
                    ),
                }
            })
            .collect()
    }

    fn flatten(&mut self, prefix: &str, table: &DeTable<'_>, path: &str, text: &str) {
        for (name, value) in table {
            let name = format!("{prefix}{}", name.get_ref());
            self.add(name, value, path, text);
        }
    }

    fn add(&mut self, name: String, value: &toml::Spanned<DeValue<'_>>, path: &str, text: &str) {
        let found = match value.get_ref() {
            DeValue::String(found) => found.to_string(),
            DeValue::Integer(number) => number.as_str().to_owned(),
            DeValue::Float(number) => number.as_str().to_owned(),
            DeValue::Boolean(found) => found.to_string(),
            DeValue::Datetime(found) => found.to_string(),
            DeValue::Table(table) => return self.flatten(&format!("{name}."), table, path, text),
            DeValue::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.add(format!("{name}.{index}"), item, path, text);
                }
                return;
            }
        };
        let line = text[..value.span().start].matches('\n').count() + 1;
        let setting = HostSetting {
            value: found,
            origin: format!("{path}:{line}"),
        };
        self.values.insert(name, setting);
    }
}

fn label(path: &str, text: &str, at: usize) -> Label {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() as u64 + 1;
    Label {
        file: path.to_owned(),
        position: Position {
            line,
            column: before[line_start..].chars().count() as u64 + 1,
        },
        length: 1,
        // A configuration may hold a password: the line is named, not shown.
        excerpt: String::new(),
        excerpt_line: line,
        text: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory_tree::MemoryTree;

    #[test]
    fn values_are_found_by_dotted_name_with_their_line() {
        let tree = MemoryTree::new(&[(
            "a.toml",
            "[one]\nname = \"x\"\nlist = [\"a\",\n  \"b\"]\n[one.two]\nflag = true\nport = 5\n",
        )]);
        let mut diagnostics = Vec::new();
        let file = TomlFile::read(&tree, "a.toml", &mut diagnostics)
            .unwrap()
            .unwrap();
        let get = |name: &str| {
            file.get(name)
                .map(|found| format!("{} {}", found.value, found.origin))
        };
        assert_eq!(get("one.name").as_deref(), Some("x a.toml:2"));
        assert_eq!(get("one.two.flag").as_deref(), Some("true a.toml:6"));
        assert_eq!(get("one.two.port").as_deref(), Some("5 a.toml:7"));
        assert_eq!(get("one.nothing"), None);
        let list: Vec<String> = file
            .list("one.list")
            .into_iter()
            .map(|item| item.value)
            .collect();
        assert_eq!(list, ["a", "b"]);
        let unknown = file.unknown("a.toml", "one.", &["name", "list"], UnknownKeys::PassedOver);
        let told: Vec<String> = unknown.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "a.toml:6: unknown key `one.two.flag`",
                "a.toml:7: unknown key `one.two.port`"
            ]
        );
        assert_eq!(diagnostics, []);
        assert_eq!(
            TomlFile::read(&tree, "b.toml", &mut diagnostics).unwrap(),
            None
        );
    }

    #[test]
    fn what_is_wrong_has_its_line_and_shows_nothing() {
        let tree = MemoryTree::new(&[("a.toml", "url = \"secret\"\nurl = \n")]);
        let mut diagnostics = Vec::new();
        TomlFile::read(&tree, "a.toml", &mut diagnostics).unwrap();
        let told = diagnostics[0].to_string();
        assert!(told.starts_with("a.toml:2:"), "{told}");
        assert!(!format!("{diagnostics:?}").contains("secret"));
    }
}
