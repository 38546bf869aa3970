//! Where the tool cuts a text into statements, and what of it is a comment to the tool. It knows quotes, comments, and `BEGIN`
//! with its `END`; it knows no dollar quotes.

use std::ops::Range;

/// What ends a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Delimiter {
    /// `;`, and `GO` or `/` at the beginning of a line.
    Usual,
    /// These characters, whatever their case.
    Text {
        text: String,
        /// Only at the beginning of a line.
        begins_line: bool,
    },
}

impl Delimiter {
    /// As the tool is told it: a pattern, of which only line ends around plain characters are understood.
    pub(super) fn parse(text: &str) -> Option<Self> {
        const LINE_ENDS: [&str; 7] = ["\\r\\n", "\\r?\\n", "\\n", "\\s*", "\\s+", "\\r", "^"];
        let mut rest = text;
        let mut begins_line = false;
        while let Some(after) = LINE_ENDS.iter().find_map(|end| rest.strip_prefix(end)) {
            begins_line |= !rest.starts_with("\\s*");
            rest = after;
        }
        while let Some(before) = ["\\s*", "\\s*\\n", "\\n"]
            .iter()
            .find_map(|end| rest.strip_suffix(end))
        {
            rest = before;
        }
        // One character is never a pattern, nor are several where none has a meaning.
        let end_of_line = rest.len() > 1 && rest.ends_with('$') && !rest.starts_with('$');
        let rest = if end_of_line {
            &rest[..rest.len() - 1]
        } else {
            rest
        };
        let rest = rest.replace('\\', "");
        let is_plain = rest.chars().count() == 1
            || !rest.is_empty() && !rest.contains(['[', ']', '(', ')', '*', '+', '?', '{', '}']);
        is_plain.then(|| Self::Text {
            begins_line: begins_line || rest == "/",
            text: rest,
        })
    }
}

/// A place where the tool cuts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Border {
    pub(super) range: Range<usize>,
    /// Whether it is nothing but `;`.
    pub(super) is_semicolon: bool,
}

/// What there is in a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Cuts {
    pub(super) comments: Vec<Range<usize>>,
    pub(super) borders: Vec<Border>,
}

/// Reads a text as the tool does. Without a delimiter it is not cut.
pub(super) fn cuts(text: &str, delimiter: Option<&Delimiter>) -> Cuts {
    let mut cuts = Cuts::default();
    let mut at = 0;
    // How many BEGIN wait for their END.
    let mut depth = 0_usize;
    while at < text.len() {
        let rest = &text[at..];
        if let Some(length) = comment(rest) {
            cuts.comments.push(at..at + length);
            at += length;
            continue;
        }
        if depth == 0
            && let Some(length) = delimiter.and_then(|delimiter| border(text, at, delimiter))
        {
            cuts.borders.push(Border {
                range: at..at + length,
                is_semicolon: &rest[..length] == ";",
            });
            at += length;
            continue;
        }
        let length = token(rest);
        let word = &rest[..length];
        if word.eq_ignore_ascii_case("begin") {
            depth += usize::from(!goes_on_as_transaction(&rest[length..]));
        } else if word.eq_ignore_ascii_case("end") && !goes_on_as_transaction(&rest[length..]) {
            depth = depth.saturating_sub(1);
        }
        at += length;
    }
    cuts
}

fn goes_on_as_transaction(rest: &str) -> bool {
    const WORDS: [&str; 6] = [
        "transaction",
        "trans",
        "tran",
        "dialog",
        "conversation",
        "distributed",
    ];
    let next = rest.trim_start();
    let word = &next[..token(next)];
    WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
}

fn comment(rest: &str) -> Option<usize> {
    if rest.starts_with("--") {
        return Some(rest.find(['\n', '\r']).unwrap_or(rest.len()));
    }
    let inside = rest.strip_prefix("/*")?;
    Some(inside.find("*/")? + 4)
}

/// The length of a delimiter that stands here.
fn border(text: &str, at: usize, delimiter: &Delimiter) -> Option<usize> {
    let rest = &text[at..];
    let begins = at == 0 || text[..at].ends_with('\n');
    // What follows it in its line is the next statement, which no server takes so: it is meant otherwise.
    let has_line = |length: usize| {
        let line = &rest[length..];
        begins
            && line[..line.find('\n').unwrap_or(line.len())]
                .trim()
                .is_empty()
    };
    let is_here = |wanted: &str| {
        let head = rest.get(..wanted.len())?;
        head.eq_ignore_ascii_case(wanted).then_some(wanted.len())
    };
    match delimiter {
        Delimiter::Usual if rest.starts_with(';') => Some(1),
        Delimiter::Usual => ["go", "/"]
            .iter()
            .find_map(|word| is_here(word))
            .filter(|length| has_line(*length)),
        Delimiter::Text { text, begins_line } => {
            let length = is_here(text)?;
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let is_cut = text.ends_with(is_word) && rest[length..].starts_with(is_word);
            (!is_cut && (!begins_line || begins)).then_some(length)
        }
    }
}

