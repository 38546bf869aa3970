//! Changes a few lines of `shoring.toml` and leaves the others as they are.

use crate::error::{Error, ErrorKind, Result};
use toml_edit::{DocumentMut, value};

/// A key of the settings file with what it is to say; `None` takes it out.
pub(crate) type Edit = (&'static str, Option<String>);

/// The text of the file with some keys changed.
pub(crate) fn edited(text: &str, edits: &[Edit]) -> Result<String> {
    let mut document: DocumentMut = text.parse().map_err(|error| {
        Error::new(
            ErrorKind::Usage,
            "config-syntax",
            format!("shoring.toml cannot be read: {error}"),
        )
    })?;
    for (key, wanted) in edits {
        match wanted {
            None => drop(document.remove(key)),
            Some(wanted) => match document
                .get_mut(key)
                .and_then(toml_edit::Item::as_value_mut)
            {
                Some(there) => {
                    let decor = there.decor().clone();
                    *there = wanted.as_str().into();
                    *there.decor_mut() = decor;
                }
                None => drop(document.insert(key, value(wanted.as_str()))),
            },
        }
    }
    Ok(document.to_string())
}

/// The edits that change anything in the text.
pub(crate) fn needed(text: &str, edits: Vec<Edit>) -> Vec<Edit> {
    let document: DocumentMut = text.parse().unwrap_or_default();
    let is_needed = |(key, wanted): &Edit| {
        let there = document.get(key).and_then(toml_edit::Item::as_str);
        there != wanted.as_deref()
    };
    edits.into_iter().filter(is_needed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_lines_stay() {
        let text = "# mine\nformat = \"flyway\" # old\nhistory_table = \"x\"\n\n[env.prod]\nlock_wait = \"5m\"\n";
        let edits = vec![
            ("format", Some("goose".to_owned())),
            ("dir", Some("migrations".to_owned())),
            ("history_table", None),
        ];
        assert_eq!(
            edited(text, &edits).unwrap(),
            "# mine\nformat = \"goose\" # old\ndir = \"migrations\"\n\n[env.prod]\nlock_wait = \"5m\"\n"
        );
        assert_eq!(needed(&edited(text, &edits).unwrap(), edits), []);
        assert!(edited("a = ", &[]).is_err());
    }
}
