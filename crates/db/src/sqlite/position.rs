//! Where a statement went wrong when SQLite gives no offset: the place of the name its message mentions.
//!
//! `sqlite3_error_offset` is -1 for `table t already exists`, `no such table: t` in `ALTER TABLE`, `duplicate column name: x`
//! and the like.

use crate::tokens::{Rules, find_name};

/// What comes right before a name in a message; the name runs to the end of the message, a `:` or a space.
const BEFORE_NAME: &[&str] = &[
    "no such table: ",
    "no such column: ",
    "no such index: ",
    "no such view: ",
    "no such trigger: ",
    "no such function: ",
    "no such collation sequence: ",
    "no such module: ",
    "unknown database ",
    "duplicate column name: ",
    " has no column named ",
    "duplicate WITH table name: ",
];

/// What comes right after a name that starts the message, or that follows `table `, `index `, `view `, `trigger `.
const AFTER_NAME: &[&str] = &[
    " already exists",
    " may not be dropped",
    " may not be altered",
    " may not be modified",
];

/// The place in `statement` of the name that `message` is about.
pub(super) fn guess(message: &str, statement: &str) -> Option<usize> {
    let name = mentioned_name(message)?;
    let name = name.trim_matches('"');
    find_name(statement, Rules::Sqlite, name).or_else(|| {
        let (_, last) = name.rsplit_once('.')?;
        find_name(statement, Rules::Sqlite, last)
    })
}

fn mentioned_name(message: &str) -> Option<&str> {
    if let Some(rest) = BEFORE_NAME
        .iter()
        .find_map(|prefix| message.split_once(prefix).map(|(_, rest)| rest))
    {
        return rest
            .split([' ', ':'])
            .next()
            .filter(|name| !name.is_empty());
    }
    let head = AFTER_NAME
        .iter()
        .find_map(|suffix| message.split_once(suffix).map(|(head, _)| head))?;
    [
        "there is already a table named ",
        "table ",
        "index ",
        "view ",
        "trigger ",
    ]
    .iter()
    .find_map(|prefix| head.strip_prefix(prefix))
}

#[cfg(test)]
mod tests {
    use super::guess;

    #[test]
    fn the_named_thing_is_pointed_at() {
        for (message, statement, expected) in [
            (
                "table b has no column named nome",
                "INSERT INTO b (id, nome) VALUES (1, 'nome')",
                Some(19),
            ),
            (
                "table users already exists",
                "create table users (a)",
                Some(13),
            ),
            (
                "table \"users\" already exists",
                "create table users (a)",
                Some(13),
            ),
            (
                "index i already exists",
                "create index i on t (a)",
                Some(13),
            ),
            (
                "no such table: main.nope",
                "insert into nope values (1)",
                Some(12),
            ),
            (
                "no such column: \"b\"",
                "alter table t drop column b",
                Some(26),
            ),
            (
                "duplicate column name: a",
                "alter table t add column a",
                Some(25),
            ),
            (
                "UNIQUE constraint failed: t.a",
                "insert into t (a) values (1)",
                None,
            ),
            ("no such table: gone", "drop table [my gone]", None),
        ] {
            assert_eq!(guess(message, statement), expected, "{message}");
        }
    }
}
