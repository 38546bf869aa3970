//! The part of YAML that configuration files are written in: nested keys, plain and quoted texts, lists. Anchors, tags and
//! texts over several lines are passed over, not guessed.

/// One value with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Line, from 1.
    pub(crate) line: usize,
    /// The keys that lead there, with dots; `[0]` for the first of a list.
    pub(crate) key: String,
    pub(crate) value: String,
}

/// All values of one document.
pub(crate) fn flat(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    // Indentation and key of what encloses the current line, and how many items of its list were seen.
    let mut above: Vec<(usize, String, usize)> = Vec::new();
    // The indentation from which on lines belong to a text over several lines.
    let mut inside_text: Option<usize> = None;
    for (index, line) in text.lines().enumerate() {
        let content = line.trim_start();
        let indentation = line.len() - content.len();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        if inside_text.is_some_and(|from| indentation > from) {
            continue;
        }
        inside_text = None;
        let is_item = content == "-" || content.starts_with("- ");
        // An item of a list may stand as far out as its key.
        above.retain(|(outer, _, _)| *outer < indentation || (is_item && *outer == indentation));
        let mut push = |key: &[&str], value: String| {
            entries.push(Entry {
                line: index + 1,
                key: key.join("."),
                value,
            });
        };
        let path: Vec<String> = above.iter().map(|(_, key, _)| key.clone()).collect();
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        if is_item {
            let value = content[1..].trim_start();
            if let (Some((_, list, count)), Some((_, outer))) =
                (above.last_mut(), path.split_last())
            {
                let item = format!("{list}[{count}]");
                *count += 1;
                if let Some(value) = scalar(value) {
                    push(&[outer, &[item.as_str()]].concat(), value);
                }
            }
            continue;
        }
        let Some((key, value)) = key_and_value(content) else {
            continue;
        };
        let whole = [path.as_slice(), &[key.as_str()]].concat();
        match value {
            "" => above.push((indentation, key.clone(), 0)),
            _ if value.starts_with(['|', '>']) => inside_text = Some(indentation),
            _ => match value
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'))
            {
                Some(items) => {
                    for (number, item) in items.split(',').enumerate() {
                        let item_key = format!("{key}[{number}]");
                        if let Some(item) = scalar(item.trim()).filter(|item| !item.is_empty()) {
                            push(&[path.as_slice(), &[item_key.as_str()]].concat(), item);
                        }
                    }
                }
                None => {
                    if let Some(value) = scalar(value) {
                        push(&whole, value);
                    }
                }
            },
        }
    }
    entries
}

/// A key with its colon, and what follows without a comment.
fn key_and_value(content: &str) -> Option<(String, &str)> {
    let (key, rest) = match content.strip_prefix(['"', '\'']) {
        Some(rest) => {
            let quote = content.chars().next()?;
            let (key, rest) = rest.split_once(quote)?;
            (key, rest.trim_start().strip_prefix(':')?)
        }
        None => content
            .split_once(": ")
            .or_else(|| content.strip_suffix(':').map(|key| (key, "")))
            .or_else(|| content.split_once(":\t"))?,
    };
    Some((key.trim().to_owned(), without_comment(rest.trim())))
}

fn without_comment(value: &str) -> &str {
    if value.starts_with('#') {
        return "";
    }
    if value.starts_with(['"', '\'']) {
        let quote = &value[..1];
        if let Some(end) = value.rfind(quote).filter(|end| *end > 0)
            && value[end + 1..].trim_start().starts_with('#')
        {
            return &value[..=end];
        }
        return value;
    }
    value.find(" #").map_or(value, |at| value[..at].trim_end())
}

/// A text; `None` for what is not understood.
fn scalar(value: &str) -> Option<String> {
    let value = without_comment(value);
    if let Some(inner) = value.strip_prefix('\'') {
        return Some(inner.strip_suffix('\'')?.replace("''", "'"));
    }
    if let Some(inner) = value.strip_prefix('"') {
        let inner = inner.strip_suffix('"')?;
        return (!inner.contains('\\')).then(|| inner.to_owned());
    }
    (!value.starts_with(['&', '*', '!', '{', '[', '|', '>'])).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_keys_become_flat_ones() {
        let text = "# a comment\na:\n  b: 1   # one\n  'c d': \"x # y\"\n  list:\n  - p\n  - \"q\"\n  deep:\n    - r\n  text: |\n    not: this\n  e: http://x:1/\nf: [1, 'two']\ng:\n";
        let found: Vec<String> = flat(text)
            .iter()
            .map(|entry| format!("{} {}={}", entry.line, entry.key, entry.value))
            .collect();
        assert_eq!(
            found,
            [
                "3 a.b=1",
                "4 a.c d=x # y",
                "6 a.list[0]=p",
                "7 a.list[1]=q",
                "9 a.deep[0]=r",
                "12 a.e=http://x:1/",
                "13 f[0]=1",
                "13 f[1]=two",
            ]
        );
    }
}
