//! The line comments around a statement, from which directives (`-- shoring: no-transaction`) are read.
//!
//! Only trivia go in, as the splitter cut them, so nothing inside of a string can look like a directive. What a directive
//! means is not known here.

use shoring_core::Dialect;

/// One line comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment<'a> {
    /// What stands after `--` or `#`, without blanks around it.
    pub text: &'a str,
    /// Byte offset of `--` or `#` in the trivia.
    pub offset: usize,
    /// Whether only blanks stand before it on its line (a comment after the statement before it does not).
    pub is_own_line: bool,
}

/// The line comments in blanks and comments, such as [`Piece::leading`](crate::Piece::leading). Block comments are passed over;
/// a delimiter of MySQL or `;` among the trivia counts as something on its line.
pub fn header_comments(leading: &str, dialect: Dialect) -> Vec<Comment<'_>> {
    let bytes = leading.as_bytes();
    let mut comments = Vec::new();
    let mut at = if leading.starts_with('\u{feff}') {
        3
    } else {
        0
    };
    // The first line of trivia is the end of the line of the statement before, which the trivia alone cannot tell apart
    // from the start of the file: a caller that has a statement before it drops such a first comment.
    let mut is_own_line = true;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let marker = match rest {
            [b'-', b'-', ..] => 2,
            [b'#', ..] if dialect != Dialect::Postgresql => 1,
            _ => 0,
        };
        if marker > 0 {
            let end = memchr::memchr(b'\n', rest).map_or(bytes.len(), |length| at + length);
            comments.push(Comment {
                text: leading[at + marker..end].trim(),
                offset: at,
                is_own_line,
            });
            at = end;
        } else if rest.starts_with(b"/*") {
            at += block_comment(rest, dialect);
            is_own_line = false;
        } else {
            match rest[0] {
                b'\n' => is_own_line = true,
                byte if byte.is_ascii_whitespace() => {}
                _ => is_own_line = false,
            }
            at += 1;
        }
    }
    comments
}

/// The length of the block comment at the beginning; they nest in PostgreSQL only.
fn block_comment(bytes: &[u8], dialect: Dialect) -> usize {
    let mut depth = 0_u32;
    let mut at = 0;
    while at < bytes.len() {
        match &bytes[at..] {
            [b'/', b'*', ..] if at == 0 || dialect == Dialect::Postgresql => {
                depth += 1;
                at += 2;
            }
            [b'*', b'/', ..] => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_found_where_they_stand() {
        let leading = "\u{feff}-- one\n  --two  \r\n/* -- no\n */ -- three\n# four\n";
        let found: Vec<_> = header_comments(leading, Dialect::Mysql)
            .into_iter()
            .map(|comment| (comment.text, comment.offset, comment.is_own_line))
            .collect();
        assert_eq!(
            found,
            [
                ("one", 3, true),
                ("two", 12, true),
                ("three", 34, false),
                ("four", 43, true)
            ]
        );
    }

    #[test]
    fn block_comments_nest_in_postgresql_only() {
        let leading = "/* /* */\n-- inner\n*/\n-- outer\n";
        let texts = |dialect| -> Vec<_> {
            header_comments(leading, dialect)
                .into_iter()
                .map(|comment| comment.text)
                .collect()
        };
        assert_eq!(texts(Dialect::Postgresql), ["outer"]);
        assert_eq!(texts(Dialect::Sqlite), ["inner", "outer"]);
    }
}
