//! Files of `key=value` lines as Java has them: `flyway.conf`, `.sql.conf`, `application.properties`.

/// What a backslash inside a line means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backslash {
    /// Itself: the tool reads its own files so, for the paths of Windows.
    Literal,
    /// The beginning of an escape.
    Escape,
}

/// One setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Line of its beginning, from 1.
    pub(crate) line: usize,
    pub(crate) key: String,
    pub(crate) value: String,
}

/// All settings, in order. At the end of a line a backslash joins it with the next.
pub(crate) fn parse(text: &str, backslash: Backslash) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    while let Some((index, first)) = lines.next() {
        let first = first.trim_start();
        if first.is_empty() || first.starts_with(['#', '!']) {
            continue;
        }
        let mut whole = first.to_owned();
        while continues(&whole) {
            whole.pop();
            match lines.next() {
                Some((_, next)) => whole.push_str(next.trim_start()),
                None => break,
            }
        }
        let (key, value) = split(&whole, backslash);
        entries.push(Entry {
            line: index + 1,
            key,
            value,
        });
    }
    entries
}

fn continues(line: &str) -> bool {
    line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

/// The key ends at the first `=`, `:` or blank that is not escaped.
fn split(line: &str, backslash: Backslash) -> (String, String) {
    let mut is_escaped = false;
    let end = line
        .char_indices()
        .find(|(_, c)| {
            let is_end = !is_escaped && matches!(c, '=' | ':' | ' ' | '\t');
            is_escaped = !is_escaped && *c == '\\' && backslash == Backslash::Escape;
            is_end
        })
        .map_or(line.len(), |(at, _)| at);
    let rest = line[end..].trim_start();
    let value = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim_start();
    match backslash {
        Backslash::Literal => (line[..end].to_owned(), value.trim_end().to_owned()),
        Backslash::Escape => (unescape(&line[..end]), unescape(value)),
    }
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            plain.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => plain.push('\n'),
            Some('t') => plain.push('\t'),
            Some('r') => plain.push('\r'),
            Some('u') => {
                let digits: String = characters.by_ref().take(4).collect();
                let code = u32::from_str_radix(&digits, 16).ok();
                plain.push(
                    code.and_then(char::from_u32)
                        .unwrap_or(char::REPLACEMENT_CHARACTER),
                );
            }
            Some(other) => plain.push(other),
            None => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, backslash: Backslash) -> Vec<(usize, String, String)> {
        parse(text, backslash)
            .into_iter()
            .map(|entry| (entry.line, entry.key, entry.value))
            .collect()
    }

    #[test]
    fn lines_are_read_as_java_does() {
        let text = "# no\n! nor this\n\na=1\n b : two words \nc\nd=x,\\\n   y\npath=C:\\new\\x\n";
        let owned = |line, key: &str, value: &str| (line, key.to_owned(), value.to_owned());
        assert_eq!(
            read(text, Backslash::Literal),
            [
                owned(4, "a", "1"),
                owned(5, "b", "two words"),
                owned(6, "c", ""),
                owned(7, "d", "x,y"),
                owned(9, "path", "C:\\new\\x"),
            ]
        );
        assert_eq!(
            read("a\\ b=\\u00e9\\n\\\\", Backslash::Escape),
            [owned(1, "a b", "é\n\\")]
        );
    }
}
