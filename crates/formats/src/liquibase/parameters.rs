//! The properties of a project: `${name}` stands for a value. The variables of the environment come first, then what the
//! configuration says, then what the changelogs say from their beginning on; the first that fits counts.

use std::collections::BTreeMap;
use std::ops::Range;

/// How deep a value may lead to others. One that leads to itself would have no end.
const DEEPEST: usize = 16;

/// The largest value that is made of others.
const LARGEST: usize = 1024 * 1024;

/// The properties that are known so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Parameters {
    /// By name in lower case: names have no case.
    global: BTreeMap<String, String>,
    /// Of one file, and of those that it includes.
    local: BTreeMap<String, BTreeMap<String, String>>,
}

impl Parameters {
    /// Sets a value for all files, unless there is one.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.global
            .entry(name.to_lowercase())
            .or_insert_with(|| value.to_owned());
    }

    /// Sets a value for one file.
    pub(super) fn set_local(&mut self, file: &str, name: &str, value: &str) {
        let of_file = self.local.entry(file.to_owned()).or_default();
        of_file.insert(name.to_lowercase(), value.to_owned());
    }

    /// The properties as a file sees them that is included by these, the innermost first.
    pub(super) fn lookup<'p>(&'p self, files: &'p [String]) -> Lookup<'p> {
        Lookup {
            parameters: self,
            files,
        }
    }
}

/// The properties as one file sees them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lookup<'p> {
    parameters: &'p Parameters,
    files: &'p [String],
}

impl Lookup<'_> {
    fn value(&self, name: &str) -> Option<&str> {
        let name = name.trim().to_lowercase();
        let local = || {
            self.files
                .iter()
                .find_map(|file| self.parameters.local.get(file)?.get(&name))
        };
        self.parameters
            .global
            .get(&name)
            .or_else(local)
            .map(String::as_str)
    }

    /// A text with values in the place of names. What has none stays as it is written.
    pub(super) fn expand(&self, text: &str) -> String {
        self.expand_at(text, 0)
    }

    fn expand_at(&self, text: &str, depth: usize) -> String {
        let mut expanded = String::new();
        let mut at = 0;
        for (range, value) in self.values_at(text, depth) {
            expanded.push_str(&text[at..range.start]);
            expanded.push_str(&value);
            at = range.end;
            if expanded.len() > LARGEST {
                return text.to_owned();
            }
        }
        expanded.push_str(&text[at..]);
        expanded
    }

    /// The names in a text that have a value, each with it.
    pub(super) fn values_in(&self, text: &str) -> Vec<(Range<usize>, String)> {
        self.values_at(text, 0)
    }

    fn values_at(&self, text: &str, depth: usize) -> Vec<(Range<usize>, String)> {
        let mut values = Vec::new();
        let mut at = 0;
        while let Some(found) = text[at..].find("${").filter(|_| depth < DEEPEST) {
            let start = at + found;
            let Some(end) = closing(&text[start + 2..]).map(|end| start + 2 + end) else {
                at = start + 2;
                continue;
            };
            let name = self.expand_at(&text[start + 2..end], depth + 1);
            match self.value(&name) {
                Some(value) => {
                    let value = self.expand_at(value, depth + 1);
                    values.push((start..end + 1, value));
                    at = end + 1;
                }
                // A name that is not known may have a known one inside.
                None => at = start + 2,
            }
        }
        values
    }
}

/// Where the `}` stands that closes what was opened before the text.
fn closing(text: &str) -> Option<usize> {
    const LONGEST: usize = 4096;
    let mut depth = 0_usize;
    let mut before = ' ';
    for (at, c) in text.char_indices().take(LONGEST) {
        match c {
            '{' if before == '$' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
        before = c;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_take_the_place_of_names() {
        let mut parameters = Parameters::default();
        for (name, value) in [
            ("who", "world"),
            ("WHO", "second"),
            ("greeting", "hello ${who}"),
            ("name", "who"),
            ("loop", "${loop}x"),
            ("empty", ""),
        ] {
            parameters.set(name, value);
        }
        parameters.set_local("a.sql", "mine", "1");
        parameters.set_local("a.sql", "mine", "2");
        let files = ["a.sql".to_owned()];
        let here = parameters.lookup(&files);
        let elsewhere = parameters.lookup(&[]);
        for (text, expected) in [
            ("${who} $who {who} ${ Who }", "world $who {who} world"),
            ("${greeting}!", "hello world!"),
            ("${${name}}", "world"),
            ("${none}${empty}${:who}", "${none}${:who}"),
            ("${none ${who}}", "${none world}"),
            ("${open", "${open"),
            ("${mine}", "2"),
        ] {
            assert_eq!(here.expand(text), expected, "{text}");
        }
        assert_eq!(elsewhere.expand("${mine}"), "${mine}");
        assert!(here.expand("${loop}").ends_with("xx"));
    }
}
