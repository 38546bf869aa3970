//! Several statements as one simple-query message, and the way back from what the server says about it.
//!
//! The server sends one `CommandComplete` for each statement, but nothing for one that is only blanks and comments
//! (`EmptyQueryResponse` comes only when the whole message is empty), so those are not sent and count as completed as soon
//! as those before them have.

use super::position::byte_offset;
use tokio_postgres::error::ErrorPosition;

/// A message made of the statements of a batch.
pub(super) struct Message {
    pub(super) text: String,
    /// Of each statement that was sent: its index in the batch, where it begins in the text, and its length.
    sent: Vec<(usize, usize, usize)>,
    /// How many statements the batch has, sent or not.
    total: usize,
}

impl Message {
    pub(super) fn join(statements: &[&str]) -> Self {
        let mut text = String::with_capacity(statements.iter().map(|s| s.len() + 3).sum());
        let mut sent = Vec::new();
        for (index, statement) in statements.iter().enumerate() {
            if is_blank(statement) {
                continue;
            }
            if !text.is_empty() {
                // The line break comes first in case the statement before ends in a `--` comment.
                text.push_str("\n;\n");
            }
            sent.push((index, text.len(), statement.len()));
            text.push_str(statement);
        }
        Self {
            text,
            sent,
            total: statements.len(),
        }
    }

    /// The index in the batch of the n-th statement sent; that behind the last is the number of statements.
    pub(super) fn index(&self, nth: usize) -> usize {
        self.sent.get(nth).map_or(self.total, |(index, ..)| *index)
    }

    /// The statement and the offset in it that an error points at. A position outside of the statement that was running is
    /// that of a syntax error: the server parses the whole message before it runs any of it.
    pub(super) fn locate(
        &self,
        running: usize,
        position: Option<&ErrorPosition>,
    ) -> (usize, Option<usize>) {
        let offset = match position {
            Some(ErrorPosition::Original(position)) => byte_offset(&self.text, *position),
            Some(ErrorPosition::Internal { .. }) | None => None,
        };
        let Some(offset) = offset else {
            return (self.index(running), None);
        };
        // Right behind a statement counts as its end: that is where "at end of input" and an unexpected `;` point.
        match self.sent.iter().rfind(|(_, start, _)| *start <= offset) {
            Some((index, start, length)) => (*index, Some((offset - start).min(*length))),
            None => (self.index(running), None),
        }
    }
}

/// Whether a text holds nothing but white space, comments and semicolons.
fn is_blank(text: &str) -> bool {
    let mut rest = text.as_bytes();
    loop {
        rest = match rest {
            [] => return true,
            [
                b' ' | b'\t' | b'\n' | b'\r' | b'\x0b' | b'\x0c' | b';',
                tail @ ..,
            ] => tail,
            [b'-', b'-', tail @ ..] => {
                let end = tail.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
                &tail[end.unwrap_or(tail.len())..]
            }
            [b'/', b'*', tail @ ..] => match behind_comment(tail) {
                Some(tail) => tail,
                None => return false,
            },
            _ => return false,
        };
    }
}

/// What follows a block comment; they nest. `None` when it does not end, which the server shall say.
fn behind_comment(mut rest: &[u8]) -> Option<&[u8]> {
    let mut depth = 1;
    while depth > 0 {
        rest = match rest {
            [] => return None,
            [b'/', b'*', tail @ ..] => {
                depth += 1;
                tail
            }
            [b'*', b'/', tail @ ..] => {
                depth -= 1;
                tail
            }
            [_, tail @ ..] => tail,
        };
    }
    Some(rest)
}

/// The first word of a statement, lower case, comments skipped.
pub(super) fn first_word(text: &str) -> String {
    let mut rest = text.trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c', '(']);
    loop {
        if rest.starts_with("--") {
            rest = rest.split_once('\n').map_or("", |(_, tail)| tail);
        } else if let Some(comment) = rest.strip_prefix("/*") {
            let tail = behind_comment(comment.as_bytes()).map_or(0, <[u8]>::len);
            rest = &comment[comment.len() - tail..];
        } else {
            break;
        }
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c', '(']);
    }
    rest.chars()
        .take_while(char::is_ascii_alphabetic)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_not_sent() {
        for (text, expected) in [
            ("", true),
            (" \n;", true),
            ("-- a", true),
            ("-- a\nselect 1", false),
            ("/* a /* b */ c */ ", true),
            ("/* a", false),
            ("é", false),
        ] {
            assert_eq!(is_blank(text), expected, "{text:?}");
        }
        let message = Message::join(&["-- a", "select 1 -- b", "", "select 2"]);
        assert_eq!(message.text, "select 1 -- b\n;\nselect 2");
        assert_eq!(
            [message.index(0), message.index(1), message.index(2)],
            [1, 3, 4]
        );
    }

    #[test]
    fn positions_are_relative_to_their_statement() {
        let message = Message::join(&["select 'é'", "select x", "select (1"]);
        let locate = |position| message.locate(1, Some(&ErrorPosition::Original(position)));
        assert_eq!(locate(21), (1, Some(7)));
        assert_eq!(locate(25), (2, Some(0)));
        assert_eq!(locate(34), (2, Some(9)));
        assert_eq!(locate(23), (1, Some(8)));
        assert_eq!(message.locate(1, None), (1, None));
    }

    #[test]
    fn first_words() {
        for (text, expected) in [
            ("SELECT 1", "select"),
            ("/* a */ -- b\n (Values (1))", "values"),
            ("", ""),
        ] {
            assert_eq!(first_word(text), expected, "{text}");
        }
    }
}
