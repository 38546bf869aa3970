//! What one line of a formatted SQL changelog is. A line that comes near one of the tool's own and is none is wrong, as the tool
//! has it: it would be sent, or left out, by mistake.

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line<'l> {
    /// `--liquibase formatted sql`.
    Header,
    /// `--property name:x value:y`.
    Property,
    /// `--ignoreLines:2`, `--ignoreLines:start`, `--ignoreLines:end`.
    IgnoreLines(&'l str),
    /// `--changeset author:id …`.
    ChangeSet { author: &'l str, id: &'l str },
    /// `--comment text`.
    Comment(&'l str),
    /// `--validCheckSum: 9:…`.
    ValidCheckSum(&'l str),
    /// `--rollback text`.
    Rollback(&'l str),
    /// `/* liquibase rollback`, up to a line that ends with `*/`.
    RollbackBlock,
    /// `--preconditions onFail:…`.
    Preconditions(&'l str),
    /// `--precondition-sql-check …`.
    Precondition { kind: &'l str, body: &'l str },
    /// What comes near one of these, which is the right form.
    Wrong(&'static str),
    /// Anything else.
    Text,
}

/// What a line is where a changeset may begin, and outside of one.
pub(super) fn line(text: &str) -> Line<'_> {
    if is_header(text) {
        return Line::Header;
    }
    if let Some(rest) = after(text, 2, "property", Indented::Yes)
        && rest.starts_with(char::is_whitespace)
    {
        // Two words with a colon each.
        let words = rest.split_whitespace().filter(|word| word.contains(':'));
        return if words.count() >= 2 || (rest.matches(':').count() >= 2) {
            Line::Property
        } else {
            Line::Wrong("--property name:NAME value:VALUE")
        };
    }
    let dashes = text.trim_start();
    let bare = dashes.trim_start_matches('-');
    if bare.len() < dashes.len()
        && word(bare.trim_start(), "property")
            .is_some_and(|rest| rest.starts_with(char::is_whitespace))
    {
        return Line::Wrong("--property name:NAME value:VALUE");
    }
    let is_word = |text: &str| !text.is_empty() && text.chars().all(is_word_character);
    if let Some(value) = after(text, 2, "ignoreLines:", Indented::No).filter(|value| is_word(value))
    {
        return Line::IgnoreLines(value);
    }
    if after(text, 1, "ignoreLines:", Indented::No)
        .is_some_and(|rest| rest.starts_with(is_word_character))
        || after(text, 2, "ignore:", Indented::No).is_some_and(is_word)
    {
        return Line::Wrong("--ignoreLines:COUNT  or  --ignoreLines:start");
    }
    if let Some(rest) = after(text, 2, "changeset", Indented::Yes) {
        return changeset(rest).unwrap_or(Line::Wrong("--changeset AUTHOR:ID"));
    }
    if after(text, 1, "changeset", Indented::No)
        .is_some_and(|rest| rest.starts_with(char::is_whitespace))
    {
        return Line::Wrong("--changeset AUTHOR:ID");
    }
    inner(text)
}

/// What a line is inside of a changeset.
fn inner(text: &str) -> Line<'_> {
    // `comment` and `comment:`, then one blank.
    let with_colon = |dashes, name, indented| {
        let rest = after(text, dashes, name, indented)?;
        rest.strip_prefix(':').unwrap_or(rest).strip_prefix(' ')
    };
    if let Some(comment) = with_colon(2, "comment", Indented::No) {
        return Line::Comment(comment);
    }
    if with_colon(1, "comment", Indented::No).is_some()
        || with_colon(2, "comments", Indented::No).is_some()
    {
        return Line::Wrong("--comment TEXT");
    }
    if let Some(sum) = with_colon(2, "validCheckSum", Indented::No) {
        return Line::ValidCheckSum(sum);
    }
    if after(text, 1, "validCheckSum", Indented::No).is_some() {
        return Line::Wrong("--validCheckSum: CHECKSUM");
    }
    if let Some(rest) =
        after(text, 2, "rollback", Indented::Yes).and_then(|rest| rest.strip_prefix(' '))
    {
        return Line::Rollback(rest);
    }
    let is_blank_next = |rest: &str| rest.starts_with(char::is_whitespace);
    if after(text, 1, "rollback", Indented::Yes).is_some_and(is_blank_next) {
        return Line::Wrong("--rollback SQL");
    }
    let block = text.trim_start().strip_prefix("/*").map(str::trim);
    if block
        .and_then(|block| word(block, "liquibase"))
        .and_then(|rest| word(rest.trim_start(), "rollback"))
        .is_some_and(str::is_empty)
    {
        return Line::RollbackBlock;
    }
    if let Some(body) = after(text, 2, "preconditions", Indented::Yes) {
        return Line::Preconditions(body);
    }
    if after(text, 1, "preconditions", Indented::Yes).is_some_and(is_blank_next) {
        return Line::Wrong("--preconditions onFail:HALT");
    }
    if let Some(rest) = after(text, 2, "precondition-", Indented::Yes) {
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .unwrap_or(rest.len());
        let (kind, body) = rest.split_at(end);
        if !kind.is_empty() && (body.is_empty() || body.starts_with(' ')) {
            return Line::Precondition {
                kind,
                body: body.trim(),
            };
        }
    }
    if after(text, 1, "precondition", Indented::Yes).is_some() {
        return Line::Wrong("--precondition-sql-check expectedResult:VALUE SELECT …");
    }
    Line::Text
}

/// Whether a line says that the file is a changelog.
pub(super) fn is_header(text: &str) -> bool {
    let rest = after(text, 2, "liquibase", Indented::Yes);
    rest.is_some_and(|rest| word(rest.trim_start(), "formatted").is_some())
}

/// `author:id` behind the word, which need not stand apart from it by more than the tool wants.
fn changeset(rest: &str) -> Option<Line<'_>> {
    let text = rest.strip_prefix(char::is_whitespace)?.trim_start();
    let (author, rest) = match quoted(text) {
        Some((author, rest)) => (author, rest.strip_prefix(':')?),
        None => text.split_once(':')?,
    };
    let (id, _) = match quoted(rest) {
        Some(quoted) => quoted,
        None => rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())),
    };
    let is_said = !author.is_empty() && !id.replace([':', ' '], "").is_empty();
    is_said.then_some(Line::ChangeSet { author, id })
}

