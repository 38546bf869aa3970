//! Placeholders as in a shell, as goose has them (mfridman/interpolate 0.0.2): `$NAME`, `${NAME}`, `${NAME:-if empty}`,
//! `${NAME-if not set}`, `${NAME:offset:length}`, `${NAME?message}`; `\$` and `$$` for a `$`. They end with their line.
//!
//! Other than there, a variable that is not set and for which the file says nothing is a mistake, not an empty text.

use super::stretch::{Mistake, Stretch};
use shoring_core::{Placeholders, Span, WithoutValue};

/// How much of a line is looked at for the end of a placeholder.
const LONGEST: usize = 64 * 1024;
/// How deep placeholders may stand in each other.
const DEEPEST: usize = 32;

/// What stands at the beginning of `bytes`, which are at byte `offset` of the file.
pub(super) fn look(
    bytes: &[u8],
    is_at_end: bool,
    (offset, within): (u64, &[Span]),
    placeholders: &Placeholders,
) -> Stretch {
    if bytes.is_empty() {
        return if is_at_end {
            Stretch::End
        } else {
            Stretch::Unknown
        };
    }
    let next = within.partition_point(|span| span.end <= offset);
    let Some(span) = within.get(next) else {
        return Stretch::Plain(bytes.len());
    };
    let up_to =
        |end: u64| usize::try_from(end - offset).map_or(bytes.len(), |n| n.min(bytes.len()));
    if offset < span.start {
        return Stretch::Plain(up_to(span.start));
    }
    let inside = &bytes[..up_to(span.end)];
    match memchr::memchr2(b'$', b'\\', inside) {
        None => return Stretch::Plain(inside.len()),
        Some(0) => {}
        Some(at) => return Stretch::Plain(at),
    }
    let end = memchr::memchr(b'\n', inside);
    let is_known = end.is_some() || is_at_end || inside.len() < bytes.len();
    if !is_known && inside.len() < LONGEST {
        return Stretch::Unknown;
    }
    let line = &inside[..end.unwrap_or(inside.len())];
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = match std::str::from_utf8(line) {
        Ok(line) => line,
        // What follows is refused by whoever reads the outcome.
        Err(error) => std::str::from_utf8(&line[..error.valid_up_to()]).unwrap_or_default(),
    };
    at_sign(line, placeholders)
}

/// A line that begins with `$` or `\`.
fn at_sign(line: &str, placeholders: &Placeholders) -> Stretch {
    let mut parser = Parser {
        line,
        at: 0,
        depth: 0,
    };
    match parser.item() {
        Ok(Item::Text(text)) => Stretch::Plain(text.len()),
        Ok(Item::Dollar) => Stretch::Placeholder {
            length: parser.at,
            value: b"$".to_vec(),
        },
        Ok(Item::Expansion(expansion)) => {
            let length = parser.at;
            match (expansion.value(placeholders), placeholders.without_value) {
                (Ok(value), _) => Stretch::Placeholder { length, value },
                (Err(_), WithoutValue::Keep) => Stretch::Plain(length),
                (Err(not_set), WithoutValue::Refuse) => Stretch::Mistake {
                    length,
                    what: Mistake::NotSet {
                        variable: not_set.variable.to_owned(),
                        message: not_set.message.to_owned(),
                    },
                },
            }
        }
        Err(reason) => Stretch::Mistake {
            length: parser.at.max(1),
            what: Mistake::Malformed(reason),
        },
    }
}

/// A stretch of a line.
enum Item<'a> {
    Text(&'a str),
    /// An escaped `$`.
    Dollar,
    Expansion(Expansion<'a>),
}

struct Expansion<'a> {
    variable: &'a str,
    form: Form<'a>,
}

/// What is made of the variable.
enum Form<'a> {
    Value,
    IfEmpty(Vec<Item<'a>>),
    IfNotSet(Vec<Item<'a>>),
    Cut(i64, Option<i64>),
    /// With the message, as written.
    Required(&'a str),
}

struct NotSet<'a> {
    variable: &'a str,
    message: &'a str,
}

impl<'a> Expansion<'a> {
    fn value(&self, placeholders: &Placeholders) -> Result<Vec<u8>, NotSet<'a>> {
        let value = placeholders.value(self.variable);
        let set = |message| {
            let variable = self.variable;
            value.ok_or(NotSet { variable, message })
        };
        let text = match &self.form {
            Form::Value => set("")?,
            Form::Required(message) => set(message)?,
            Form::Cut(offset, length) => {
                return Ok(cut(set("")?.as_bytes(), *offset, *length).to_vec());
            }
            Form::IfEmpty(otherwise) => match value.filter(|value| !value.is_empty()) {
                Some(value) => value,
                None => return joined(otherwise, placeholders),
            },
            Form::IfNotSet(otherwise) => match value {
                Some(value) => value,
                None => return joined(otherwise, placeholders),
            },
        };
        Ok(text.as_bytes().to_vec())
    }
}