/// The length of the token that begins here: a name, a quoted text, or one character.
fn token(rest: &str) -> usize {
    let Some(first) = rest.chars().next() else {
        return 0;
    };
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '@' | '#');
    match first {
        '\'' | '"' => string(rest, first).unwrap_or(1),
        '`' => in_line(rest, '`').unwrap_or(1),
        '[' if !rest[1..].starts_with(|c: char| c.is_ascii_digit() || c == ',') => {
            in_line(rest, ']').unwrap_or(1)
        }
        c if is_name(c) => rest.find(|c| !is_name(c)).unwrap_or(rest.len()),
        c => c.len_utf8(),
    }
}

/// A name in quotes ends in its line.
fn in_line(rest: &str, close: char) -> Option<usize> {
    let end = rest[1..].find(['\n', '\r', close])? + 1;
    rest[end..].starts_with(close).then_some(end + 1)
}

/// The longest text in quotes: a doubled quote goes on, and a backslash may or may not escape one.
fn string(rest: &str, quote: char) -> Option<usize> {
    let quote = quote as u8;
    let bytes = rest.as_bytes();
    let mut accepted = None;
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => {
                if bytes.get(at + 1) == Some(&quote) {
                    accepted = Some(at + 2);
                }
                at += 2;
            }
            byte if byte == quote => {
                if bytes.get(at + 1) == Some(&quote) {
                    at += 2;
                } else {
                    return Some(at + 1);
                }
            }
            _ => at += 1,
        }
    }
    accepted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, delimiter: Option<&str>) -> String {
        let delimiter = delimiter.map(|text| match text {
            ";" => Delimiter::Usual,
            text => Delimiter::parse(text).unwrap(),
        });
        let found = cuts(text, delimiter.as_ref());
        let mut marks: Vec<(usize, usize, char)> = found
            .comments
            .iter()
            .map(|range| (range.start, range.end, 'c'))
            .chain(
                found
                    .borders
                    .iter()
                    .map(|border| (border.range.start, border.range.end, '|')),
            )
            .collect();
        marks.sort_unstable();
        let mut outcome = String::new();
        let mut at = 0;
        for (start, end, mark) in marks {
            outcome.push_str(&text[at..start]);
            outcome.push(mark);
            at = end;
        }
        outcome.push_str(&text[at..]);
        outcome
    }

    #[test]
    fn texts_are_cut_as_the_tool_cuts_them() {
        for (text, delimiter, expected) in [
            ("a; b -- c; d\n;", Some(";"), "a| b c\n|"),
            ("a 'x;--y' /* ; */ ;", Some(";"), "a 'x;--y' c |"),
            ("a 'it''s; \\' x' ; b", Some(";"), "a 'it''s; \\' x' | b"),
            ("a\nGO\nb\n/\nc go", Some(";"), "a\n|\nb\n|\nc go"),
            ("a\n/ 2;", Some(";"), "a\n/ 2|"),
            ("BEGIN a; END; b;", Some(";"), "BEGIN a; END| b|"),
            ("BEGIN TRANSACTION; a;", Some(";"), "BEGIN TRANSACTION| a|"),
            ("$$ a; $$;", Some(";"), "$$ a| $$|"),
            ("a; b// c//", Some("//"), "a; b| c|"),
            ("a; b\n@@", Some("@@"), "a; b\n|"),
            ("a;\nGO\nb gone", Some("\\nGO"), "a;\n|\nb gone"),
            ("a\n/\nb / c", Some("/"), "a\n|\nb / c"),
            ("a;$$ b;$$", Some("$$"), "a;| b;|"),
            ("a; -- b", None, "a; c"),
            ("'open; --x", Some(";"), "'open| c"),
            ("[a--b]; x[1]; `a;b`;", Some(";"), "[a--b]| x[1]| `a;b`|"),
            ("é/* ü */;", Some(";"), "éc|"),
        ] {
            assert_eq!(told(text, delimiter), expected, "{text:?}");
        }
        assert_eq!(Delimiter::parse("(;|GO)"), None);
        assert_eq!(Delimiter::parse(""), None);
    }
}