fn quoted(text: &str) -> Option<(&str, &str)> {
    let (inside, rest) = text.strip_prefix('"')?.split_once('"')?;
    (!inside.is_empty()).then_some((inside, rest))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Indented {
    Yes,
    No,
}

/// What follows a word behind so many dashes.
fn after<'l>(text: &'l str, dashes: usize, name: &str, indented: Indented) -> Option<&'l str> {
    let text = match indented {
        Indented::Yes => text.trim_start(),
        Indented::No => text,
    };
    let rest = if dashes == 1 {
        text.strip_prefix('-')?
    } else {
        text.strip_prefix("--")?
    };
    word(rest.trim_start(), name)
}

/// What follows a word, which has no case.
fn word<'l>(text: &'l str, name: &str) -> Option<&'l str> {
    let (head, rest) = text.split_at_checked(name.len())?;
    head.eq_ignore_ascii_case(name).then_some(rest)
}

pub(super) fn is_word_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The last attribute of a name in a line, as the tool's patterns find it: `labels:x`, `contextFilter:"a or b"`.
pub(super) fn attribute<'l>(text: &'l str, name: &str, value: Value) -> Option<&'l str> {
    text.rmatch_indices(':').find_map(|(colon, _)| {
        let (before, here) = text[..colon].split_at_checked(colon.checked_sub(name.len())?)?;
        let is_own = value != Value::OwnWord || !before.ends_with(is_word_character);
        let is_here = is_own && here.eq_ignore_ascii_case(name);
        is_here.then(|| value.read(&text[colon + 1..])).flatten()
    })
}

/// What the value of an attribute may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    /// Letters, digits and `_`.
    Word,
    /// Everything up to a blank.
    Text,
    /// The same, where the name must not be the end of another.
    OwnWord,
    /// In double quotes, or everything up to a blank.
    Quoted,
    /// Names with commas and `!`.
    Products,
    /// Everything up to a blank, behind blanks.
    Spaced,
}