fn joined<'a>(items: &[Item<'a>], placeholders: &Placeholders) -> Result<Vec<u8>, NotSet<'a>> {
    let mut joined = Vec::new();
    for item in items {
        match item {
            Item::Text(text) => joined.extend_from_slice(text.as_bytes()),
            Item::Dollar => joined.push(b'$'),
            Item::Expansion(expansion) => joined.extend(expansion.value(placeholders)?),
        }
    }
    Ok(joined)
}

/// Some of the bytes of a value; what is negative counts from its end.
fn cut(value: &[u8], offset: i64, length: Option<i64>) -> &[u8] {
    let all = i64::try_from(value.len()).unwrap_or(i64::MAX);
    let from = if offset < 0 {
        offset.saturating_add(all)
    } else {
        offset
    }
    .clamp(0, all);
    let to = match length {
        None => all,
        Some(length) if length < 0 => length.saturating_add(all),
        Some(length) => length.saturating_add(from),
    }
    .clamp(from, all);
    let index = |at: i64| usize::try_from(at).unwrap_or(value.len());
    &value[index(from)..index(to)]
}

struct Parser<'a> {
    line: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.line[self.at..]
    }

    fn take(&mut self, length: usize) -> &'a str {
        let taken = &self.rest()[..length];
        self.at += length;
        taken
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        self.take(rest.find(|c| !belongs(c)).unwrap_or(rest.len()))
    }

    fn takes(&mut self, prefix: &str) -> bool {
        let takes = self.rest().starts_with(prefix);
        if takes {
            self.at += prefix.len();
        }
        takes
    }

    /// What begins with `$` or `\`.
    fn item(&mut self) -> Result<Item<'a>, &'static str> {
        let rest = self.rest();
        if rest.starts_with(r"\\") || rest.starts_with("$(") {
            return Ok(Item::Text(self.take(2)));
        }
        if self.takes(r"\$") || self.takes("$$") {
            return Ok(Item::Dollar);
        }
        if rest.starts_with('\\') || rest.len() <= 1 {
            return Ok(Item::Text(self.take(rest.len().min(1))));
        }
        self.at += 1;
        let is_in_braces = self.takes("{");
        let variable = self.variable()?;
        let form = if is_in_braces {
            let form = self.form()?;
            if !self.takes("}") {
                return Err(NO_END);
            }
            form
        } else {
            Form::Value
        };
        Ok(Item::Expansion(Expansion { variable, form }))
    }

    fn variable(&mut self) -> Result<&'a str, &'static str> {
        match self.rest().chars().next() {
            Some(first) if first.is_alphabetic() => {
                Ok(self.take_while(|c| c.is_alphabetic() || c.is_numeric() || c == '_'))
            }
            Some(other) => {
                self.at += other.len_utf8();
                Err("the name of a variable begins with a letter")
            }
            None => Err(NO_END),
        }
    }

    /// What follows the name between braces.
    fn form(&mut self) -> Result<Form<'a>, &'static str> {
        if self.rest().starts_with('}') {
            return Ok(Form::Value);
        }
        if self.takes(":-") {
            return Ok(Form::IfEmpty(self.items()?));
        }
        if self.takes("-") {
            return Ok(Form::IfNotSet(self.items()?));
        }
        if self.takes("?") {
            let start = self.at;
            self.items()?;
            return Ok(Form::Required(&self.line[start..self.at]));
        }
        if self.takes(":") {
            let offset = self.number(|c| c != ':' && c != '}')?;
            let has_length = self.takes(":");
            let length = has_length.then(|| self.number(|c| c != '}')).transpose()?;
            return Ok(Form::Cut(offset, length));
        }
        match self.rest().chars().next() {
            Some(other) => {
                self.at += other.len_utf8();
                Err("after the name comes `}`, `:-`, `-`, `?`, or `:` with a number")
            }
            None => Err(NO_END),
        }
    }

    fn number(&mut self, belongs: impl Fn(char) -> bool) -> Result<i64, &'static str> {
        self.take_while(belongs)
            .trim()
            .parse()
            .map_err(|_| "behind `:` stands a number of bytes")
    }

    /// Text and placeholders up to the next `}`.
    fn items(&mut self) -> Result<Vec<Item<'a>>, &'static str> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("too many stand in each other");
        }
        let mut items = Vec::new();
        while let Some(first) = self.rest().chars().next().filter(|c| *c != '}') {
            items.push(if matches!(first, '$' | '\\') {
                self.item()?
            } else {
                Item::Text(self.take_while(|c| !matches!(c, '$' | '\\' | '}')))
            });
        }
        self.depth -= 1;
        Ok(items)
    }
}

const NO_END: &str = "it has no end on its line";
