//! Lines that the `mysql` and `mariadb` clients keep for themselves: `DELIMITER`, `USE` without a terminator, `source`.
//!
//! The clients look for these at the beginning of a statement only.

use super::error::SplitError;
use super::reader::Cursor;
use std::io::Read;

/// What the first word of a statement makes of its line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// The word begins a statement like any other.
    Sql,
    /// The line is a statement although no delimiter ends it; the cursor stands after it.
    Statement,
    /// The delimiter from now on; the cursor stands after the line.
    Delimiter(Vec<u8>),
}

/// Commands of which no statement of any server begins with the same word, and whether they take an argument.
const COMMANDS: &[(&str, bool)] = &[
    ("charset", true),
    ("clear", false),
    ("connect", true),
    ("edit", false),
    ("ego", false),
    ("exit", false),
    ("go", false),
    ("nopager", false),
    ("notee", false),
    ("nowarning", false),
    ("pager", true),
    ("print", false),
    ("prompt", true),
    ("quit", false),
    ("rehash", false),
    ("source", true),
    ("status", false),
    ("system", true),
    ("tee", true),
    ("warnings", false),
];

/// Looks at the first word of a statement, which is at `start` and after which the cursor stands.
pub(super) fn line<R: Read>(
    cursor: &mut Cursor<R>,
    start: usize,
    is_line_start: bool,
    delimiter: &[u8],
) -> Result<Line, SplitError> {
    let end = cursor.offset();
    let word = cursor.slice(start..end);
    // The word stops where a delimiter such as `e` may begin; `DELIMITER` is recognised all the same.
    if word.len() > "delimiter".len() || !word.is_ascii() {
        return Ok(Line::Sql);
    }
    let is_delimiter_word = b"delimiter".starts_with(&word.to_ascii_lowercase());
    let is_use = word.eq_ignore_ascii_case(b"use");
    let command = COMMANDS
        .iter()
        .find(|(name, _)| word.eq_ignore_ascii_case(name.as_bytes()));
    if is_delimiter_word && starts_with_delimiter_word(cursor, start)? {
        return delimiter_line(cursor, start).map(Line::Delimiter);
    }
    if let Some((_, takes_argument)) = command {
        let (argument, _) = rest_of_line(cursor, end, delimiter)?;
        let is_command =
            argument.is_empty() || (*takes_argument && argument[0].is_ascii_whitespace());
        if is_command {
            return Err(cursor.client_command(start..end));
        }
    }
    if is_use && is_line_start {
        let (argument, has_delimiter) = rest_of_line(cursor, end, delimiter)?;
        if !has_delimiter && argument.first().is_some_and(u8::is_ascii_whitespace) {
            cursor.find(b'\n', b'\n', b'\n')?;
            cursor.bump(1);
            return Ok(Line::Statement);
        }
    }
    cursor.go_to(end);
    Ok(Line::Sql)
}

fn starts_with_delimiter_word<R: Read>(
    cursor: &mut Cursor<R>,
    start: usize,
) -> Result<bool, SplitError> {
    let end = cursor.offset();
    cursor.go_to(start);
    let mut is_equal = true;
    for (ahead, expected) in b"delimiter".iter().enumerate() {
        is_equal = is_equal && cursor.peek(ahead)?.to_ascii_lowercase() == *expected;
    }
    let after = if is_equal {
        cursor.peek("delimiter".len())?
    } else {
        0
    };
    cursor.go_to(end);
    Ok(is_equal && matches!(after, 0 | b' ' | b'\t' | b'\r' | b'\n'))
}

/// The rest of the line, or of the statement if the delimiter comes first, without blanks at its end. The cursor stays
/// after `end`.
fn rest_of_line<R: Read>(
    cursor: &mut Cursor<R>,
    end: usize,
    delimiter: &[u8],
) -> Result<(Vec<u8>, bool), SplitError> {
    let mut has_delimiter = false;
    loop {
        match cursor.peek(0)? {
            0 | b'\n' => break,
            byte if byte == delimiter[0] && cursor.starts_with(delimiter)? => {
                has_delimiter = true;
                break;
            }
            b'\\' if matches!(cursor.peek(1)?, b'g' | b'G') => {
                has_delimiter = true;
                break;
            }
            _ => cursor.bump(1),
        }
    }
    let rest = cursor.slice(end..cursor.offset()).trim_ascii_end().to_vec();
    cursor.go_to(end);
    Ok((rest, has_delimiter))
}

/// Reads a `DELIMITER` line: the argument goes to the next blank, may be quoted, and what follows it is ignored. Where the line
/// has none, a line of punctuation below it is taken, as Flyway does; the clients know no such line.
fn delimiter_line<R: Read>(cursor: &mut Cursor<R>, start: usize) -> Result<Vec<u8>, SplitError> {
    cursor.go_to(start);
    cursor.find(b'\n', b'\n', b'\n')?;
    let mut line = cursor
        .slice(start + "delimiter".len()..cursor.offset())
        .to_vec();
    while line.trim_ascii().is_empty() && cursor.peek(0)? == b'\n' {
        cursor.bump(1);
        let below = cursor.offset();
        cursor.find(b'\n', b'\n', b'\n')?;
        line = cursor.slice(below..cursor.offset()).to_vec();
        if !line.trim_ascii().iter().all(u8::is_ascii_punctuation) {
            line.clear();
            break;
        }
    }
    let argument = line.trim_ascii();
    let delimiter: Vec<u8> = match argument.first() {
        Some(quote @ (b'\'' | b'"' | b'`')) => argument[1..]
            .iter()
            .copied()
            .take_while(|byte| byte != quote)
            .collect(),
        Some(_) | None => argument
            .iter()
            .copied()
            .take_while(|byte| !byte.is_ascii_whitespace())
            .collect(),
    };
    if delimiter.is_empty() || delimiter.contains(&b'\\') {
        let (offset, position) = cursor.place(start);
        return Err(SplitError::Delimiter { offset, position });
    }
    cursor.bump(1);
    Ok(delimiter)
}