impl Value {
    fn read(self, rest: &str) -> Option<&str> {
        let up_to = |stops: &dyn Fn(char) -> bool| {
            let end = rest.find(stops).unwrap_or(rest.len());
            &rest[..end]
        };
        match self {
            Self::Word => Some(up_to(&|c| !is_word_character(c))).filter(|word| !word.is_empty()),
            Self::Text | Self::OwnWord => Some(up_to(&char::is_whitespace)),
            Self::Quoted => match rest.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
                Some((inside, _)) => Some(inside),
                None => Some(up_to(&char::is_whitespace)),
            },
            Self::Products => {
                let found = up_to(&|c| !is_word_character(c) && c != '!' && c != ',');
                (found.len() >= 2 && !found.starts_with(',')).then_some(found)
            }
            Self::Spaced => rest.split_whitespace().next(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_apart_as_the_tool_does() {
        const CHANGESET: Line<'_> = Line::Wrong("--changeset AUTHOR:ID");
        for (text, expected) in [
            (" -- Liquibase formatted SQL", Line::Header),
            ("--liquibase formattedX", Line::Header),
            (
                "-- changeset me:1 a:b",
                Line::ChangeSet {
                    author: "me",
                    id: "1",
                },
            ),
            (
                "--changeset \"a b\":\"c d\"",
                Line::ChangeSet {
                    author: "a b",
                    id: "c d",
                },
            ),
            (
                "--CHANGESET a b:c",
                Line::ChangeSet {
                    author: "a b",
                    id: "c",
                },
            ),
            ("--changeset me: 1", CHANGESET),
            ("--changeset me", CHANGESET),
            ("--changesets are here", CHANGESET),
            ("- changeset me:1", CHANGESET),
            ("--comment: x", Line::Comment("x")),
            ("-- comment  x", Line::Comment(" x")),
            (" --comment x", Line::Text),
            ("--comments x", Line::Wrong("--comment TEXT")),
            ("-comment x", Line::Wrong("--comment TEXT")),
            ("  --rollback drop", Line::Rollback("drop")),
            ("--rollback", Line::Text),
            ("-rollback x", Line::Wrong("--rollback SQL")),
            ("/* liquibase rollback ", Line::RollbackBlock),
            ("/* liquibase rollback x", Line::Text),
            (
                "--preconditions onFail:HALT",
                Line::Preconditions(" onFail:HALT"),
            ),
            (
                "--precondition-sql-check expectedResult:0 select 1",
                Line::Precondition {
                    kind: "sql-check",
                    body: "expectedResult:0 select 1",
                },
            ),
            (
                "--precondition-table-exists",
                Line::Precondition {
                    kind: "table-exists",
                    body: "",
                },
            ),
            ("--validCheckSum: 9:a", Line::ValidCheckSum("9:a")),
            ("--ignoreLines:start", Line::IgnoreLines("start")),
            ("--ignoreLines:2 x", Line::Text),
            (
                "--ignore:2",
                Line::Wrong("--ignoreLines:COUNT  or  --ignoreLines:start"),
            ),
            ("--property name:a value:b", Line::Property),
            (
                "-property name:a value:b",
                Line::Wrong("--property name:NAME value:VALUE"),
            ),
            ("-- a comment", Line::Text),
            ("select 1 - changeset x", Line::Text),
        ] {
            assert_eq!(line(text), expected, "{text}");
        }
    }

    #[test]
    fn attributes_are_found_anywhere() {
        let text = "--changeset a:1 context:x contextFilter:\"p or q\" LABELS:l1,l2 rollbackEndDelimiter:@ dbms:mysql,!h2 runAlways:TRUE";
        for (name, value, expected) in [
            ("context", Value::Quoted, Some("x")),
            ("contextFilter", Value::Quoted, Some("p or q")),
            ("labels", Value::Quoted, Some("l1,l2")),
            ("endDelimiter", Value::OwnWord, None),
            ("rollbackEndDelimiter", Value::OwnWord, Some("@")),
            ("dbms", Value::Products, Some("mysql,!h2")),
            ("runAlways", Value::Word, Some("TRUE")),
            ("runOnChange", Value::Word, None),
        ] {
            assert_eq!(attribute(text, name, value), expected, "{name}");
        }
    }
}
