//! Names in a script that stand for values: `${schema}`. Plain data; who replaces them is the reader of the script.

use crate::span::Span;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// What becomes of a name without a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WithoutValue {
    /// It is an error.
    Refuse,
    /// It stays as it is written.
    Keep,
}

/// How placeholders are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaceholderSyntax {
    /// A name between two marks, anywhere. Names have no case; the values are by name in lower case.
    Between {
        /// What it begins with: `${`.
        prefix: String,
        /// What it ends with: `}`.
        suffix: String,
    },
    /// As in a shell: `$NAME`, `${NAME}`, `${NAME:-otherwise}`. Names have a case.
    Shell {
        /// The stretches of the file in which they count, in order. Each is whole lines.
        within: Arc<[Span]>,
    },
}

/// How the placeholders of a script look, and what they stand for.
///
/// A value is not looked into for further placeholders.
#[derive(Clone, PartialEq, Eq)]
pub struct Placeholders {
    /// How they are written.
    pub syntax: PlaceholderSyntax,
    /// The values of all scripts, by name.
    pub values: Arc<BTreeMap<String, String>>,
    /// Values of this script alone. They count before the others.
    pub own: BTreeMap<String, String>,
    /// What becomes of the others.
    pub without_value: WithoutValue,
}

impl Placeholders {
    /// The value of a name as written.
    pub fn value(&self, name: &str) -> Option<&str> {
        let lower;
        let name = match &self.syntax {
            PlaceholderSyntax::Between { .. } => {
                lower = name.to_lowercase();
                lower.as_str()
            }
            PlaceholderSyntax::Shell { .. } => name,
        };
        self.own
            .get(name)
            .or_else(|| self.values.get(name))
            .map(String::as_str)
    }
}

/// Names only: values may be secrets.
impl fmt::Debug for Placeholders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Placeholders")
            .field("syntax", &self.syntax)
            .field("values", &self.values.keys().collect::<Vec<_>>())
            .field("own", &self.own.keys().collect::<Vec<_>>())
            .field("without_value", &self.without_value)
            .finish()
    }
}
