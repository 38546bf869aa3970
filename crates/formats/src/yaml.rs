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
    read(text).0
}

/// All values of one document, and the lines that were passed over, for files of which nothing may be missed.
pub(crate) fn read(text: &str) -> (Vec<Entry>, Vec<usize>) {
    let mut reader = Reader::default();
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
        reader.line = index + 1;
        inside_text = reader.see(content, indentation);
    }
    (reader.entries, reader.passed_over)
}

/// What encloses the current line: a key, or an item of a list.
struct Frame {
    indentation: usize,
    /// `key`, or `[0]`.
    key: String,
    /// How many items of its list were seen.
    items: usize,
}

#[derive(Default)]
struct Reader {
    line: usize,
    above: Vec<Frame>,
    entries: Vec<Entry>,
    passed_over: Vec<usize>,
}

impl Reader {
    /// Reads one line. Where a text over several lines begins, it gives the indentation of its key.
    fn see(&mut self, content: &str, indentation: usize) -> Option<usize> {
        let is_item = content == "-" || content.starts_with("- ");
        // An item of a list may stand as far out as its key.
        let is_key = |frame: &Frame| !frame.key.starts_with('[');
        self.above.retain(|frame| {
            frame.indentation < indentation
                || (is_item && frame.indentation == indentation && is_key(frame))
        });
        if is_item {
            return self.see_item(content[1..].trim_start(), content, indentation);
        }
        let Some((key, value)) = key_and_value(content) else {
            let is_border = content.starts_with("---") || content.starts_with('%');
            if !is_border {
                self.passed_over.push(self.line);
            }
            return None;
        };
        self.see_key(&key, value, indentation)
    }

    fn see_item(&mut self, value: &str, content: &str, indentation: usize) -> Option<usize> {
        let Some(list) = self.above.last_mut() else {
            self.passed_over.push(self.line);
            return None;
        };
        let item = format!("[{}]", list.items);
        list.items += 1;
        let is_quoted = value.starts_with(['"', '\'']);
        match key_and_value(value).filter(|_| !is_quoted && !value.starts_with('{')) {
            // A map begins in the line of its item.
            Some((key, rest)) => {
                self.above.push(Frame {
                    indentation,
                    key: item,
                    items: 0,
                });
                let offset = content.len() - value.len();
                self.see_key(&key, rest, indentation + offset)
            }
            None if value.is_empty() => {
                self.above.push(Frame {
                    indentation,
                    key: item,
                    items: 0,
                });
                None
            }
            None => {
                self.value(&[&item], without_comment(value));
                None
            }
        }
    }

    fn see_key(&mut self, key: &str, value: &str, indentation: usize) -> Option<usize> {
        match value {
            "" => self.above.push(Frame {
                indentation,
                key: key.to_owned(),
                items: 0,
            }),
            _ if value.starts_with(['|', '>']) => {
                self.passed_over.push(self.line);
                return Some(indentation);
            }
            _ => self.value(&[key], value),
        }
        None
    }

    /// A value, a list or a map in one line.
    fn value(&mut self, path: &[&str], value: &str) {
        let inside = |open, close| value.strip_prefix(open)?.strip_suffix(close);
        if let Some(items) = inside('[', ']') {
            for (number, item) in parts(items).enumerate() {
                let item_key = format!("[{number}]");
                self.value(&[path, &[item_key.as_str()]].concat(), item);
            }
        } else if let Some(pairs) = inside('{', '}') {
            for pair in parts(pairs) {
                match key_and_value(pair) {
                    Some((key, value)) => self.value(&[path, &[key.as_str()]].concat(), value),
                    None => self.passed_over.push(self.line),
                }
            }
        } else if let Some(text) = scalar(value) {
            let key = self.key(path);
            self.entries.push(Entry {
                line: self.line,
                key,
                value: text,
            });
        } else {
            self.passed_over.push(self.line);
        }
    }

    fn key(&self, path: &[&str]) -> String {
        let mut key = String::new();
        let above = self.above.iter().map(|frame| frame.key.as_str());
        for part in above.chain(path.iter().copied()) {
            if !key.is_empty() && !part.starts_with('[') {
                key.push('.');
            }
            key.push_str(part);
        }
        key
    }
}

/// What stands between the commas of a list or a map in one line.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    let mut quote = None;
    text.split(move |c: char| {
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth = depth.saturating_sub(1),
            (None, ',') => return depth == 0,
            (Some(_) | None, _) => {}
        }
        false
    })
    .map(str::trim)
    .filter(|part| !part.is_empty())
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

    #[test]
    fn lists_have_maps_and_what_is_not_understood_is_told() {
        let text = "---\nlog:\n- include:\n    file: a.sql\n    relative: true\n-   include: {file: \"b, c.sql\", deep: [1, {x: y}]}\n- name: x\n  value: 'y: z'\n-\n  k: v\n- sql: |\n    select: 1\n  after: 1\n- &anchor x\n";
        let (found, passed_over) = read(text);
        let found: Vec<String> = found
            .iter()
            .map(|entry| format!("{} {}={}", entry.line, entry.key, entry.value))
            .collect();
        assert_eq!(
            found,
            [
                "4 log[0].include.file=a.sql",
                "5 log[0].include.relative=true",
                "6 log[1].include.file=b, c.sql",
                "6 log[1].include.deep[0]=1",
                "6 log[1].include.deep[1].x=y",
                "7 log[2].name=x",
                "8 log[2].value=y: z",
                "10 log[3].k=v",
                "13 log[4].after=1",
            ]
        );
        assert_eq!(passed_over, [11, 14]);
    }
}
