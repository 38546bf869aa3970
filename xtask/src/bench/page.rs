//! `docs/benchmarks.md`: the part between two marks is ours, the rest is written by people.

use std::fs;

use crate::workspace;

pub(super) const PATH: &str = "docs/benchmarks.md";

const BEGIN: &str = "<!-- written by cargo xtask bench: begin -->";
const END: &str = "<!-- written by cargo xtask bench: end -->";

/// Puts the tables into the page.
pub(super) fn write(tables: &str) -> Result<(), String> {
    let path = workspace::root().join(PATH);
    let cannot = |error| format!("{PATH}: {error}");
    let page = fs::read_to_string(&path).map_err(|error| cannot(error.to_string()))?;
    let page = replace(&page, tables).ok_or_else(|| cannot("its marks are gone".into()))?;
    fs::write(&path, page).map_err(|error| cannot(error.to_string()))
}

fn replace(page: &str, tables: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!(
        "{before}{BEGIN}\n\n{}\n\n{END}{after}",
        tables.trim()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_part_between_the_marks_changes() {
        let page = format!("# Title\n\n{BEGIN}\nold\n{END}\n\nNotes.\n");
        let expected = format!("# Title\n\n{BEGIN}\n\n| a |\n\n{END}\n\nNotes.\n");
        assert_eq!(replace(&page, "\n| a |\n"), Some(expected));
        assert_eq!(replace("# Title\n", "| a |"), None);
    }
}
