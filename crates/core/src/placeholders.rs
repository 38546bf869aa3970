//! Names in a script that stand for values: `${schema}`. Plain data; who replaces them is the reader of the script.

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

/// How the placeholders of a script look, and what they stand for.
///
/// A value is not looked into for further placeholders.
#[derive(Clone, PartialEq, Eq)]
pub struct Placeholders {
    /// What a placeholder begins with: `${`.
    pub prefix: String,
    /// What it ends with: `}`.
    pub suffix: String,
    /// The values of all scripts, by name in lower case: names have no case.
    pub values: Arc<BTreeMap<String, String>>,
    /// Values of this script alone. They count before the others.
    pub own: BTreeMap<String, String>,
    /// What becomes of the others.
    pub without_value: WithoutValue,
}

impl Placeholders {
    /// The value of a name as written between prefix and suffix.
    pub fn value(&self, name: &str) -> Option<&str> {
        let name = name.to_lowercase();
        self.own
            .get(&name)
            .or_else(|| self.values.get(&name))
            .map(String::as_str)
    }
}

/// Names only: values may be secrets.
impl fmt::Debug for Placeholders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Placeholders")
            .field("prefix", &self.prefix)
            .field("suffix", &self.suffix)
            .field("values", &self.values.keys().collect::<Vec<_>>())
            .field("own", &self.own.keys().collect::<Vec<_>>())
            .field("without_value", &self.without_value)
            .finish()
    }
}
