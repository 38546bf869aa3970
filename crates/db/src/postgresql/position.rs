//! From the server's position to a byte offset.
//!
//! The server counts characters from 1 through the whole message that it was sent (protocol documentation, section 55.8),
//! which may hold several statements. For most definitions it tells none: then the place is that of the name the error is about.

use shoring_core::Product;
use shoring_sql::tokens::{Token, TokenKind, Tokens};
use tokio_postgres::error::DbError;

/// The byte offset of a character position; `None` when the text is shorter. The position just behind the last character,
/// where "syntax error at end of input" points, is its length.
pub(super) fn byte_offset(text: &str, position: u32) -> Option<usize> {
    let index = usize::try_from(position).ok()?.checked_sub(1)?;
    let mut characters = text.char_indices();
    match characters.nth(index) {
        Some((offset, _)) => Some(offset),
        None if text.chars().count() == index => Some(text.len()),
        None => None,
    }
}

/// Where a statement mentions what an error without a position is about. An error inside a function is not about names of
/// the statement that called it.
pub(super) fn mention(error: &DbError, statement: &str) -> Option<usize> {
    if error.position().is_some() || error.where_().is_some() {
        return None;
    }
    let fields = [error.constraint(), error.column()];
    names(error.code().code(), error.message(), fields)
        .into_iter()
        .find_map(|name| find_name(statement, name))
}

/// What an error is about, likeliest first.
fn names<'e>(code: &str, message: &'e str, fields: [Option<&'e str>; 2]) -> Vec<&'e str> {
    let mut names: Vec<&str> = fields.into_iter().flatten().collect();
    // Errors about data quote values, and tables that the statement is right about.
    if !code.starts_with("22") && !code.starts_with("23") {
        names.extend(message.split('"').skip(1).step_by(2));
        names.extend(unquoted(code, message));
    }
    let parts = |name: &'e str| {
        let last = name.rsplit_once('.').map(|(_, last)| last);
        std::iter::once(name).chain(last)
    };
    names.into_iter().flat_map(parts).collect()
}

/// Some messages name things without quotes: `cannot drop column a of table t because …`, `permission denied for table t`.
fn unquoted<'e>(code: &str, message: &'e str) -> Option<&'e str> {
    match code {
        "2BP01" => {
            let (thing, _) = message
                .strip_prefix("cannot drop ")?
                .split_once(" because ")?;
            let thing = thing.split(" of ").next()?.split(" on ").next()?;
            thing.split('(').next()?.rsplit(' ').next()
        }
        "42501" => message.rsplit(' ').next(),
        _ => None,
    }
}

/// Where a statement names something, its first word left out.
fn find_name(statement: &str, name: &str) -> Option<usize> {
    Tokens::new(statement, Product::Postgresql)
        .filter(|token| token.kind.is_code())
        .skip(1)
        .find(|token| is_name(token, name))
        .map(|token| token.offset)
}

fn is_name(token: &Token<'_>, name: &str) -> bool {
    match token.kind {
        // The server folds what is not quoted.
        TokenKind::Word => token.text.to_lowercase() == name,
        TokenKind::QuotedName => {
            let inner = token
                .text
                .strip_prefix('"')
                .and_then(|rest| rest.strip_suffix('"'));
            inner.is_some_and(|inner| inner.replace("\"\"", "\"") == name)
        }
        TokenKind::String
        | TokenKind::Number
        | TokenKind::Punctuation(_)
        | TokenKind::Comment
        | TokenKind::ExecutableComment => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_not_bytes() {
        let text = "é漢x";
        for (position, expected) in [
            (0, None),
            (1, Some(0)),
            (2, Some(2)),
            (3, Some(5)),
            (4, Some(6)),
            (5, None),
        ] {
            assert_eq!(byte_offset(text, position), expected, "{position}");
        }
    }

    #[test]
    fn an_error_without_a_position_is_about_a_name() {
        for (code, message, fields, statement, expected) in [
            (
                "42P07",
                "relation \"users\" already exists",
                [None, None],
                "CREATE TABLE Users (id int)",
                Some("Users"),
            ),
            (
                "42P07",
                "relation \"a b\" already exists",
                [None, None],
                "CREATE TABLE x.\"a b\" (id int)",
                Some("\"a b\""),
            ),
            (
                "42701",
                "column \"a\" of relation \"t\" already exists",
                [None, None],
                "ALTER TABLE t ADD COLUMN a int",
                Some("a int"),
            ),
            (
                "42704",
                "index \"i\" does not exist",
                [None, None],
                "DROP INDEX /* i */ i",
                Some("i"),
            ),
            (
                "23502",
                "column \"x\" of relation \"t\" contains null values",
                [None, Some("x")],
                "ALTER TABLE t ALTER x SET NOT NULL",
                Some("x SET NOT NULL"),
            ),
            (
                "23503",
                "insert or update on table \"c\" violates foreign key constraint \"fk\"",
                [Some("fk"), None],
                "ALTER TABLE c ADD CONSTRAINT fk FOREIGN KEY (p) REFERENCES p",
                Some("fk FOREIGN KEY (p) REFERENCES p"),
            ),
            (
                "23505",
                "duplicate key value violates unique constraint \"t_pkey\"",
                [Some("t_pkey"), None],
                "INSERT INTO t VALUES (1)",
                None,
            ),
            (
                "2BP01",
                "cannot drop table users because other objects depend on it",
                [None, None],
                "DROP TABLE users",
                Some("users"),
            ),
            (
                "2BP01",
                "cannot drop column a of table t because other objects depend on it",
                [None, None],
                "ALTER TABLE t DROP a",
                Some("a"),
            ),
            (
                "2BP01",
                "cannot drop function f(integer) because other objects depend on it",
                [None, None],
                "DROP FUNCTION f(int)",
                Some("f(int)"),
            ),
            (
                "42501",
                "must be owner of table t",
                [None, None],
                "ALTER TABLE t ADD a int",
                Some("t ADD a int"),
            ),
            (
                "3F000",
                "schema \"app\" does not exist",
                [None, None],
                "SELECT 'app'",
                None,
            ),
        ] {
            let found = names(code, message, fields)
                .into_iter()
                .find_map(|name| find_name(statement, name));
            let place = expected.and_then(|rest| statement.rfind(rest));
            assert_eq!(found, place, "{message}");
        }
    }
}
