//! Labels into configuration files that cannot carry a secret onto the screen.

use super::keys::{KEYS, Shape};
use shoring_core::{Label, Position};

/// A label at a byte range of a `shoring.toml`. The excerpt is the one line; what stands right of `=` is only kept
/// where the key is known to be harmless, because a misspelt `database` is as secret as a right one.
pub(super) fn label(path: &str, text: &str, start: usize, end: usize, caption: &str) -> Label {
    let start = floor_boundary(text, start);
    let head = text.get(..start).unwrap_or_default();
    let line_start = head.rfind('\n').map_or(0, |at| at + 1);
    let line_end = text
        .get(start..)
        .and_then(|rest| rest.find('\n'))
        .map_or(text.len(), |at| start + at);
    let line = text
        .get(line_start..line_end)
        .unwrap_or_default()
        .trim_end_matches('\r');
    let position = Position::START.advanced_by(head);
    let end = floor_boundary(text, end.min(line_end).max(start));
    let length = text
        .get(start..end)
        .map_or(1, |meant| meant.chars().count().max(1) as u64);
    let shown = harmless_part(line);
    let is_visible = start - line_start <= shown.len();
    Label {
        file: path.to_owned(),
        position,
        length: if is_visible {
            let room = shown.len() + line_start;
            let visible = text.get(start..end.min(room)).unwrap_or_default();
            (visible.chars().count() as u64).max(1)
        } else {
            length
        },
        excerpt: if is_visible {
            shown.to_owned()
        } else {
            String::new()
        },
        excerpt_line: position.line,
        text: caption.to_owned(),
    }
}

/// A label that names a line of a file whose content is not shown at all (`.env`).
pub(super) fn place(path: &str, line: u64, column: u64) -> Label {
    Label {
        file: path.to_owned(),
        position: Position { line, column },
        length: 1,
        excerpt: String::new(),
        excerpt_line: line,
        text: String::new(),
    }
}

/// The part of a line that may be shown.
fn harmless_part(line: &str) -> &str {
    let trimmed = line.trim_start();
    if trimmed.starts_with('[') && !trimmed.contains("://") && !trimmed.contains('@') {
        return line;
    }
    let Some((left, _)) = line.split_once('=') else {
        return "";
    };
    let is_harmless = KEYS
        .iter()
        .any(|key| key.name == left.trim() && key.in_config && key.shape != Shape::Secret);
    if is_harmless {
        line
    } else if left.chars().all(is_key_character) {
        left.trim_end()
    } else {
        ""
    }
}

/// What a plain key of TOML may consist of. A URL that stands where a key should be is not shown.
pub(super) const fn is_key_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.' | ' ' | '\t')
}

fn floor_boundary(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at.min(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_an_unknown_or_secret_key_is_not_shown() {
        for line in ["databse = \"postgres://a:canary@h/d\"", "database = canary"] {
            let label = label("shoring.toml", line, 0, line.len(), "");
            assert!(!label.excerpt.contains("canary"), "{label:?}");
            assert!(!label.excerpt.is_empty(), "{label:?}");
        }
        let inside = label("shoring.toml", "database = \"canary", 14, 15, "");
        assert_eq!(inside.excerpt, "");
        assert_eq!(inside.position.column, 15);
        let url = label(
            "shoring.toml",
            "postgres://a:canary@h/d?sslmode=require",
            0,
            1,
            "",
        );
        assert_eq!(url.excerpt, "");
        let continued = label("shoring.toml", "canary\"\"\"", 1, 2, "");
        assert_eq!(continued.excerpt, "");
    }

    #[test]
    fn a_harmless_line_is_shown_whole() {
        let label = label(
            "shoring.toml",
            "a = 1\nlock_wait = \"soon\"\n",
            18,
            24,
            "here",
        );
        assert_eq!(label.excerpt, "lock_wait = \"soon\"");
        assert_eq!((label.position.line, label.position.column), (2, 13));
        assert_eq!(label.length, 6);
    }
}
